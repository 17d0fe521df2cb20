"""The turn machine: who has the floor. No I/O, no clock, no engine: events in, commands out.

This file has the rules for each state. Those for voice over a reply are in `barge_in.py`, those
that several states have in common in `turn_shared.py`, the steps that they choose among in
`turn_steps.py`; the session only carries the commands out.
"""

from dataclasses import replace
from typing import assert_never

from . import commands as c
from . import events as e
from .barge_in import BargeInRules
from .floor import (
    AgentInterrupting,
    AgentSpeaking,
    ClassifyingBargeIn,
    Closed,
    EndingLastTurn,
    EndingLongTurn,
    EndingTypedTurn,
    Endpointing,
    Idle,
    PossibleBargeIn,
    Turn,
    UserSpeaking,
)
from .interruption import GIVE_UP
from .stalling import Words
from .turn_steps import HOLD, PARTIAL_EVERY, cancel_stale, transcribe


class TurnTaking(BargeInRules):
    @property
    def deadline(self) -> int | None:
        """Time at which `DeadlineReached` is due if no other event comes first; None for never."""
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
                return min(next_partial, floor.next_check) if floor.may_fade else next_partial
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
        """True while the candidate is saying something, or may go on with it."""
        return isinstance(
            self.floor,
            UserSpeaking | Endpointing | PossibleBargeIn | ClassifyingBargeIn | EndingLongTurn,
        )

    @property
    def replying(self) -> bool:
        """True while the agent has the floor."""
        return self._audible() is not None

    @property
    def at_rest(self) -> bool:
        """True while nobody speaks, or is about to."""
        return isinstance(self.floor, Idle | Closed)

    @property
    def paused(self) -> Endpointing | None:
        """The pause in the candidate's turn that may end it, while there is one."""
        return self.floor if isinstance(self.floor, Endpointing) else None

    @property
    def unfinished(self) -> Turn | None:
        """The candidate's turn, while they speak."""
        return self.floor.turn if isinstance(self.floor, UserSpeaking) else None

    def handle(self, event: e.Event) -> list[c.Command]:
        """Change the state by an event, and return the commands that follow. An event about work
        that is no longer wanted is ignored."""
        match event:
            case e.Transcribed():
                return self._transcribed(event)
            case e.EndOfTurnJudged() | e.SentenceJudged():
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

    def _in_this_state(self, event: e.StateEvent) -> list[c.Command]:
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

    def _in_idle(self, event: e.StateEvent) -> list[c.Command]:
        match event:
            case e.SpeechBegan(_, onset):
                return self._announce(self._new_turn(onset))
            case e.DeadlineReached():
                if self._muted:
                    self._pause_left = 0
                return [c.Nudge(self._speak())]
            case e.SessionStarted():
                return [c.OpenConversation(self._speak())]
            case e.PossibleSpeech() | e.PossibleSpeechEnded():
                return []  # nothing is at stake before it is speech
            case e.SpeechPaused() | e.AudioCommitted() | e.PartialTranscribed():
                return []  # of a turn that is over
            case _:
                assert_never(event)

    def _in_user_speaking(self, event: e.StateEvent, floor: UserSpeaking) -> list[c.Command]:
        turn = floor.turn
        match event:
            case e.SpeechPaused(at, until):
                return self._begin_endpointing(turn, at, until, until + self._endpointing.limit)
            case e.AudioCommitted(at):
                return self._begin_endpointing(turn, at, at, at, in_voice=True)
            case e.DeadlineReached(at) if at >= self._too_long_at(turn):
                ended = self._ended(turn, at)
                following = Turn(self._new(), at, at)
                self.floor = EndingLongTurn(replace(ended, start=at), at, following)
                return transcribe(ended)
            case e.DeadlineReached(at, _, quiet) if at >= turn.start + self._stretches.longest:
                cut = min(quiet, at) if quiet > turn.start + self._stretches.kept else at
                ended = self._ended(turn, cut, at)
                self.floor = replace(floor, turn=replace(ended, start=cut), heard=Words())
                return transcribe(ended)
            case e.DeadlineReached(at):
                self.floor = replace(floor, next_partial=at + PARTIAL_EVERY)
                return [c.TranscribePartial(turn.item, turn.start, at)]
            case e.PartialTranscribed(item=item):
                return self._hear(floor, event) if item == turn.item else []
            case e.SessionStarted():
                self._to_open = True
                return []
            case e.PossibleSpeech() | e.PossibleSpeechEnded() | e.SpeechBegan():
                return []  # they speak already
            case _:
                assert_never(event)

    def _hear(self, floor: UserSpeaking, partial: e.PartialTranscribed) -> list[c.Command]:
        """Show the words so far. Where they do not become more, the turn may be over."""
        turn, at = floor.turn, partial.at
        caption = c.Caption(turn.item, partial.text, partial.start)
        if partial.start != turn.start:
            return [caption]
        until = at if partial.until is None else partial.until
        heard = floor.heard.also(partial.text, until)
        self.floor = replace(floor, heard=heard)
        others = heard.left_to_others(until, partial.quieter_since)
        if others and not partial.alone:
            return [caption, c.TakeForOthers()]
        over = others or heard.stalled(until)
        return [caption, *(self._stall(turn, heard, at, quieter=others) if over else [])]

    def _in_endpointing(self, event: e.StateEvent, floor: Endpointing) -> list[c.Command]:
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
            case e.SpeechPaused(at, until) if floor.stalled:
                turn = self._continued(floor.turn, until)
                again = self._begin_endpointing(turn, at, until, until + self._endpointing.limit)
                return cancel_stale(floor.turn, turn) + again
            case e.SpeechPaused():
                self.floor = replace(floor, in_voice=False)
                return []
            case e.PossibleSpeechEnded():
                return []  # the hold runs out by itself
            case e.PartialTranscribed():
                return []  # the final transcript is on its way
            case _:
                assert_never(event)

    def _speaks_meanwhile(
        self, event: e.StateEvent, floor: EndingLongTurn | EndingTypedTurn | AgentInterrupting
    ) -> list[c.Command]:
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

    def _by_hand(self, event: e.UserEvent) -> list[c.Command]:
        """Apply what the candidate does by other means than voice."""
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

    def _by_request(self, event: e.ClientRequest) -> list[c.Command]:
        """Apply what a client decides for the candidate."""
        match event:
            case e.AudioCleared(at):
                return self._clear(at)
            case e.ReplyCancelled(at):
                reply = self._audible()
                return [] if reply is None else [*self._after_reply(at), c.StopReply(reply)]
            case e.ReplyRequested(at):
                return self._requested(at)
            case _:
                assert_never(event)

    def _requested(self, at: int) -> list[c.Command]:
        match self.floor:
            case Idle() if self._started:
                return [c.Nudge(self._speak())]
            case UserSpeaking() | Endpointing():
                return self._in_this_state(e.AudioCommitted(at))
        return []  # there is a reply, or there will be one
