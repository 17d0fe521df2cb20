"""Requests to an OpenAI-compatible server, and its library's errors in our words."""

import logging
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp

from ..contracts import Message
from ..errors import EngineBusy, EngineError, ModelUnknown
from . import chat_answer
from .json_in_text import has_reasoning
from .request_body import has_notes, without_notes

log = logging.getLogger(__name__)

SESSION = "X-Session-Id"
"""Header with the id of a dialogue, which changes with each: a router in front of several servers
can send all of a dialogue to the one that has its beginning in memory."""
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


class Refused(EngineError):
    """The server rejects the request as it is; with `by_chance` it may have failed while handling
    it."""

    by_chance = False


class Connection:
    """The connections to one server, and what its answers have shown of it."""

    def __init__(self, base_url: str, model: str, api_key: str, patience: Patience) -> None:
        self._url = base_url.rstrip("/") + "/chat/completions"
        self._model = model
        self._headers = {"Authorization": f"Bearer {api_key}"} if api_key else {}
        self.patience = patience
        self._session: aiohttp.ClientSession | None = None
        self._takes_notes = True
        """True until the template is known to reject system messages between the others."""
        self.reached = True
        """False after a request that nobody answered."""
        self.reasons = False
        """True once the model is known to reason before it answers."""

    @property
    def closed(self) -> bool:
        return bool(self._session and self._session.closed)

    def reasoning_seen(self, text: str = "") -> bool:
        """Note that the model reasons, if this text or its answer's own field shows it; return True
        if that is news."""
        news = not self.reasons and (not text or has_reasoning(text))
        if news:
            self.reasons = True
            log.warning(
                "the model %s reasons before it answers: candidates wait for it; switch it off,"
                " or take a model that does not reason (docs/models.md)",
                self._model,
            )
        return news

    async def text(
        self, messages: Sequence[Message], wish: Mapping[str, Any], session: str = ""
    ) -> str:
        """Return the whole text of an answer."""
        return chat_answer.content(await self.answer(messages, wish, session), "message")

    async def answer(
        self, messages: Sequence[Message], wish: Mapping[str, Any], session: str = ""
    ) -> Any:
        """Return a whole answer, as the server's JSON."""
        limits = aiohttp.ClientTimeout(self.patience.form, sock_connect=self.patience.connect)
        async with self.asked(messages, wish, limits, session) as response:
            with translated(self._url):
                answer = await response.json(content_type=None)
        if chat_answer.reasons(answer, "message"):
            self.reasoning_seen()
        return answer

    @asynccontextmanager
    async def asked(
        self,
        messages: Sequence[Message],
        wish: Mapping[str, Any],
        limits: aiohttp.ClientTimeout,
        session: str = "",
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        """Send a request and provide the response with status 200. Leaving before its end closes
        the connection, which tells the server to stop. `session` is the dialogue's id, if the
        request belongs to one."""
        if self._session is None:
            self._session = aiohttp.ClientSession(
                headers=self._headers, connector=aiohttp.TCPConnector(limit=0)
            )
        headers = {SESSION: session} if session else {}
        response = await self._post(messages, wish, limits, headers)
        if response.status in REFUSED and self._takes_notes and has_notes(messages):
            response.close()
            response = await self._post(without_notes(messages), wish, limits, headers)
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
        self,
        messages: Sequence[Message],
        wish: Mapping[str, Any],
        limits: aiohttp.ClientTimeout,
        headers: Mapping[str, str],
    ) -> aiohttp.ClientResponse:
        assert self._session
        taken = messages if self._takes_notes else without_notes(messages)
        body = {
            "model": self._model,
            "messages": [{"role": m.role, "content": m.content} for m in taken],
            "chat_template_kwargs": {"enable_thinking": False},
            **wish,
        }
        try:
            with translated(self._url):
                response = await self._session.post(
                    self._url, json=body, timeout=limits, headers=headers
                )
        except EngineError:
            self.reached = False
            raise
        self.reached = True
        return response

    async def aclose(self) -> None:
        """Close all connections; requests in progress fail with `EngineError`."""
        if self._session:
            await self._session.close()


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
            error = (Refused if status in REFUSED else EngineError)(
                f"{response.url} answered with {status}"
            )
            if isinstance(error, Refused):
                error.by_chance = status >= 500
            return error


@contextmanager
def translated(url: str) -> Iterator[None]:
    """Translate the HTTP library's errors into `EngineError`."""
    try:
        yield
    except TimeoutError as exc:
        raise EngineError(f"{url} takes too long to answer") from exc
    except aiohttp.ClientConnectorError as exc:
        raise EngineError(f"{url} cannot be reached") from exc
    except (aiohttp.ClientError, ValueError, RuntimeError) as exc:  # closed, damaged, not HTTP
        raise EngineError(f"the connection to {url} failed ({type(exc).__name__})") from exc
