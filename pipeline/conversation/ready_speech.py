"""The speech of what will probably be said next, synthesized ahead, so that it can be heard at
once."""

from collections import OrderedDict, deque
from collections.abc import Sequence

from models.contracts import SPEAKING_RATE, Samples, Voice
from models.errors import EngineError

from ..language.language import Language
from .clauses import split

MOST = 120 * SPEAKING_RATE
"""Samples that are kept for one session (6 MB): two questions, the sentences that may come before
them, and a goodbye take less than half of it."""


# docs/decisions/045-lead-in.md: fixed parts of replies are synthesized ahead
class ReadySpeech:
    """The ready speech of one session, by clause; what was used longest ago goes first. The voice's
    own cache is shared by all sessions, so a sentence that many of them say is synthesized once."""

    def __init__(self, voice: Voice, language: Language) -> None:
        self._voice = voice
        self._language = language
        self._clauses: OrderedDict[str, Samples] = OrderedDict()
        self._size = 0
        self._wanted: deque[str] = deque()

    def clauses(self, text: str) -> list[str]:
        """Return the clauses in which a text is best said: whole sentences if the first of them is
        ready, else with a short first one, which the user waits for."""
        whole = split(text, self._language, whole=True)
        return whole if whole and whole[0] in self._clauses else split(text, self._language)

    async def speak(self, clause: str) -> Samples:
        """Return a clause's speech, at once if it is ready. Raises `EngineError`."""
        if (known := self._clauses.get(clause)) is not None:
            self._clauses.move_to_end(clause)
            return known
        return await self._voice.speak(clause)

    def want(self, texts: Sequence[str]) -> None:
        """Replace the texts that `fill` works on, the most urgent first."""
        clauses = (c for text in texts for c in split(text, self._language, whole=True))
        self._wanted = deque(clause for clause in clauses if clause not in self._clauses)

    async def fill(self) -> None:
        """Synthesize what is wanted, while the voice has nothing urgent to do."""
        while self._wanted:
            clause = self._wanted.popleft()
            try:
                audio = await self._voice.speak(clause, ahead=True)
            except EngineError:
                return  # it will be tried again when it is to be said
            self._put(clause, audio)

    def _put(self, clause: str, audio: Samples) -> None:
        if clause in self._clauses or audio.size > MOST:
            return
        self._clauses[clause] = audio
        self._size += audio.size
        while self._size > MOST:
            _, oldest = self._clauses.popitem(last=False)
            self._size -= oldest.size
