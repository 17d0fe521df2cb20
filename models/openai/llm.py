"""The language model behind an OpenAI-compatible HTTP server, such as vLLM or llama-server."""

import asyncio
import codecs
import json
import logging
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any, Literal

import aiohttp

from ..contracts import Message
from ..engine_state import EngineState
from ..errors import EngineBusy, EngineError, ModelUnknown
from . import chat_answer
from . import options as option_shares
from .json_in_text import has_reasoning, json_in

log = logging.getLogger(__name__)

Format = Literal["json_schema", "json_object", "text"]
FORMATS: tuple[Format, ...] = ("json_schema", "json_object", "text")
FORMS = 4
"""Forms requested at the same time; others wait here."""
FORMS_WAITING = 64
"""Forms accepted at the same time, in progress or waiting; one more raises `EngineBusy`."""
REASONING_TOKENS = 2000
"""Extra tokens for a form where the model reasons before it writes."""
REFUSED = {400, 422, 500}
"""Statuses by which servers say that the chat template does not take these messages."""


@dataclass(frozen=True, slots=True)
class Patience:
    """Longest waits for an answer, in seconds; after that it is an `EngineError`."""

    connect: float = 3.0
    token: float = 15.0
    """Limit for the first piece of a reply, and from each piece to the next."""
    form: float = 180.0
    """Limit for a whole form."""


PATIENT = Patience()


class _Refused(EngineError):
    """The server rejects the request as it is; with `by_chance` it may have failed while handling
    it."""

    by_chance = False


class OpenAiCompatibleLlm:
    """A language model on a server; see `models.contracts.Llm`. `base_url` includes `/v1`. The
    server keeps what it computed before (vLLM's prefix caching, llama-server's
    `--cache-prompt`)."""

    def __init__(
        self, base_url: str, model: str, api_key: str = "", *, patience: Patience = PATIENT
    ) -> None:
        self._url = base_url.rstrip("/") + "/chat/completions"
        self._model = model
        self._headers = {"Authorization": f"Bearer {api_key}"} if api_key else {}
        self._patience = patience
        self._session: aiohttp.ClientSession | None = None
        self._forms = asyncio.Semaphore(FORMS)
        self._waiting = 0
        self._takes_notes = True
        """True until the template is known to reject system messages between the others."""
        self._formats = FORMATS
        """The formats that the server is not known to reject, best first."""
        self._reasons = False

    @property
    def state(self) -> EngineState:
        """Return what waits here; how the server is doing shows in the times of its answers."""
        forms = min(self._waiting, FORMS)
        return EngineState(not (self._session and self._session.closed), working=forms)

    def open(self) -> "OpenAiCompatibleStream":
        return OpenAiCompatibleStream(self, self._patience)

    async def fill(
        self, messages: Sequence[Message], schema: Mapping[str, Any], *, max_tokens: int = 400
    ) -> str:
        """Fill in a form; see `Llm.fill`. Raises `EngineError` when the server's text is not JSON,
        for example because the tokens ran out."""
        async with self._place():
            reasoned = self._reasons
            form = await self._form(messages, schema, max_tokens)
            if form is None and self._reasons and not reasoned:
                form = await self._form(messages, schema, max_tokens)  # now with more room
        if form is None:
            raise EngineError("the model server's text is no JSON form, or not a whole one")
        return form

    async def weigh(self, messages: Sequence[Message], options: Sequence[str]) -> tuple[float, ...]:
        """Weigh options; see `Llm.weigh`. Where the server gives no probabilities, the option that
        the model chooses has all."""
        async with self._place():
            return option_shares.shares(await self._whole(messages, option_shares.WISH), options)

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
        room = max_tokens + (REASONING_TOKENS if self._reasons else 0)
        wish = {"max_tokens": room, "temperature": 0}
        refusal: _Refused | None = None
        for format in self._formats:
            try:
                asked = in_words(messages, schema) if format != "json_schema" else messages
                text = await self.complete(asked, wish | _response_format(format, schema))
            except _Refused as exc:
                refusal = refusal or exc
                continue
            form = json_in(text, schema)
            if form is not None:
                self._works(format, refusal)
            elif self.reasoning_seen(text) or "{" in text:
                return None
            if form is None and format == "text":
                self._formats = FORMATS  # the server may have become another one
            if form is not None or format == "text":
                return form
        assert refusal
        raise refusal

    def _works(self, format: "Format", refusal: "_Refused | None") -> None:
        """Keep to this format, in which a form came back, unless the better ones failed by
        chance."""
        if format != self.format and not (refusal and refusal.by_chance):
            log.info("the model server does not take %s; forms go by %s", self.format, format)
            self._formats = self._formats[self._formats.index(format) :]

    @property
    def format(self) -> "Format":
        """Return the format in which forms are requested."""
        return self._formats[0]

    @property
    def found(self) -> str:
        """Return what the forms so far have shown, for `vivavoce check`."""
        how = (
            "by its schema" if self.format == "json_schema" else f"without a schema ({self.format})"
        )
        return f"asked {how}" + ("; the model reasons, switch that off" if self._reasons else "")

    def reasoning_seen(self, text: str = "") -> bool:
        """Note that the model reasons, if this text or its answer's own field shows it; return True
        if that is news."""
        news = not self._reasons and (not text or has_reasoning(text))
        if news:
            self._reasons = True
            log.warning(
                "the model %s reasons before it answers: candidates wait for it; switch it off,"
                " or take a model that does not reason (docs/models.md)",
                self._model,
            )
        return news

    async def aclose(self) -> None:
        """Close all connections; requests in progress fail with `EngineError`."""
        if self._session:
            await self._session.close()

    async def complete(self, messages: Sequence[Message], wish: Mapping[str, Any]) -> str:
        """Return the whole text of an answer."""
        return chat_answer.content(await self._whole(messages, wish), "message")

    async def _whole(self, messages: Sequence[Message], wish: Mapping[str, Any]) -> Any:
        """Return a whole answer, as the server's JSON."""
        limits = aiohttp.ClientTimeout(self._patience.form, sock_connect=self._patience.connect)
        async with self.asked(messages, wish, limits) as response:
            with _translated(self._url):
                answer = await response.json(content_type=None)
        if chat_answer.reasons(answer, "message"):
            self.reasoning_seen()
        return answer

    @asynccontextmanager
    async def asked(
        self, messages: Sequence[Message], wish: Mapping[str, Any], limits: aiohttp.ClientTimeout
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        """Send a request and provide the response with status 200. Leaving before its end closes
        the connection, which tells the server to stop."""
        if self._session is None:
            self._session = aiohttp.ClientSession(
                headers=self._headers, connector=aiohttp.TCPConnector(limit=0)
            )
        response = await self._post(messages, wish, limits)
        if response.status in REFUSED and self._takes_notes and _has_notes(messages):
            response.close()
            response = await self._post(without_notes(messages), wish, limits)
            if response.ok:
                self._takes_notes = False
                log.info("the model's chat template takes no notes; they go to the user messages")
        try:
            if not response.ok:
                raise _refusal(response, self._model)
            yield response
        finally:
            response.release()

    async def _post(
        self, messages: Sequence[Message], wish: Mapping[str, Any], limits: aiohttp.ClientTimeout
    ) -> aiohttp.ClientResponse:
        assert self._session
        taken = messages if self._takes_notes else without_notes(messages)
        body = {
            "model": self._model,
            "messages": [{"role": m.role, "content": m.content} for m in taken],
            "chat_template_kwargs": {"enable_thinking": False},
            **wish,
        }
        with _translated(self._url):
            return await self._session.post(self._url, json=body, timeout=limits)


class OpenAiCompatibleStream:
    """One dialogue on a server; see `models.contracts.LlmStream`."""

    def __init__(self, llm: OpenAiCompatibleLlm, patience: Patience) -> None:
        self._llm = llm
        self._limits = aiohttp.ClientTimeout(
            total=None, sock_connect=patience.connect, sock_read=patience.token
        )
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
            async with self._llm.asked(messages, wish, self._limits) as response:
                reply.response = response
                async for piece in reply.pieces(self._llm.reasoning_seen):
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
            await self._llm.complete(messages, {"max_tokens": 1})
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
            with _translated(str(self.response.url)):
                line: bytes = await self.response.content.readline()
            return b"" if self.stopped else line
        except EngineError:
            if self.stopped:
                return b""
            raise


def without_notes(messages: Sequence[Message]) -> list[Message]:
    """Rewrite a conversation for a template that takes a system message only at the start, and then
    user and assistant in turn: each note is joined to the user message before it."""
    merged: list[Message] = []
    for index, message in enumerate(messages):
        role = "user" if message.role == "system" and index else message.role
        if merged and merged[-1].role == role:
            between = "\n\n" if role == "user" else " "
            merged[-1] = Message(role, merged[-1].content + between + message.content)
        else:
            merged.append(Message(role, message.content))
    return merged


def in_words(messages: Sequence[Message], schema: Mapping[str, Any]) -> list[Message]:
    """Rewrite a request for a server that takes no schema: the schema goes into the first
    message."""
    wish = f"Answer with one JSON object of this JSON schema and nothing else: {json.dumps(schema)}"
    first, *others = messages
    return [Message(first.role, f"{first.content}\n\n{wish}"), *others]


def _response_format(format: Format, schema: Mapping[str, Any]) -> dict[str, Any]:
    match format:
        case "json_schema":
            form = {"name": "form", "schema": dict(schema), "strict": True}
            return {"response_format": {"type": "json_schema", "json_schema": form}}
        case "json_object":
            return {"response_format": {"type": "json_object"}}
        case "text":
            return {}


def _has_notes(messages: Sequence[Message]) -> bool:
    return any(message.role == "system" for message in messages[1:])


def _refusal(response: aiohttp.ClientResponse, model: str) -> EngineError:
    """Return the error for a status. The body may repeat what was said, so it is not read."""
    match response.status:
        case 401 | 403:
            return EngineError(f"{response.url} does not accept the API key")
        case 404:
            return ModelUnknown(f"{response.url} does not exist, or not for the model {model!r}")
        case 429 | 503:
            return EngineBusy(f"{response.url} is busy ({response.status})")
        case status:
            error = (_Refused if status in REFUSED else EngineError)(
                f"{response.url} answered with {status}"
            )
            if isinstance(error, _Refused):
                error.by_chance = status >= 500
            return error


@contextmanager
def _translated(url: str) -> Iterator[None]:
    """Translate the HTTP library's errors into `EngineError`."""
    try:
        yield
    except TimeoutError as exc:
        raise EngineError(f"{url} takes too long to answer") from exc
    except aiohttp.ClientConnectorError as exc:
        raise EngineError(f"{url} cannot be reached") from exc
    except (aiohttp.ClientError, ValueError, RuntimeError) as exc:  # closed, damaged, not HTTP
        raise EngineError(f"the connection to {url} failed ({type(exc).__name__})") from exc
