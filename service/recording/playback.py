"""Serve the recordings of an interview for listening. Browsers ask for parts of them (Range)."""

import asyncio
import time
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

from aiohttp import hdrs, web
from sqlalchemy.ext.asyncio import AsyncSession

from ..errors import RecordingUnknown
from ..http import links
from ..http.web import answer, path_id
from ..security import audit
from ..security.access import WHO
from ..settings import SETTINGS
from ..storage import store
from ..storage.database import DATABASE
from ..storage.store import existing
from ..times import iso, utc_now
from . import recordings
from .recordings import Recording

ONE_LISTENING = 600.0
"""Seconds within which further requests of one person for one recording count as the same
listening."""
LISTENERS = 1000
"""The most listenings that are remembered."""
TYPE = "audio/ogg; codecs=opus"


class Listeners:
    """The current listenings, so that one listening is one entry in the audit log."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._noted: dict[tuple[str, UUID, int], float] = {}

    def has_heard(self, who: str, interview_id: UUID, number: int) -> bool:
        noted = self._noted.get((who, interview_id, number))
        return noted is not None and self._clock() < noted + ONE_LISTENING

    def add(self, who: str, interview_id: UUID, number: int) -> None:
        if len(self._noted) >= LISTENERS:
            del self._noted[next(iter(self._noted))]
        self._noted[who, interview_id, number] = self._clock()


LISTENING = web.AppKey("LISTENING", Listeners)


def routes() -> list[web.AbstractRouteDef]:
    return [
        web.get("/interviews/{id}/recordings", list_recordings),
        web.get("/interviews/{id}/recordings/{number}", play),
    ]


async def list_recordings(request: web.Request) -> web.Response:
    interview_id = path_id(request)
    async with request.app[DATABASE].read() as db:
        existing(await store.interview(db, interview_id))
    await audit.read(request, "list recordings", interview_id)
    found = await recordings.list_recordings(request.app[SETTINGS].recordings_dir, interview_id)
    return answer({"recordings": [recording_fields(request, interview_id, each) for each in found]})


async def play(request: web.Request) -> web.StreamResponse:
    """Answer with a recording, or the part of it that was asked for. Raises `InterviewUnknown`,
    `RecordingUnknown`, `DatabaseUnavailable`."""
    interview_id, number = path_id(request), _number(request)
    heard = request.app[LISTENING].has_heard(request[WHO], interview_id, number)
    async with request.app[DATABASE].read() as db:
        existing(await store.interview(db, interview_id))
        if not heard and request.app[SETTINGS].cluster:
            heard = await _heard_elsewhere(db, request[WHO], interview_id, number)
    path = recordings.path_of(request.app[SETTINGS].recordings_dir, interview_id, number)
    if not await asyncio.to_thread(path.is_file):
        raise RecordingUnknown("The interview has no recording of that number.")
    if not heard:
        await audit.read(request, "play recording", interview_id, f"recording {number}")
        request.app[LISTENING].add(request[WHO], interview_id, number)
    return web.FileResponse(
        path,
        headers={
            hdrs.CONTENT_TYPE: TYPE,
            hdrs.CACHE_CONTROL: "no-store",
            "Cross-Origin-Resource-Policy": "same-origin",
        },
    )


async def _heard_elsewhere(db: AsyncSession, who: str, interview_id: UUID, number: int) -> bool:
    """Return whether another replica has noted this listening: a player's requests go to any."""
    since = utc_now() - timedelta(seconds=ONE_LISTENING)
    detail = f"recording {number}"
    return await audit.is_noted(db, who, "play recording", interview_id, detail, since)


def recording_fields(
    request: web.Request, interview_id: UUID, recording: Recording
) -> dict[str, object]:
    """Return the fields that describe a recording in an answer."""
    return {
        "number": recording.number,
        "url": links.recording(request, interview_id, recording.number),
        "seconds": round(recording.seconds, 2),
        "size_bytes": recording.size_bytes,
        "written_at": iso(recording.written_at),
    }


def _number(request: web.Request) -> int:
    text = request.match_info["number"]
    if not text.isascii() or not text.isdecimal() or len(text) > 9:
        raise RecordingUnknown("The interview has no recording of that number.")
    return int(text)
