"""Read and decompress request bodies. This is not left to aiohttp, which would go on decompressing
a body that was refused, and limits nothing but the size."""

import asyncio
import zlib
from collections.abc import AsyncIterator, Iterator

from aiohttp import ClientError, hdrs, web

from ..errors import BadRequest, BodyTooLarge

PIECE = 64 * 1024
"""Bytes that are decompressed at once; it takes less than a millisecond."""
RATIO = 100
"""The largest ratio of decompressed to compressed size; logs of interviews reach 20."""
SMALL = 256 * 1024
"""Decompressed bytes below which the ratio is not checked."""
BROKEN = (OSError, ClientError, web.RequestPayloadError, zlib.error)
"""Exceptions raised while a body is read, where the client leaves or the body is not what its
headers say."""
BROKE_OFF = "The body broke off, or its Content-Encoding is not true."
_WINDOW = {"gzip": zlib.MAX_WBITS | 16, "x-gzip": zlib.MAX_WBITS | 16, "deflate": zlib.MAX_WBITS}


def is_packed(request: web.Request) -> bool:
    return _encoding(request) not in ("", "identity")


async def pieces(request: web.Request, quiet_seconds: float | None = None) -> AsyncIterator[bytes]:
    """Yield the body, decompressed, as it arrives, and let other tasks run between two pieces.

    Raises `BadRequest`, also when nothing arrives for `quiet_seconds`, and `BodyTooLarge` for a
    body that decompresses to more than an honest one would."""
    unpacker = _Unpacker(_encoding(request)) if is_packed(request) else None
    try:
        while True:
            async with asyncio.timeout(quiet_seconds):
                data = await request.content.readany()
            if not data:
                break
            for piece in unpacker.unpacked(data) if unpacker else (data,):
                yield piece
                await asyncio.sleep(0)
        if unpacker and not unpacker.whole:
            raise BadRequest(BROKE_OFF)
    except BROKEN as exc:  # TimeoutError is among them
        raise BadRequest(BROKE_OFF) from exc


BODY = web.RequestKey("BODY", bytes)


async def read_whole(request: web.Request, most: int) -> bytes:
    """Return the whole body; may be called twice. Raises as `pieces` does, and
    `HTTPRequestEntityTooLarge` for more than `most` bytes."""
    if BODY not in request:
        body = bytearray()
        async for piece in pieces(request):
            body += piece
            if len(body) > most:
                raise web.HTTPRequestEntityTooLarge(most, len(body))
        request[BODY] = bytes(body)
    return request[BODY]


def _encoding(request: web.Request) -> str:
    return request.headers.get(hdrs.CONTENT_ENCODING, "").strip().lower()


class _Unpacker:
    def __init__(self, encoding: str) -> None:
        if encoding not in _WINDOW:
            raise BadRequest("This Content-Encoding is not supported; use gzip or deflate.")
        self._window = _WINDOW[encoding]
        self._inflate = zlib.decompressobj(self._window)
        self._packed = 0
        self._unpacked = 0

    @property
    def whole(self) -> bool:
        """Return whether the compressed stream is complete, or was empty."""
        return self._inflate.eof or not self._packed

    def unpacked(self, data: bytes) -> Iterator[bytes]:
        """Yield the decompressed data in pieces. Raises `zlib.error` and `BodyTooLarge`."""
        if not self._packed and self._window == zlib.MAX_WBITS and data[0] & 0xF != 8:
            self._inflate = zlib.decompressobj(-zlib.MAX_WBITS)  # deflate without zlib's header
        self._packed += len(data)
        while data:
            if self._inflate.eof:  # a gzip file may have several parts
                self._inflate = zlib.decompressobj(self._window)
            piece = self._inflate.decompress(data, PIECE)
            data = self._inflate.unconsumed_tail or self._inflate.unused_data
            self._unpacked += len(piece)
            used = self._packed - len(data)  # compressed bytes that were consumed so far
            if self._unpacked > max(SMALL, RATIO * used):
                raise BodyTooLarge(f"The body expands to more than {RATIO} times its size.")
            if piece:
                yield piece
