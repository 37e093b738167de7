"""What an S3 server answers when it is asked for a file, held against what it says of the file itself.

A network may turn a bit or lose a byte, and still end the answer as it should. Of an object that was sent in one piece
the server's ETag is the MD5 of its content (AWS, "Checking object integrity"), so that such an answer is known.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
from dataclasses import dataclass
from typing import Any

# seconds for a call as a whole, with the attempts of the library: a server that sends a byte now and then is given up
CALL_S = 90.0
# bytes a second that a server gives at least; of a slower one no file of a usual size arrives
_SLOWEST = 100_000
_MD5 = re.compile("[0-9a-f]{32}")
# S3 Express: its ETags are no MD5
_NO_MD5 = "--x-s3"


class Torn(OSError):
    """An answer that is not the file that the server says it has."""


@dataclass(frozen=True)
class Answer:
    """Bytes of a file; `etag` is that of the whole file, `md5` its MD5 where the ETag says it."""

    data: bytes
    etag: str
    md5: str | None


def limit(size: int) -> float:
    """Return for how many seconds a call may last that moves so many bytes."""
    return CALL_S + size / _SLOWEST


async def got(files: Any, path: str, begin: int | None = None, end: int | None = None) -> Answer:
    """Return the content of a file, or the bytes of it from `begin` up to `end`. Raises Torn where they are not whole.

    Of a part only the length is held against what was asked for: whoever puts parts together looks at the whole.
    """
    bucket, key, _ = files.split_path(path)
    part = {} if begin is None or end is None else {"Range": f"bytes={begin}-{end - 1}"}
    answer = await asyncio.wait_for(files._call_s3("get_object", Bucket=bucket, Key=key, **part), CALL_S)
    length = answer.get("ContentLength")
    try:
        data = bytes(await asyncio.wait_for(answer["Body"].read(), limit(length or 0)))
    finally:
        answer["Body"].close()
    etag = str(answer.get("ETag") or "").strip('"')
    md5 = etag if _says_md5(bucket, etag, answer) else None
    wanted = end - begin if begin is not None and end is not None else length
    if wanted is not None and len(data) != wanted:
        raise Torn(f"{len(data)} bytes came instead of {wanted}")
    if md5 and not part and md5_of(data) != md5:
        raise Torn("the content is not that of the ETag")
    return Answer(data, etag, md5)


def md5_of(data: bytes) -> str:
    """Return the MD5 of data as an ETag has it; it is no protection against people."""
    return hashlib.md5(data, usedforsecurity=False).hexdigest()


def _says_md5(bucket: str, etag: str, answer: dict[str, Any]) -> bool:
    # with a key of one's own, or of a key service, the ETag is another
    plain = answer.get("ServerSideEncryption") in (None, "AES256") and not answer.get("SSECustomerAlgorithm")
    return plain and not bucket.endswith(_NO_MD5) and bool(_MD5.fullmatch(etag))
