"""The values of recognition: requests, their parts, and the texts made of them. Pure."""

import math
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from ..contracts import Samples, Transcript
from . import coverage, gate, languages
from .terms import Term

MOSTLY_SOUND = 0.9
"""Probability of a sound beyond which words that were found all the same get no likelier."""


@dataclass(frozen=True, slots=True)
class Request:
    """One transcription that a session asks for."""

    audio: Samples
    language: str
    context: str = ""
    final: bool = True
    terms: tuple[Term, ...] = ()
    """Names and terms that are preferred to words that sound like them."""
    sounds: bool = False
    """True to ask, too, whether it is a sound without words."""


@dataclass(frozen=True, slots=True)
class Part:
    """A request, or one phrase of it."""

    audio: Samples
    prompt: tuple[int, ...]
    frames: int
    """Length of the window in frames."""
    final: bool
    language: str
    terms: tuple[Term, ...] = ()
    sounds: bool = False
    """True if the model may describe sounds."""

    @property
    def shape(self) -> tuple[int, int, bool, bool]:
        """The properties that must be equal for parts to go through the model together."""
        return self.frames, len(self.prompt), self.final, self.sounds


@dataclass(frozen=True, slots=True)
class Prepared:
    """A request, ready for the model."""

    language: str
    parts: tuple[Part, ...]

    @property
    def shape(self) -> Hashable:
        return tuple(part.shape for part in self.parts)


@dataclass(frozen=True, slots=True)
class Text:
    """The text that the model made of a part."""

    text: str = ""
    tokens: int = 0
    log_probability: float = 0.0
    """Mean log-probability of the tokens."""
    no_speech: float = 0.0
    ids: tuple[int, ...] = ()
    """The tokens of its words."""
    until: float = 0.0
    """Seconds up to which it was heard; 0 if the model was not asked for it."""
    twice: bool = False
    """True if it has a number twice that was said twice."""
    spoken: Mapping[str, float] = field(default_factory=dict, hash=False)
    """Probabilities of the languages that the audio may be in; empty if they were not judged."""
    sound: float | None = None
    """Probability that the audio is a sound without words; None if that was not asked."""

    @property
    def usable(self) -> bool:
        return self.log_probability >= gate.DOUBTFUL and not gate.loops(self.text)


def is_silence(text: Text) -> bool:
    """Return True if the model doubts the text and that there is speech at all."""
    return text.log_probability < gate.DOUBTFUL and text.no_speech > gate.NO_SPEECH


def as_words(text: Text, sound: float) -> Text:
    """Return the words of a text that may describe sounds, too, as likely as they are among texts
    that do not. `sound`: how likely a text of this audio begins with a description."""
    words = gate.without_sounds(text.text)
    given = math.log1p(-min(sound, MOSTLY_SOUND)) / (text.tokens + 1) if words else 0.0
    likely = min(0.0, text.log_probability - given)
    if text.no_speech > gate.NO_SPEECH:
        sound = max(sound, gate.PERHAPS_SOUND)
    return replace(text, text=words, log_probability=likely, sound=sound)


def likelier(text: Text, again: Text) -> Text:
    """Return the likelier of two texts of the same audio. A window with more silence makes any text
    likelier, so one with the same words is as doubted as it was."""
    best = max(text, again, key=lambda t: (t.usable, t.log_probability))
    same = coverage.alike(best.text) == coverage.alike(text.text)
    return replace(best, log_probability=text.log_probability) if same else best


def fuller(text: Text, other: Text) -> Text:
    """Return the other text if it can be believed to have words that are missing, or to leave out
    those that are there twice."""
    if not other.usable or coverage.repeats(other.text):
        return text
    least = coverage.ONCE if coverage.repeats(text.text) else coverage.LONGER
    return other if len(other.text) >= least * len(text.text) else text


def together(texts: Sequence[Text]) -> Text:
    """Join the texts of consecutive audio."""
    said = [text for text in texts if text.text]
    if not said:
        return Text()
    tokens = sum(text.tokens for text in said)
    mean = sum(text.log_probability * text.tokens for text in said) / tokens
    no_speech = min(text.no_speech for text in said)
    return Text(" ".join(text.text for text in said), tokens, mean, no_speech)


def transcript_of(texts: Sequence[Text], language: str) -> Transcript:
    whole = together(texts)
    confidence = math.exp(whole.log_probability) if whole.text else 0.0
    sound = min((text.sound for text in texts if text.sound is not None), default=None)
    spoken = languages.together(texts)
    return Transcript(whole.text, language, confidence, spoken=spoken, sound=sound)
