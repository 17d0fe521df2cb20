"""The candidate's side of a session: sets the recognizer to work and reports what it understood."""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Coroutine
from typing import Any, Protocol

from models.contracts import HEARING_RATE, TranscriptStream
from models.errors import EngineError

from . import output as o
from .agreement import Agreement
from .events import Caption, Event, PartialTranscribed, Transcribe, Transcribed, TranscribePartial
from .hearing import Hearing
from .outbox import Outbox
from .tally import code_of

log = logging.getLogger(__name__)

SPARE_WITHIN = 0.5
"""A final transcription that took longer, in seconds, shows that the engines are loaded: nothing is
then worked out on a guess."""
PATIENCE = 60.0
"""Seconds after which a final transcription is given up: the floor is nobody's until it is there.
One of a whole stretch by a large model on a loaded machine takes less."""
REMEMBERED = 5 * HEARING_RATE
"""How far back arrival times are known, samples."""


class Spawn(Protocol):
    """Starts a task in the session's TaskGroup."""

    def __call__(self, work: Coroutine[Any, Any, None], *, name: str) -> asyncio.Task[None]: ...


class Recognition:
    def __init__(
        self,
        hearing: Hearing,
        transcripts: TranscriptStream,
        outbox: Outbox,
        happened: Callable[[Event], None],
        item_id: Callable[[int], str],
        question: Callable[[], str],
    ) -> None:
        """`item_id` names a turn for the client; `question` is what the interviewer said last."""
        self.marks: dict[str, float] = {}
        """When the stages of the present turn were reached, by the loop's clock."""
        self._hearing = hearing
        self._transcripts = transcripts
        self._outbox = outbox
        self._happened = happened
        self._item_id = item_id
        self._question = question
        self._finals: dict[int, asyncio.Task[None]] = {}
        self._agreed: tuple[int, Agreement] = (0, Agreement())
        self._arrivals: deque[tuple[int, float]] = deque()

    def arrived(self, samples: int) -> None:
        """So many more samples have come just now, not heard yet."""
        end = self._hearing.at + samples
        self._arrivals.append((end, self._now()))
        while self._arrivals[0][0] < end - REMEMBERED:
            self._arrivals.popleft()

    def nothing_heard(self) -> None:
        """The turn was typed: the stages of an earlier one are not its own."""
        self.marks = {}

    def voice_ended(self, position: int) -> None:
        """The turn's last voiced sample was this one."""
        arrival = next((time for at, time in self._arrivals if at >= position), self._now())
        self.marks["voice_ended"] = arrival

    def transcribe(self, command: Transcribe, spawn: Spawn) -> None:
        self.marks = {"paused": self._now()}
        self._finals[command.generation] = spawn(
            self._final(command), name=f"final-{command.generation}"
        )

    def transcribe_partial(self, command: TranscribePartial, spawn: Spawn) -> None:
        spawn(self._partial(command), name=f"partial-{command.item}")

    def discard(self, generation: int) -> None:
        """Stop working on a final transcription, if it is still under way."""
        if task := self._finals.pop(generation, None):
            task.cancel()

    def caption(self, command: Caption) -> None:
        """Show the words that two hypotheses agree on."""
        item, agreement = self._agreed
        if item != command.item:
            agreement = Agreement()
            self._agreed = (command.item, agreement)
        if text := agreement.feed(command.text):
            self._outbox.put(o.TranscriptDelta(self._item_id(command.item), text))

    async def _final(self, command: Transcribe) -> None:
        audio = self._hearing.audio(command.start, command.end)
        began = self._now()
        try:
            async with asyncio.timeout(PATIENCE):
                text = (await self._transcripts.final(audio, self._question())).text
            failure = ""
        except (EngineError, TimeoutError) as exc:
            log.warning("transcription of %d samples failed: %s", len(audio), type(exc).__name__)
            text, failure = "", code_of(exc)
        self._finals.pop(command.generation, None)
        self.marks["transcribed"] = self._now()
        spare = self._now() - began <= SPARE_WITHIN
        done = Transcribed(self._hearing.at, command.generation, text.strip(), spare, failure)
        self._happened(done)

    async def _partial(self, command: TranscribePartial) -> None:
        audio = self._hearing.audio(command.start, command.end)
        try:
            transcript = await self._transcripts.partial(audio, self._question())
        except EngineError:
            return  # captions are a courtesy; the final says what failed
        if transcript is not None:
            event = PartialTranscribed(self._hearing.at, command.item, transcript.text.strip())
            self._happened(event)

    def _now(self) -> float:
        return asyncio.get_running_loop().time()
