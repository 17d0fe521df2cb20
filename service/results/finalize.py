"""Ending an interview: what the client posts is read as a stream, and the result is the answer.

The server's own record is what counts. So an interview is finalized as soon as its id was
understood, also when the rest of the body is broken or never comes: a client that posts half a log
has still said that the interview is over. It gets a 400 for the log and, asking again, the result.
"""

import asyncio
from uuid import UUID

from aiohttp import web

from ..errors import BadRequest, BodyTooLarge, ServiceError, Unprocessable
from ..keys import DATABASE, FINALIZER
from ..operations import logs
from ..storage import store
from ..storage.tables import ClientLog
from ..web import BROKEN, answer, path_id
from .client_log import ClientLogReader, as_uuid
from .transcripts import lines, summary

LARGEST_BODY = 512 * 1024 * 1024
"""Bytes; two hours of speech as base64 in JSON."""
SLICE = 8 * 1024
"""Bytes parsed before other tasks get their turn: a few milliseconds for the worst JSON."""
QUIET_SECONDS = 30.0
"""How long a client may send nothing in the middle of its body."""


def routes() -> list[web.AbstractRouteDef]:
    return [
        web.post("/finalize-interview", finalize_interview),
        web.delete("/session/{id}/end", end_session),
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
    """End the conversation, wherever it stands, and tell how it went."""
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


async def _receive(request: web.Request, reader: ClientLogReader) -> None:
    """Feed the body to the reader. Raises `BadRequest` and `BodyTooLarge`."""
    while True:
        try:
            async with asyncio.timeout(QUIET_SECONDS):
                data = await request.content.readany()
        except BROKEN as exc:  # TimeoutError is among them
            raise BadRequest("The body broke off, or its Content-Encoding is not true.") from exc
        if not data:
            break
        if reader.received_bytes + len(data) > LARGEST_BODY:
            raise BodyTooLarge(f"The body is larger than {LARGEST_BODY // 2**20} MB.")
        for start in range(0, len(data), SLICE):
            reader.feed(data[start : start + SLICE])
            await asyncio.sleep(0)
    reader.finish()


def _log(interview_id: UUID, reader: ClientLogReader) -> ClientLog:
    return ClientLog(
        session_id=interview_id,
        entries=reader.entries,
        received_bytes=reader.received_bytes,
        audio_messages=reader.audio_messages,
        left_out=reader.left_out,
        complete=reader.complete,
    )
