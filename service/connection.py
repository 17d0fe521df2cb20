"""One client's socket and the session behind it, until either ends."""

import asyncio
import logging
from typing import Literal

from aiohttp import WSMsgType, web

from models.contracts import SPEAKING_RATE
from models.errors import EngineError
from pipeline.errors import PipelineError
from pipeline.session import Session

from . import protocol
from .limits import ClientLimits
from .protocol import BadMessage

logger = logging.getLogger(__name__)

Socket = web.WebSocketResponse[Literal[False]]

MAX_FRAME = 8 * 1024 * 1024
"""Bytes; a larger frame ends the connection (1009), a smaller one that is too large only itself."""
HEARTBEAT_S = 20.0
"""A client that is gone without a word is noticed after one and a half of these."""
WRITE_BUFFER = 16 * 1024
"""Bytes that may wait in the socket, so that a slow client is noticed within a second of audio."""
SEND_TIMEOUT_S = 5.0
LINGER_S = 20.0
"""How long an ended interview waits for the client to close; it finalizes 2 s after the event."""
AUDIO_BYTES_PER_S = 2 * SPEAKING_RATE

NORMAL = 1000
ABUSE = 1008
RESUME = 1011
"""Clients of this protocol take any other code below 4000 for the end of the interview, and
connect again to the same session after 1006 or 1011 only. So this is also the code for a restart
(where 1012 would say it more exactly) and for a session that failed: its record is whole."""
NOT_FOUND = 4004
REPLACED = 4409


class Farewell(Exception):
    """Why a connection ends: the close code and reason, and an error event to send before."""

    def __init__(self, code: int, reason: str, error: tuple[str, str] | None = None) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason
        self.error = error


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
        timeout=SEND_TIMEOUT_S,
        decode_text=False,
    )


class Connection:
    """Carries one client's messages to its session and the session's outputs to the client."""

    def __init__(self, ws: Socket, transport: asyncio.Transport, session: Session) -> None:
        self._ws = ws
        self._transport = transport
        self._session = session
        self._ids = protocol.event_ids()
        self._limits = ClientLimits()
        self._loop = asyncio.get_running_loop()
        self._dismissed: asyncio.Future[Farewell] = self._loop.create_future()

    def dismiss(self, code: int, reason: str) -> None:
        """Let the connection end with this close code; `hold` returns soon after."""
        if not self._dismissed.done():
            self._dismissed.set_result(Farewell(code, reason))

    async def hold(self) -> None:
        """Run until the client leaves, the interview has ended, or something else ends it."""
        farewell = Farewell(NORMAL, "")
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._converse(), name="converse")
                tasks.create_task(self._send(), name="send")
                tasks.create_task(self._obey(), name="obey")
                await self._read()
                raise farewell
        except* Farewell as ended:
            farewell = _first(ended)
        except* Exception:
            logger.exception("a bug ended the connection")
            error = ("internal_error", "Something went wrong; the interview goes on in a moment.")
            farewell = Farewell(RESUME, "internal error", error)
        await self._leave(farewell)

    async def _converse(self) -> None:
        try:
            await self._session.run()
        except (PipelineError, EngineError) as exc:
            raise Farewell(RESUME, exc.code, (exc.code, str(exc))) from exc

    async def _send(self) -> None:
        async for said in self._session.outputs():
            for event in protocol.translate(said, self._ids):
                await self._write(event)
        await asyncio.sleep(LINGER_S)
        raise Farewell(NORMAL, "interview ended")

    async def _obey(self) -> None:
        raise await self._dismissed

    async def _write(self, event: protocol.ServerEvent) -> None:
        """Frames are written whole and in order of the calls, so reader and sender share it."""
        try:
            async with asyncio.timeout(SEND_TIMEOUT_S):
                await self._ws.send_frame(protocol.encode(event), WSMsgType.TEXT)
        except TimeoutError:
            raise SlowConsumer from None
        except ConnectionError:
            raise Farewell(NORMAL, "the client has left") from None

    async def _read(self) -> None:
        async for message in self._ws:
            try:
                if message.type is WSMsgType.BINARY:
                    raise BadMessage("binary_frame", "Send JSON in text frames, not binary ones.")
                if message.type is WSMsgType.TEXT:
                    await self._hear(message.data)
            except BadMessage as exc:
                await self._refuse(exc)
            except PipelineError as exc:
                raise Farewell(RESUME, exc.code, (exc.code, str(exc))) from exc

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
                self._session.hear(pcm)
            case protocol.AudioEnd():
                self._session.end_turn()
            case protocol.Text(content=content):
                self._session.read(content)

    async def _refuse(self, exc: BadMessage) -> None:
        """The message is dropped and the client told, unless it was told of its haste just now."""
        now = self._loop.time()
        if not self._limits.refusals.take(1, now):
            raise Farewell(ABUSE, "too many bad messages", (exc.code, str(exc)))
        haste = exc.code in ("too_many_messages", "audio_too_fast")
        if not haste or self._limits.notices.take(1, now):
            await self._write(protocol.Error(next(self._ids), exc.code, str(exc)))

    async def _leave(self, farewell: Farewell) -> None:
        if isinstance(farewell, SlowConsumer):
            self._transport.abort()
            return
        try:
            if farewell.error and not self._ws.closed:
                await self._write(protocol.Error(next(self._ids), *farewell.error))
        except Farewell:
            self._transport.abort()
        await self._ws.close(code=farewell.code, message=farewell.reason.encode())


def _first(group: ExceptionGroup[Farewell]) -> Farewell:
    """The most telling of the farewells that came at once: the one with the highest close code."""
    inner = [e for e in group.exceptions if isinstance(e, Farewell)]
    return max(inner, key=lambda farewell: farewell.code)
