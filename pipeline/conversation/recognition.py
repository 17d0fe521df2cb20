"""Recognition of the candidate's speech in a session: gives the recognizer work and reports the
transcripts."""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import replace
from typing import Any, Protocol

from models.contracts import HEARING_RATE
from models.errors import EngineError

from ..errors import code_of
from . import output as o
from .agreement import believed, is_certain
from .audio_input import AudioInput
from .captions import Captions
from .commands import Caption, Transcribe, TranscribePartial
from .events import Event, PartialTranscribed, Transcribed
from .interruption import LAUGH, Sound
from .output_queue import OutputQueue
from .speech_sound import sound_of
from .spoken_language import SpokenTranscripts

log = logging.getLogger(__name__)

SPARE_WITHIN = 0.5
"""Seconds in which a final transcription shows that the engines have time to spare, so that a reply
is prepared speculatively."""
SPARE_RATIO = 2.5
"""The same as a multiple of the time that it takes by itself on this machine, for a recognizer that
needs longer. The words are more in one stretch than in another, which is a factor of 1.5."""
PATIENCE = 60.0
"""Seconds after which a final transcription is given up, because nobody has the floor until it is
there. A whole stretch takes less, even by a large model on a loaded machine."""
SOUNDS = LAUGH + HEARING_RATE
"""Samples of the longest stretch that may be laughter, with what is heard before and after it."""
REMEMBERED = 5 * HEARING_RATE
"""Samples for which arrival times are kept."""


class Spawn(Protocol):
    """A function that starts a task in the session's TaskGroup."""

    def __call__(self, work: Coroutine[Any, Any, None], *, name: str) -> asyncio.Task[None]: ...


class Recognition:
    def __init__(
        self,
        hearing: AudioInput,
        transcripts: SpokenTranscripts,
        outputs: OutputQueue,
        happened: Callable[[Event], None],
        item_id: Callable[[int], str],
        question: Callable[[], str],
    ) -> None:
        """Make the recognition of a session. `item_id` names a turn for the client; `question` is
        what the interviewer said last."""
        self.marks: dict[str, float] = {}
        """Times at which the stages of the present turn were reached, by the loop's clock."""
        self._hearing = hearing
        self.transcripts = transcripts
        self._outputs = outputs
        self._happened = happened
        self._item_id = item_id
        self._question = question
        self._finals: dict[int, tuple[Transcribe, asyncio.Task[None]]] = {}
        self._done = asyncio.Event()
        self._captions = Captions()
        self._arrivals: deque[tuple[int, float]] = deque()
        self._looked = 0
        """End of the audio of the latest look at voice over a reply."""

    def arrived(self, samples: int) -> None:
        """Note that so many more samples have come just now; they are not heard yet."""
        end = self._hearing.at + samples
        self._arrivals.append((end, self._now()))
        while self._arrivals[0][0] < end - REMEMBERED:
            self._arrivals.popleft()

    def nothing_heard(self) -> None:
        """Forget the marks, because the turn was typed and those of an earlier one are not its
        own."""
        self.marks = {}

    def voice_ended(self, position: int, due: int | None = None) -> None:
        """Note the turn's last voiced sample, and the one at which its reply was `due`."""
        arrival = next((time for at, time in self._arrivals if at >= position), self._now())
        self.marks["voice_ended"] = arrival
        if due is not None:
            self.marks["due"] = arrival + (due - position) / HEARING_RATE

    def transcribe(self, command: Transcribe, spawn: Spawn) -> None:
        self.marks = {"paused": self._now()}
        task = spawn(self._final(command), name=f"final-{command.generation}")
        self._finals[command.generation] = command, task

    def transcribe_partial(self, command: TranscribePartial, spawn: Spawn) -> None:
        spawn(self._partial(command), name=f"partial-{command.item}")

    def cancel(self, generation: int) -> None:
        """Stop working on a final transcription, if it is still in progress."""
        if found := self._finals.pop(generation, None):
            found[1].cancel()

    def accept_captions(self, generation: int) -> None:
        """Give up a final transcription that is still in progress, and take the words that its
        captions agreed on."""
        if found := self._finals.pop(generation, None):
            command, task = found
            task.cancel()
            late = Transcribed(
                self._hearing.at, command.generation, "", False, "timeout", confidence=0.0
            )
            self._transcribed(command, late)

    async def finish(self, seconds: float, awaited: Callable[[], Awaitable[None]]) -> None:
        """Wait for the final transcriptions in progress. For those that take longer than this after
        somebody waits for them (`awaited` returns then), the captions are taken."""

        async def take_captions() -> None:
            await awaited()
            await asyncio.sleep(seconds)
            for generation in list(self._finals):
                self.accept_captions(generation)

        async with asyncio.TaskGroup() as tasks:
            limit = tasks.create_task(take_captions(), name="last words")
            while self._finals:
                self._done.clear()
                await self._done.wait()
            limit.cancel()

    def close(self) -> None:
        self.transcripts.close()

    def caption(self, command: Caption) -> None:
        """Show the words that two hypotheses agree on."""
        if text := self._captions.feed(command.item, command.start, command.text):
            self._outputs.put(o.TranscriptDelta(self._item_id(command.item), text))

    def agreed(self, item: int) -> Mapping[int, str]:
        """Return the words that a turn's captions show, by the first sample of each stretch."""
        return self._captions.of_turn(item)

    def newest(self, item: int, start: int) -> str:
        """Return the newest hypothesis of a stretch of a turn, on which no other one agreed yet."""
        return self._captions.newest(item, start)

    async def _final(self, command: Transcribe) -> None:
        audio = self._hearing.audio(command.start, command.end)
        voice = audio[max(0, command.voice - command.start) :]
        goes_on = command.end < self._hearing.at
        began = self._now()
        try:
            async with asyncio.timeout(PATIENCE):
                found = await self.transcripts.final(audio, self._question(), command.start)
            text, confidence, failure = found.text.strip(), found.confidence, ""
            spare_within = max(SPARE_WITHIN, SPARE_RATIO * found.usual)
        except (EngineError, TimeoutError) as exc:
            log.warning("transcription of %d samples failed: %s", len(audio), type(exc).__name__)
            text, confidence, failure = "", 0.0, code_of(exc)
            spare_within = SPARE_WITHIN
        transcribed = Transcribed(
            self._hearing.at,
            command.generation,
            text,
            spare=self._now() - began <= spare_within,
            failure=failure,
            confidence=confidence,
            sound=sound_of(voice) if text and len(voice) < SOUNDS else Sound.UNCLEAR,
            shown="" if text or goes_on else self._shown(command, len(audio), len(voice)),
        )
        self._transcribed(command, transcribed)
        if goes_on and text:
            self._captions.ended_before(command.start, text)

    def _transcribed(self, command: Transcribe, event: Transcribed) -> None:
        """Report a final transcript, or the words that the captions agreed on if those are better.
        Where one failed before two hypotheses agreed on anything, the only one has to do."""
        self._finals.pop(command.generation, None)
        self._done.set()
        self.marks["transcribed"] = self._now()
        agreed = self._captions.of_stretch(command.start)
        text = event.text
        if event.failure:
            text = agreed or self._captions.without_last(command.start)
        elif command.cut:
            text = believed(text, agreed, (command.end - command.start) / HEARING_RATE)
        sure = event.confidence if text == event.text else 0.0
        self._happened(replace(event, text=text, confidence=sure))

    def _shown(self, command: Transcribe, heard: int, voice: int) -> str:
        """Return the words that captions agreed on of a stretch without any in its final
        transcript; none if they may be made of a noise, or of voice that is left out by now."""
        agreed = self._captions.of_stretch(command.start)
        whole = heard == command.end - command.start and self._hearing.quieter_since is None
        return agreed if whole and voice >= SOUNDS and is_certain(agreed) else ""

    async def _partial(self, command: TranscribePartial) -> None:
        # a client sends many frames at once: a look takes those that have come since
        end = self._hearing.at if command.urgent else command.end
        if command.urgent:
            if end == self._looked:
                return  # the same audio confirms nothing
            self._looked = end
        audio, voiced = self._hearing.audio(command.start, end), self._hearing.voiced
        try:
            transcript = await self.transcripts.partial(
                audio, self._question(), urgent=command.urgent
            )
        except EngineError:
            return  # captions are a courtesy; the final says what failed
        if transcript is not None:
            text, at = transcript.text.strip(), self._hearing.at
            sure = transcript.confidence
            sound = sound_of(audio) if text and command.urgent else Sound.UNCLEAR
            event = PartialTranscribed(
                at,
                command.item,
                text,
                command.start,
                sure,
                voiced,
                sound=sound,
                until=end,
                quieter_since=self._hearing.quieter_since,
                wordless=transcript.sound,
                alone=not self._hearing.background.as_others,
            )
            self._happened(event)

    def _now(self) -> float:
        return asyncio.get_running_loop().time()
