"""Ask an engine at each pause of a session whether the turn is over, while its words are being
transcribed."""

import asyncio
import logging
from collections.abc import Callable

from models.contracts import EndOfTurnStream
from models.errors import EngineError

from .audio_input import AudioInput
from .events import EndOfTurnJudged, Event
from .floor import Endpointing
from .turn_steps import PREROLL

log = logging.getLogger(__name__)

TOO_LATE = 10.0
"""Seconds that an answer is waited for; no turn waits longer for its end. A conversation ends only
when nothing is waited for any more."""


class EndOfTurnJudge:
    """The end-of-turn engine as one session uses it. Without an engine nothing is asked: the rules
    of completeness.py decide by the words alone."""

    def __init__(
        self, stream: EndOfTurnStream | None, audio: AudioInput, happened: Callable[[Event], None]
    ) -> None:
        self._stream = stream
        self._audio = audio
        self._happened = happened

    @property
    def works(self) -> bool:
        return self._stream is not None

    async def ask(self, pause: Endpointing) -> None:
        """Have the engine judge the whole turn up to this pause, and report the probability. More
        of the silence makes broken-off sentences sound like whole ones (docs/hearing.md). However
        late the answer comes, the turn machine knows whether it is still wanted."""
        assert self._stream is not None
        parts = pause.turn.parts
        start = max(parts[0].start, pause.turn.onset - PREROLL)  # room says nothing of a voice
        audio = self._audio.audio(start, pause.until)
        try:
            async with asyncio.timeout(TOO_LATE):
                probability = await self._stream.probability(audio)
        except (EngineError, TimeoutError) as exc:
            log.warning("the end of a turn was not judged: %s", type(exc).__name__)
            return  # the words decide
        self._happened(EndOfTurnJudged(self._audio.at, parts[-1].generation, probability))

    def close(self) -> None:
        if self._stream is not None:
            self._stream.close()
