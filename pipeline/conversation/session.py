"""One conversation: the only place that turns commands into engine calls."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import Any, assert_never

from models.contracts import Engines

from ..errors import BacklogFull, RecordUnavailable
from ..journal import Connected, Disconnected, InterviewEnded, Record, RecordingStopped
from . import commands as c
from . import events as e
from . import output as o
from .agent import Agent
from .audio_input import AudioInput
from .early import Early
from .end_of_turn import EndOfTurnJudge
from .input import Configure
from .journal_writer import JournalWriter
from .listening import Listening
from .output_stream import OutputStream
from .own_words import EARLY, are_own, has_own
from .ready_speech import ReadySpeech
from .recognition import Recognition
from .replies import Replies
from .reply_context import ReplyContext
from .session_tasks import SessionTasks
from .spoken_language import SpokenTranscripts
from .stats import ConversationStats
from .stereo import Recording, Sink
from .stretches import stretches_for
from .timeline import Timeline
from .turn_steps import Tuning
from .turns import TurnTaking
from .user_turns import UserTurns

log = logging.getLogger(__name__)

# docs/decisions/017-last-words.md: reconnecting clients give up after 5 s
LAST_WORDS = 3.0
"""Seconds for which the candidate's last words are still transcribed when the session ends and
somebody waits for that; after that the captions have to do. A client that reconnects gives up after
five."""
# docs/decisions/012-told-means-durable.md: a connection may break while the database is away
LAST_WRITES = 60.0
"""Seconds that a session waits at its end for its journal to be written: a database that was
restarted is back by then. A newer connection goes ahead sooner, and ends the wait."""


async def at_once() -> None:
    """Return at once: somebody waits from the first moment on."""


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
        self.stats = ConversationStats()
        stereo = Recording(recording, self._recording_stopped)
        if stereo.works:
            agent.be_recorded()
        hearing = AudioInput(engines.vad.open())
        self._timeline = Timeline(lambda: hearing.at, agent.elapsed_ms)
        self._turns = TurnTaking(
            tuning,
            self._timeline.position(agent.latest_ms),
            agent.language,
            stretches_for(engines.transcriber.max_seconds),
        )
        self._tasks = SessionTasks()
        self._outputs = OutputStream(stereo, hearing.echo)
        self._journal = JournalWriter(record, self._record_lost)
        self._replies = self._replies_of(agent, engines, hearing)
        recognition = self._recognition_of(agent, engines, hearing)
        judge = self._judge_of(agent, engines, hearing)
        self._user = self._turns_of_user(recognition, judge)
        self._listening = Listening(
            hearing,
            stereo,
            self._turns,
            recognition.arrived,
            self._happened,
            self._replies.troubled,
        )

    def _recognition_of(
        self, agent: Agent[Any], engines: Engines, hearing: AudioInput
    ) -> Recognition:
        transcripts = SpokenTranscripts(
            engines.transcriber,
            agent.own_language,
            agent.terms,
            spoken=agent.spoken,
            follows=agent.follows_language,
            spoken_in=self._spoken_in,
        )
        queue, item = self._outputs.queue, self._timeline.item
        return Recognition(
            hearing, transcripts, queue, self._happened, item, self._replies.last_words
        )

    def _judge_of(self, agent: Agent[Any], engines: Engines, hearing: AudioInput) -> EndOfTurnJudge:
        stream = engines.end_of_turn.open(agent.language.code) if engines.end_of_turn else None
        sentences, spawn = engines.sentence_end, self._tasks.spawn
        return EndOfTurnJudge(stream, sentences, hearing, self._happened, spawn)

    def _turns_of_user(self, recognition: Recognition, judge: EndOfTurnJudge) -> UserTurns:
        queue, journal, timeline = self._outputs.queue, self._journal, self._timeline
        return UserTurns(recognition, queue, journal, timeline, self._tasks, judge)

    def _replies_of(self, agent: Agent[Any], engines: Engines, hearing: AudioInput) -> Replies:
        context = ReplyContext(
            engines.llm.open(),
            ReadySpeech(engines.voice, agent.language),
            self._outputs.queue,
            self._journal,
            self._timeline.now,
            self.stats,
            agent.names,
            agent.language,
            engines.reasoning,
            replace(engines.reasoning),
            hearing.jitter,
        )
        return Replies(agent, context, self._tasks.spawn, self._reply_finished)

    async def run(
        self,
        early: Early | None = None,
        *,
        left: bool = False,
        awaited: Callable[[], Awaitable[None]] = at_once,
    ) -> None:
        """Converse until the interview has ended and its last words were played. The caller cancels
        it when the client leaves; nothing that it started outlives the call.

        `early` is what the candidate has said already. It is processed before the interviewer says
        anything, and is all there is to do for a candidate who has `left`. `awaited` returns when
        somebody waits for the end of a session that ends. Raises `BacklogFull` and
        `RecordTaken`."""
        try:
            async with asyncio.TaskGroup() as outer:
                writing = outer.create_task(self._journal.run(), name="journal")
                try:
                    async with self._tasks.finals:
                        try:
                            await self._converse(early or Early(), left)
                        finally:
                            await self._take_last_words(awaited)
                finally:
                    await self._leave()
                    writing.cancel()
        except ExceptionGroup as group:
            raise _first(group) from group

    @property
    def ended(self) -> bool:
        """True once the interviewer has ended the interview and the journal says so."""
        return self._tasks.over.is_set()

    @property
    def at_rest(self) -> bool:
        """Return whether nobody speaks, or is about to: the conversation can go on elsewhere."""
        return self._turns.at_rest

    def push_audio(self, pcm: bytes) -> None:
        """Process audio of the candidate: mono PCM16, little-endian, at 24 kHz unless configured
        otherwise, in any number of bytes (an odd byte waits for the next)."""
        self._listening.push(pcm)

    def push_text(self, text: str) -> None:
        """Take a typed answer."""
        self._asked(e.TextTyped(self._timeline.at, text))

    def commit_audio(self) -> None:
        """End the candidate's turn now, because they say that they have finished."""
        self._asked(e.AudioCommitted(self._timeline.at))

    def clear_audio(self) -> None:
        """Forget what the candidate is saying, and what they have said in the open turn."""
        if self._listening.active:
            self._listening.forget()
            self._happened(e.AudioCleared(self._timeline.at))

    def mute(self, *, muted: bool) -> None:
        """Note that the candidate has switched their microphone off, or on again."""
        self._listening.mute(muted=muted)
        self._asked((e.Muted if muted else e.Unmuted)(self._timeline.at))

    def test_echo(self) -> None:
        """Find out whether the interviewer's voice comes back through the microphone."""
        if self._listening.active:
            testing = self._listening.test_echo(self._replies.hold, self._outputs.queue)
            self._tasks.spawn(testing, name="echo-test")

    def create_response(self) -> None:
        """Say something now: the answer to what is being said, if anything is. There is one reply
        at a time, so while there is one nothing happens."""
        self._asked(e.ReplyRequested(self._timeline.at))

    def cancel_response(self) -> None:
        """Stop the reply that is being heard, and give the candidate the floor."""
        self._asked(e.ReplyCancelled(self._timeline.at))

    def truncate_response(self, item: str, played_ms: int) -> None:
        """Count only this much of a reply as heard, because the client played no more of it, and
        stop it if it is being played. Takes effect until the next reply is worked out."""
        if self._listening.active and self._replies.truncate(item, played_ms):
            self._happened(e.ReplyCancelled(self._timeline.at))

    def configure(self, wanted: Configure) -> None:
        """Use these settings of the client from now on."""
        if wanted.tuning:
            self._turns.tune(wanted.tuning)
        if wanted.input_rate:
            self._listening.change_rate(wanted.input_rate)
        if wanted.output_rate:
            self._outputs.change_rate(wanted.output_rate)

    def outputs(self) -> AsyncIterator[o.Output]:
        """Yield what the client is to be told, in order, until the session ends. A slow consumer
        holds back audio, never control events."""
        return self._outputs.read()

    async def _converse(self, early: Early, left: bool) -> None:
        async with self._tasks.conversation:
            recording = self._listening.begin()
            self._journal.write(Connected(self._timeline.now(), recording))
            await early.tell(self)
            if left:
                self._replies.leave()  # nobody hears an answer
                return
            self._happened(e.SessionStarted(self._timeline.at))
            ticking = self._tasks.spawn(self._listening.keep_time(), name="clock")
            try:
                await self._tasks.over.wait()
            finally:
                self._listening.end()  # the tasks are ending: nothing may begin any more
                ticking.cancel()

    async def _take_last_words(self, awaited: Callable[[], Awaitable[None]]) -> None:
        """Transcribe what the candidate was saying when the session ends."""
        with suppress(BacklogFull):  # no room: the record ends here, as after a kill
            self._listening.close()
        with suppress(BacklogFull):
            self._replies.leave()
        self._outputs.queue.close()
        async with asyncio.TaskGroup() as self._tasks.finals:
            self._happened(e.UserLeft(self._timeline.at))
            await self._user.recognition.finish(LAST_WORDS, awaited)

    async def _leave(self) -> None:
        """Close the journal and the engines' work in good order."""
        with suppress(BacklogFull):
            self._journal.write(Disconnected(self._timeline.now()))
        self._user.close()
        self._replies.close()
        try:
            async with asyncio.timeout(LAST_WRITES):
                await self._journal.flush()
        except TimeoutError:
            name = self._timeline.name
            log.warning("session %s ended while its record could not be written", name)

    def _asked(self, event: e.Event) -> None:
        if self._listening.active:
            self._happened(event)

    def _spoken_in(self, item: str, language: str) -> None:
        followed = self._user.recognition.transcripts.follows
        if listened_for := self._replies.spoken_in(item, language, followed=followed):
            self._turns.listen_for(listened_for)

    def _reply_finished(self, reply: int, last: bool) -> None:
        self._happened(e.ReplyFinished(self._timeline.at, reply, last))

    def _happened(self, event: e.Event) -> None:
        """Decide what the event calls for and carry it out, without an `await` in between."""
        if isinstance(event, e.PartialTranscribed | e.Transcribed):
            said = self._replies.saying()
            event = replace(event, own=are_own(event.text, said, early=event.at < EARLY))
            if isinstance(event, e.PartialTranscribed):
                event = replace(event, ours=has_own(event.text, said))
        commands = self._turns.handle(event)
        self.stats.note(event, commands)
        for command in commands:
            self._carry_out(command)
        understood = isinstance(event, e.PartialTranscribed | e.Transcribed)
        if understood and (turn := self._turns.unfinished):
            self._user.goes_on(turn, event.at)
            self._replies.listen(self._user.words(turn))
        if pause := self._turns.paused:
            self._user.judge.pauses(pause)
        if doubt := self._turns.unsure:
            self._user.judge.unsure(*doubt, self._turns.asked)

    def _carry_out(self, command: c.Command) -> None:
        if isinstance(command, c.TranscriptionCommand | c.TurnCommand):
            self._user.carry_out(command)
            if isinstance(command, c.AnnounceSpeech):
                self._turns.answering(self._replies.last_words())
                self._replies.expect()
        elif isinstance(command, c.ReplyCommand):
            self._direct(command)
        elif isinstance(command, c.TakeForOthers):
            self._listening.take_for_others()
        elif isinstance(command, c.EndConversation):
            self._end()
        else:
            assert_never(command)

    def _direct(self, command: c.ReplyCommand) -> None:
        """Carry out a command about a reply."""
        response = self._timeline.response(command.reply)
        match command:
            case c.OpenConversation(reply):
                self._replies.open(reply, response)
            case c.Nudge(reply):
                self._replies.nudge(reply, response)
            case c.PrepareReply(reply, text, overlong):
                self._replies.prepare(reply, response, text, overlong=overlong)
            case c.PlayReply(reply):
                self._replies.play(reply, self._user.recognition.marks)
            case c.PauseReply(reply):
                self._replies.pause(reply)
            case c.ResumeReply(reply):
                self._replies.resume(reply)
            case c.StopReply(reply):
                self._replies.stop(reply)
            case c.DiscardReply(reply):
                self._replies.discard(reply)
            case _:
                assert_never(command)

    def _end(self) -> None:
        reason = self._replies.reason
        ended = partial(self._ended, o.InterviewEnded(reason))
        self._journal.write(InterviewEnded(self._timeline.now(), reason), ended)

    def _ended(self, ended: o.InterviewEnded) -> None:
        self._outputs.queue.put(ended)
        self._tasks.over.set()

    def _recording_stopped(self, reason: str) -> None:
        self._journal.write(RecordingStopped(self._timeline.now(), reason))

    def _record_lost(self, exc: RecordUnavailable) -> None:
        self._outputs.queue.put(o.Failed(exc.code, str(exc)))


def _first(group: ExceptionGroup[Exception]) -> Exception:
    """Return the first of the errors."""
    first = group.exceptions[0]
    return _first(first) if isinstance(first, ExceptionGroup) else first
