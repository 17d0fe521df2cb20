"""Decide whether voice over a reply wants the floor, by the words in partial transcripts of the
voice so far. Pure.

Neither its length nor its words say much alone: "yeah", "okay" and "I see" last as long as "wait"
or "stop", and a recognizer makes words of a cough or of laughter, though it is not sure of them.
"""

import enum
import math
from dataclasses import dataclass

from ..language.english import ENGLISH
from ..language.language import Language
from ..matching import words
from .endpointing import samples

# docs/decisions/003-words-decide-barge-in.md: "okay" lasts as long as "wait"
# docs/decisions/073-speech-at-once.md: some words are clear when speech has begun
FIRST_LOOK = samples(120)
"""Amount of voice from which a recognizer can make words."""
LOOK_EVERY = samples(80)
"""Time between two partial transcripts of voice over a reply: what a browser sends at a time."""
CHECK_EVERY = samples(20)
"""Time after which it is asked again whether the voice has died away."""
SHORTEST = samples(300)
"""Voice over a reply that is shorter than this, without its pauses, is no interruption, unless it
sounds like speech."""
GROWN = samples(40)
"""Voice since the last look, below which it seems to be over."""
UNANSWERED = samples(1000)
"""Voiced time after which the voice gets the floor although the recognizer has not answered yet. A
backchannel is shorter than that."""
GIVE_UP = samples(2000)
"""Time without a word that wants the floor after which the reply goes on under the voice."""
WATCHED = samples(5000)
"""Amount that is watched of voice that goes on under a reply."""


# docs/decisions/052-doubted-words.md: measured with two recognizers
# Laughter and coughs in recordings: at most 0.44 in partial, 0.42 in final transcripts. The first
# words of people who speak: mostly 0.5 and more. A confidence of 0 is unknown.
BELIEVED = 0.45
"""Confidence from which words in a partial transcript of voice over a reply count."""
BELIEVED_AT_LAST = 0.42
"""The same for the final transcript of an utterance that may be laughter."""
DOUBTED = 0.36
"""Confidence below which a short sound on an open floor has no words at all."""
LAUGH = samples(4000)
"""Longest utterance over a reply that is judged by the recognizer's confidence, too: somebody
laughs for so long. Words have interrupted the reply before they are over. Also the longest on an
open floor, where it sounds like laughter."""
BURST = samples(2000)
"""The same on an open floor."""


# docs/decisions/069-sound-of-speech.md: measured with the same recordings and others
HEARD = 0.35
"""Confidence from which words in a partial transcript count where the voice sounds like speech."""
CERTAIN = 0.6
"""Confidence from which words count where the voice sounds like laughter."""
CLEAR = 0.5
"""Confidence from which a single word counts there in voice that is shorter than `SHORTEST`."""
# docs/decisions/080-sounds-described.md: what the recognizer itself says
WORDS, LIKELY_WORDS = 0.03, 0.05
"""Probability of a sound without words, by the recognizer, below which it is speech, and below
which it is likely to be."""
AS_SPEECH = 0.4
"""The same where it sounds like speech, too."""
TOLD, TOLD_CLEAR, TOLD_FAINT = 0.3, 0.4, 0.15
"""Confidences like `HEARD`, `CLEAR` and `FAINT` where the recognizer says that it is speech. The
last also where it does not deny that, and in voice that is shorter than `SHORTEST`."""
FAINT = 0.2
"""Confidence from which words count there if two partial transcripts have some, even others."""
LASTING = samples(700)
"""Length of an utterance from which that is so in a final transcript. In a shorter one the sound
may mislead, and words count from `BELIEVED`."""


class Sound(enum.Enum):
    """The judgement of a voice by its sound, whatever the recognizer makes of it."""

    SPEECH = enum.auto()
    UNCLEAR = enum.auto()
    NOISE = enum.auto()
    """Laughter, a cough, or the like."""


@dataclass(frozen=True, slots=True)
class Needed:
    """The confidence that words in a partial transcript need."""

    words: float
    """Confidence from which they count."""
    speech: bool = False
    """True if it is speech, so that a single word is enough."""
    clear: float = 0.0
    """Confidence from which it is in voice that is shorter than `SHORTEST`."""
    faint: float = math.inf
    """Confidence from which words in two transcripts are enough; infinite: never."""
    soon: bool = False
    """True if that holds for such voice, too."""


_TOLD = Needed(TOLD, speech=True, clear=TOLD_CLEAR, faint=TOLD_FAINT, soon=True)
_SPEECH = Needed(HEARD, speech=True, clear=CLEAR, faint=FAINT)
_NOT_DENIED = Needed(HEARD, speech=True, clear=CLEAR, faint=TOLD_FAINT, soon=True)
_LIKELY = Needed(BELIEVED, speech=True, clear=BELIEVED)
_UNCLEAR = Needed(BELIEVED)
_NOISE = Needed(CERTAIN)


@dataclass(frozen=True, slots=True)
class Heard:
    """A transcript of voice, and what tells how far to believe it."""

    text: str
    confidence: float = 1.0
    """The recognizer's in the text; 0 if it gives none."""
    sound: Sound = Sound.UNCLEAR
    wordless: float | None = None
    """The recognizer's probability that it is a sound without words; None if it cannot tell."""

    @property
    def needed(self) -> Needed:
        match self.sound, self.wordless:
            case Sound.NOISE, _:
                return _NOISE
            case Sound.UNCLEAR, None:
                return _UNCLEAR
            case _, float(wordless) if wordless < WORDS:
                return _TOLD
            case Sound.SPEECH, None:
                return _SPEECH
            case Sound.SPEECH, float(wordless) if wordless < AS_SPEECH:
                return _NOT_DENIED
            case _, float(wordless) if wordless < LIKELY_WORDS:
                return _LIKELY
        return _NOISE


def wanting(heard: Heard, language: Language = ENGLISH) -> frozenset[str]:
    """Return the words that are not backchannels; none of a partial transcript that the recognizer
    doubts."""
    if heard.confidence < heard.needed.words:
        return frozenset()
    known = language.backchannels
    said = known.phrases.sub(" ", " ".join(words(heard.text))).split()
    sounds = known.hums.fullmatch, known.laughter.fullmatch
    return frozenset(w for w in said if w not in known.words and not any(s(w) for s in sounds))


def is_no_word(text: str, language: Language = ENGLISH) -> bool:
    """Return True if these are no words, but laughter or a grunt."""
    known = language.backchannels
    said = words(text)
    grunt = len(said) == 1 and known.grunts.fullmatch(said[0])
    return bool(grunt) or (bool(said) and all(map(known.laughter.fullmatch, said)))


def interrupts(text: str, language: Language = ENGLISH) -> bool:
    """Return True if these words, said over a reply, want the floor. A lone "mm-hm" does not."""
    return bool(wanting(Heard(text), language))


def interrupted(heard: Heard, length: int, language: Language = ENGLISH) -> bool:
    """Return True if an utterance of this length, made over a reply, wanted the floor, by its final
    transcript."""
    needed = _needed(heard.sound, length, BELIEVED_AT_LAST)
    doubted = length < LAUGH and 0 < heard.confidence < needed
    return not doubted and interrupts(heard.text, language)


def is_sound(heard: Heard, length: int, language: Language = ENGLISH) -> bool:
    """Return True if a sound of this length on an open floor is no answer, whatever the recognizer
    makes of it: a cough, or laughter."""
    longest = LAUGH if heard.sound is Sound.NOISE else BURST
    needed = _needed(heard.sound, length, DOUBTED)
    breaths = language.backchannels.breaths.fullmatch
    if heard.sound is not Sound.SPEECH and breaths(" ".join(words(heard.text))):
        needed = CERTAIN
    doubted = length < longest and 0 < heard.confidence < needed
    return doubted or is_no_word(heard.text, language)


def _needed(sound: Sound, length: int, usual: float) -> float:
    """Return the confidence from which the final transcript of an utterance counts."""
    if sound is not Sound.NOISE:
        return usual
    return CERTAIN if length >= LASTING else BELIEVED


@dataclass(frozen=True, slots=True)
class Look:
    """The evidence in one partial transcript of the voice over a reply."""

    found: frozenset[str] = frozenset()
    """Its words that want the floor, if they count."""
    sure: bool = False
    """True if one such word is enough, because it sounds like speech, too."""
    faint: frozenset[str] = frozenset()
    """Its words that want the floor, however doubted, in what is speech."""
    brief: bool = False
    """True if there is so little voice that the same word in two transcripts proves nothing."""


def look_at(
    heard: Heard, language: Language = ENGLISH, *, ours: bool = False, brief: bool = False
) -> Look:
    """Return what a partial transcript shows. `ours`: the interviewer has just said one of its
    words, so that a single one may be an echo. `brief`: there is less voice than `SHORTEST`."""
    needed, confidence = heard.needed, heard.confidence
    if brief and not needed.speech:
        return Look()
    found = wanting(heard, language)
    clear = not brief or confidence >= needed.clear
    if brief and (all(map(_is_letter, found)) or (len(found) < 2 and not clear)):
        found = frozenset()  # "ice" of "I see": the reply does not wait for it
    sure = needed.speech and bool(found) and not ours and clear
    counts = (needed.soon or not brief) and confidence >= needed.faint
    faint = wanting(Heard(heard.text), language) if counts else frozenset()
    return Look(found, sure, faint, brief)


def _is_letter(word: str) -> bool:
    """Return True for what a recognizer makes of the first sound of a word: "f", "m"."""
    return len(word) == 1 and word.isascii() and word.isalpha()


@dataclass(frozen=True, slots=True)
class Evidence:
    """The evidence so far about the voice over a reply."""

    seen: frozenset[str] | None = None
    """The words in its partial transcripts that want the floor; None before the first."""
    faint: frozenset[str] = frozenset()
    """The words in those that were faint evidence."""

    def also(self, look: Look) -> "Evidence":
        return Evidence(look.found | (self.seen or frozenset()), self.faint | look.faint)

    def confirms(self, look: Look) -> bool:
        """Return True if this partial transcript shows an interruption: by two words that want the
        floor, or by one that an earlier transcript had too, where there is voice enough. The
        beginning of "okay, I see" may look like "okay, ice" once. In what sounds like speech one is
        enough, and so are two that are doubted, in two transcripts."""
        again = not look.brief and bool(look.found & (self.seen or frozenset()))
        grows = not look.brief or not look.faint <= self.faint
        faint = bool(self.faint and look.faint) and grows
        return look.sure or len(look.found) > 1 or again or faint

    @property
    def wordless(self) -> bool:
        """Return True if there were partial transcripts, and no word in them wants the floor."""
        return self.seen == frozenset()

    def missing(self, voiced: int) -> bool:
        """Return True if there has been voice for so long that the recognizer cannot be waited
        for."""
        return self.seen is None and voiced >= UNANSWERED
