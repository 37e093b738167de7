"""One `a4p serve` at a time: it holds a lock in Prefect's home, and one in the private store where that is a folder.

The system gives a lock back when its process ends, however that ends; nothing is left that would keep the next one out.
A lock's file says who holds it, and stays.
"""

from __future__ import annotations

import json
import os
import socket
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from flows.core.errors import StoreError
from flows.core.settings import Settings
from flows.stores import Store

_FILE = "a4p-serve.lock"
if sys.platform == "win32":
    import msvcrt

    # others read what is written before it
    _BEHIND_ALL = 1 << 30

    def _lock(number: int, *, alone: bool) -> None:
        os.lseek(number, _BEHIND_ALL, os.SEEK_SET)
        msvcrt.locking(number, msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _lock(number: int, *, alone: bool) -> None:
        """Lock an open file, or fail at once: `alone`, or with others that only look."""
        fcntl.flock(number, (fcntl.LOCK_EX if alone else fcntl.LOCK_SH) | fcntl.LOCK_NB)


# who looks whether somebody serves holds the lock for a moment
_TRIED_S = 1.0


@contextmanager
def alone(settings: Settings, home: Path) -> Iterator[Callable[[str], None]]:
    """Hold the locks; give what tells others the address of the server that is used.

    Raises StoreError, with who it is, where another `a4p serve` uses the same home of Prefect or private store, and
    where a lock's file cannot be written.
    """
    places = [home / _FILE]
    private = Store(settings.private_uri, settings.s3_endpoint_url).local(_FILE)
    if private:
        places.append(Path(private))
    with ExitStack() as ends:
        held = []
        for place in places:
            try:
                number = _opened(place)
                ends.callback(os.close, number)
                taken = _taken(number)
            except OSError as error:
                raise StoreError(
                    f"{place} cannot be locked ({error.strerror}); only one `a4p serve` may use this folder."
                ) from error
            if not taken:
                raise StoreError(_who(place))
            held.append(number)

        def tell(server: str) -> None:
            for number in held:
                said = {"pid": os.getpid(), "host": socket.gethostname(), "server": server}
                os.ftruncate(number, 0)
                os.lseek(number, 0, os.SEEK_SET)
                os.write(number, json.dumps(said).encode())

        tell("")
        yield tell


def at_work(home: Path) -> bool:
    """Tell whether an `a4p serve` runs that uses this home of Prefect."""
    try:
        number = os.open(home / _FILE, os.O_RDONLY)
    except OSError:
        return False
    try:
        _lock(number, alone=False)
    except OSError:
        return True
    finally:
        os.close(number)
    return False


def _opened(place: Path) -> int:
    place.parent.mkdir(parents=True, exist_ok=True)
    return os.open(place, os.O_RDWR | os.O_CREAT, 0o600)


def _taken(number: int) -> bool:
    end = time.monotonic() + _TRIED_S
    while True:
        try:
            _lock(number, alone=True)
        except (BlockingIOError, PermissionError):
            if time.monotonic() > end:
                return False
            time.sleep(0.1)
        else:
            return True


def _who(place: Path) -> str:
    try:
        said = json.loads(place.read_text())
    except (OSError, ValueError):  # it has the lock, and is about to say who it is
        said = None
    who = f"process {said['pid']} of {said['host']}" if said else "it is just starting"
    at = f", at {said['server']}" if said and said["server"] else ""
    return (
        f"Another `a4p serve` uses {place.parent} already ({who}{at}); go on with that one, or stop it before another "
        "is started."
    )
