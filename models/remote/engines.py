"""Engines of contracts.py that compute on engine servers, or on a local engine where there is one
and no server answers."""

import logging
from collections.abc import Awaitable, Callable, Sequence
from itertools import count
from time import monotonic
from typing import TypeVar

from ..contracts import (
    EndOfTurn,
    EndOfTurnStream,
    Samples,
    Transcriber,
    Transcript,
    TranscriptStream,
    Voice,
)
from ..engine_state import EngineState, since
from ..errors import EngineError, LanguageUnsupported
from . import wire
from .link import Broken, Link
from .pool import TOLD_AGAIN, NoServer, Pool

log = logging.getLogger(__name__)

T = TypeVar("T")
A = TypeVar("A", bound=wire.Answer)


class _Calls:
    """The calls of one engine: it counts them, and asks a local engine where the servers fail."""

    def __init__(self, pool: Pool, name: str, *, has_local: bool) -> None:
        self.pool = pool
        self._name = name
        self._has_local = has_local
        self._began: dict[int, float] = {}
        self._numbers = count()
        self._told = -TOLD_AGAIN

    @property
    def state(self) -> EngineState:
        """Return the state of the calls. How the servers are doing shows in their own metrics."""
        began = list(self._began.values())
        return EngineState(
            not self.pool.closed,
            working=len(began),
            working_seconds=since(min(began, default=None)),
            fault="" if self._has_local else self.pool.fault,
            servers=self.pool.answering,
        )

    async def ask(
        self,
        make: Callable[[int], wire.Request],
        *,
        prefers: Link | None = None,
        uses: Callable[[Link], None] = lambda link: None,
        patient: bool = True,
    ) -> wire.Answer:
        """Return the servers' answer. A call that is not `patient` is useless if it comes late: it
        waits for no connection. Raises what `Pool.ask` raises."""
        number = next(self._numbers)
        self._began[number] = monotonic()
        try:
            waits = patient and not self._has_local
            return await self.pool.ask(
                make, prefers=prefers, uses=uses, waits=waits, repeats=patient
            )
        finally:
            del self._began[number]

    async def or_local(self, remote: Awaitable[T], local: Callable[[], Awaitable[T]] | None) -> T:
        """Return the servers' result, or the local engine's if they fail and there is one."""
        try:
            return await remote
        except EngineError as exc:
            if local is None:
                raise
            if monotonic() - self._told >= TOLD_AGAIN:
                self._told = monotonic()
                log.warning("the local %s stands in for the engine servers: %s", self._name, exc)
        return await local()


class RemoteTranscriber:
    """A recognizer on engine servers; see `contracts.Transcriber`."""

    def __init__(self, pool: Pool, local: Transcriber | None = None) -> None:
        self._calls = _Calls(pool, "recognizer", has_local=local is not None)
        self._local = local
        self._numbers = count(1)
        hello = pool.hello
        self._languages = hello.languages if hello else local.languages if local else ()
        limits = [each.max_seconds for each in (hello, local) if each]
        self._max_seconds = min(limits)

    @property
    def languages(self) -> tuple[str, ...]:
        return self._languages

    @property
    def max_seconds(self) -> float:
        return self._max_seconds

    @property
    def state(self) -> EngineState:
        return self._calls.state

    def open(self, language: str, terms: Sequence[str] = ()) -> "RemoteTranscriptStream":
        """Start a session's stream. Raises `LanguageUnsupported`."""
        if language not in self._languages:
            known = ", ".join(self._languages)
            raise LanguageUnsupported(
                f"the recognizer does not understand {language!r}, only {known}: choose another "
                "language or another recognizer"
            )
        local = self._local
        knows = local is not None and language in local.languages
        stand_in = (lambda: local.open(language, terms)) if local and knows else None
        return RemoteTranscriptStream(
            self._calls, next(self._numbers), language, tuple(terms), stand_in
        )


class RemoteTranscriptStream:
    """The transcriptions of one session."""

    def __init__(
        self,
        calls: _Calls,
        session: int,
        language: str,
        terms: tuple[str, ...],
        stand_in: Callable[[], TranscriptStream] | None,
    ) -> None:
        self._calls = calls
        self._session = session
        self._language = language
        self._terms = terms
        self._stand_in = stand_in
        """Opens the local engine's stream, if there is one."""
        self._local: TranscriptStream | None = None
        self._link: Link | None = None
        """The connection that was used last; its server can replace this session's partials."""
        self._links: set[Link] = set()

    async def final(self, audio: Samples, context: str = "") -> Transcript:
        """Make the final transcript of a stretch; see `TranscriptStream.final`. Raises
        `EngineBusy`, `EngineError`."""
        pcm = wire.pcm(audio)

        def make(call: int) -> wire.Request:
            return wire.Final(call, self._session, self._language, self._terms, context, pcm)

        async def remote() -> Transcript:
            answer = await self._calls.ask(make, prefers=self._link, uses=self._uses)
            return _transcript(_as(wire.Heard, answer))

        def local() -> Awaitable[Transcript]:
            return self._opened().final(audio, context)

        return await self._calls.or_local(remote(), local if self._stand_in else None)

    async def partial(
        self, audio: Samples, context: str = "", *, urgent: bool = False
    ) -> Transcript | None:
        """Make a partial transcript; see `TranscriptStream.partial`. It is not repeated when its
        connection breaks: the next one is on its way."""
        pcm = wire.pcm(audio)

        def make(call: int) -> wire.Request:
            session, terms = self._session, self._terms
            return wire.Partial(call, session, self._language, terms, context, pcm, urgent)

        async def remote() -> Transcript | None:
            try:
                answer = await self._calls.ask(
                    make, prefers=self._link, uses=self._uses, patient=False
                )
            except (Broken, NoServer):
                if self._stand_in:
                    raise
                return None
            if isinstance(answer, wire.Dropped):
                return None
            return _transcript(_as(wire.Heard, answer))

        def local() -> Awaitable[Transcript | None]:
            return self._opened().partial(audio, context, urgent=urgent)

        return await self._calls.or_local(remote(), local if self._stand_in else None)

    def close(self) -> None:
        if self._local:
            self._local.close()
        for link in self._links:
            link.forget(self._session)

    def _uses(self, link: Link) -> None:
        self._link = link
        self._links = {each for each in self._links if not each.retired.is_set()} | {link}

    def _opened(self) -> TranscriptStream:
        assert self._stand_in
        self._local = self._local or self._stand_in()
        return self._local


class RemoteVoice:
    """A voice on engine servers; see `contracts.Voice`."""

    def __init__(self, pool: Pool, local: Voice | None = None) -> None:
        self._calls = _Calls(pool, "voice", has_local=local is not None)
        self._local = local

    @property
    def state(self) -> EngineState:
        return self._calls.state

    async def speak(self, text: str, *, ahead: bool = False) -> Samples:
        async def remote() -> Samples:
            answer = await self._calls.ask(lambda call: wire.Speak(call, text, ahead))
            return wire.samples(_as(wire.Spoken, answer).audio)

        local = self._local
        return await self._calls.or_local(
            remote(), (lambda: local.speak(text, ahead=ahead)) if local else None
        )


class RemoteEndOfTurn:
    """An end-of-turn model on engine servers; see `contracts.EndOfTurn`."""

    def __init__(self, pool: Pool, local: EndOfTurn | None = None) -> None:
        self._calls = _Calls(pool, "end-of-turn model", has_local=local is not None)
        self._local = local

    @property
    def state(self) -> EngineState:
        return self._calls.state

    def open(self, language: str) -> "RemoteEndOfTurnStream":
        local = self._local.open(language) if self._local else None
        return RemoteEndOfTurnStream(self._calls, language, local)


class RemoteEndOfTurnStream:
    """The judgements of one session."""

    def __init__(self, calls: _Calls, language: str, local: EndOfTurnStream | None) -> None:
        self._calls = calls
        self._language = language
        self._local = local

    async def probability(self, audio: Samples) -> float:
        """Judge the end of a turn; see `EndOfTurnStream.probability`. Raises `EngineError`."""
        pcm = wire.pcm(audio[-wire.JUDGED :])

        async def remote() -> float:
            answer = await self._calls.ask(
                lambda call: wire.Judge(call, self._language, pcm), patient=False
            )
            return _as(wire.Judged, answer).probability

        local = self._local
        return await self._calls.or_local(
            remote(), (lambda: local.probability(audio)) if local else None
        )

    def close(self) -> None:
        if self._local:
            self._local.close()


def _transcript(heard: wire.Heard) -> Transcript:
    return Transcript(
        heard.text, heard.language, heard.confidence, heard.usual, heard.spoken, heard.sound
    )


def _as(kind: type[A], answer: wire.Answer) -> A:
    if not isinstance(answer, kind):
        raise EngineError(f"an engine server answered with {type(answer).__name__}")
    return answer
