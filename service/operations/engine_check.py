"""The stages of `vivavoce check` that load the models and let them talk to each other."""

from collections.abc import Sequence
from contextlib import AsyncExitStack

import msgspec

from models import load
from models.choice import Chosen, locate
from models.contracts import SPEAKING_RATE, Engines, Samples
from models.remote.answering import require_answer
from pipeline.checks import self_test

from ..engine_config import assessor, chosen_models
from ..settings import Settings
from . import capacity
from .calibration import interviews
from .stages import StageFailed


class EngineCheck:
    """The stages, each of which uses the result of the one before."""

    def __init__(self, settings: Settings, stack: AsyncExitStack) -> None:
        """Prepare the stages. The engines are freed with `stack`."""
        self._settings = settings
        self._stack = stack
        self._engines: Engines | None = None
        self._language = ""
        self._speech: Samples | None = None

    async def load(self) -> str:
        """Load the engines, with room for as many interviews as will be admitted."""
        chosen = locate(chosen_models(self._settings))
        self._language = await language_of(chosen)
        places = capacity.session_capacity(self._settings, chosen).places
        settings = msgspec.structs.replace(self._settings, max_sessions=places)
        self._engines = await self._stack.enter_async_context(load.engines(chosen_models(settings)))
        return f"all models, with room for {interviews(places)}"

    async def speak(self) -> str:
        assert self._engines
        self._speech = await self_test.speak(self._engines.voice, self._language)
        return f"{self._speech.size / SPEAKING_RATE:.1f} s of speech"

    async def find(self) -> str:
        assert self._engines
        assert self._speech is not None
        self._speech = self_test.find(self._engines.vad, self._speech)
        return "speech was found, and its end"

    async def hear(self) -> str:
        assert self._engines
        assert self._speech is not None
        heard = await self_test.hear(self._engines.transcriber, self._speech, self._language)
        return f"{heard.word_errors:.0%} word errors: {heard.text}"

    async def word(self) -> str:
        assert self._engines
        worded = await self_test.word(self._engines.llm, self._engines.form)
        return f"first word after {worded.first_word * 1000:.0f} ms: {worded.text}"

    async def judge(self) -> str:
        assert self._engines
        score = await self_test.judge(self._engines.llm, assessor(self._settings))
        parts = ["filled in as JSON", load.forms_of(self._engines.llm)]
        if score is not None:
            parts.append(f"score {score}")
        return ", ".join(filter(None, parts))


async def language_of(chosen: Chosen) -> str:
    """Return the language of the voice, wherever that is. Raises `StageFailed`, `EngineError`."""
    if chosen.pool:
        hello = await require_answer(chosen.pool)
        return _common(hello.voice, hello.voice_languages, hello.recognizer, hello.languages)
    return spoken(chosen)


def spoken(chosen: Chosen) -> str:
    """Return the language of the voice on this machine. Raises `StageFailed` when the recognizer
    does not know it."""
    assert chosen.voice
    assert chosen.recognizer
    voice, recognizer = chosen.voice.model, chosen.recognizer.model
    return _common(voice.id, voice.languages, recognizer.id, recognizer.languages)


def _common(voice: str, speaks: Sequence[str], recognizer: str, understands: Sequence[str]) -> str:
    both = [code for code in speaks if not understands or code in understands]
    if speaks and not both:
        raise StageFailed(
            f"The voice {voice} speaks {speaks[0]}, which the recognizer"
            f" {recognizer} does not understand; choose another VIVAVOCE_STT_MODEL"
            " or VIVAVOCE_TTS_VOICE."
        )
    return both[0] if both else "en"
