"""Answer requests for files as servers of every quality do: whole, in parts, or broken off."""

from dataclasses import dataclass, field

from aiohttp import web


@dataclass(slots=True)
class FileServer:
    breaks: list[int] = field(default_factory=list)
    """The next answers end after so many bytes, with the connection; -1: they are refused."""
    ranges: list[str] = field(default_factory=list)
    """What was asked of the files, in turn; empty: everything."""
    sends_parts: bool = True

    async def send(self, request: web.Request, content: bytes) -> web.StreamResponse:
        self.ranges.append(request.headers.get("Range", ""))
        if self.breaks[:1] == [-1]:
            self.breaks.pop(0)
            return web.Response(status=503)
        start = request.http_range.start or 0 if self.sends_parts else 0
        response = web.StreamResponse(status=206 if start else 200)
        response.content_length = len(content) - start
        await response.prepare(request)
        if self.breaks:
            await response.write(content[start : start + self.breaks.pop(0)])
            assert request.transport is not None
            request.transport.close()
        else:
            await response.write(content[start:])
        return response
