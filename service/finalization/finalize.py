"""End an interview by request: the client's log is read as a stream, and the answer is the result.

The server's own journal is what counts. So an interview is finalized as soon as its id was
understood, even when the rest of the body is broken or never arrives: a client that posts half a
log has still said that the interview is over. It gets a 400 for the log and, asking again, the
result.
"""

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from uuid import UUID

from aiohttp import web

from ..errors import BodyTooLarge, ReadingTooMuch, ServiceError, Unprocessable
from ..http import bodies
from ..http.web import answer, path_id
from ..observability import logs
from ..reports.transcripts import lines, summary
from ..security.access import WHO
from ..storage import store
from ..storage.database import DATABASE
from ..storage.store import existing
from ..storage.tables import ClientLog
from .client_log import ClientLogReader, as_uuid
from .closing import FINALIZER

LARGEST_BODY = 512 * 1024 * 1024
"""Largest body in bytes; two hours of speech as base64 in JSON."""
SLICE = 8 * 1024
"""Bytes parsed before other tasks may run: a few milliseconds for the worst JSON."""
AT_ONCE = 64 * 1024
"""Bytes of a body that are read before anything is asked about it."""
LARGEST_WITHOUT_ID = 16 * 1024 * 1024
"""Largest body without an id, in bytes; clients put the id first."""
MOST_DOUBTFUL = 4
"""Doubtful bodies that are read at once; see `Reading`."""
QUIET_SECONDS = 30.0
"""Seconds that a client may send nothing in the middle of its body."""


def routes() -> list[web.AbstractRouteDef]:
    return [
        web.post("/finalize-interview", finalize_interview),
        web.delete("/session/{id}/end", end_session),
        web.post("/interviews/{id}/assessment", assess_again),
    ]


async def finalize_interview(request: web.Request) -> web.Response:
    reader = ClientLogReader()
    refusal: ServiceError | None = None
    try:
        await _receive(request, reader)
    except ServiceError as exc:
        refusal = exc
    interview_id = as_uuid(reader.interview_id)
    if interview_id is None:
        wrong = "missing" if reader.interview_id is None else "no UUID"
        raise refusal or Unprocessable(f"interviewId is {wrong}; give the interview's UUID.")
    logs.SESSION.set(str(interview_id))
    analysis = await request.app[FINALIZER].finalize(interview_id, _log(interview_id, reader))
    if refusal:
        raise type(refusal)(f"{refusal} The interview itself is finalized.")
    return answer(
        {
            "success": True,
            "message": "Interview finalized successfully",
            "interview_id": interview_id,
            "analysis": analysis,
        }
    )


async def end_session(request: web.Request) -> web.Response:
    """End the conversation, wherever it stands, and answer with the analysis."""
    session_id = path_id(request)
    await request.app[FINALIZER].finalize(session_id)
    async with request.app[DATABASE].read() as db:
        written = await store.entries(db, session_id)
    return answer(
        {
            "message": "Session ended successfully",
            "interview_summary": summary(lines(written), written),
        }
    )


async def assess_again(request: web.Request) -> web.Response:
    """Assess the interview once more and answer with the analysis, which replaces the earlier
    one."""
    interview_id = path_id(request)
    analysis = await request.app[FINALIZER].assess_again(interview_id, request[WHO])
    return answer({"success": True, "interview_id": interview_id, "analysis": analysis})


class Reading:
    """Limits on the work of reading clients' logs, all together: one piece is parsed at a time, and
    only few doubtful bodies are read at once. Doubtful are bodies not known to belong to an
    interview, and compressed ones, in which a few bytes may be a lot of work."""

    def __init__(self, largest_without_id: int = LARGEST_WITHOUT_ID) -> None:
        self.largest_without_id = largest_without_id
        self._working = asyncio.Lock()
        self._doubtful = 0

    async def feed(self, reader: ClientLogReader, data: bytes) -> None:
        for start in range(0, len(data), SLICE):
            async with self._working:
                reader.feed(data[start : start + SLICE])
                await asyncio.sleep(0)

    @contextmanager
    def place(self) -> Iterator[None]:
        """Take one of the places for doubtful bodies. Raises `ReadingTooMuch`."""
        if self._doubtful >= MOST_DOUBTFUL:
            raise ReadingTooMuch("Too much is being read at the moment; please try again shortly.")
        self._doubtful += 1
        try:
            yield
        finally:
            self._doubtful -= 1


READING = web.AppKey("READING", Reading)


async def _receive(request: web.Request, reader: ClientLogReader) -> None:
    """Feed the body to the reader. Raises `BadRequest`, `BodyTooLarge`, `ReadingTooMuch`, and
    `InterviewUnknown` or `Unprocessable` as soon as the reader has the id of no interview."""
    reading = request.app[READING]
    known: str | None = None
    placed = False
    with ExitStack() as stack:
        async for data in bodies.pieces(request, QUIET_SECONDS):
            if reader.received_bytes + len(data) > LARGEST_BODY:
                raise BodyTooLarge(f"The body is larger than {LARGEST_BODY // 2**20} MB.")
            await reading.feed(reader, data)
            if reader.received_bytes <= AT_ONCE:
                continue
            if reader.interview_id != known:
                await _require_known(request, reader.interview_id)
                known = reader.interview_id
            if known is None and reader.received_bytes > reading.largest_without_id:
                raise BodyTooLarge(
                    f"There is no interviewId in the first {reading.largest_without_id // 2**20}"
                    " MB of the body; put it before the transcript."
                )
            if not placed and (known is None or bodies.is_packed(request)):
                stack.enter_context(reading.place())
                placed = True
    reader.finish()


async def _require_known(request: web.Request, text: str | None) -> None:
    if (interview_id := as_uuid(text)) is None:
        raise Unprocessable("interviewId is not a UUID; give the interview's UUID.")
    async with request.app[DATABASE].read() as db:
        existing(await store.interview(db, interview_id))


def _log(interview_id: UUID, reader: ClientLogReader) -> ClientLog:
    return ClientLog(
        session_id=interview_id,
        entries=reader.entries,
        received_bytes=reader.received_bytes,
        audio_messages=reader.audio_messages,
        left_out=reader.left_out,
        complete=reader.complete,
    )
