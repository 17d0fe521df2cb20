"""Turn the choice of models, device and threads into engines that are ready to talk.

Each adapter is imported in the thread that loads its weights, so that the libraries start together
and none is needed that was not chosen.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from . import device, manifest
from .contracts import Engines, Llm, Message, Reasoning, Vad, VadKind
from .device import Threads, Wanted
from .manifest import Located
from .worker import uninterruptible

if TYPE_CHECKING:
    from .llama.llm import LlamaLlm
    from .piper.synthesizer import Piper
    from .whisper.transcriber import Whisper

T = TypeVar("T")

_GREETING = (Message("system", "You are an interviewer."), Message("user", "Hello."))
"""Said to a language model once, because its first run is slow."""


@dataclass(frozen=True, slots=True)
class Server:
    """An OpenAI-compatible server in the place of the language model."""

    base_url: str
    """Up to and with /v1."""
    model: str
    """As the server calls it."""
    api_key: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Machine:
    """What of the machine the engines may use."""

    device: Wanted = "auto"
    compute_type: str = "auto"
    """Of the recognizer, as CTranslate2 calls it."""
    threads: int = 0
    """0: one for each core."""
    sessions: int = 8
    """Conversations that the language model keeps in memory at once."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What an operator chooses: ids of the manifest, or paths inside `models_dir`."""

    models_dir: Path = Path("models")
    recognizer: str = "starter-recognizer"
    language_model: str | Server = "starter-interviewer"
    voice: str = "starter-voice"
    vad: VadKind = "both"
    machine: Machine = Machine()


@dataclass(frozen=True, slots=True)
class Chosen:
    """The models of a choice; their files are on this machine."""

    recognizer: Located[manifest.Recognizer]
    language_model: Located[manifest.LanguageModel] | Server
    voice: Located[manifest.Voice]

    @property
    def demonstrations(self) -> tuple[str, ...]:
        """Ids of those that are not good enough for real interviews."""
        parts = (self.recognizer, self.language_model, self.voice)
        models = [part.model for part in parts if isinstance(part, Located)]
        return tuple(model.id for model in models if model.demonstration)

    @property
    def fingerprints(self) -> dict[str, str]:
        """Name and fingerprint of the recognizer, the language model and the voice."""
        llm = self.language_model
        return {
            "recognizer": _fingerprint(self.recognizer),
            "language model": f"{llm.base_url} {llm.model}"
            if isinstance(llm, Server)
            else _fingerprint(llm),
            "voice": _fingerprint(self.voice),
        }


def _fingerprint(located: Located[manifest.M]) -> str:
    return f"{located.model.id} {manifest.fingerprint(located)}"


def locate(choice: Choice) -> Chosen:
    """Quick: looks at names and sizes only. Raises `ModelUnknown`, `WeightsMissing`,
    `WeightsUnusable`."""
    llm, folder = choice.language_model, choice.models_dir
    known = manifest.read()  # once: parsing it takes as long as opening the database
    return Chosen(
        manifest.find(choice.recognizer, manifest.Recognizer, folder, known),
        llm
        if isinstance(llm, Server)
        else manifest.find(llm, manifest.LanguageModel, folder, known),
        manifest.find(choice.voice, manifest.Voice, folder, known),
    )


@asynccontextmanager
async def engines(choice: Choice) -> AsyncIterator[Engines]:
    """Load the models at once, warm them up, and free them at the end. Raises what `locate` raises,
    and the first `EngineError` of the engines.

    Whoever is cancelled in the middle need not wait for weights that are still being read; see
    `worker.uninterruptible`."""
    chosen = locate(choice)
    async with AsyncExitStack() as stack:
        loading = _Loading(stack, choice.machine, device.share(choice.machine.threads))
        vad, transcriber, llm, voice = await asyncio.gather(
            uninterruptible("load voice activity", lambda: _vad(choice.vad)),
            loading.recognizer(chosen.recognizer),
            loading.language_model(chosen.language_model),
            loading.voice(chosen.voice),
            return_exceptions=True,  # by then each has loaded or failed, and the stack frees all
        )
        yield Engines(
            _unless_failed(vad),
            _unless_failed(transcriber),
            _unless_failed(llm),
            _unless_failed(voice),
            # Of a server's model nobody knows what its template makes it begin with.
            Reasoning(None if isinstance(chosen.language_model, Server) else False),
        )


def _vad(kind: VadKind) -> Vad:
    from .vad.detector import choose

    return choose(kind)


def _unless_failed(loaded: T | BaseException) -> T:
    if isinstance(loaded, BaseException):
        raise loaded
    return loaded


@dataclass(frozen=True, slots=True)
class _Loading:
    """Loads and warms up; what was loaded is freed by the stack."""

    stack: AsyncExitStack
    machine: Machine
    threads: Threads

    async def recognizer(self, wanted: Located[manifest.Recognizer]) -> "Whisper":
        recognizer = await uninterruptible("load recognizer", lambda: self._whisper(wanted))
        self.stack.push_async_callback(recognizer.aclose)
        return recognizer

    async def language_model(self, wanted: Located[manifest.LanguageModel] | Server) -> Llm:
        if isinstance(wanted, Server):
            from .openai.llm import OpenAiCompatibleLlm

            served = OpenAiCompatibleLlm(wanted.base_url, wanted.model, wanted.api_key)
            self.stack.push_async_callback(served.aclose)
            return served
        llm = await uninterruptible("load language model", lambda: self._llama(wanted))
        self.stack.push_async_callback(llm.aclose)
        stream = llm.open()
        async for _ in stream.reply(_GREETING, max_tokens=2):
            pass
        stream.close()
        return llm

    async def voice(self, wanted: Located[manifest.Voice]) -> "Piper":
        voice = await uninterruptible("load voice", lambda: self._piper(wanted))
        self.stack.push_async_callback(voice.aclose)
        return voice

    def _whisper(self, wanted: Located[manifest.Recognizer]) -> "Whisper":
        from .whisper.transcriber import Whisper

        on = device.for_recognizer(self.machine.device)
        return Whisper.load(
            wanted.weights,
            settings=wanted.model.settings,
            device=on,
            compute_type=device.compute_type(on, self.machine.compute_type),
            threads=self.threads.recognizer,
        )

    def _llama(self, wanted: Located[manifest.LanguageModel]) -> "LlamaLlm":
        from .llama.llm import LlamaLlm, LlamaSize
        from .llama.sampling import Sampling

        settings = wanted.model.settings
        return LlamaLlm(
            wanted.weights,
            device=device.for_language_model(self.machine.device),
            sampling=Sampling(
                settings.temperature, settings.top_k, settings.top_p, settings.repeat_penalty
            ),
            size=LlamaSize(
                threads=self.threads.language_model,
                sequences=self.machine.sessions,
                context=settings.context,
            ),
        )

    def _piper(self, wanted: Located[manifest.Voice]) -> "Piper":
        from .piper.synthesizer import Piper

        return Piper.load(
            wanted.weights,
            device=device.for_voice(self.machine.device),
            threads=self.threads.voice,
            workers=self.threads.voice_workers,
        )


def forms_of(llm: Llm) -> str:
    """What the first form has shown of a model on a server; empty for one of this process."""
    from .openai.llm import OpenAiCompatibleLlm

    return llm.found if isinstance(llm, OpenAiCompatibleLlm) else ""
