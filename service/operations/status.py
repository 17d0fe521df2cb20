"""The public status of the service: whether it is well, and how much is going on."""

from datetime import UTC, datetime

from aiohttp import web

from ..admission.admission import ADMISSION
from ..http.web import answer
from ..security import audit
from ..storage import store
from ..storage.database import DATABASE
from ..times import iso


def routes() -> list[web.AbstractRouteDef]:
    return [web.get("/sessions", sessions), web.get("/health", health)]


async def sessions(request: web.Request) -> web.Response:
    """Answer with the sessions that are going on. Their ids are all that one needs to join them."""
    await audit.read(request, "list live sessions")
    admission = request.app[ADMISSION]
    async with request.app[DATABASE].read() as db:
        live = await store.interviews(db, admission.live)
    return answer(
        {
            "sessions": [
                {
                    "session_id": interview.id,
                    "interview_id": interview.id,
                    "status": interview.status,
                    "started_at": iso(interview.started_at) if interview.started_at else None,
                }
                for interview in live
            ],
            "total": len(live),
            "free": admission.capacity.free,
        }
    )


async def health(request: web.Request) -> web.Response:
    admission = request.app[ADMISSION]
    return answer(
        {
            "status": "healthy",
            "timestamp": iso(datetime.now(UTC)),
            "sessions": len(admission.live),
            "free": admission.capacity.free,
        }
    )
