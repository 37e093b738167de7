"""What holds for all tests, and what they share: the sample and a release that is made from it."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

import sample
from tests.support.sharing import a4p, lent

# a property is no less true on a machine that is slow or busy
settings.register_profile("without a clock", deadline=None)
settings.load_profile("without a clock")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the tests that wait for servers: others compute meanwhile, and no process is left with them alone."""
    items.sort(key=lambda item: "integration" not in item.path.parts)


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that all processes of this test run share."""
    own = tmp_path_factory.getbasetemp()
    return own.parent if "PYTEST_XDIST_WORKER" in os.environ else own


@pytest.fixture(scope="session")
def sample_inbox(shared: Path) -> Iterator[Path]:
    """The sample of cycles 4 and 5, to be read."""
    yield from lent(shared / "sample", lambda folder: sample.write(folder, 5))


@pytest.fixture(scope="session")
def released(shared: Path, sample_inbox: Path) -> Iterator[Path]:
    """A folder with the sample in `inbox`, its release r001 in `store`, and what the refresh said; to be read."""

    def make(folder: Path) -> None:
        shutil.copytree(sample_inbox, folder / "inbox")
        code, out, err = a4p(folder, "refresh", "--cycle", "5")
        assert code == 0, err
        (folder / "out.txt").write_text(out)
        (folder / "err.txt").write_text(err)

    yield from lent(shared / "released", make)
