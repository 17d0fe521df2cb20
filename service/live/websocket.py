"""Hold live conversations over a WebSocket; check, in a fixed order, who may join which interview.

A refusal before the upgrade is an HTTP answer. A browser's scripts cannot see those (to them they
are a close with 1006), so what a person should know is said over the socket.
"""

from collections.abc import Callable
from contextlib import nullcontext, suppress
from functools import partial
from uuid import UUID

from aiohttp import WSMsgType, hdrs, web

from pipeline.conversation.output import Failed
from pipeline.conversation.session import Session
from pipeline.conversation.stereo import Sink
from pipeline.interview.agent import Interviewer

from ..admission.admission import ADMISSION
from ..admission.seat import Seat
from ..cluster.sentinel import SENTINEL
from ..engines import ENGINES
from ..errors import BadRequest, ConsentMissing, InterviewOver, ServiceError
from ..finalization.closing import FINALIZER
from ..observability.metrics import METRICS
from ..security import origins
from ..settings import SETTINGS
from ..storage import connection_log, store
from ..storage.connection_log import End
from ..storage.database import DATABASE
from .beats import beating
from .connection import Connection, SessionSource, socket
from .conversations import TUNING, Conversation, ConversationOpening
from .interview_wire import InterviewWire
from .wire import Why, Wire

NOT_OPENED = End(None, "the socket was not opened")


def routes() -> list[web.AbstractRouteDef]:
    return [web.get("/ws/interview/{session_id}", hold_interview, allow_head=False)]


async def hold_interview(request: web.Request) -> web.StreamResponse:
    return await hold(request, InterviewWire())


async def hold(request: web.Request, wire: Wire) -> web.StreamResponse:
    """Hold the interview of the path's `session_id` over this wire.

    Raises, before the upgrade, `BadRequest`, `Forbidden`, `NoCapacity` and
    `DatabaseUnavailable`."""
    if not socket().can_prepare(request):  # before the session's present socket is dismissed
        raise BadRequest("An interview is held over a WebSocket; open this address as one.")
    origins.require(request, origins.allowed_origins(request.app[SETTINGS]))
    session_id = await _known(request)
    if session_id is None:
        return await _decline(request, wire, Why.SESSION_UNKNOWN)
    try:
        user_agent = request.headers.get(hdrs.USER_AGENT, "")
        async with (
            ConversationOpening(
                request.app, session_id, user_agent, left=partial(_left, request)
            ) as opening,
            request.app[ADMISSION].seat(session_id, opening) as seat,
        ):
            found = await opening.conversation()
            ended = partial(_ended, request.app, session_id, seat)
            return await _converse(request, wire, found, seat, opening.recording, ended)
    except InterviewOver as over:
        return await _decline(request, wire, Why.SESSION_OVER, over)
    except ConsentMissing as missing:
        return await _decline(request, wire, Why.CONSENT_MISSING, missing)


# docs/decisions/055-replicas-share-postgres.md: a request that waited must not win over a newer one
def _left(request: web.Request) -> bool:
    """Return whether the client has gone: it gave up waiting, and has connected elsewhere."""
    return request.transport is None or request.transport.is_closing()


def _ended(app: web.Application, session_id: UUID, seat: Seat) -> None:
    """Free the slot of an interview that the interviewer has ended, and finalize it without waiting
    for a request."""
    app[ADMISSION].over(session_id, seat)
    app[FINALIZER].complete(session_id)


async def _converse(
    request: web.Request,
    wire: Wire,
    found: Conversation,
    seat: Seat,
    recording: Sink | None,
    ended: Callable[[], None],
) -> web.StreamResponse:
    async def opening() -> Session:
        engines = await request.app[ENGINES].wait()
        voices, hears = engines.voice_languages, engines.transcriber.languages
        return Session(
            engines,
            Interviewer(found.plan, found.state, engines.form, voices, hears),
            found.record,
            tuning=request.app[TUNING].patient(found.plan.patience),
            recording=recording,
        )

    ws = socket()
    end = NOT_OPENED
    try:
        await ws.prepare(request)
        if transport := request.transport:
            metrics = request.app[METRICS]
            source = SessionSource(opening, ended)
            async with beating(ws) if SENTINEL in request.app else nullcontext():
                end = await Connection(ws, transport, wire, source, seat, metrics).hold()
    finally:
        await connection_log.finish(request.app[DATABASE], found.connection_id, end)
    return ws


async def _known(request: web.Request) -> UUID | None:
    """Return the session id in the path, if there is such an interview."""
    with suppress(ValueError):
        session_id = UUID(request.match_info["session_id"])
        async with request.app[DATABASE].read() as db:
            if await store.interview(db, session_id):
                return session_id
    return None


async def _decline(
    request: web.Request, wire: Wire, why: Why, error: ServiceError | None = None
) -> web.StreamResponse:
    """Open the socket only to say why not: a browser shows scripts no HTTP status."""
    close = wire.close(why)
    request.app[METRICS].closed(close.code)
    ws = socket()
    await ws.prepare(request)
    if error:
        for frame in wire.encode(Failed(error.code, str(error))):
            await ws.send_frame(frame.data, WSMsgType.BINARY if frame.binary else WSMsgType.TEXT)
    await ws.close(code=close.code, message=close.reason.encode())
    return ws
