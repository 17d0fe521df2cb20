"""One dialogue with a language model on a server: its replies, as they are streamed."""

import codecs
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from uuid import uuid4

import aiohttp

from ..contracts import Message
from ..errors import EngineError
from . import chat_answer
from .connection import Connection, translated

log = logging.getLogger(__name__)


class OpenAiCompatibleStream:
    """One dialogue on a server; see `models.contracts.LlmStream`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        patience = connection.patience
        self._limits = aiohttp.ClientTimeout(
            total=None, sock_connect=patience.connect, sock_read=patience.token
        )
        self._session = uuid4().hex  # nothing of the interview, which is the service's alone
        self._running: _Reply | None = None
        self._warming = False

    async def reply(
        self, messages: Sequence[Message], *, max_tokens: int = 120, choices: Sequence[str] = ()
    ) -> AsyncIterator[str]:
        """Reply; see `LlmStream.reply`. The protocol has no field for `choices`."""
        self.close()
        reply = self._running = _Reply()
        wish = {"max_tokens": max_tokens, "stream": True}
        try:
            async with self._connection.asked(
                messages, wish, self._limits, self._session
            ) as response:
                reply.response = response
                async for piece in reply.pieces(self._connection.reasoning_seen):
                    yield piece
        finally:
            if self._running is reply:
                self._running = None

    async def warm(self, messages: Sequence[Message]) -> None:
        """Have the server read the messages, by letting it write one token. Only a hint: one at a
        time and never during a reply; failures are ignored."""
        if self._warming or self._running:
            return
        self._warming = True
        try:
            await self._connection.text(messages, {"max_tokens": 1}, self._session)
        except EngineError as exc:
            log.debug("warming up failed: %s", exc.code)
        finally:
            self._warming = False

    def close(self) -> None:
        if self._running:
            self._running.stop()
            self._running = None


@dataclass(slots=True, eq=False)
class _Reply:
    """One streamed answer."""

    response: aiohttp.ClientResponse | None = None
    stopped: bool = False

    def stop(self) -> None:
        self.stopped = True
        if self.response:
            self.response.close()

    async def pieces(self, reasoning_seen: Callable[[], object]) -> AsyncIterator[str]:
        """Yield the text as it arrives, without leading white space; ends early when stopped."""
        begun = False
        while line := await self._line():
            field, _, data = line.removeprefix(codecs.BOM_UTF8).partition(b":")
            if field != b"data" or not data.strip():
                continue
            if data.strip() == b"[DONE]":
                return
            answer = chat_answer.decoded(data)
            if chat_answer.reasons(answer, "delta"):
                reasoning_seen()
            piece = chat_answer.content(answer, "delta")
            piece = piece if begun else piece.lstrip()
            begun = begun or bool(piece)
            if piece:
                yield piece

    async def _line(self) -> bytes:
        """Return the next line of the stream; empty at its end."""
        assert self.response
        try:
            if self.stopped:
                return b""
            with translated(str(self.response.url)):
                line: bytes = await self.response.content.readline()
            return b"" if self.stopped else line
        except EngineError:
            if self.stopped:
                return b""
            raise
