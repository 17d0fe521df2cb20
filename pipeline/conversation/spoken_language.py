"""The language that a candidate speaks: noticed by what the recognizer says of each utterance, and
followed where the interview's language was not set."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from models.contracts import Samples, Transcriber, Transcript
from models.errors import EngineError

from ..language.known import NAMED, language_of, name_of
from ..language.language import Language
from .microphone import Trouble, advice

# docs/decisions/066-spoken-language.md: how the limits were found
SURE = 0.9
"""Probability from which one utterance in another language is enough."""
LIKELY = 0.7
"""Probability from which two in a row are, and one to return to the interview's own language."""


class SpokenLanguage:
    """The language that a candidate speaks, as far as it is certain. Pure."""

    def __init__(self, own: str, now: str, known: Sequence[str]) -> None:
        """`own` is the interview's language, `now` the one that was spoken last, and `known` those
        that the recognizer knows."""
        self.now = now or own
        self._own = own
        self._known = NAMED.intersection(known)
        self._before = ("", -1)
        """The other language in which the last utterance probably was, and where that began."""

    def changes(self, start: int, odds: Mapping[str, float]) -> bool:
        """Take in the probabilities of an utterance's languages; return True if the candidate now
        certainly speaks another language than before. An utterance that goes on is judged again and
        counts once: `start` tells it from others."""
        if not odds:
            return False
        code = max(odds, key=lambda each: odds[each])
        if code == self.now or code not in self._known or odds[code] < LIKELY:
            self._before = ("", -1)
            return False
        before, began = self._before
        if odds[code] >= SURE or code == self._own or (before == code and began != start):
            self.now, self._before = code, ("", -1)
            return True
        self._before = (code, start)
        return False


def told_of(own: Language, code: str, *, followed: bool) -> str:
    """Return the sentence about another language for the candidate who speaks it."""
    if not followed:
        return advice(Trouble.LANGUAGE, own)
    return language_of(code).sentences.understood or f"I understand you in {name_of(code)}, too."


class SpokenTranscripts:
    """The transcriptions of a session, in the language that is spoken."""

    def __init__(
        self,
        transcriber: Transcriber,
        language: str,
        terms: Sequence[str] = (),
        *,
        spoken: str = "",
        follows: bool = False,
        spoken_in: Callable[[str, str], None] = lambda item, language: None,
    ) -> None:
        """`language` is the conversation's, `spoken` the one that was spoken last. Where another
        one is spoken, it is only noticed, unless this `follows` it. `spoken_in` is called with the
        item of each spoken turn and the language that it is in, empty for the conversation's.
        Raises `LanguageUnsupported`."""
        self._transcriber = transcriber
        self._terms = terms
        self._own = language
        self._spoken_in = spoken_in
        self.follows = follows
        self._spoken = SpokenLanguage(language, spoken, transcriber.languages)
        self._stream = transcriber.open(self._spoken.now if follows else language, terms)

    @property
    def other(self) -> str:
        """Return the language that is spoken if it is not the conversation's, else nothing."""
        return "" if self._spoken.now == self._own else self._spoken.now

    async def final(self, audio: Samples, context: str, start: int) -> Transcript:
        """Make the final transcript of the stretch that begins at `start`: once more if it shows
        that the language is another. Raises `EngineBusy`, `EngineError`."""
        found = await self._stream.final(audio, context)
        if not self._spoken.changes(start, found.spoken) or not self.follows:
            return found
        self._stream.close()
        self._stream = self._transcriber.open(self._spoken.now, self._terms)
        try:
            again = await self._stream.final(audio, context)
        except EngineError:
            return found  # the words of the wrong language are better than none
        return replace(again, usual=found.usual + again.usual)

    async def partial(
        self, audio: Samples, context: str, *, urgent: bool = False
    ) -> Transcript | None:
        return await self._stream.partial(audio, context, urgent=urgent)

    def committed(self, item: str) -> None:
        """Tell in which language a turn was spoken, now that it is over."""
        self._spoken_in(item, self.other)

    def close(self) -> None:
        self._stream.close()
