"""Load the chosen models (`choice.py`) into engines that are ready to talk.

Each engine is imported in the thread that loads its weights, so that the libraries start together
and only the chosen ones are needed. The manifest says which engine a model needs.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from threading import Event
from typing import Any, Protocol, TypeVar, runtime_checkable

from . import manifest, registry
from .choice import Choice, Chosen, locate
from .contracts import (
    EndOfTurn,
    Engines,
    Form,
    Llm,
    Message,
    Reasoning,
    SentenceEnd,
    Transcriber,
    Vad,
    VadKind,
    Voice,
)
from .device import Machine
from .manifest import LanguageModel, Located, Manifest, Server
from .worker import begun, uninterruptible

T = TypeVar("T")

SERVED = "openai"
"""Name of the engine that talks to a `Server`."""
POOLED = "remote"
"""Name of the engine that talks to a `Pool`."""
_GREETING = (Message("system", "You are an interviewer."), Message("user", "Hello."))
"""Messages sent once to a language model at the start, because its first run is slow."""


def _form(llm: Located[LanguageModel] | Server) -> Form:
    """Return the form in which the model takes part. Of a server's nothing is known; whoever runs
    one has a larger model."""
    return "dialogue" if isinstance(llm, Server) else llm.model.form


def _sentence_end(llm: Llm, chosen: Located[LanguageModel] | Server) -> SentenceEnd | None:
    """Return the model as a judge of sentences, if it can be one. A demonstration knows only the
    sentences that it was trained on."""
    known = isinstance(chosen, Located) and not chosen.model.demonstration
    return llm if known and isinstance(llm, SentenceEnd) else None


Early = asyncio.Future[Any] | None
"""The language model that is being loaded already, if there is one."""


@asynccontextmanager
async def early(choice: Choice) -> AsyncIterator[Early]:
    """Begin to load the language model of this machine, for `engines` to go on with, and free it at
    the end. Raises what `locate` raises; what loading fails with, `engines` raise."""
    llm = locate(choice).language_model
    if not isinstance(llm, Located):
        yield None
        return
    given_up = Event()
    load = _load(llm.model.engine, llm, choice.machine)

    def load_or_free() -> Any:
        loaded = load()
        if given_up.is_set():
            asyncio.run(loaded.aclose())
        return loaded

    loading = begun("load language model", load_or_free)
    try:
        yield loading
    finally:
        given_up.set()
        if loading.done() and not loading.cancelled() and not loading.exception():
            await loading.result().aclose()


@asynccontextmanager
async def engines(
    choice: Choice, known: Manifest | None = None, *, early: Early = None
) -> AsyncIterator[Engines]:
    """Load the models at once, warm them up, and free them at the end. Raises what `locate` raises,
    and the first `EngineError` of the engines.

    On cancellation nobody waits for weights that are still being read; see `worker.begun`.
    """
    chosen = locate(choice, known)
    async with AsyncExitStack() as stack:
        loading = _Loading(stack, choice.machine)
        vad, local, llm = await asyncio.gather(
            uninterruptible("load voice activity", lambda: _vad(choice.vad)),
            loading.local(chosen),
            loading.language_model(chosen.language_model, early),
            return_exceptions=True,  # by then each has loaded or failed, and the stack frees all
        )
        found, model = _unless_failed(vad), _unless_failed(llm)
        parts = await loading.speech(_unless_failed(local), chosen)
        yield Engines(
            found,
            parts.transcriber,
            model,
            parts.voice,
            # Unknown for a server's model: its chat template may make it begin with reasoning.
            Reasoning(None if isinstance(chosen.language_model, Server) else False),
            end_of_turn=parts.end_of_turn,
            form=_form(chosen.language_model),
            voice_languages=parts.voice_languages,
            sentence_end=_sentence_end(model, chosen.language_model),
        )


@dataclass(frozen=True, slots=True)
class Speech:
    """The engines that a pool can do instead."""

    transcriber: Transcriber
    voice: Voice
    end_of_turn: EndOfTurn | None
    voice_languages: tuple[str, ...]


@asynccontextmanager
async def speech(choice: Choice, known: Manifest | None = None) -> AsyncIterator[Speech]:
    """Load all but the language model and voice activity, and free them at the end. Raises as
    `engines`."""
    async with AsyncExitStack() as stack:
        loading = _Loading(stack, choice.machine)
        chosen = locate(choice, known)
        yield await loading.speech(await loading.local(chosen), chosen)


@asynccontextmanager
async def language_model(choice: Choice, known: Manifest | None = None) -> AsyncIterator[Llm]:
    """Load the language model alone, and free it at the end. Raises as `engines`."""
    wanted, known = choice.language_model, known or manifest.read()
    if not isinstance(wanted, Server):
        found = manifest.find(wanted, LanguageModel, choice.models_dir, known)
    async with AsyncExitStack() as stack:
        loading = _Loading(stack, choice.machine)
        yield await loading.language_model(wanted if isinstance(wanted, Server) else found)


def _vad(kind: VadKind) -> Vad:
    from .vad.detector import choose

    return choose(kind)


def _unless_failed(loaded: T | BaseException) -> T:
    if isinstance(loaded, BaseException):
        raise loaded
    return loaded


def _load(engine: str, wanted: Any, machine: Machine) -> Callable[[], Any]:
    return lambda: registry.engine(engine).load(wanted, machine)


_Local = tuple[Transcriber | None, Voice | None, EndOfTurn | None]


class Pooled(Protocol):
    """Engines on other machines, which the engine `POOLED` loads. Each is given the local engine
    that stands in for it, if there is one."""

    async def connect(self) -> None:
        """Wait for the first server; with local engines, not for long. Raises `EngineError` for one
        that refuses the key."""
        ...

    def transcriber(self, local: Transcriber | None) -> Transcriber: ...

    def voice(self, local: Voice | None) -> Voice: ...

    def end_of_turn(self, local: EndOfTurn | None) -> EndOfTurn | None: ...

    @property
    def voice_languages(self) -> tuple[str, ...]:
        """Languages of the servers' voice; empty if they are not known."""
        ...


@dataclass(frozen=True, slots=True)
class _Loading:
    """Loads and warms up engines; its exit stack frees them."""

    stack: AsyncExitStack
    machine: Machine

    async def local(self, chosen: Chosen) -> _Local:
        """Load recognizer, voice and end of turn, as far as they are chosen on this machine."""
        loaded = await asyncio.gather(
            self._model("recognizer", chosen.recognizer),
            self._model("voice", chosen.voice),
            self._model("end of turn", chosen.end_of_turn),
            return_exceptions=True,
        )
        transcriber, voice, end_of_turn = map(_unless_failed, loaded)
        return transcriber, voice, end_of_turn

    async def speech(self, local: _Local, chosen: Chosen) -> Speech:
        """Return the local engines, or those of the pool, which the local ones stand in for. Waits
        for the pool's first server."""
        transcriber, voice, end_of_turn = local
        spoken = chosen.voice.model.languages if chosen.voice else ()
        if chosen.pool is None:
            assert transcriber
            assert voice
            return Speech(transcriber, voice, end_of_turn, spoken)
        pool: Pooled = await self._load("engine servers", POOLED, chosen.pool)
        await pool.connect()
        return Speech(
            pool.transcriber(transcriber),
            pool.voice(voice),
            pool.end_of_turn(end_of_turn),
            pool.voice_languages or spoken,
        )

    async def language_model(
        self, wanted: Located[LanguageModel] | Server, early: Early = None
    ) -> Llm:
        llm: Llm
        if isinstance(wanted, Server):
            llm = await self._load("language model", SERVED, wanted)
            return llm
        llm = await (early or self._load("language model", wanted.model.engine, wanted))
        stream = llm.open()
        async for _ in stream.reply(_GREETING, max_tokens=2):
            pass
        stream.close()
        return llm

    async def _model(self, part: str, wanted: Located[Any] | None) -> Any:
        return await self._load(part, wanted.model.engine, wanted) if wanted else None

    async def _load(self, part: str, engine: str, wanted: Any) -> Any:
        loaded = await uninterruptible(f"load {part}", _load(engine, wanted, self.machine))
        self.stack.push_async_callback(loaded.aclose)
        return loaded


@runtime_checkable
class _Found(Protocol):
    """A language model whose first form shows what its server can do."""

    @property
    def found(self) -> str: ...


def forms_of(llm: Llm) -> str:
    """Return what the first form has shown of a model on a server; empty for one in this
    process."""
    return llm.found if isinstance(llm, _Found) else ""
