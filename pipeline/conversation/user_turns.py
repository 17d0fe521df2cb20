"""The candidate's turns in a session: has them transcribed, tells the client and writes them
down."""

from functools import partial
from typing import assert_never

from ..journal import CandidateSpoke
from ..matching import joined
from . import commands as c
from . import output as o
from .end_of_turn import EndOfTurnJudge
from .floor import Turn
from .journal_writer import JournalWriter
from .output_queue import OutputQueue
from .recognition import Recognition
from .session_tasks import SessionTasks
from .timeline import Timeline
from .unfinished import UnfinishedTurn


class UserTurns:
    def __init__(
        self,
        recognition: Recognition,
        outputs: OutputQueue,
        journal: JournalWriter,
        timeline: Timeline,
        tasks: SessionTasks,
        judge: EndOfTurnJudge,
    ) -> None:
        self.recognition = recognition
        self.judge = judge
        self._outputs = outputs
        self._journal = journal
        self._timeline = timeline
        self._tasks = tasks
        self._unfinished = UnfinishedTurn(journal, timeline.item, timeline.ms)
        self._begun: int | None = None
        """The turn of which the client knows that it has begun, but not that it is over."""

    def carry_out(self, command: c.TranscriptionCommand | c.TurnCommand) -> None:
        match command:
            case c.Transcribe():
                self.recognition.transcribe(command, self._tasks.spawn_final)
            case c.TranscribePartial():
                self.recognition.transcribe_partial(command, self._tasks.spawn)
            case c.Caption():
                self.recognition.caption(command)
            case c.CancelTranscription(generation):
                self.recognition.cancel(generation)
            case c.AcceptCaptions(generation):
                self.recognition.accept_captions(generation)
            case c.AnnounceSpeech(item, onset):
                started = o.SpeechStarted(self._timeline.item(item), self._timeline.ms(onset))
                self._outputs.put(started)
                self._begun = item
            case c.DropTurn(item):
                self._drop(item)
            case c.CommitTurn():
                self._take(command)
            case _:
                assert_never(command)

    def goes_on(self, turn: Turn, at: int) -> None:
        """Have what was understood so far written down."""
        newest = self.recognition.newest(turn.item, turn.start)
        self._unfinished.goes_on(turn, self.recognition.agreed(turn.item), newest, at)

    def words(self, turn: Turn) -> str:
        """Return what is known of a turn that goes on: final transcripts, then agreed captions."""
        stretches = dict(self.recognition.agreed(turn.item)) | turn.finals
        return joined(*(stretches[start] for start in sorted(stretches)))

    def close(self) -> None:
        self.recognition.close()
        self.judge.close()

    def _drop(self, number: int) -> None:
        item = self._timeline.item(number)
        self._unfinished.dropped(number, self._timeline.at)
        self._outputs.put(o.SpeechStopped(item, self._timeline.now()))
        self._outputs.put(o.TranscriptCompleted(item, ""))
        self._begun = None

    def _take(self, turn: c.CommitTurn) -> None:
        item, until = self._timeline.item(turn.item), self._timeline.ms(turn.until)
        transcripts = self.recognition.transcripts
        language = "" if turn.typed else transcripts.other
        if turn.typed:
            self.recognition.nothing_heard()
        if not turn.typed or turn.item == self._begun:
            self._outputs.put(o.SpeechStopped(item, until))
        self._begun = None
        self.recognition.voice_ended(turn.until, turn.due)
        spoke = CandidateSpoke(
            self._timeline.now(),
            item,
            turn.text,
            self._timeline.ms(turn.onset),
            until,
            turn.typed,
            turn.confidence,
            turn.broken_off,
            language,
            bool(language) and transcripts.follows,
        )
        # docs/decisions/012-told-means-durable.md: durable before it is told
        # What the client has been told must still hold if this process is killed now.
        completed = o.TranscriptCompleted(item, turn.text)
        self._journal.write(spoke, partial(self._outputs.put, completed))
        if not turn.typed:
            transcripts.committed(item)
