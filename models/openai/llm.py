"""The language model behind an OpenAI-compatible HTTP server, such as vLLM or llama-server."""

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

from ..contracts import Message
from ..engine_state import EngineState
from ..errors import EngineBusy, EngineError
from . import options as option_shares
from .connection import PATIENT, Connection, Patience, Refused
from .json_in_text import json_in
from .request_body import FORMATS, Format, in_words, response_format
from .stream import OpenAiCompatibleStream

log = logging.getLogger(__name__)

FORMS = 4
"""Forms requested at the same time; others wait here."""
FORMS_WAITING = 64
"""Forms accepted at the same time, in progress or waiting; one more raises `EngineBusy`."""
REASONING_TOKENS = 2000
"""Extra tokens for a form where the model reasons before it writes."""


class OpenAiCompatibleLlm:
    """A language model on a server; see `models.contracts.Llm`. `base_url` includes `/v1`. The
    server keeps what it computed before (vLLM's prefix caching, llama-server's
    `--cache-prompt`)."""

    def __init__(
        self, base_url: str, model: str, api_key: str = "", *, patience: Patience = PATIENT
    ) -> None:
        self._connection = Connection(base_url, model, api_key, patience)
        self._forms = asyncio.Semaphore(FORMS)
        self._waiting = 0
        self._formats = FORMATS
        """The formats that the server is not known to reject, best first."""

    @property
    def state(self) -> EngineState:
        """Return what waits here, and whether the server answered the last request; how it is doing
        shows in the times of its answers."""
        forms = min(self._waiting, FORMS)
        reached = int(self._connection.reached)
        return EngineState(not self._connection.closed, working=forms, servers=reached)

    def open(self) -> OpenAiCompatibleStream:
        return OpenAiCompatibleStream(self._connection)

    async def fill(
        self, messages: Sequence[Message], schema: Mapping[str, Any], *, max_tokens: int = 400
    ) -> str:
        """Fill in a form; see `Llm.fill`. Raises `EngineError` when the server's text is not JSON,
        for example because the tokens ran out."""
        async with self._place():
            reasoned = self._connection.reasons
            form = await self._form(messages, schema, max_tokens)
            if form is None and self._connection.reasons and not reasoned:
                form = await self._form(messages, schema, max_tokens)  # now with more room
        if form is None:
            raise EngineError("the model server's text is no JSON form, or not a whole one")
        return form

    async def weigh(self, messages: Sequence[Message], options: Sequence[str]) -> tuple[float, ...]:
        """Weigh options; see `Llm.weigh`. Where the server gives no probabilities, the option that
        the model chooses has all."""
        async with self._place():
            answer = await self._connection.answer(messages, option_shares.WISH)
        return option_shares.shares(answer, options)

    @asynccontextmanager
    async def _place(self) -> AsyncIterator[None]:
        """Wait for one of the places for forms. Raises `EngineBusy` when too many wait."""
        if self._waiting >= FORMS_WAITING:
            raise EngineBusy(f"{FORMS_WAITING} forms are waiting already")
        self._waiting += 1
        try:
            async with self._forms:
                yield
        finally:
            self._waiting -= 1

    async def keep(self, heads: Sequence[Sequence[Message]]) -> None:
        """Do nothing: a server has a prefix cache of its own, which is filled by the first use."""

    async def _form(
        self, messages: Sequence[Message], schema: Mapping[str, Any], max_tokens: int
    ) -> str | None:
        """Request the form in the best format that the server takes; the first that comes back
        settles which that is. Return None when the model writes something else."""
        room = max_tokens + (REASONING_TOKENS if self._connection.reasons else 0)
        wish = {"max_tokens": room, "temperature": 0}
        refusal: Refused | None = None
        for format in self._formats:
            try:
                asked = in_words(messages, schema) if format != "json_schema" else messages
                text = await self._connection.text(asked, wish | response_format(format, schema))
            except Refused as exc:
                refusal = refusal or exc
                continue
            form = json_in(text, schema)
            if form is not None:
                self._works(format, refusal)
            elif self._connection.reasoning_seen(text) or "{" in text:
                return None
            if form is None and format == "text":
                self._formats = FORMATS  # the server may have become another one
            if form is not None or format == "text":
                return form
        assert refusal
        raise refusal

    def _works(self, format: Format, refusal: Refused | None) -> None:
        """Keep to this format, in which a form came back, unless the better ones failed by
        chance."""
        if format != self.format and not (refusal and refusal.by_chance):
            log.info("the model server does not take %s; forms go by %s", self.format, format)
            self._formats = self._formats[self._formats.index(format) :]

    @property
    def format(self) -> Format:
        """Return the format in which forms are requested."""
        return self._formats[0]

    @property
    def found(self) -> str:
        """Return what the forms so far have shown, for `vivavoce check`."""
        how = "by its schema"
        if self.format != "json_schema":
            how = f"without a schema ({self.format})"
        reasons = self._connection.reasons
        return f"asked {how}" + ("; the model reasons, switch that off" if reasons else "")

    async def aclose(self) -> None:
        """Close all connections; requests in progress fail with `EngineError`."""
        await self._connection.aclose()
