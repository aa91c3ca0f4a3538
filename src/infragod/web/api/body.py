"""A request's body, streamed to a file and unpacked on the way, with a limit on either side."""

from __future__ import annotations

import zlib
from collections.abc import AsyncIterator
from tempfile import SpooledTemporaryFile
from typing import IO, Final

from starlette.requests import Request

from infragod.web.errors import RequestError

LIMIT: Final = 200 * 1024 * 1024
_IN_MEMORY: Final = 1024 * 1024
_GZIP: Final = 31
_STEP: Final = 1024 * 1024


async def received(request: Request, limit: int = LIMIT, what: str = "plan") -> IO[bytes]:
    """The unpacked body, at its beginning; ``RequestError`` if it is too large, broken or packed in an unknown way."""
    encoding = request.headers.get("content-encoding", "identity").strip().lower()
    if encoding not in ("identity", "gzip"):
        raise RequestError(415, f"Content-Encoding {encoding!r} is not understood; send the {what} plain or as gzip")
    declared = request.headers.get("content-length", "")
    if declared.isdigit() and int(declared) > limit:
        raise _too_large(limit, what)
    chunks = request.stream()
    file: IO[bytes] = SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115  # the caller closes it
    try:
        await _keep(_unpacked(chunks) if encoding == "gzip" else chunks, file, limit, what)
    except BaseException:
        file.close()
        raise
    file.seek(0)
    return file


async def _keep(parts: AsyncIterator[bytes], file: IO[bytes], limit: int, what: str) -> None:
    size = 0
    async for part in parts:
        size += len(part)
        if size > limit:
            raise _too_large(limit, what)
        file.write(part)


async def _unpacked(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The content of a gzip stream in steps of bounded size, so that a bomb meets the limit early."""
    unpacker = zlib.decompressobj(_GZIP)
    try:
        async for chunk in chunks:
            rest = chunk
            while rest and not unpacker.eof:
                yield unpacker.decompress(rest, _STEP)
                rest = unpacker.unconsumed_tail
            if unpacker.unused_data:
                raise RequestError(422, "something follows the gzip stream; send one stream alone")
    except zlib.error:
        raise RequestError(422, "the body says gzip but is none; pack it again or leave Content-Encoding out") from None
    if not unpacker.eof:
        raise RequestError(422, "the gzip stream ends too early; send it again")


def _too_large(limit: int, what: str) -> RequestError:
    return RequestError(413, f"the {what} is larger than {limit // (1024 * 1024)} MiB unpacked; split the workspace")
