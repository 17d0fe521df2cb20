"""Put pauses into recordings, inside clauses and at their ends, and have voice activity, recognizer
and end-of-turn model judge them as they do in an interview."""

import random
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from time import process_time

import numpy as np
from faster_whisper import WhisperModel

from models.contracts import (
    FRAME,
    HEARING_RATE,
    EndOfTurnStream,
    Samples,
    SentenceEnd,
    TranscriptStream,
    Vad,
)
from pipeline.conversation.audio_input import AudioInput
from pipeline.conversation.end_of_turn import question
from pipeline.conversation.events import SpeechBegan, SpeechPaused
from pipeline.language.asking import Asked

from .corpus import Recording
from .turn_ends import Pause

LEADING = frozenset(
    "and but so because which or then when where while if that who for as with".split()
)
"""First words of a clause."""
MANY = {"mid": 3, "clause": 1}
"""Pauses that are put into a recording, by kind."""
LEAST_BEFORE, LEAST_AFTER = 0.85, 0.75
"""Seconds of the recording before and after a pause."""
AROUND = 0.06
"""Seconds around the border of two words among which the quietest place is taken."""
LONGEST_GAP = 0.25
"""Seconds between two words, from which the speaker paused there already."""
NATURAL = (0.6, 2.0)
"""Seconds of a pause that the speaker made and that is judged as one, at least and at most."""
SHORT = 6
"""Words below which a recording is the answer to a question that asks for a short one."""
SILENCE = HEARING_RATE
USUAL = HEARING_RATE // 5
"""Samples of silence with which the model is usually asked."""


Cut = tuple[int, str]
"""First sample of a pause, and its kind."""


def cuts(recording: Recording, model: WhisperModel) -> list[Cut]:
    """Return where pauses are put into a recording, always the same places; the last is its end."""
    audio = recording.audio.astype(np.float32) / 32768
    found, _ = model.transcribe(
        audio,
        language="en",
        word_timestamps=True,
        beam_size=3,
        temperature=0.0,  # a second attempt would be drawn by lot
    )
    said = [word for segment in found for word in segment.words or ()]
    choice = random.Random(recording.name)
    places: dict[str, list[int]] = {kind: [] for kind in MANY}
    for word, following in pairwise(said[1:]):
        marked, gap = word.word.strip()[-1:], following.start - word.end
        leads = following.word.strip().lower().strip(".,") in LEADING
        if marked in ".?!" or (gap >= LONGEST_GAP and marked not in ",;:" and not leads):
            continue
        place = _quietest(recording.audio, (word.end + following.start) / 2)
        left = len(recording.audio) - place
        if place >= LEAST_BEFORE * HEARING_RATE and left >= LEAST_AFTER * HEARING_RATE:
            places["clause" if marked in ",;:" or leads else "mid"].append(place)
    taken = [
        (place, kind)
        for kind, many in MANY.items()
        for place in sorted(choice.sample(places[kind], min(many, len(places[kind]))))
    ]
    return [*taken, (_end(recording.audio), "end")] if len(said) > 1 else []


def natural(recording: Recording, vad: Vad) -> list[tuple[int, float]]:
    """Return where voice activity sees the speaker pause and go on, and for how many seconds."""
    hearing, until = AudioInput(vad.open()), 0
    found: list[tuple[int, float]] = []
    for at in range(0, len(recording.audio) - FRAME + 1, FRAME):
        event = hearing.hear(recording.audio[at : at + FRAME])
        if isinstance(event, SpeechPaused):
            until = event.until
        elif isinstance(event, SpeechBegan) and until:
            found.append((until, (event.onset - until) / HEARING_RATE))
    return [(place, length) for place, length in found if NATURAL[0] <= length <= NATURAL[1]]


@dataclass(frozen=True, slots=True)
class Listeners:
    """What judges a pause."""

    vad: Vad
    transcripts: TranscriptStream
    judge: EndOfTurnStream | None
    reader: SentenceEnd | None


class Judging:
    """One pause that is to be judged."""

    def __init__(self, recording: Recording, place: int, kind: str, by: Listeners) -> None:
        self._name, self._place, self._kind = recording.name, place, kind
        self._asked = _asked(recording)
        level = max(float(np.percentile(np.abs(recording.audio), 5)), 1.0)
        noise = np.random.default_rng(place).normal(0, level, SILENCE)
        self._audio = np.concatenate([recording.audio[:place], noise.astype(np.int16)])
        self._by = by
        self.cpu = 0.0
        """Seconds of CPU that the model took for its judgement."""

    async def pause(self) -> Pause | None:
        """Return the pause as it is judged; None if voice activity did not notice it."""
        until = _noticed(self._audio, self._by.vad)
        if until is None:
            return None
        heard = await self._by.transcripts.final(self._audio[: until + USUAL])
        began = process_time()
        probability = await self._ask(until)
        self.cpu = process_time() - began
        lag = (until - self._place) / HEARING_RATE
        usual = await self._ask(until + USUAL)
        text, sure = heard.text.strip(), heard.confidence
        found = Pause(
            self._name, self._kind, lag, text, probability, usual, sure, asked=self._asked
        )
        if self._by.reader and text:
            sentence = asked = await self._by.reader.ends(question(text))
            if self._asked is Asked.SHORT:
                asked = await self._by.reader.ends(question(text, self._asked))
            return replace(found, sentence=sentence, sentence_asked=asked)
        return found

    async def natural_pause(self, length: float) -> Pause | None:
        """Return the pause that the speaker made here for so many seconds, as it is judged."""
        found = await self.pause()
        return replace(found, lag=0.0, length=length) if found else None

    async def _ask(self, end: int) -> float | None:
        judge = self._by.judge
        return await judge.probability(self._audio[:end]) if judge else None


def _asked(recording: Recording) -> Asked:
    """Return what may have been asked: nobody explains anything in so few words."""
    return Asked.SHORT if 0 < len(recording.words) < SHORT else Asked.EXPLANATION


def word_finder(weights: Path) -> WhisperModel:
    """Return the recognizer that finds the borders of words."""
    return WhisperModel(str(weights), device="cpu", compute_type="int8")


def _noticed(audio: Samples, vad: Vad) -> int | None:
    """Return where voice activity sees the end of the voice before the last pause."""
    hearing, until = AudioInput(vad.open()), None
    for at in range(0, len(audio) - FRAME + 1, FRAME):
        event = hearing.hear(audio[at : at + FRAME])
        if isinstance(event, SpeechPaused):
            until = event.until
    return until


def _quietest(audio: Samples, seconds: float) -> int:
    """Return the quietest 10 ms around a moment."""
    width = HEARING_RATE // 100
    begin = max(round((seconds - AROUND) * HEARING_RATE), 0)
    around = np.abs(audio[begin : begin + round(2 * AROUND * HEARING_RATE)].astype(np.int32))
    levels = [around[at : at + width].sum() for at in range(0, len(around) - width, width // 2)]
    return begin + width // 2 * int(np.argmin(levels)) + width // 2 if levels else begin


def _end(audio: Samples) -> int:
    """Return the end of the last loud 20 ms."""
    frames = audio[: len(audio) // FRAME * FRAME].reshape(-1, FRAME).astype(np.float64)
    levels = np.sqrt((frames**2).mean(axis=1))
    floor = max(levels.max() * 0.03, np.percentile(levels, 5) * 3)
    return (int(np.nonzero(levels > floor)[0].max(initial=0)) + 1) * FRAME
