"""The commands `a4p` and `python -m`, each in a process of its own whose libraries are imported already.

Most of the time of a process that is started anew goes there; here each library is imported once, for all processes of
a test run.

python forking.py FOLDER                     waits for commands in a folder, until the process ends that is its input
python forking.py FOLDER a4p refresh …       runs one: with this process's folder, environment, input and outputs
python forking.py FOLDER python -m prefect …

What is started that way ends with its caller, gets the signals that end it, and starts Python by itself that way too.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import select
import shutil
import signal
import socket
import sys
import threading
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, NoReturn

# what a process needs by the first word that says so, imported before the first of them is forked
REFRESHES = (
    "great_expectations",
    "s3fs",
    "scipy.stats",
    "flows.cli.commands",
    "flows.cli.refresh_texts",
    "flows.cli.release_texts",
    "flows.orchestration.server",
    "flows.documents.page",
    "flows.documents.workbook",
    "flows.refresh.story",
    "flows.releases.explain",
    "flows.releases.verify",
    "flows.releases.make.build",
)
RUNS = (*REFRESHES, "prefect.engine", "prefect.runner", "flows.orchestration.flows", "flows.orchestration.automations")
NEEDED = {
    "a4p": REFRESHES,
    "serve": RUNS,
    "prefect.engine": RUNS,
    "flows.orchestration.guarded_server": ("uvicorn", "prefect.server.api.server"),
}
# how often garbage is looked for, here and in the tests' own processes
SELDOM = (100_000, 50, 100)
# by which a process starts Python, where the callers stand
PYTHON = "python"


def serve(folder: Path) -> None:
    """Wait for commands in a folder until the process ends that is given on the standard input."""
    until = os.pidfd_open(int(sys.stdin.readline()))
    # Prefect makes a home and counts visitors at its import
    os.environ.update(DO_NOT_TRACK="1", PREFECT_SERVER_ANALYTICS_ENABLED="false", PREFECT_HOME=str(folder / "prefect"))
    # as in the tests' own processes
    os.fsync = lambda _: None
    gc.set_threshold(*SELDOM)
    # the tests' own modules are not to be found in place of others
    sys.path[0] = str(Path(__file__).parents[2])
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(folder / "socket"))
    listener.listen(64)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    print("ready", flush=True)
    while until not in select.select([listener, until], [], [])[0]:
        caller, _ = listener.accept()
        data, files, _, _ = socket.recv_fds(caller, 1 << 16, 3)
        while not data.endswith(b"\n"):
            data += caller.recv(1 << 16)
        said = json.loads(data)
        for word in (said["program"], *said["arguments"][:1], *(["serve"] if _through_prefect(said) else [])):
            for module in NEEDED.get(word, ()):
                import_module(module)
            if word in NEEDED:
                _know_the_code()
        # what is imported stays, in each of them
        gc.freeze()
        if os.fork() == 0:
            listener.close()
            os.close(until)
            _be(caller, files, said, folder / PYTHON)
        for file in files:
            os.close(file)
        caller.close()
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
    shutil.rmtree(folder)


@cache
def _know_the_code() -> None:
    """Work out what each process would anew, half a second each: the configuration, hashes of the code, templates."""
    import config
    from flows.core import code_version
    from flows.documents.page import templates

    config.load()
    code_version.of_pipeline()
    code_version.of_code(*(name for room in code_version._ROOMS for name in code_version.modules_in(room)))
    for file in Path(templates.__file__).parent.glob("*.j2"):
        templates.template(file.name)


def _through_prefect(said: dict[str, Any]) -> bool:
    return "PREFECT_API_URL" in said["environment"] or "--with-server" in said["arguments"]


def _be(caller: socket.socket, files: list[int], said: dict[str, Any], python: Path) -> NoReturn:
    """Be the command: with the caller's files, folder and environment; tell it the exit code."""
    for own, given in enumerate(files):
        os.dup2(given, own)
        os.close(given)
    os.setsid()
    os.umask(said["umask"])
    os.chdir(said["folder"])
    os.environ.clear()
    os.environ.update(said["environment"])
    signal.signal(signal.SIGINT, signal.default_int_handler)
    caller.sendall(f"{os.getpid()}\n".encode())
    threading.Thread(target=_end_with, args=(caller,), daemon=True).start()
    # what it starts by itself need not import anything either
    sys.executable = str(python)
    if said["program"] == "a4p":
        _let_prefect_know()
    else:
        _read_anew()
    caller.sendall(f"{_run(said['program'], said['arguments'])}\n".encode())
    os._exit(0)


def _run(program: str, arguments: list[str]) -> int:
    import atexit
    import runpy
    import traceback

    code = 0
    try:
        if program == "a4p":
            from flows.cli import commands

            sys.argv = ["a4p", *arguments]
            commands.main(arguments)
        else:
            sys.argv = arguments
            # as Python does where nothing was imported before
            sys.modules.pop(arguments[0], None)
            runpy.run_module(arguments[0], run_name="__main__", alter_sys=True)
    except SystemExit as stop:
        if isinstance(stop.code, str):
            print(stop.code, file=sys.stderr)
        code = 1 if isinstance(stop.code, str) else int(stop.code or 0)
    except BaseException:
        traceback.print_exc()
        code = 1
    # as at the end of every Python process
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    return code


def _end_with(caller: socket.socket) -> None:
    """A caller that was killed is gone without a word."""
    caller.recv(1)
    os.kill(os.getpid(), signal.SIGKILL)


def _let_prefect_know() -> None:
    """The pipeline sets what Prefect is to find in the environment, and imports it then; here it is there already."""
    from flows.orchestration import server

    use = server.use

    def used(*given: Any) -> None:
        use(*given)
        _read_anew()

    server.use = used


def _read_anew() -> None:
    if "prefect.main" in sys.modules:
        from prefect.context import refresh_global_settings_context
        from prefect.logging import configuration

        refresh_global_settings_context()
        configuration.setup_logging(incremental=False)


def call(folder: str, program: str, arguments: list[str]) -> int:
    os.umask(umask := os.umask(0))
    said = {
        "program": program,
        "arguments": arguments,
        "folder": os.getcwd(),
        "environment": dict(os.environ),
        "umask": umask,
    }
    got: list[int] = []
    with socket.socket(socket.AF_UNIX) as server:
        server.connect(f"{folder}/socket")
        data = json.dumps(said).encode() + b"\n"
        server.sendall(data[socket.send_fds(server, [data], [0, 1, 2]) :])
        answers = server.makefile()
        # nothing where the command was killed
        process = int(answers.readline() or 0)

        def pass_on(number: int, _: object) -> None:
            got.append(number)
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, number)

        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, pass_on)
        code = answers.readline()
    if not code and got:
        signal.signal(got[-1], signal.SIG_DFL)
        os.kill(os.getpid(), got[-1])
    return int(code or 137)


def main(folder: str, program: str, words: list[str]) -> int:
    """Run a command; Python itself where its words are none that a forked process can go by."""
    if program == "a4p":
        return call(folder, program, words)
    module = [word for word in words if word not in {"-P", "-u"}]
    if module[:1] == ["-m"]:
        return call(folder, program, module[1:])
    return os.execv(sys.executable, [sys.executable, *words])


if __name__ == "__main__":
    if len(sys.argv) > 2:
        sys.exit(main(sys.argv[1], sys.argv[2], sys.argv[3:]))
    serve(Path(sys.argv[1]))
