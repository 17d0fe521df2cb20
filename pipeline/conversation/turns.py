"""Who has the floor. No I/O, no clock, no engine: events in, commands out.

Every rule of turn-taking lives in this file; the session only carries the commands out.
"""

from dataclasses import dataclass, field, replace
from typing import assert_never

from models.contracts import HEARING_RATE

from ..language.english import ENGLISH
from ..language.language import Language
from . import events as e
from .endpointing import EndpointingPolicy, samples
from .floor import (
    AgentInterrupting,
    AgentSpeaking,
    ClassifyingBargeIn,
    Closed,
    EndingLastTurn,
    EndingLongTurn,
    EndingTypedTurn,
    Endpointing,
    Floor,
    Idle,
    Part,
    PossibleBargeIn,
    Turn,
    UserSpeaking,
)
from .interruption import (
    FIRST_LOOK,
    GIVE_UP,
    LOOK_EVERY,
    SHORTEST,
    WATCHED,
    Evidence,
    interrupts,
    wanting,
)
from .stretches import Stretches, stretches_for

PREROLL = samples(300)
"""Audio kept from before the first voiced frame."""
PARTIAL_EVERY = samples(700)
ECHO_SETTLES = samples(3000)
"""Until then after connecting only words interrupt: the browser's echo canceller still learns."""
USUAL_STRETCHES = stretches_for()
NOISE = samples(800)
"""A wordless turn shorter than this was no turn."""
# docs/decisions/007-voice-hint-hold.md: resumed speech needs 100 ms before it counts
HOLD = samples(200)
"""How long a hint of more speech puts off the end of the turn."""
MAX_TRIES = 3
"""Replies prepared on a guess, for one turn."""
LONGEST_TURN = 240 * HEARING_RATE
"""A turn that goes on for so long is ended: a television would never end it."""
LEAST_TURN = 20 * HEARING_RATE
"""A turn that begins when the interview should be over may still be this long."""
TYPED_WAITS = samples(1000)
"""So long a typed answer waits for the words that were said just before it."""
# docs/decisions/013-mute-allowance.md: no sequence of mutes keeps an interview going
LONGEST_PAUSE = 180 * HEARING_RATE
"""For so long a muted candidate is left in peace between two turns of theirs, however often they
mute; then silence is silence."""


def _stale(before: Turn, after: Turn) -> list[e.Command]:
    """Stop transcribing what the turn has no use for any more."""
    return [
        e.CancelTranscription(part.generation)
        for part in before.parts
        if part.text is None and part not in after.parts
    ]


def _transcribe(turn: Turn, *, cut: bool = False) -> list[e.Command]:
    """Find out what the last part of the turn says."""
    part = turn.parts[-1]
    return [e.Transcribe(part.generation, part.start, part.end, cut)]


def _last_of(turn: Turn, at: int) -> Turn:
    """The turn without what was said longer ago than voice over a reply is kept in sight."""
    start = max(turn.start, at - WATCHED)
    return replace(turn, start=start, onset=max(turn.onset, start))


@dataclass(frozen=True, slots=True)
class Tuning:
    endpointing: EndpointingPolicy = field(default_factory=EndpointingPolicy)
    silence: int = samples(12_000)
    """How long the candidate may say nothing before the interviewer speaks again."""


class TurnTaking:
    def __init__(
        self,
        tuning: Tuning | None = None,
        over_at: int | None = None,
        language: Language = ENGLISH,
        stretches: Stretches = USUAL_STRETCHES,
    ) -> None:
        """`over_at`: when a turn that still goes on is ended, however short it is."""
        self.floor: Floor = Idle(0)
        self._tuning = tuning or Tuning()
        self._language = language
        self._endpointing = replace(self._tuning.endpointing, language=language)
        self._over_at = over_at
        self._stretches = stretches
        self._last = 0
        self._muted = False
        self._pause_left = LONGEST_PAUSE
        self._to_open = False
        """Whether the interviewer would have opened, had the candidate not been speaking already:
        of a turn, its reply is the opening; after a mere noise the interviewer opens."""
        self._started = False
        self._cleared_at = 0
        """Audio before it belongs to no turn any more."""

    def tune(self, tuning: Tuning) -> None:
        """Use other delays from now on. What was learned of the candidate's pauses stays."""
        self._tuning = tuning
        usual_pause = self._endpointing.usual_pause
        self._endpointing = replace(tuning.endpointing, usual_pause=usual_pause)

    @property
    def deadline(self) -> int | None:
        """When `DeadlineReached` is wanted, if nothing else happens before."""
        floor = self.floor
        match floor:
            case Idle(since):
                return since + self._tuning.silence + (self._pause_left if self._muted else 0)
            case UserSpeaking(turn, next_partial):
                too_much = turn.start + self._stretches.longest
                return min(next_partial, too_much, self._too_long_at(turn))
            case Endpointing(prepare_at=prepare_at):
                due = [at for at in (prepare_at, self._ends_at(floor)) if at is not None]
                return min(due, default=None)
            case PossibleBargeIn(turn=Turn(), next_partial=next_partial):
                return next_partial
            case PossibleBargeIn():
                return floor.onset + GIVE_UP
            case EndingTypedTurn(by=by):
                return by
            case AgentSpeaking() | ClassifyingBargeIn() | EndingLongTurn() | AgentInterrupting():
                return None  # the reply ends, or words are on their way
            case EndingLastTurn() | Closed():
                return None
            case _:
                assert_never(floor)

    @property
    def in_a_turn(self) -> bool:
        """Whether the candidate is saying something, or may go on with it."""
        return isinstance(
            self.floor,
            UserSpeaking | Endpointing | PossibleBargeIn | ClassifyingBargeIn | EndingLongTurn,
        )

    @property
    def paused(self) -> Turn | None:
        """The candidate's turn, while it is open whether it is over."""
        return self.floor.turn if isinstance(self.floor, Endpointing) else None

    @property
    def unfinished(self) -> Turn | None:
        """The candidate's turn, while they speak."""
        return self.floor.turn if isinstance(self.floor, UserSpeaking) else None

    def handle(self, event: e.Event) -> list[e.Command]:
        """What to do about it. What concerns work that is no longer wanted is ignored."""
        match event:
            case e.Transcribed():
                return self._transcribed(event)
            case e.EndOfTurnJudged():
                return self._judged(event)
            case e.TextTyped() | e.UserLeft() | e.Muted() | e.Unmuted():
                return self._by_hand(event)
            case e.AudioCleared() | e.ReplyRequested() | e.ReplyCancelled():
                return self._by_request(event)
            case e.ReplyFinished(at, reply, last):
                return self._finished(at, last) if reply == self._audible() else []
            case e.SessionStarted():
                self._started = True
        return self._in_this_state(event)

    def _in_this_state(self, event: e.StateEvent) -> list[e.Command]:
        floor = self.floor
        match floor:
            case Idle():
                return self._in_idle(event)
            case UserSpeaking():
                return self._in_user_speaking(event, floor)
            case Endpointing():
                return self._in_endpointing(event, floor)
            case AgentSpeaking():
                return self._in_agent_speaking(event, floor)
            case PossibleBargeIn():
                return self._in_possible_barge_in(event, floor)
            case ClassifyingBargeIn():
                return self._in_classifying_barge_in(event, floor)
            case EndingTypedTurn() if isinstance(event, e.DeadlineReached):
                return self._accept_captions(floor, event.at)
            case EndingLongTurn() | EndingTypedTurn() | AgentInterrupting():
                return self._speaks_meanwhile(event, floor)
            case EndingLastTurn() | Closed():
                return []  # nothing comes from the candidate any more
            case _:
                assert_never(floor)

    # One method a state. Each names the events that it ignores, so that mypy finds a forgotten one.

    def _in_idle(self, event: e.StateEvent) -> list[e.Command]:
        match event:
            case e.SpeechBegan(_, onset):
                return self._announce(self._new_turn(onset))
            case e.DeadlineReached():
                if self._muted:
                    self._pause_left = 0
                return [e.Nudge(self._speak())]
            case e.SessionStarted():
                return [e.OpenConversation(self._speak())]
            case e.PossibleSpeech() | e.PossibleSpeechEnded():
                return []  # nothing is at stake before it is speech
            case e.SpeechPaused() | e.AudioCommitted() | e.PartialTranscribed():
                return []  # of a turn that is over
            case _:
                assert_never(event)

    def _in_user_speaking(self, event: e.StateEvent, floor: UserSpeaking) -> list[e.Command]:
        turn = floor.turn
        match event:
            case e.SpeechPaused(at, until):
                return self._begin_endpointing(turn, at, until, until + self._endpointing.longest)
            case e.AudioCommitted(at):
                return self._begin_endpointing(turn, at, at, at)
            case e.DeadlineReached(at) if at >= self._too_long_at(turn):
                ended = self._ended(turn, at)
                following = Turn(self._new(), at, at)
                self.floor = EndingLongTurn(replace(ended, start=at), at, following)
                return _transcribe(ended)
            case e.DeadlineReached(at) if at >= turn.start + self._stretches.longest:
                ended = self._ended(turn, at)
                self.floor = replace(floor, turn=replace(ended, start=at))
                return _transcribe(ended)
            case e.DeadlineReached(at):
                self.floor = replace(floor, next_partial=at + PARTIAL_EVERY)
                return [e.TranscribePartial(turn.item, turn.start, at)]
            case e.PartialTranscribed(_, item, text, start):
                return [e.Caption(item, text, start)] if item == turn.item else []
            case e.SessionStarted():
                self._to_open = True
                return []
            case e.PossibleSpeech() | e.PossibleSpeechEnded() | e.SpeechBegan():
                return []  # they speak already
            case _:
                assert_never(event)

    def _in_endpointing(self, event: e.StateEvent, floor: Endpointing) -> list[e.Command]:
        match event:
            case e.SpeechBegan(_, onset):
                return self._goes_on(floor, onset)
            case e.PossibleSpeech(at):
                self.floor = replace(floor, not_before=at + HOLD)
                return []
            case e.AudioCommitted(at):
                self.floor = replace(floor, latest=at)
                return self._end_turn_if_due(at)
            case e.DeadlineReached(at):
                return self._prepare_if_due(at) + self._end_turn_if_due(at)
            case e.SessionStarted():
                self._to_open = True
                return []
            case e.PossibleSpeechEnded() | e.SpeechPaused():
                return []  # the hold runs out by itself
            case e.PartialTranscribed():
                return []  # the final transcript is on its way
            case _:
                assert_never(event)

    def _in_agent_speaking(self, event: e.StateEvent, floor: AgentSpeaking) -> list[e.Command]:
        match event:
            case e.PossibleSpeech(_, onset):
                self.floor = PossibleBargeIn(floor.reply, onset)
                return [e.PauseReply(floor.reply)]
            case e.SpeechBegan(_, onset):
                self._suspect_barge_in(floor.reply, onset)
                return [e.PauseReply(floor.reply)]
            case e.PossibleSpeechEnded() | e.SpeechPaused() | e.PartialTranscribed():
                return []  # of voice that is over, or has been decided upon
            case e.AudioCommitted() | e.DeadlineReached() | e.SessionStarted():
                return []  # there is a reply already
            case _:
                assert_never(event)

    def _in_possible_barge_in(self, event: e.StateEvent, floor: PossibleBargeIn) -> list[e.Command]:
        match event:
            case e.SpeechBegan():
                if floor.turn is None:
                    self._suspect_barge_in(floor.reply, floor.onset)
                return []
            case e.PossibleSpeechEnded():
                return self._resume(floor.reply)
            case e.SpeechPaused(at, until):
                return self._classify(floor, at, until)
            case e.PartialTranscribed(_, item, text):
                return self._weigh(floor, text) if floor.turn and item == floor.turn.item else []
            case e.DeadlineReached(at, voiced):
                return self._look(floor, at, voiced)
            case e.PossibleSpeech() | e.AudioCommitted() | e.SessionStarted():
                return []  # the words decide
            case _:
                assert_never(event)

    def _classify(self, floor: PossibleBargeIn, at: int, until: int) -> list[e.Command]:
        """The voice over the reply is over; have its words decide, if it can have any."""
        if until - floor.onset < SHORTEST:
            return self._resume(floor.reply)
        if floor.turn is None:
            return []
        turn = self._ended(_last_of(floor.turn, at) if floor.resumed else floor.turn, at)
        self.floor = ClassifyingBargeIn(floor.reply, turn, until)
        return _transcribe(turn)

    def _weigh(self, floor: PossibleBargeIn, text: str) -> list[e.Command]:
        """Interrupt the reply if a partial transcript of the voice over it shows that it should."""
        found = wanting(text, self._language)
        if floor.turn and floor.evidence.confirms(found):
            return self._interrupt(floor.reply, floor.turn)
        self.floor = replace(floor, evidence=floor.evidence.also(found))
        return []

    def _look(self, floor: PossibleBargeIn, at: int, voiced: int) -> list[e.Command]:
        """Have the voice so far transcribed; give up after a while, but watch it all the same."""
        turn = floor.turn
        if turn is None:  # clicks that are never speech: a keyboard, a fan
            return self._resume(floor.reply) if at >= floor.onset + GIVE_UP else []
        if floor.evidence.missing(voiced) and floor.onset >= ECHO_SETTLES:
            return self._interrupt(floor.reply, turn)
        if floor.resumed:
            turn = _last_of(turn, at)
            self.floor = replace(floor, turn=turn, next_partial=at + PARTIAL_EVERY)
        elif at >= floor.onset + GIVE_UP:
            self.floor = replace(floor, resumed=True, next_partial=at + PARTIAL_EVERY)
            return [e.ResumeReply(floor.reply)]
        else:
            self.floor = replace(floor, next_partial=at + LOOK_EVERY)
        return [e.TranscribePartial(turn.item, turn.start, at)]

    def _in_classifying_barge_in(
        self, event: e.StateEvent, floor: ClassifyingBargeIn
    ) -> list[e.Command]:
        match event:
            case e.SpeechBegan(at, onset):  # "yeah", and more of it: "yeah, but wait"
                turn = self._continued(floor.turn, onset)
                self.floor = PossibleBargeIn(floor.reply, onset, turn, at + LOOK_EVERY)
                return _stale(floor.turn, turn)
            case e.PossibleSpeech() | e.PossibleSpeechEnded() | e.SpeechPaused():
                return []  # the words that decide are on their way
            case e.PartialTranscribed() | e.DeadlineReached():
                return []
            case e.AudioCommitted() | e.SessionStarted():
                return []  # there is a reply already
            case _:
                assert_never(event)

    def _speaks_meanwhile(
        self, event: e.StateEvent, floor: EndingLongTurn | EndingTypedTurn | AgentInterrupting
    ) -> list[e.Command]:
        """Follow what the candidate says before the reply that they cannot stop, or do not know of
        yet."""
        match event:
            case e.SpeechBegan(_, onset):
                self.floor = replace(floor, next=self._new_turn(onset))
            case e.SpeechPaused() | e.PossibleSpeechEnded():
                self.floor = replace(floor, next=None)
            case e.PossibleSpeech() | e.PartialTranscribed() | e.DeadlineReached():
                pass
            case e.AudioCommitted() | e.SessionStarted():
                pass  # there will be a reply, or there is one
            case _:
                assert_never(event)
        return []

    # Events that mean the same in several states

    def _transcribed(self, event: e.Transcribed) -> list[e.Command]:
        floor = self.floor
        match floor:
            case Idle() | AgentSpeaking() | AgentInterrupting() | Closed():
                return []  # of a turn that is over
        said = floor.turn
        if said is None:
            return []  # voice that may become speech has no words
        turn = said.transcribed(event.generation, event.text, event.confidence)
        if turn == said:
            return []
        floor = self.floor = replace(floor, turn=turn)
        match floor:
            case UserSpeaking() | PossibleBargeIn():
                return []
            case ClassifyingBargeIn():
                return self._classified(floor)
            case Endpointing():
                prepare = self._prepare_if_sensible(floor, event.spare)
                return prepare + self._end_turn_if_due(event.at)
            case EndingLongTurn():
                return self._break_in(floor)
            case EndingTypedTurn():
                return self._answer_typed(floor, event.at)
            case EndingLastTurn():
                return self._last_words(floor)
            case _:
                assert_never(floor)

    def _by_hand(self, event: e.UserEvent) -> list[e.Command]:
        """What the candidate does otherwise than by voice."""
        match event:
            case e.TextTyped(at, text):
                if isinstance(self.floor, Closed | EndingLastTurn):
                    return []
                return self._typed(at, text)
            case e.UserLeft(at):
                return self._left(at)
            case e.Muted():
                self._muted = True
                return []
            case e.Unmuted(at):
                return self._unmuted(at)
            case _:
                assert_never(event)

    def _by_request(self, event: e.ClientRequest) -> list[e.Command]:
        """What a client decides for the candidate."""
        match event:
            case e.AudioCleared(at):
                return self._clear(at)
            case e.ReplyCancelled(at):
                reply = self._audible()
                return [] if reply is None else [*self._after_reply(at), e.StopReply(reply)]
            case e.ReplyRequested(at):
                return self._requested(at)
            case _:
                assert_never(event)

    def _requested(self, at: int) -> list[e.Command]:
        match self.floor:
            case Idle() if self._started:
                return [e.Nudge(self._speak())]
            case UserSpeaking() | Endpointing():
                return self._in_this_state(e.AudioCommitted(at))
        return []  # there is a reply, or there will be one

    def _clear(self, at: int) -> list[e.Command]:
        """Forget what the candidate has begun to say; turns that were ended for their length are
        facts already, and so is what came with a typed answer."""
        self._cleared_at = at
        floor = self.floor
        match floor:
            case UserSpeaking(turn) | Endpointing(turn):
                prepared = self._discard_prepared(floor) if isinstance(floor, Endpointing) else []
                self.floor = Idle(at)
                return [*_stale(turn, replace(turn, parts=())), *prepared, *self._drop(turn)]
            case PossibleBargeIn() | ClassifyingBargeIn():
                said = floor.turn
                stale = _stale(said, replace(said, parts=())) if said else []
                return [*stale, *self._resume(floor.reply)]
            case EndingLongTurn() | AgentInterrupting() | EndingTypedTurn():
                self.floor = replace(floor, next=None)
                return []
            case Idle() | AgentSpeaking() | EndingLastTurn() | Closed():
                return []
            case _:
                assert_never(floor)

    def _unmuted(self, at: int) -> list[e.Command]:
        """The candidate's silence begins anew, for the price of what it lasted until now: who goes
        on muting and unmuting gains nothing."""
        match self.floor:
            case Idle(since) if self._muted:
                paused = min(at - since, self._pause_left)
                self._pause_left -= paused
                self.floor = Idle(since + paused)
        self._muted = False
        return []

    def _left(self, at: int) -> list[e.Command]:
        """What is open of the candidate's turn is understood before the session is over. Replies
        end with it, without a command of their own."""
        if isinstance(self.floor, EndingLastTurn):
            return []
        commands, last = self._broken_off(at)
        self.floor = Closed()
        return commands + (self._last_words(last) if last else [])

    def _broken_off(self, at: int) -> tuple[list[e.Command], EndingLastTurn | None]:
        """What the candidate has begun to say, as it stands; nothing that is said later belongs to
        it. The commands find out the words that are not being found out yet."""
        floor = self.floor
        match floor:
            case UserSpeaking(turn):
                return self._cut(turn, at, broken_off=True)
            case Endpointing(turn, not_before=not_before) if not_before > at:  # more was hinted
                goes_on = self._continued(turn, at)
                commands, last = self._cut(goes_on, at, broken_off=True)
                return _stale(turn, goes_on) + commands, last
            case Endpointing() | EndingLongTurn(next=None):
                return [], EndingLastTurn(floor.turn, floor.until)
            case EndingLongTurn(turn):
                return self._cut(turn, at)
            case PossibleBargeIn(turn=Turn() as turn) | AgentInterrupting(next=Turn() as turn):
                return self._cut(_last_of(turn, at), at, over_reply=True)
            case ClassifyingBargeIn(turn=turn, until=until):
                return [], EndingLastTurn(turn, until, over_reply=True)
            case EndingTypedTurn(turn, until, text, _, over_reply, None):
                return [], EndingLastTurn(turn, until, over_reply, typed=text)
            case EndingTypedTurn(turn, _, text, _, over_reply):
                return self._cut(turn, at, over_reply=over_reply, typed=text)
            case PossibleBargeIn() | AgentInterrupting():
                return [], None  # no word yet
            case Idle() | AgentSpeaking() | EndingLastTurn() | Closed():
                return [], None
            case _:
                assert_never(floor)

    def _cut(
        self,
        turn: Turn,
        at: int,
        *,
        over_reply: bool = False,
        broken_off: bool = False,
        typed: str = "",
    ) -> tuple[list[e.Command], EndingLastTurn]:
        # before that there is no audio any more
        start = max(turn.start, at - self._stretches.longest)
        turn = self._ended(replace(turn, start=start), at)
        return _transcribe(turn, cut=True), EndingLastTurn(turn, at, over_reply, broken_off, typed)

    def _last_words(self, floor: EndingLastTurn) -> list[e.Command]:
        """Take the turn that was broken off, once its words are known."""
        turn, text = floor.turn, floor.turn.text
        if text is None:
            self.floor = floor
            return []
        self.floor = Closed()
        if floor.typed:
            return [self._commit_typed(floor, floor.typed)]
        if floor.over_reply:
            wanted = bool(text) and interrupts(text, self._language)
            took = e.CommitTurn(
                turn.item, text, turn.onset, floor.until, confidence=turn.confidence
            )
            return [took] if wanted else []
        if not text and floor.until - turn.onset < NOISE:
            return [e.DropTurn(turn.item)]
        return [
            e.CommitTurn(
                turn.item,
                text,
                turn.onset,
                floor.until,
                broken_off=floor.broken_off,
                confidence=turn.confidence,
            )
        ]

    def _typed(self, at: int, text: str) -> list[e.Command]:
        """A typed answer ends whatever is going on, but for what is being said: those words belong
        to it, and what is said afterwards is voice over the reply."""
        commands: list[e.Command] = []
        match self.floor:
            case EndingTypedTurn(text=before) as floor:
                self.floor = replace(floor, text=f"{before} {text}")
                return []
            case (
                AgentSpeaking(reply)
                | PossibleBargeIn(reply)
                | ClassifyingBargeIn(reply)
                | AgentInterrupting(reply)
            ):
                commands = [e.StopReply(reply)]
            case Endpointing() as floor:
                commands = self._discard_prepared(floor)
        asked, said = self._broken_off(at)
        said = said or EndingLastTurn(Turn(self._new(), at, at), at)
        goes_on = Turn(self._new(), at, at) if asked else None
        turn = replace(said.turn, start=at)
        typed = self.floor = EndingTypedTurn(
            turn, at, text, at + TYPED_WAITS, said.over_reply, goes_on
        )
        return [*commands, *asked, *self._answer_typed(typed, at)]

    def _answer_typed(self, floor: EndingTypedTurn, at: int) -> list[e.Command]:
        """Take what was typed, and what was said before it, once those words are known."""
        if floor.turn.text is None:
            return []
        took = self._commit_typed(floor, floor.text)
        reply = self._speak()
        commands: list[e.Command] = [took, e.PrepareReply(reply, took.text), e.PlayReply(reply)]
        if floor.next is None:
            return commands
        # The candidate still speaks, as they did before: only words show that they want the floor.
        goes_on = _last_of(floor.next, at)
        look = at + FIRST_LOOK
        self.floor = PossibleBargeIn(reply, goes_on.onset, goes_on, look, Evidence(frozenset()))
        return [*commands, e.PauseReply(reply)]

    def _commit_typed(self, floor: EndingTypedTurn | EndingLastTurn, typed: str) -> e.CommitTurn:
        said = floor.turn.text or ""
        counts = not floor.over_reply or interrupts(said, self._language)
        whole = f"{said} {typed}".strip() if counts else typed
        return self._commit_turn(floor.turn, whole, floor.until, typed=True)

    def _accept_captions(self, floor: EndingTypedTurn, at: int) -> list[e.Command]:
        """Nobody who types waits for a slow recognizer."""
        if floor.by is None or at < floor.by:
            return []
        self.floor = replace(floor, by=None)
        return [e.AcceptCaptions(part.generation) for part in floor.turn.parts if part.text is None]

    def _finished(self, at: int, last: bool) -> list[e.Command]:
        if last:
            self.floor = Closed()
            return [e.EndConversation()]
        return self._after_reply(at)

    def _after_reply(self, at: int) -> list[e.Command]:
        """The floor is the candidate's, if they speak already, or open."""
        match self.floor:
            case PossibleBargeIn(turn=Turn() as turn):
                return self._announce(turn)
            case ClassifyingBargeIn(turn=turn, until=until):
                self.floor = Endpointing(turn, until, until + self._endpointing.longest)
                return [e.AnnounceSpeech(turn.item, turn.onset)]
            case AgentInterrupting(next=Turn() as turn):
                return self._announce(_last_of(turn, at))
        self.floor = Idle(at)
        return []

    # Steps between states

    def _announce(self, turn: Turn) -> list[e.Command]:
        self.floor = UserSpeaking(turn, turn.onset + PARTIAL_EVERY)
        return [e.AnnounceSpeech(turn.item, turn.onset)]

    def _begin_endpointing(self, turn: Turn, at: int, until: int, latest: int) -> list[e.Command]:
        turn = self._ended(turn, at)
        self.floor = Endpointing(turn, until, latest)
        return _transcribe(turn)

    def _ended(self, turn: Turn, at: int) -> Turn:
        """The turn with the stretch up to `at` as its last part."""
        part = Part(self._new(), turn.start, at)
        return replace(turn, parts=(*turn.parts, part))

    def _goes_on(self, floor: Endpointing, onset: int) -> list[e.Command]:
        """The pause was none: what was guessed in it is thrown away, the turn stays the same."""
        tail = floor.turn.parts[-1]
        if tail.text is not None:
            self._endpointing = self._endpointing.paused(tail.text, onset - floor.until)
        turn = self._continued(floor.turn, onset)
        tries = turn.tries + (floor.prepared is not None)
        self.floor = UserSpeaking(replace(turn, tries=tries), onset + PARTIAL_EVERY)
        return _stale(floor.turn, turn) + self._discard_prepared(floor)

    def _continued(self, turn: Turn, onset: int) -> Turn:
        """The turn from here on. What was transcribed last is transcribed again, with what follows,
        unless it is long, or the recognizer so late that it would be too long by now."""
        *before, tail = turn.parts
        if onset - turn.start >= self._stretches.longest:
            start = max(tail.end, onset - self._endpointing.longest)
            return replace(turn, start=start)
        if tail.text is not None and tail.end - turn.start >= self._stretches.kept:
            return replace(turn, start=tail.end)
        return replace(turn, parts=tuple(before))

    def _discard_prepared(self, floor: Endpointing) -> list[e.Command]:
        return [] if floor.prepared is None else [e.DiscardReply(floor.prepared)]

    def _prepare_if_sensible(self, floor: Endpointing, spare: bool) -> list[e.Command]:
        """At once for a sentence that looks complete. The candidate is likely to go on with any
        other one, but less so once the silence is as long as after a complete one."""
        text = floor.turn.text
        if not (text and spare and floor.turn.tries < MAX_TRIES):
            return []
        if not self._endpointing.is_over(text, floor.judged):
            self.floor = replace(floor, prepare_at=floor.until + self._endpointing.shortest)
            return []
        return self._prepare(floor, text)

    def _judged(self, event: e.EndOfTurnJudged) -> list[e.Command]:
        match self.floor:
            case Endpointing(turn) as floor if turn.parts[-1].generation == event.generation:
                floor = self.floor = replace(floor, judged=event.probability)
                waits = floor.prepare_at is not None  # there is time for a guess, made later so far
                prepare = self._prepare_if_sensible(floor, spare=True) if waits else []
                return prepare + self._end_turn_if_due(event.at)
        return []  # the pause was none, or is over

    def _prepare_if_due(self, at: int) -> list[e.Command]:
        match self.floor:
            case Endpointing(prepare_at=int(due)) as floor if due <= at and floor.turn.text:
                return self._prepare(floor, floor.turn.text)
        return []

    def _prepare(self, floor: Endpointing, text: str) -> list[e.Command]:
        reply = self._new()
        self.floor = replace(floor, prepared=reply, prepare_at=None)
        return [e.PrepareReply(reply, text)]

    def _end_turn_if_due(self, at: int) -> list[e.Command]:
        match self.floor:
            case Endpointing(turn=turn) as floor:
                text, due = turn.text, self._ends_at(floor)
                if text is None or due is None or at < due:
                    return []
                return self._end_turn(floor, text)
        return []

    def _end_turn(self, floor: Endpointing, text: str) -> list[e.Command]:
        turn = floor.turn
        if not text and floor.until - turn.onset < NOISE:
            self.floor = Idle(floor.until)
            return self._drop(turn)
        took = self._commit_turn(turn, text, floor.until)
        self._to_open = False
        if floor.prepared is not None:
            self.floor = AgentSpeaking(floor.prepared)
            return [took, e.PlayReply(floor.prepared)]
        reply = self._speak()
        return [took, e.PrepareReply(reply, text), e.PlayReply(reply)]

    def _drop(self, turn: Turn) -> list[e.Command]:
        """It was no turn; who would have opened, opens now."""
        opening = [e.OpenConversation(self._speak())] if self._to_open else []
        return [e.DropTurn(turn.item), *opening]

    def _break_in(self, floor: EndingLongTurn) -> list[e.Command]:
        """End the turn for its length, once its words are known."""
        turn, text = floor.turn, floor.turn.text
        if text is None:
            return []
        reply = self._new()
        self.floor = AgentInterrupting(reply, floor.next)
        took = self._commit_turn(turn, text, floor.until)
        return [took, e.PrepareReply(reply, text, overlong=True), e.PlayReply(reply)]

    def _commit_turn(
        self, turn: Turn, text: str, until: int, *, typed: bool = False
    ) -> e.CommitTurn:
        """The candidate's turn is a fact; who has said something may pause again."""
        if text:
            self._pause_left = LONGEST_PAUSE
        return e.CommitTurn(turn.item, text, turn.onset, until, typed, confidence=turn.confidence)

    def _classified(self, floor: ClassifyingBargeIn) -> list[e.Command]:
        text = floor.turn.text or ""
        if not interrupts(text, self._language):
            return self._resume(floor.reply)
        latest = floor.until + self._endpointing.longest
        self.floor = Endpointing(floor.turn, floor.until, latest)
        return [e.AnnounceSpeech(floor.turn.item, floor.turn.onset), e.StopReply(floor.reply)]

    def _suspect_barge_in(self, reply: int, onset: int) -> None:
        self.floor = PossibleBargeIn(reply, onset, self._new_turn(onset), onset + FIRST_LOOK)

    def _resume(self, reply: int) -> list[e.Command]:
        self.floor = AgentSpeaking(reply)
        return [e.ResumeReply(reply)]

    def _interrupt(self, reply: int, turn: Turn) -> list[e.Command]:
        return [*self._announce(turn), e.StopReply(reply)]

    def _too_long_at(self, turn: Turn) -> int:
        """When a turn that goes on is ended. Nobody is cut off before."""
        longest = turn.onset + LONGEST_TURN
        if self._over_at is None:
            return longest
        return min(longest, max(self._over_at, turn.onset + LEAST_TURN))

    def _ends_at(self, floor: Endpointing) -> int | None:
        """When the turn is over; None while its words are not known."""
        if floor.turn.text is None:
            return None
        delay = self._endpointing.delay(floor.turn.text, floor.judged)
        return max(floor.not_before, min(floor.latest, floor.until + delay))

    def _audible(self) -> int | None:
        match self.floor:
            case (
                AgentSpeaking(reply)
                | PossibleBargeIn(reply)
                | ClassifyingBargeIn(reply)
                | AgentInterrupting(reply)
            ):
                return reply
        return None

    def _speak(self) -> int:
        self._to_open = False
        reply = self._new()
        self.floor = AgentSpeaking(reply)
        return reply

    def _new_turn(self, onset: int) -> Turn:
        return Turn(self._new(), onset, max(onset - PREROLL, self._cleared_at))

    def _new(self) -> int:
        self._last += 1
        return self._last
