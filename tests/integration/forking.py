"""The command `a4p`, each in a process of its own, with the libraries imported already: most of its time goes there.

python forking.py SOCKET            waits for commands, and ends when its standard input does
python forking.py SOCKET refresh …  runs one: with this process's folder, environment, input and outputs
"""

import json
import os
import socket
import sys


def serve(path: str) -> None:
    import great_expectations  # noqa: F401
    import s3fs  # noqa: F401
    import scipy.stats  # noqa: F401

    from flows.cli import commands, refresh_texts, release_texts  # noqa: F401
    from flows.documents import page, workbook  # noqa: F401
    from flows.refresh import story  # noqa: F401
    from flows.releases import explain, verify  # noqa: F401
    from flows.releases.make import build  # noqa: F401

    listener = socket.socket(socket.AF_UNIX)
    listener.bind(path)
    listener.listen()
    print("ready", flush=True)
    if os.fork() == 0:
        sys.stdin.read()
        os.unlink(path)
        os.kill(os.getppid(), 15)
        os._exit(0)
    while True:
        caller, _ = listener.accept()
        if os.fork() == 0:
            with open(f"{path}.pid", "w") as file:
                file.write(str(os.getpid()))
            run(caller, commands.main)
        caller.close()
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def run(caller: socket.socket, main: object) -> None:
    """Be the command: with the caller's files, folder and environment; tell it the exit code."""
    data, files, _, _ = socket.recv_fds(caller, 1 << 20, 3)
    for own, given in enumerate(files):
        os.dup2(given, own)
    said = json.loads(data)
    os.chdir(said["folder"])
    os.environ.clear()
    os.environ.update(said["environment"])
    code = 0
    try:
        main(said["arguments"])  # type: ignore[operator]
    except SystemExit as stop:
        code = int(stop.code or 0)
    finally:
        sys.stdout.flush()
        caller.sendall(f"{code}\n".encode())
        os._exit(code)


def call(path: str, arguments: list[str]) -> int:
    said = {"folder": os.getcwd(), "environment": dict(os.environ), "arguments": arguments}
    with socket.socket(socket.AF_UNIX) as server:
        server.connect(path)
        socket.send_fds(server, [json.dumps(said).encode()], [0, 1, 2])
        # nothing where the command was killed
        return int(server.makefile().read() or 137)


if __name__ == "__main__":
    if len(sys.argv) > 2:
        sys.exit(call(sys.argv[1], sys.argv[2:]))
    serve(sys.argv[1])
