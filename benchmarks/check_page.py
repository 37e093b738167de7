"""A workbook checked on the check page, warm: prints, as JSON, how many seconds each answer takes.

python -m benchmarks.check_page FILE RUNS
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from starlette.testclient import TestClient

from config import load
from flows.feedback.check_page.app import build_app


def main(file: Path, runs: int) -> None:
    """Send a file to the page and take the time of each answer but the first, which loads the libraries."""
    taken = []
    with TestClient(build_app(load()), base_url="http://localhost") as page:
        for _ in range(runs + 1):
            begun = time.perf_counter()
            answer = page.post("/check", content=file.read_bytes(), headers={"x-file-name": file.name})
            taken.append(time.perf_counter() - begun)
            if answer.status_code != 200 or answer.json()["verdict"] != "accepted":
                sys.exit(f"{file.name}: {answer.status_code} {answer.text[:1000]}")
    print(json.dumps({"seconds": taken[1:]}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
