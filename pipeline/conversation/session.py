"""One conversation: the only place that turns commands into engine calls."""

import asyncio
import logging
import uuid
from collections.abc import AsyncIterator, Coroutine, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import Any, assert_never

import numpy as np

from models.contracts import FRAME, HEARING_RATE, SPEAKING_RATE, Engines

from ..errors import FallingBehind, RecordUnavailable
from ..journal import (
    CandidateSpoke,
    Connected,
    Disconnected,
    InterviewEnded,
    Record,
    RecordingStopped,
)
from . import events as e
from . import output as o
from .agent import Agent
from .audio_input import Hearing
from .early import Early
from .journal_writer import Scribe
from .output_queue import Outbox
from .recognition import Recognition
from .replies import Host
from .reply import Desk
from .stats import Tally
from .stereo import Recording, Sink
from .timekeeping import Judged, Timekeeper
from .turns import Tuning, TurnTaking
from .unfinished import UnfinishedTurn

log = logging.getLogger(__name__)

TICK = 0.1
"""Seconds between looks at whether audio still comes."""
WIRE_FRAME = FRAME * SPEAKING_RATE // HEARING_RATE * 2
"""Bytes that a frame has on the wire."""
# docs/decisions/017-last-words.md: reconnecting clients give up after 5 s
LAST_WORDS = 3.0
"""Seconds that what the candidate was saying is still transcribed for when the session ends; then
the captions have to do. A client that comes back waits meanwhile, and gives up after five."""
LAST_WRITES = 5.0
"""Seconds that a session that ends waits for its record."""


class Session:
    """One client's connection to one conversation; made anew for each connection.

    What the client asks (`input.Listener`) is decided at once; what was decided is carried out by
    tasks of `run()`. Call everything on the one event loop."""

    def __init__(
        self,
        engines: Engines,
        agent: Agent[Any],
        record: Record,
        *,
        tuning: Tuning | None = None,
        recording: Sink | None = None,
    ) -> None:
        """`recording`, if there is one, gets both sides as they are heard."""
        self.tally = Tally()
        self._recording = Recording(recording, self._recording_stopped)
        if self._recording.works:
            agent.be_recorded()
        self._name = uuid.uuid4().hex[:8]
        self._agent = agent
        self._began_ms = agent.elapsed_ms
        self._turns = TurnTaking(tuning, self._position(agent.latest_ms), agent.language)
        self._hearing = Hearing(engines.vad.open())
        self._transcripts = engines.transcriber.open(agent.language.code)
        self._llm = engines.llm.open()
        self._outbox = Outbox()
        self._scribe = Scribe(record, self._record_lost)
        self._tasks = asyncio.TaskGroup()
        self._finals = asyncio.TaskGroup()
        """What is transcribed for good outlasts the conversation."""
        self._over = asyncio.Event()
        self._time: Timekeeper | None = None
        """None while nobody listens: before `run()` has begun and after it."""
        desk = Desk(
            self._llm,
            engines.voice,
            self._outbox,
            self._scribe,
            self._clock,
            self.tally,
            agent.names,
            agent.language,
            engines.reasoning,
            replace(engines.reasoning),
        )
        self._host = Host(agent, desk, self._spawn, self._reply_finished)
        self._recognition = Recognition(
            self._hearing,
            self._transcripts,
            self._outbox,
            self._happened,
            self._item_id,
            self._host.last_words,
        )
        self._unfinished = UnfinishedTurn(self._scribe, self._item_id, self._ms)

    async def run(self, early: Early | None = None, *, left: bool = False) -> None:
        """Converse until the interview has ended and its last words were played; cancel it when
        the client leaves. Nothing it started outlives the call.

        `early` is what the candidate has said already: it is heard before the interviewer says
        anything, and of a candidate who has `left` nothing else is wanted. Raises `FallingBehind`
        and `RecordTaken`."""
        try:
            async with asyncio.TaskGroup() as outer:
                writing = outer.create_task(self._scribe.run(), name="scribe")
                try:
                    async with self._finals:
                        try:
                            await self._converse(early or Early(), left)
                        finally:
                            await self._take_last_words()
                finally:
                    await self._leave()
                    writing.cancel()
        except ExceptionGroup as group:
            raise _first(group) from group

    @property
    def ended(self) -> bool:
        """Whether the interviewer has ended the interview, and that is on record."""
        return self._over.is_set()

    def push_audio(self, pcm: bytes) -> None:
        """24 kHz mono PCM16 little-endian, any number of bytes (an odd byte waits for the next)."""
        if self._time:
            now, left_out = asyncio.get_running_loop().time(), 0
            if frames := self._hearing.frames(pcm):
                came = [(frame, self._hearing.judge(frame)) for frame in frames]
                at, in_a_turn = self._hearing.at, self._in_a_turn()
                heard, left_out = self._time.came(came, at, now, in_a_turn=in_a_turn)
            self._recording.arrived(pcm[left_out * WIRE_FRAME :], now)
            if frames:
                self._listen(heard)

    def push_text(self, text: str) -> None:
        """A typed answer, instead of speech."""
        if self._time:
            self._happened(e.TextTyped(self._hearing.at, text))

    def commit_audio(self) -> None:
        """The candidate says that they have finished; answer now."""
        if self._time:
            self._happened(e.AudioCommitted(self._hearing.at))

    def mute(self, *, muted: bool) -> None:
        """The candidate has switched their microphone off, or on again."""
        if self._time:
            self._happened((e.Muted if muted else e.Unmuted)(self._hearing.at))

    async def outputs(self) -> AsyncIterator[o.Output]:
        """What to tell the client, in order; ends when the session does. A consumer that is slow
        holds back audio, never control events."""
        async for output in self._outbox.read():
            self._recording.told(output, asyncio.get_running_loop().time())
            yield output

    async def _converse(self, early: Early, left: bool) -> None:
        async with self._tasks:
            now = asyncio.get_running_loop().time()
            self._time = Timekeeper(now)
            self._recording.begin(now)
            self._scribe.write(Connected(self._clock(), self._recording.number))
            await early.tell(self)
            if left:
                self._host.leave()  # nobody hears an answer
                return
            self._happened(e.SessionStarted(self._hearing.at))
            ticking = self._spawn(self._keep_time(), name="clock")
            try:
                await self._over.wait()
            finally:
                self._time = None  # the tasks are ending: nothing may begin any more
                ticking.cancel()

    async def _take_last_words(self) -> None:
        """Understand what the candidate was saying when the session ends."""
        with suppress(FallingBehind):  # no room: the record ends here, as after a kill
            self._recording.close(asyncio.get_running_loop().time())
        with suppress(FallingBehind):
            self._host.leave()
        self._outbox.close()
        async with asyncio.TaskGroup() as self._finals:
            self._happened(e.UserLeft(self._hearing.at))
            await self._recognition.finish(LAST_WORDS)

    async def _leave(self) -> None:
        """Put an orderly end to the record, and to the engines' work."""
        with suppress(FallingBehind):
            self._scribe.write(Disconnected(self._clock()))
        self._transcripts.close()
        self._llm.close()
        try:
            async with asyncio.timeout(LAST_WRITES):
                await self._scribe.flush()
        except TimeoutError:
            log.warning("session %s ended while its record could not be written", self._name)

    async def _keep_time(self) -> None:
        """Let time go on for a client that sends nothing while it has nothing to say."""
        silence = [(np.zeros(FRAME, dtype=np.int16), 0.0)] * round(TICK * HEARING_RATE / FRAME)
        while True:
            await asyncio.sleep(TICK)
            now = asyncio.get_running_loop().time()
            if self._time and self._time.is_missing(now, in_a_turn=self._in_a_turn()):
                self._recording.passed(len(silence) * FRAME, now)
                self._listen(self._time.assume(len(silence)))
                self._listen(silence, came=False)
            self._recording.check()

    def _in_a_turn(self) -> bool:
        return self._turns.in_a_turn or self._hearing.in_voice

    def _listen(self, frames: Sequence[Judged], *, came: bool = True) -> None:
        if frames:
            self._recognition.arrived(len(frames) * FRAME)
        for frame, probability in frames:
            if event := self._hearing.take(frame, probability, came=came):
                self._happened(event)
            deadline = self._turns.deadline
            if deadline is not None and deadline <= self._hearing.at:
                self._happened(e.DeadlineReached(self._hearing.at, self._hearing.voiced))

    def _reply_finished(self, reply: int, last: bool) -> None:
        self._happened(e.ReplyFinished(self._hearing.at, reply, last))

    def _happened(self, event: e.Event) -> None:
        """Decide, and carry out what was decided, without letting anything come between."""
        commands = self._turns.handle(event)
        self.tally.note(event, commands)
        for command in commands:
            self._carry_out(command)
        if isinstance(event, e.PartialTranscribed | e.Transcribed):
            self._note_unfinished(event.at)

    def _note_unfinished(self, at: int) -> None:
        """Have what was understood so far of a turn that goes on written down."""
        if turn := self._turns.unfinished:
            self._unfinished.goes_on(turn, self._recognition.agreed(turn.item), at)

    def _carry_out(self, command: e.Command) -> None:
        match command:
            case e.Transcribe():
                self._recognition.transcribe(command, self._spawn_final)
            case e.TranscribePartial():
                self._recognition.transcribe_partial(command, self._spawn)
            case e.Caption():
                self._recognition.caption(command)
            case e.CancelTranscription(generation):
                self._recognition.discard(generation)
            case e.AcceptCaptions(generation):
                self._recognition.give_up(generation)
            case e.EndConversation():
                self._end()
            case e.CommitTurn() | e.DropTurn() | e.AnnounceSpeech():
                self._tell(command)
            case _:
                self._direct(command)

    def _direct(self, command: e.ReplyCommand) -> None:
        """Carry out a command about a reply."""
        match command:
            case e.OpenConversation(reply):
                self._host.open_floor(reply, self._response_id(reply))
            case e.Nudge(reply):
                self._host.break_silence(reply, self._response_id(reply))
            case e.PrepareReply(reply, text, overlong):
                self._host.prepare(reply, self._response_id(reply), text, overlong=overlong)
            case e.PlayReply(reply):
                self._host.release(reply, self._recognition.marks)
            case e.PauseReply(reply):
                self._host.pause(reply)
            case e.ResumeReply(reply):
                self._host.resume(reply)
            case e.StopReply(reply):
                self._host.stop(reply)
            case e.DiscardReply(reply):
                self._host.discard(reply)
            case _:
                assert_never(command)

    def _tell(self, command: e.TurnCommand) -> None:
        """Tell the client about the candidate's turn, and the journal once it is a fact."""
        item = self._item_id(command.item)
        match command:
            case e.AnnounceSpeech(_, onset):
                self._outbox.put(o.SpeechStarted(item, self._ms(onset)))
                self._host.expect()
            case e.DropTurn(number):
                self._unfinished.dropped(number, self._hearing.at)
                self._outbox.put(o.SpeechStopped(item, self._clock()))
                self._outbox.put(o.TranscriptCompleted(item, ""))
            case e.CommitTurn(_, text, onset, until, typed, broken_off):
                if typed:
                    self._recognition.nothing_heard()
                else:
                    self._outbox.put(o.SpeechStopped(item, self._ms(until)))
                self._recognition.voice_ended(until)
                at, began, ended = self._clock(), self._ms(onset), self._ms(until)
                spoke = CandidateSpoke(at, item, text, began, ended, typed, broken_off=broken_off)
                # docs/decisions/012-told-means-durable.md: durable before it is told
                # What the client has been told is a fact, also when this process is killed now.
                completed = o.TranscriptCompleted(item, text)
                self._scribe.write(spoke, partial(self._outbox.put, completed))
            case _:
                assert_never(command)

    def _end(self) -> None:
        reason = self._agent.reason
        ended = partial(self._ended, o.InterviewEnded(reason))
        self._scribe.write(InterviewEnded(self._clock(), reason), ended)

    def _ended(self, ended: o.InterviewEnded) -> None:
        self._outbox.put(ended)
        self._over.set()

    def _recording_stopped(self, reason: str) -> None:
        self._scribe.write(RecordingStopped(self._clock(), reason))

    def _record_lost(self, exc: RecordUnavailable) -> None:
        self._outbox.put(o.Failed(exc.code, str(exc)))

    def _spawn(self, work: Coroutine[Any, Any, None], *, name: str) -> asyncio.Task[None]:
        return self._tasks.create_task(work, name=name)

    def _spawn_final(self, work: Coroutine[Any, Any, None], *, name: str) -> asyncio.Task[None]:
        return self._finals.create_task(work, name=name)

    def _clock(self) -> int:
        return self._ms(self._hearing.at)

    # docs/decisions/020-session-clock.md: continues from the journal's last entry
    def _ms(self, at: int) -> int:
        return self._began_ms + at * 1000 // HEARING_RATE

    def _position(self, clock_ms: int | None) -> int | None:
        """Where in the incoming audio the session's clock will stand there."""
        return None if clock_ms is None else (clock_ms - self._began_ms) * HEARING_RATE // 1000

    def _item_id(self, number: int) -> str:
        return f"item_{self._name}_{number}"

    def _response_id(self, number: int) -> str:
        return f"resp_{self._name}_{number}"


def _first(group: ExceptionGroup[Exception]) -> Exception:
    """What happened first of what went wrong."""
    first = group.exceptions[0]
    return _first(first) if isinstance(first, ExceptionGroup) else first
