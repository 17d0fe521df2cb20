"""One client's socket and the session behind it, until either ends."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Literal, TypeVar

from aiohttp import WSMsgType, web

from models.contracts import SPEAKING_RATE
from models.errors import EngineError
from pipeline.conversation.output import ResponseDone
from pipeline.conversation.session import Session
from pipeline.errors import PipelineError

from ..admission import Seat
from ..errors import ShuttingDown
from ..observability.metrics import Metrics
from ..security.limits import ClientLimits
from ..storage.connection_log import End
from . import protocol
from .protocol import BadMessage

logger = logging.getLogger(__name__)

E = TypeVar("E", bound=Exception)
Socket = web.WebSocketResponse[Literal[False]]

MAX_FRAME = 8 * 1024 * 1024
"""Bytes; a larger frame ends the connection (1009), a smaller one that is too large only itself."""
HEARTBEAT_S = 20.0
"""A client that is gone without a word is noticed after one and a half of these."""
WRITE_BUFFER = 16 * 1024
"""Bytes that may wait in the socket, so that a slow client is noticed within a second of audio."""
SEND_TIMEOUT_S = 5.0
CLOSE_TIMEOUT_S = 2.0
"""How long the client's own close frame is waited for."""
TAKE_LEAVE_S = 0.5
"""How long the socket still takes what an ended session had to tell. A client that is gone takes
nothing, and its newer connection waits for this."""
LINGER_S = 20.0
"""How long an ended interview waits for the client to close; it finalizes 2 s after the event."""
ON_ITS_WAY_S = 0.25
"""A client finalizes on a connection of its own: what it sent over the socket just before may
arrive so much later and still counts."""
AUDIO_BYTES_PER_S = 2 * SPEAKING_RATE

NORMAL = 1000
ABUSE = 1008
RESUME = 1011
"""Clients of this protocol take any other code below 4000 for the end of the interview, and
connect again to the same session after 1006 or 1011 only. So this is also the code for a restart
(where 1012 would say it more exactly) and for a session that failed: its record is whole."""
NOT_FOUND = 4004
REPLACED = 4409
CLIENT_LEFT = "the client has left"


DISMISSED = {
    "replaced": (REPLACED, "continued in a newer connection"),
    "finalized": (NORMAL, "interview finalized"),
    "shutdown": (RESUME, "service restarting"),
}


class Farewell(Exception):
    """Why a connection ends: the close code and reason, and an error to tell before."""

    def __init__(
        self, code: int, reason: str, error: PipelineError | EngineError | None = None
    ) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason
        self.error = error


class Bug(PipelineError):
    """What a client is told of a mistake in this program."""

    code = "internal_error"

    def __init__(self) -> None:
        super().__init__("Something went wrong here; the interview goes on in a moment.")


class SlowConsumer(Farewell):
    """The client does not read what it is sent; no close frame would reach it either."""

    def __init__(self) -> None:
        super().__init__(RESUME, "slow consumer")


def socket() -> Socket:
    """A socket with this protocol's limits. Text stays bytes: invalid UTF-8 is then one bad
    message, and not the end of the connection."""
    return web.WebSocketResponse(
        compress=False,  # deflating base64 audio costs time and gives back little
        max_msg_size=MAX_FRAME,
        heartbeat=HEARTBEAT_S,
        writer_limit=WRITE_BUFFER,
        timeout=CLOSE_TIMEOUT_S,
        decode_text=False,
    )


class Connection:
    """Carries one client's messages to its session and the session's outputs to the client."""

    def __init__(
        self,
        ws: Socket,
        transport: asyncio.Transport,
        opening: Callable[[], Awaitable[Session]],
        seat: Seat,
        metrics: Metrics,
        ended: Callable[[], None],
    ) -> None:
        """`opening` waits until a session can begin; what the client says meanwhile is kept with
        the seat, for the session to hear. Pings are answered all the while. `ended` is called when
        the interviewer has ended the interview, and that is on record."""
        self._ws = ws
        self._metrics = metrics
        self._transport = transport
        self._opening = opening
        self._seat = seat
        self._ended = ended
        self._ids = protocol.event_ids()
        self._limits = ClientLimits()
        self._loop = asyncio.get_running_loop()

    async def hold(self) -> End:
        """Run until the client leaves, the interview has ended, or something else ends it."""
        farewell = Farewell(NORMAL, "")
        logger.info("a connection begins")
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._converse(), name="converse")
                tasks.create_task(self._obey(), name="obey")
                await self._read()
                raise farewell
        except* Farewell as ended:
            farewell = _first(ended)
        except* (PipelineError, EngineError) as failed:
            farewell = Farewell(RESUME, "failed", _first(failed))
        except* Exception:
            logger.exception("a bug ended the connection")
            farewell = Farewell(RESUME, "internal error", Bug())
        unheard = self._seat.early.waits and not self._seat.passed_on
        if not unheard:
            # The last words are on record: a newer connection need not wait for this socket.
            self._seat.leave()
        await self._leave(farewell)
        if unheard:
            await self._hear_out()
        end = self._end(farewell)
        self._metrics.closed(end.code)
        logger.info("a connection ends: %s, %s", end.code or "no code", end.why)
        return end

    async def _converse(self) -> None:
        try:
            session = await self._opening()
        except ShuttingDown:
            raise Farewell(*DISMISSED["shutdown"]) from None
        with self._metrics.conversation(session.tally):
            async with asyncio.TaskGroup() as outer:
                sending = outer.create_task(self._send(session), name="send")
                try:
                    async with asyncio.TaskGroup() as inner:  # the sender outlasts the session:
                        inner.create_task(self._hold(session), name="session")
                finally:  # what was opened is closed before the socket is, whoever ends it
                    await asyncio.wait([sending], timeout=TAKE_LEAVE_S)
        await asyncio.sleep(LINGER_S)
        raise Farewell(NORMAL, "interview ended")

    async def _hold(self, session: Session) -> None:
        try:
            await session.run(self._seat.early)
        finally:
            if session.ended:
                self._ended()

    async def _hear_out(self) -> None:
        """Have what the client said before the models were loaded put on record, though it has
        left. A connection that takes its place takes it over."""
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._give_way(), name="give way")
                session = await self._opening()
                tasks.create_task(_ignore(session), name="ignore")
                await session.run(self._seat.early, left=True)
                raise Farewell(NORMAL, CLIENT_LEFT)
        except* (Farewell, ShuttingDown):
            pass
        except* (PipelineError, EngineError) as failed:
            logger.warning(
                "what was said before it could be heard is lost: %s", _first(failed).code
            )

    async def _give_way(self) -> None:
        if (why := await self._seat.dismissed()) != "finalized":  # that waits for the last words
            raise Farewell(*DISMISSED[why])

    async def _send(self, session: Session) -> None:
        async for said in session.outputs():
            self._metrics.told(said)
            if isinstance(said, ResponseDone):
                logger.debug("%s %s, ms: %s", said.response, said.status, said.timing)
            for event in protocol.translate(said, self._ids):
                await self._write(event)

    async def _obey(self) -> None:
        why = await self._seat.dismissed()
        await asyncio.sleep(ON_ITS_WAY_S if why == "finalized" else 0)
        raise Farewell(*DISMISSED[why])

    async def _write(self, event: protocol.ServerEvent) -> None:
        """Frames are written whole and in order of the calls, so reader and sender share it."""
        try:
            async with asyncio.timeout(SEND_TIMEOUT_S):
                await self._ws.send_frame(protocol.encode(event), WSMsgType.TEXT)
        except TimeoutError:
            raise SlowConsumer from None
        except ConnectionError:
            raise Farewell(NORMAL, CLIENT_LEFT) from None

    async def _read(self) -> None:
        async for message in self._ws:
            try:
                if message.type is WSMsgType.BINARY:
                    raise BadMessage("binary_frame", "Send JSON in text frames, not binary ones.")
                if message.type is WSMsgType.TEXT:
                    await self._hear(message.data)
            except BadMessage as exc:
                await self._refuse(exc)

    async def _hear(self, frame: bytes) -> None:
        now = self._loop.time()
        if not self._limits.messages.take(1, now):
            raise BadMessage("too_many_messages", "Messages come too fast; send fewer a second.")
        match protocol.decode(frame):
            case protocol.Ping(ts=ts):
                await self._write(protocol.Pong(next(self._ids), ts))
            case protocol.Audio(audio=pcm):
                if not self._limits.audio.take(len(pcm) / AUDIO_BYTES_PER_S, now):
                    raise BadMessage("audio_too_fast", "Audio must come as fast as it is spoken.")
                self._seat.early.hear(pcm)
            case protocol.AudioEnd():
                self._seat.early.end_turn()
            case protocol.Text(content=content):
                self._seat.early.read(content)
            case protocol.Mute(muted=muted):
                self._seat.early.mute(muted=muted)

    async def _refuse(self, exc: BadMessage) -> None:
        """The message is dropped and the client told, unless it was told of its haste just now."""
        now = self._loop.time()
        if not self._limits.refusals.take(1, now):
            raise Farewell(ABUSE, "too many bad messages", exc)
        haste = exc.code in ("too_many_messages", "audio_too_fast")
        if not haste or self._limits.notices.take(1, now):
            await self._tell(exc)

    async def _tell(self, error: PipelineError | EngineError) -> None:
        self._metrics.error(error.code)
        await self._write(protocol.Error(next(self._ids), error.code, str(error)))

    async def _leave(self, farewell: Farewell) -> None:
        if isinstance(farewell, SlowConsumer):
            self._transport.abort()
            return
        try:
            if farewell.error and not self._ws.closed:
                await self._tell(farewell.error)
        except Farewell:
            self._transport.abort()
        await self._ws.close(code=farewell.code, message=farewell.reason.encode())

    def _end(self, farewell: Farewell) -> End:
        if farewell.reason in ("", CLIENT_LEFT):
            return End(self._ws.close_code, CLIENT_LEFT)
        code = None if isinstance(farewell, SlowConsumer) else farewell.code
        return End(code, farewell.reason)


async def _ignore(session: Session) -> None:
    """Take what it wants to tell a client that has left."""
    async for _ in session.outputs():
        pass


def _first(group: ExceptionGroup[E]) -> E:
    """What happened first; the rest followed from it."""
    inner = group.exceptions[0]
    return _first(inner) if isinstance(inner, ExceptionGroup) else inner
