"""The public status of the service: whether it is well, and how much is going on."""

from datetime import UTC, datetime

from aiohttp import web

from ..admission.admission import ADMISSION
from ..cluster.census import CENSUS
from ..http.web import answer
from ..security import audit
from ..storage import store
from ..storage.database import DATABASE
from ..times import iso


def routes() -> list[web.AbstractRouteDef]:
    return [web.get("/sessions", sessions), web.get("/health", health)]


async def sessions(request: web.Request) -> web.Response:
    """Answer with the sessions that are going on, those of all replicas where there are many. Their
    ids are all that one needs to join them."""
    await audit.read(request, "list live sessions")
    admission, census = request.app[ADMISSION], request.app.get(CENSUS)
    held = await census.held() if census else dict.fromkeys(admission.live, "")
    count = await census.count() if census else None
    async with request.app[DATABASE].read() as db:
        live = await store.interviews(db, tuple(held))
    return answer(
        {
            "sessions": [
                {
                    "session_id": interview.id,
                    "interview_id": interview.id,
                    "status": interview.status,
                    "started_at": iso(interview.started_at) if interview.started_at else None,
                    **({"replica": held[interview.id]} if census else {}),
                }
                for interview in live
            ],
            "total": len(live),
            "free": count.free if count else admission.capacity.free,
        }
    )


async def health(request: web.Request) -> web.Response:
    """Answer with this process's own numbers, and those of all replicas where there are many."""
    admission, census = request.app[ADMISSION], request.app.get(CENSUS)
    own = {
        "status": "healthy",
        "timestamp": iso(datetime.now(UTC)),
        "sessions": len(admission.live),
        "free": admission.capacity.free,
    }
    if census is None:
        return answer(own)
    count = await census.count()
    together = count and {
        "replicas": count.replicas,
        "sessions": count.held,
        "free": count.free,
    }
    return answer(own | {"cluster": together})
