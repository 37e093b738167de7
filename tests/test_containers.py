"""Containerfile and compose.yaml say what is true of the project: files, pins, settings, services that fit together.

No container is started; tests/integration/test_stack.py runs the commands of the services against real servers.
"""

from __future__ import annotations

import fnmatch
import os
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path
from typing import Any

import pytest

from flows.core.code_version import of_pipeline
from flows.core.settings import Settings
from tests.support.compose import TOP, compose, environment, instructions

PROJECT = tomllib.loads((TOP / "pyproject.toml").read_text())
LOCK = dict(re.findall(r"^([\w.-]+)==([\w.]+)", (TOP / "requirements.lock").read_text(), re.MULTILINE))
GIVEN = {
    "POSTGRES_PASSWORD": "p",
    "AWS_ACCESS_KEY_ID": "k",
    "AWS_SECRET_ACCESS_KEY": "s",
    "STORE_ROOT_USER": "r",
    "STORE_ROOT_PASSWORD": "t",
    "PREFECT_SERVER_API_AUTH_STRING": "u:p",
}
OURS = {"prefect", "buckets", "a4p", "dask-scheduler", "dask-worker"}
# variables that no setting is: config/alerts.yaml names them
OF_ALERTS = {"A4P_SMTP_USER", "A4P_SMTP_PASSWORD"}


@pytest.fixture(scope="module")
def services() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = compose(GIVEN)["services"]
    return found


def of(instruction: str) -> list[str]:
    return [said for name, said in instructions() if name == instruction]


def ignored(path: str) -> bool:
    """Tell whether .dockerignore leaves a path out of what is sent to the builder; the last line that fits decides."""
    out = False
    for line in (TOP / ".dockerignore").read_text().splitlines():
        pattern = line.lstrip("!")
        parts = [path, *(str(parent) for parent in Path(path).parents)]
        if line and not line.startswith("#") and any(fnmatch.fnmatch(part, pattern) for part in parts):
            out = not line.startswith("!")
    return out


def test_everything_that_is_copied_into_the_image_is_there() -> None:
    copied = [word for said in of("COPY") if not said.startswith("--from") for word in said.split()[:-1]]
    assert set(PROJECT["tool"]["hatch"]["build"]["packages"]) <= set(copied)
    assert {"requirements.lock", "pyproject.toml", PROJECT["project"]["readme"]} <= set(copied)
    for path in copied:
        assert (TOP / path).exists(), path
        assert not ignored(path), f".dockerignore leaves out {path}"


@pytest.mark.parametrize("path", [".env", "store/private/raw", "inbox/cycle-05", ".git/config", "tests/conftest.py"])
def test_data_and_credentials_stay_out_of_the_image(path: str) -> None:
    assert ignored(path)


def test_the_image_installs_exactly_what_is_locked_and_tested() -> None:
    installs = [said for said in of("RUN") if "pip install" in said]
    assert "--no-deps --require-hashes --no-compile -r requirements.lock" in installs[0]
    assert "--no-deps --no-build-isolation" in installs[1]
    assert len(installs) == 2
    assert [re.sub(r" AS .*", "", said) for said in of("FROM")] == ["${PYTHON_IMAGE}"] * 2
    wanted = of("ARG")[0].removeprefix("PYTHON_IMAGE=")
    lower, upper = re.findall(r"3\.(\d+)", PROJECT["project"]["requires-python"])
    assert wanted == f"docker.io/library/python:3.{lower}-slim"
    assert int(lower) < int(upper)
    text = (TOP / "Containerfile").read_text() + (TOP / "requirements.lock").read_text()
    assert not re.search(r"--(extra-)?index-url|trusted-host", text)


def test_the_image_runs_a4p_as_nobody_in_particular_and_sends_nothing_anywhere() -> None:
    assert of("USER") == ["a4p"]
    assert of("ENTRYPOINT") == ['["a4p"]']
    assert "a4p" in PROJECT["project"]["scripts"]
    said = dict(word.split("=", 1) for line in of("ENV") for word in line.split())
    assert said["PREFECT_SERVER_ANALYTICS_ENABLED"] == "false"
    assert said["DO_NOT_TRACK"] == "1"
    assert any("compileall" in line for line in of("RUN"))
    writable = {said[name] for name in said if name.startswith("A4P_")}
    assert all(path.startswith("/data/") for path in writable)
    assert of("WORKDIR")[-1] == of("VOLUME")[0] == "/data"
    assert {name for name in said if name.startswith("A4P_")} <= settings()


def settings() -> set[str]:
    return {f"A4P_{name.upper()}" for name in Settings.model_fields}


def test_the_wheel_holds_all_that_the_checkout_runs(tmp_path: Path) -> None:
    """Built as the image builds it: the same code, YAML and templates, so the same fingerprint and releases."""
    command = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation", "-w", str(tmp_path)]
    subprocess.run([*command, str(TOP)], check=True)
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "site")
    code = "import flows, flows.core.code_version as f; print(flows.__file__); print(f.of_pipeline())"
    ran = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": str(tmp_path / "site")},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    where, fingerprint = ran.stdout.split()
    assert where.startswith(str(tmp_path))
    assert fingerprint == of_pipeline()


def test_compose_asks_for_what_it_needs_and_holds_no_password() -> None:
    for name in GIVEN:
        with pytest.raises(KeyError, match=f"{name}: set it in .env"):
            compose({**GIVEN, name: ""})
    text = (TOP / "compose.yaml").read_text()
    secret = re.findall(r"^\s*\w*(?:PASSWORD|SECRET\w*|KEY_ID|ROOT_USER): *(.*)$", text, re.MULTILINE)
    assert len(secret) > 6
    assert all(re.fullmatch(r"\$\{\w+:[?-][\w. ]*\}", value) for value in secret), secret
    example = re.findall(r"^(?:# )?(\w+)=(.*)$", (TOP / "compose.env.example").read_text(), re.MULTILINE)
    assert set(GIVEN) <= {name for name, _ in example}
    assert {value for _, value in example} == {""}
    asked = set(re.findall(r"\$\{(\w+)", text))
    assert {name for name, _ in example} <= asked
    ignores = (TOP / ".gitignore").read_text().splitlines()
    assert ".env" in ignores
    # a4p in this folder reads the same .env, and refuses a name that begins like its own and is none
    assert {name for name in asked if name.startswith("A4P_")} <= settings()


def test_whoever_talks_to_the_prefect_server_has_its_password(services: dict[str, dict[str, Any]]) -> None:
    login = GIVEN["PREFECT_SERVER_API_AUTH_STRING"]
    assert environment(services["prefect"])["PREFECT_SERVER_API_AUTH_STRING"] == login
    clients = {name for name, said in services.items() if "PREFECT_API_AUTH_STRING" in environment(said)}
    assert clients == {"a4p", "dask-worker"}
    assert all(environment(services[name])["PREFECT_API_AUTH_STRING"] == login for name in clients)
    # and asks for it by a name that it answers to
    assert environment(services["a4p"])["PREFECT_API_URL"] == environment(services["prefect"])["PREFECT_API_URL"]
    assert services["prefect"]["entrypoint"][:3] == ["python", "-m", "flows.orchestration.guarded_server"]


def test_every_service_of_ours_is_the_image_of_this_version(services: dict[str, dict[str, Any]]) -> None:
    assert {name for name, said in services.items() if "build" in said} == OURS
    for name in OURS:
        said = services[name]
        assert said["image"] == f"a4p-pipeline:{PROJECT['project']['version']}"
        assert (TOP / said["build"]["dockerfile"]).exists()
        assert said["read_only"] is True
        assert said["cap_drop"] == ["ALL"]
    # the Prefect server is of the version that its clients are, with the pins without which it does not work
    assert f"prefect=={LOCK['prefect']}" in PROJECT["project"]["dependencies"]
    assert tuple(map(int, LOCK["fastapi"].split(".")[:2])) < (0, 151)
    assert LOCK["sqlalchemy"].startswith("2.0.")
    assert "asyncpg" in LOCK


def test_images_of_others_are_pinned_and_can_be_by_digest(services: dict[str, dict[str, Any]]) -> None:
    digest = "@sha256:" + 64 * "0"
    names = {"POSTGRES_IMAGE": "postgres", "STORE_IMAGE": "store"}
    for variable, service in names.items():
        # whole names, with the registry and a version, that what runs a container cannot read in another way
        image = str(services[service]["image"])
        assert re.fullmatch(r"[a-z.]+\.[a-z]+/[a-z0-9/-]+:[\w.-]*\d[\w.-]*", image), image
        other = compose({**GIVEN, variable: image + digest})["services"]
        assert other[service]["image"] == image + digest
        assert services[service]["volumes"], "it keeps what is of value"
    assert services["keys"]["image"] == services["store"]["image"]
    assert {name for name, said in services.items() if "build" not in said} == {"postgres", "store", "keys"}
    python = {said["build"]["args"]["PYTHON_IMAGE"] for said in services.values() if "build" in said}
    assert python == {of("ARG")[0].removeprefix("PYTHON_IMAGE=")}


def test_each_service_has_the_key_that_it_needs_and_no_other() -> None:
    said = {name: f"value-of-{name}" for name in GIVEN}
    said |= {f"{who}_{what}": f"value-of-{who}" for who in ("DASK",) for what in ("ACCESS_KEY_ID", "SECRET_ACCESS_KEY")}
    services = compose(said)["services"]

    def who_has(name: str) -> set[str]:
        return {
            service for service, one in services.items() if f"value-of-{name}" in "\n".join(environment(one).values())
        }

    assert who_has("STORE_ROOT_USER") == who_has("STORE_ROOT_PASSWORD") == {"store", "buckets", "keys"}
    assert who_has("AWS_ACCESS_KEY_ID") == who_has("AWS_SECRET_ACCESS_KEY") == {"a4p", "keys"}
    assert who_has("DASK") == {"dask-worker", "keys"}
    assert who_has("POSTGRES_PASSWORD") == {"postgres", "prefect"}


def test_dask_is_alone_with_who_uses_it(services: dict[str, dict[str, Any]]) -> None:
    assert compose(GIVEN)["networks"]["dask"] == {"internal": True}
    on_it = {name for name, said in services.items() if "dask" in said["networks"]}
    assert on_it == {"a4p", "dask-scheduler", "dask-worker"}
    assert services["dask-scheduler"]["networks"] == ["dask"]
    assert not [name for name in on_it if services[name].get("ports")]


def test_every_variable_of_ours_is_a_setting(services: dict[str, dict[str, Any]]) -> None:
    used = {name for said in services.values() for name in environment(said) if name.startswith("A4P_")}
    assert used - OF_ALERTS - settings() == set(), "no setting is called so"
    alerts = (TOP / "config/alerts.yaml").read_text()
    assert all(name in alerts for name in OF_ALERTS)
    for said in services.values():
        given = {name: value for name, value in environment(said).items() if name in settings()}
        Settings.model_validate({name.removeprefix("A4P_").lower(): value for name, value in given.items()})


def test_every_variable_of_prefect_is_one(services: dict[str, dict[str, Any]]) -> None:
    script = "from prefect.settings.legacy import _get_settings_fields; from prefect.settings import Settings"
    script += "; print(*_get_settings_fields(Settings))"
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    used = {name for said in services.values() for name in environment(said) if name.startswith("PREFECT_")}
    assert len(used) > 7
    assert used <= set(ran.stdout.split())


def test_services_wait_for_each_other_and_can_reach_each_other(services: dict[str, dict[str, Any]]) -> None:
    document = compose(GIVEN)
    for name, said in services.items():
        for other, how in said.get("depends_on", {}).items():
            if how["condition"] == "service_healthy":
                assert "healthcheck" in services[other], f"{name} waits for the health of {other}"
            if how["condition"] == "service_completed_successfully":
                assert services[other]["restart"] == "no"
        for network in said["networks"]:
            assert network in document["networks"]
        for volume in said.get("volumes", []):
            assert volume.partition(":")[0] in document["volumes"]
        assert said["deploy"]["resources"]["limits"].keys() == {"cpus", "memory"}
        assert said["restart"] == ("no" if name in {"buckets", "keys"} else "unless-stopped")
        assert said["logging"]["options"]["max-size"]
        for port in said.get("ports", []):
            assert port.startswith("127.0.0.1:"), f"{name} is open to more than this machine"
        for value in environment(said).values():
            for other in re.findall(r"(?:://|^)([a-z-]+)(?::\d+|$)", value):
                if other in services and other != name:
                    assert set(services[other]["networks"]) & set(said["networks"]), f"{name} cannot reach {other}"
        named = {other for value in environment(said).values() for other in re.findall(r"//([a-z-]+):\d+", value)}
        assert named - {"localhost"} <= set(services), f"{name} names a host that there is not"


@pytest.mark.parametrize("service", ["dask-scheduler", "dask-worker"])
def test_the_dask_profile_runs_what_is_locked(services: dict[str, dict[str, Any]], service: str) -> None:
    said = services[service]
    assert said["profiles"] == ["dask"]
    assert said["entrypoint"] == ["dask"]
    assert {"dask", "distributed"} <= set(LOCK), "the image has no Dask; add the extra to the lock"
    options = [word for word in said["command"][1:] if word.startswith("--")]
    ran = subprocess.run(
        [sys.executable, "-m", "dask", said["command"][0], "--help"], capture_output=True, text=True, check=True
    )
    for option in options:
        assert re.search(rf"{option}\b|/\s*{option}\b", ran.stdout), f"dask {said['command'][0]} has no {option}"
