"""One client's socket and the session behind it, until either ends."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal, TypeVar

from aiohttp import WSMsgType, web

from models.errors import EngineError
from pipeline.conversation.input import PushAudio
from pipeline.conversation.output import Failed, ResponseDone
from pipeline.conversation.session import Session
from pipeline.errors import PipelineError

from ..admission.seat import Seat
from ..errors import ShuttingDown
from ..observability.metrics import Metrics
from ..security.limits import ClientLimits
from ..storage.connection_log import End
from .wire import BadMessage, Frame, Why, Wire

logger = logging.getLogger(__name__)

E = TypeVar("E", bound=Exception)
Socket = web.WebSocketResponse[Literal[False]]

MAX_FRAME = 8 * 1024 * 1024
"""Largest frame in bytes; a larger one ends the connection (1009). A smaller one beyond the
protocol's own limit is refused, and the connection goes on."""
HEARTBEAT_S = 20.0
"""Seconds between pings; a client that vanishes is noticed after one and a half of these."""
WRITE_BUFFER = 16 * 1024
"""Bytes that may wait in the socket, so that a slow client is noticed within a second of audio."""
SEND_TIMEOUT_S = 5.0
"""Seconds that one frame may take to send before the client counts as too slow."""
CLOSE_TIMEOUT_S = 2.0
"""Seconds to wait for the client's own close frame."""
TAKE_LEAVE_S = 0.5
"""Seconds that the socket has for sending the last output of an ended session. A client that is
gone receives nothing, and its newer connection waits for this."""
HAND_OVER_SECONDS = 8.0
"""Seconds that a turn has for its end before the conversation is handed over in the middle of it:
whoever speaks goes on from the record."""
REST_SECONDS = 0.05
"""Seconds between two looks whether nobody speaks."""
FINALIZED_WAITS = 5.0
"""Seconds more that the last words of an interview that is finalized may take: with those that a
returning client waits for, less than `LEAVING_SECONDS`, after which it is assessed without them."""
CLIENT_LEFT = "the client has left"

DISMISSED = {
    "replaced": Why.REPLACED,
    "finalized": Why.FINALIZED,
    "shutdown": Why.SHUTDOWN,
}


class ConnectionEnd(Exception):
    """The end of a connection: its reason, and an error to send before."""

    def __init__(self, why: Why, error: PipelineError | EngineError | None = None) -> None:
        super().__init__(why.value)
        self.why = why
        self.error = error


class Bug(PipelineError):
    """The error that a client receives for a mistake in this program."""

    code = "internal_error"

    def __init__(self) -> None:
        super().__init__("Something went wrong here; the interview goes on in a moment.")


def socket() -> Socket:
    """Create a socket with the limits of a live connection. Text stays bytes: invalid UTF-8 is then
    one bad message, and not the end of the connection."""
    return web.WebSocketResponse(
        compress=False,  # deflating base64 audio costs time and saves little
        max_msg_size=MAX_FRAME,
        heartbeat=HEARTBEAT_S,
        writer_limit=WRITE_BUFFER,
        timeout=CLOSE_TIMEOUT_S,
        decode_text=False,
    )


@dataclass(frozen=True, slots=True)
class SessionSource:
    """The callbacks by which a connection gets its session and reports its end."""

    open: Callable[[], Awaitable[Session]]
    """Opens the session, waiting until it can begin."""
    ended: Callable[[], None]
    """Called when the interviewer has ended the interview, and that is on record."""


class Connection:
    """The link between one client and its session: it carries the client's messages and the
    session's outputs."""

    def __init__(
        self,
        ws: Socket,
        transport: asyncio.Transport,
        wire: Wire,
        source: SessionSource,
        seat: Seat,
        metrics: Metrics,
    ) -> None:
        """Prepare a connection. The client's messages before there is a session are kept with the
        seat, for the session to hear. Pings are answered all the while."""
        self._ws = ws
        self._metrics = metrics
        self._transport = transport
        self._wire = wire
        self._source = source
        self._seat = seat
        self._limits = ClientLimits()
        self._gone = False
        """True once the client has left."""
        self._loop = asyncio.get_running_loop()

    async def hold(self) -> End:
        """Run until the client leaves, the interview has ended, or something else ends the
        connection; return how it ended."""
        end = ConnectionEnd(Why.CLIENT_LEFT)
        logger.info("a connection begins")
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._converse(), name="converse")
                tasks.create_task(self._obey(), name="obey")
                await self._write(self._wire.open())
                await self._read()
                self._gone = True
                raise end
        except* ConnectionEnd as ended:
            end = _first(ended)
        except* (PipelineError, EngineError) as failed:
            end = ConnectionEnd(Why.FAILED, _first(failed))
        except* Exception:
            logger.exception("a bug ended the connection")
            end = ConnectionEnd(Why.BUG, Bug())
        unheard = self._seat.early.waits and not self._seat.passed_on
        if not unheard:
            # The last words are on record: a newer connection need not wait for this socket.
            self._seat.leave()
        await self._leave(end)
        if unheard:
            await self._hear_out()
        logged = self._logged(end)
        self._metrics.closed(logged.code)
        logger.info("a connection ends: %s, %s", logged.code or "no code", logged.why)
        return logged

    async def _converse(self) -> None:
        try:
            session = await self._source.open()
        except ShuttingDown:
            raise ConnectionEnd(Why.SHUTDOWN) from None
        with self._metrics.conversation(session.stats):
            async with asyncio.TaskGroup() as outer:
                sending = outer.create_task(self._send(session), name="send")
                try:
                    async with asyncio.TaskGroup() as inner:  # the sender outlasts the session:
                        handing = inner.create_task(self._hand_over(session), name="hand over")
                        await self._hold(session)
                        handing.cancel()
                finally:  # the ends of open replies are sent before the socket closes
                    await asyncio.wait([sending], timeout=TAKE_LEAVE_S)
        await self._end(Why.COMPLETED)

    async def _hold(self, session: Session) -> None:
        try:
            await session.run(self._seat.early, awaited=self._awaited)
        finally:
            if session.ended:
                self._source.ended()

    # docs/decisions/017-last-words.md: on a busy machine the last words take longer
    async def _awaited(self) -> None:
        """Wait until somebody waits for the session's end: a client that is still there, one that
        comes back, or, with more patience, who finalizes the interview."""
        if self._gone:
            await self._seat.dismissed()
        if self._seat.finished:
            await asyncio.sleep(FINALIZED_WAITS)

    async def _hand_over(self, session: Session) -> None:
        """End the connection at the end of a turn, once another process takes over."""
        await self._seat.handing_over()
        with suppress(TimeoutError):
            async with asyncio.timeout(HAND_OVER_SECONDS):
                while not session.at_rest:  # noqa: ASYNC110 -- nobody tells, and it is seldom
                    await asyncio.sleep(REST_SECONDS)
        self._seat.dismiss("shutdown")

    async def _hear_out(self) -> None:
        """Put the words that the client said before the models were loaded on record, though the
        client has left. A connection that replaces this one takes them over."""
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._give_way(), name="give way")
                session = await self._source.open()
                tasks.create_task(_ignore(session), name="ignore")
                await session.run(self._seat.early, left=True)
                raise ConnectionEnd(Why.CLIENT_LEFT)
        except* (ConnectionEnd, ShuttingDown):
            pass
        except* (PipelineError, EngineError) as failed:
            logger.warning(
                "what was said before it could be heard is lost: %s", _first(failed).code
            )

    async def _give_way(self) -> None:
        # Finalizing waits until the last words are on record; the connection goes on till then.
        if (why := await self._seat.dismissed()) != "finalized":
            raise ConnectionEnd(DISMISSED[why])

    async def _send(self, session: Session) -> None:
        async for said in session.outputs():
            self._metrics.told(said)
            if isinstance(said, ResponseDone):
                logger.debug("%s %s, ms: %s", said.response, said.status, said.timing)
            await self._write(self._wire.encode(said))

    async def _obey(self) -> None:
        await self._end(DISMISSED[await self._seat.dismissed()])

    async def _end(self, why: Why) -> None:
        """End the connection, when the wire's rules for this reason say so. Raises
        `ConnectionEnd`."""
        await asyncio.sleep(self._wire.close(why).after_s)
        raise ConnectionEnd(why)

    async def _write(self, frames: Sequence[Frame]) -> None:
        """Write frames whole and in the order of the calls; reader and sender share this."""
        try:
            for frame in frames:
                async with asyncio.timeout(SEND_TIMEOUT_S):
                    kind = WSMsgType.BINARY if frame.binary else WSMsgType.TEXT
                    await self._ws.send_frame(frame.data, kind)
        except TimeoutError:
            raise ConnectionEnd(Why.SLOW_CONSUMER) from None
        except ConnectionError:
            self._gone = True
            raise ConnectionEnd(Why.CLIENT_LEFT) from None

    async def _read(self) -> None:
        async for message in self._ws:
            if message.type in (WSMsgType.TEXT, WSMsgType.BINARY):
                try:
                    await self._take(Frame(message.data, message.type is WSMsgType.BINARY))
                except BadMessage as exc:
                    await self._refuse(exc)

    async def _take(self, frame: Frame) -> None:
        now = self._loop.time()
        if not self._limits.messages.take(1, now):
            raise BadMessage("too_many_messages", "Messages come too fast; send fewer a second.")
        received = self._wire.decode(frame)
        if isinstance(received.message, PushAudio):
            seconds = len(received.message.pcm) / (2 * self._wire.input_rate)
            if not self._limits.audio.take(seconds, now):
                raise BadMessage("audio_too_fast", "Audio must come as fast as it is spoken.")
        if received.message:
            self._seat.early.take(received.message)
        await self._write(received.answer)

    async def _refuse(self, exc: BadMessage) -> None:
        """Drop a bad message and tell the client, unless it was told just now that it sends too
        much."""
        now = self._loop.time()
        if not self._limits.refusals.take(1, now):
            raise ConnectionEnd(Why.ABUSE, exc)
        haste = exc.code in ("too_many_messages", "audio_too_fast")
        if not haste or self._limits.notices.take(1, now):
            await self._tell(exc)

    async def _tell(self, error: PipelineError | EngineError) -> None:
        self._metrics.error(error.code)
        await self._write(self._wire.encode(Failed(error.code, str(error))))

    async def _leave(self, end: ConnectionEnd) -> None:
        if end.why is Why.SLOW_CONSUMER:  # no close frame would reach it either
            self._transport.abort()
            return
        try:
            if end.error and not self._ws.closed:
                await self._tell(end.error)
        except ConnectionEnd:
            self._transport.abort()
        close = self._wire.close(end.why)
        await self._ws.close(code=close.code, message=close.reason.encode())

    def _logged(self, end: ConnectionEnd) -> End:
        """Log how the connection ended, and return it for the log of connections."""
        if end.why is Why.CLIENT_LEFT:
            return End(self._ws.close_code, CLIENT_LEFT)
        close = self._wire.close(end.why)
        return End(None if end.why is Why.SLOW_CONSUMER else close.code, close.reason)


async def _ignore(session: Session) -> None:
    """Discard the outputs of a session whose client has left."""
    async for _ in session.outputs():
        pass


def _first(group: ExceptionGroup[E]) -> E:
    """Return the first error of the group; the rest followed from it."""
    inner = group.exceptions[0]
    return _first(inner) if isinstance(inner, ExceptionGroup) else inner
