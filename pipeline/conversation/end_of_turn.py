"""Ask engines at each pause of a session whether the turn is over: one by the sound, while the
words are being transcribed, and a language model by the words, where those and the sound do not
tell."""

import asyncio
import logging
import re
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from models.contracts import EndOfTurnStream, Message, SentenceEnd
from models.errors import EngineError

from ..language.asking import Asked
from ..matching import SENTENCE_ENDS, words
from .audio_input import AudioInput
from .completeness import SHORTEST_USUAL
from .events import EndOfTurnJudged, Event, SentenceJudged
from .floor import Endpointing
from .recognition import Spawn
from .turn_steps import PREROLL

log = logging.getLogger(__name__)

TOO_LATE = 10.0
"""Seconds that an answer is waited for; no turn waits longer for its end. A conversation ends only
when nothing is waited for any more."""
ASKED = Message("user", "Please tell me about your work.")
"""Question before the words that a language model reads; always the same, so it is read once."""
# docs/decisions/079-short-answers.md: after an open question "Three years" is no end
ASKED_BRIEFLY = Message("user", "How many, or when? Please answer in a few words.")
"""The same before a short answer to a question that asks for one."""
READ = 240
"""Characters before the pause that the language model reads: about as much as a long sentence."""
_MARKS = re.compile(rf"[{SENTENCE_ENDS},;:…\"'\-–—\s]+$")
"""The end of a transcript, which is the recognizer's guess."""


class EndOfTurnJudge:
    """The engines as one session uses them. Without any nothing is asked: the rules of
    completeness.py decide by the words alone."""

    def __init__(
        self,
        stream: EndOfTurnStream | None,
        sentences: SentenceEnd | None,
        audio: AudioInput,
        happened: Callable[[Event], None],
        spawn: Spawn,
    ) -> None:
        self._stream = stream
        self._sentences = sentences
        self._audio = audio
        self._happened = happened
        self._hearing = _Latest("judge", spawn)
        self._reading = _Latest("sentence", spawn)

    def pauses(self, pause: Endpointing) -> None:
        """Have the sound judged, once for each pause."""
        if stream := self._stream:
            generation = pause.turn.parts[-1].generation
            self._hearing.begin(generation, lambda: self._hear(stream, pause))

    def unsure(self, generation: int, text: str, asked: Asked = Asked.NOTHING) -> None:
        """Have the words before a pause judged, once for each pause."""
        if sentences := self._sentences:
            wanted = question(text, asked)
            self._reading.begin(generation, lambda: self._read(sentences, generation, wanted))

    def close(self) -> None:
        if self._stream:
            self._stream.close()

    async def _hear(self, stream: EndOfTurnStream, pause: Endpointing) -> None:
        """Have the engine judge the whole turn up to this pause, and report the probability. More
        of the silence makes broken-off sentences sound like whole ones (docs/hearing.md). However
        late the answer comes, the turn machine knows whether it is still wanted."""
        parts = pause.turn.parts
        start = max(parts[0].start, pause.turn.onset - PREROLL)  # room says nothing of a voice
        probability = await _answer(stream.probability(self._audio.audio(start, pause.until)))
        if probability is not None:
            self._happened(EndOfTurnJudged(self._audio.at, parts[-1].generation, probability))

    async def _read(
        self, sentences: SentenceEnd, generation: int, wanted: Sequence[Message]
    ) -> None:
        probability = await _answer(sentences.ends(wanted))
        if probability is not None:
            self._happened(SentenceJudged(self._audio.at, generation, probability))


def question(text: str, asked: Asked = Asked.NOTHING) -> tuple[Message, ...]:
    """Return what a language model is to say the end of: the last words, without the recognizer's
    mark after them, as the answer to a question of this kind."""
    brief = asked is Asked.SHORT and len(words(text)) < SHORTEST_USUAL
    said = _MARKS.sub("", text)
    if len(said) > READ:
        said = said[-READ:].partition(" ")[2]
    return ASKED_BRIEFLY if brief else ASKED, Message("assistant", said)


async def _answer(judging: Coroutine[Any, Any, float]) -> float | None:
    """Return an engine's answer; None if it has none in time: the other signs decide."""
    try:
        async with asyncio.timeout(TOO_LATE):
            return await judging
    except (EngineError, TimeoutError) as exc:
        log.warning("the end of a turn was not judged: %s", type(exc).__name__)
        return None


class _Latest:
    """The work on the latest pause."""

    def __init__(self, name: str, spawn: Spawn) -> None:
        self._name = name
        self._spawn = spawn
        self._generation = 0
        self._task: asyncio.Task[None] | None = None

    def begin(self, generation: int, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Begin, unless this pause has been worked on already."""
        if generation == self._generation:
            return
        if self._task:
            self._task.cancel()  # an earlier pause, which was none
        self._generation = generation
        self._task = self._spawn(work(), name=f"{self._name}-{generation}")
