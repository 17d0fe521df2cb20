"""Scripted engines, for tests and for load tests without weights.

Fake speech is a constant sample value, `LOUDNESS` times the number of the text that is said.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

import numpy as np

from .contracts import SPEAKING_RATE, Engines, Message, Samples, Transcript
from .worker import uninterruptible

LOUDNESS = 1000
"""One step of loudness, far above the ringing and dither of resampling."""


class LoudnessVad:
    """A detector that takes for speech what is louder than half a step."""

    def open(self) -> "LoudnessVad":
        return self

    def probability(self, frame: Samples) -> float:
        # The middle sample is the median where the loudness changes once; a load test asks often.
        return 1.0 if abs(int(frame[len(frame) // 2])) > LOUDNESS // 2 else 0.0


class ScriptedTranscriber:
    """A transcriber that goes by loudness: audio of `LOUDNESS` times n is the n-th text, so the
    same audio always gives the same words."""

    languages: tuple[str, ...] = ("en",)
    max_seconds = 28.0
    """Longest stretch in seconds, equal to Whisper's."""

    def __init__(
        self,
        *texts: str,
        delay: float = 0.0,
        confidence: float = 1.0,
        languages: tuple[str, ...] = (),
        spoken: Mapping[str, Mapping[str, float]] | None = None,
    ) -> None:
        """`spoken` has the probabilities of the languages of some texts."""
        self.texts = texts
        self.delay = delay
        self.confidence = confidence
        self.languages = languages or self.languages
        self.spoken = spoken or {}
        self.opened_in: list[str] = []
        """The languages that were asked for."""

    def open(self, language: str, terms: Sequence[str] = ()) -> "ScriptedTranscriber":
        self.opened_in.append(language)
        return self

    async def final(self, audio: Samples, context: str = "") -> Transcript:
        await asyncio.sleep(self.delay)
        voiced = audio[audio > LOUDNESS // 2]
        number = round(float(np.median(voiced)) / LOUDNESS) if voiced.size else 0
        text = self.texts[number - 1] if 0 < number <= len(self.texts) else ""
        spoken = self.spoken.get(text, {})
        return Transcript(text, "en", self.confidence, spoken=spoken)

    async def partial(
        self, audio: Samples, context: str = "", *, urgent: bool = False
    ) -> Transcript | None:
        return await self.final(audio, context)

    def close(self) -> None: ...


class ScriptedEndOfTurn:
    """An end-of-turn engine that gives these probabilities one after the other, the last one ever
    again, and answers after so many seconds."""

    def __init__(self, *probabilities: float, delay: float = 0.0) -> None:
        self.probabilities = probabilities
        self.delay = delay
        self.asked: list[int] = []
        """Number of samples of each request."""

    def open(self, language: str) -> "ScriptedEndOfTurn":
        return self

    async def probability(self, audio: Samples) -> float:
        self.asked.append(audio.size)
        number = min(len(self.asked), len(self.probabilities)) - 1
        await asyncio.sleep(self.delay)
        return self.probabilities[number]

    def close(self) -> None: ...


class ScriptedSentenceEnd:
    """A language model that finds a sentence's end after these words only, and answers after so
    many seconds."""

    def __init__(self, *ends: str, delay: float = 0.0) -> None:
        self.whole = ends
        self.delay = delay
        self.asked: list[str] = []

    async def ends(self, messages: Sequence[Message]) -> float:
        self.asked.append(messages[-1].content)
        await asyncio.sleep(self.delay)
        return 0.9 if messages[-1].content in self.whole else 0.001


def obey(messages: Sequence[Message]) -> str:
    """Answer as a perfect model would: carry out the director's note."""
    note = messages[-1].content.removeprefix("Next: ")
    _, separator, question = note.partition(": ")
    if separator:
        return f"Thank you. {question}"
    return "Thank you, goodbye." if "close" in note else "Could you tell me more about that?"


class ScriptedLlm:
    """A language model that says, word by word, what `answer` makes of the messages."""

    def __init__(
        self,
        answer: Callable[[Sequence[Message]], str] = obey,
        *,
        filled: str = "{}",
        delay: float = 0.0,
    ) -> None:
        self.answer = answer
        self.filled = filled
        self.delay = delay
        self.asked: list[tuple[Message, ...]] = []
        self.kept: tuple[tuple[Message, ...], ...] = ()

    def open(self) -> "ScriptedLlm":
        return self

    async def reply(
        self, messages: Sequence[Message], *, max_tokens: int = 120, choices: Sequence[str] = ()
    ) -> AsyncIterator[str]:
        self.asked.append(tuple(messages))
        for n, word in enumerate(self.answer(messages).split()):
            await asyncio.sleep(self.delay)
            yield word if n == 0 else f" {word}"

    async def warm(self, messages: Sequence[Message]) -> None: ...

    async def fill(
        self, messages: Sequence[Message], schema: Mapping[str, Any], *, max_tokens: int = 400
    ) -> str:
        return self.filled

    async def weigh(self, messages: Sequence[Message], options: Sequence[str]) -> tuple[float, ...]:
        return tuple(1.0 / len(options) for _ in options)

    async def keep(self, heads: Sequence[Sequence[Message]]) -> None:
        self.kept = tuple(tuple(head) for head in heads)

    def close(self) -> None: ...


class SteadyVoice:
    """A voice in which every character lasts `seconds_per_character`."""

    def __init__(self, seconds_per_character: float = 0.05, *, delay: float = 0.0) -> None:
        self.seconds_per_character = seconds_per_character
        self.delay = delay
        self.spoken: list[str] = []
        """Texts that were asked for, except ahead."""

    async def speak(self, text: str, *, ahead: bool = False) -> Samples:
        await asyncio.sleep(self.delay)
        if not ahead:
            self.spoken.append(text)
        length = round(len(text) * self.seconds_per_character * SPEAKING_RATE)
        return np.full(length, 1000, dtype=np.int16)


def engines(
    *texts: str, llm: ScriptedLlm | None = None, voice: SteadyVoice | None = None
) -> Engines:
    """Make a full set of engines: the candidate says `texts`, the interviewer obeys the notes."""
    return Engines(
        LoudnessVad(), ScriptedTranscriber(*texts), llm or ScriptedLlm(), voice or SteadyVoice()
    )


@asynccontextmanager
async def loaded(
    engines: Engines, *, after: float = 0.0, failure: Exception | None = None
) -> AsyncIterator[Engines]:
    """Provide engines that take `after` seconds to load, and then fail if `failure` is given."""
    await uninterruptible("load", lambda: time.sleep(after))
    if failure:
        raise failure
    yield engines
