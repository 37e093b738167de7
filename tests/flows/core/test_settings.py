from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from config import ConfigError
from flows.core import settings


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for field in settings.Settings.model_fields:
        monkeypatch.delenv(f"A4P_{field.upper()}", raising=False)


def test_defaults_without_any_setting() -> None:
    found = settings.load()
    assert found.public_uri == "./store/public"
    assert found.private_uri == "./store/private"
    assert found.inbox_uri == "./inbox"
    assert found.prefect_home == "./store/prefect"
    assert found.s3_endpoint_url is None
    assert found.hub_url is None


def test_environment_goes_before_dotenv(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("A4P_PUBLIC_URI=s3://from-file\nA4P_INBOX_URI=/in\nAWS_REGION=eu-west-1\n")
    monkeypatch.setenv("A4P_PUBLIC_URI", "s3://from-environment")
    found = settings.load()
    assert found.public_uri == "s3://from-environment"
    assert found.inbox_uri == "/in"


def test_an_empty_variable_is_one_that_is_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("A4P_S3_ENDPOINT_URL", "")
    monkeypatch.setenv("A4P_PUBLIC_URI", "")
    found = settings.load()
    assert found.s3_endpoint_url is None
    assert found.public_uri == "./store/public"


def test_an_address_without_scheme_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("A4P_S3_ENDPOINT_URL", "localhost:9000")
    with pytest.raises(
        ConfigError,
        match=r"^The setting A4P_S3_ENDPOINT_URL is 'localhost:9000', but it must start with http:// or https://\.$",
    ):
        settings.load()


def test_a_misspelt_setting_in_dotenv_is_refused(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("A4P_PUBLC_URI=s3://bucket\n")
    with pytest.raises(ConfigError, match=r"^There is no setting A4P_PUBLC_URI.*A4P_PUBLIC_URI"):
        settings.load()


def test_settings_do_not_change() -> None:
    with pytest.raises(ValueError, match="frozen"):
        settings.load().public_uri = "elsewhere"  # type: ignore[misc]


def test_settings_and_store_load_no_storage_library() -> None:
    code = (
        "import sys, flows.core.settings, flows.stores;"
        "print({'fsspec', 's3fs', 'botocore', 'polars'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


@pytest.mark.parametrize(
    ("name", "value", "demand"),
    [
        ("A4P_RUNNER", "spark", "it must be 'here' or 'dask'"),
        ("A4P_DASK_ADDRESS", "host:8786", "it must start with tcp:// or tls://"),
        ("A4P_DASK_WAIT_S", "0", "it must be greater than 0"),
    ],
)
def test_a_cluster_that_cannot_be_meant_is_refused(monkeypatch, name: str, value: str, demand: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ConfigError, match=rf"^The setting {name} is '{value}', but {demand}\.$"):
        settings.load()
