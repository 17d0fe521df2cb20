"""The rules of turn-taking for what means the same in several states: words that have become known,
typed text, and a client that leaves, mutes, or takes back what was said."""

from dataclasses import replace
from typing import assert_never

from . import commands as c
from . import events as e
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
from .interruption import FIRST_LOOK, Evidence, Heard, interrupts
from .turn_steps import (
    NOISE,
    PARTIAL_EVERY,
    TYPED_WAITS,
    TurnSteps,
    cancel_stale,
    last_of,
    transcribe,
)


class SharedRules(TurnSteps):
    """Rules that look at the state themselves, because they are called in any."""

    def _transcribed(self, event: e.Transcribed) -> list[c.Command]:
        floor = self.floor
        match floor:
            case Idle() | AgentSpeaking() | AgentInterrupting() | Closed():
                return []  # of a turn that is over
        said = floor.turn
        if said is None:
            return []  # voice that may become speech has no words
        if event.own and said.over_reply:
            event = replace(event, text="", confidence=0.0)
            said = replace(said, known=None)
            if isinstance(floor, Endpointing) and len(said.parts) == 1:
                self.floor = Idle(event.at)
                return [*self._discard_prepared(floor), *self._drop(said)]
        heard = Heard(event.text, event.confidence, event.sound)
        others = isinstance(floor, Endpointing) and floor.quieter
        shown = "" if others or said.over_reply else event.shown  # it may be an echo, too
        turn = said.transcribed(event.generation, heard, shown)
        if turn == said:
            return []
        floor = self.floor = replace(floor, turn=turn)
        match floor:
            case UserSpeaking() | PossibleBargeIn():
                return []
            case ClassifyingBargeIn():
                return self._classified(floor)
            case Endpointing():
                return self._understood(floor, event)
            case EndingLongTurn():
                return self._break_in(floor)
            case EndingTypedTurn():
                return self._answer_typed(floor, event.at)
            case EndingLastTurn():
                return self._last_words(floor)
            case _:
                assert_never(floor)

    def _understood(self, floor: Endpointing, event: e.Transcribed) -> list[c.Command]:
        """Go on, prepare a reply or end the turn, as its words are."""
        turn = floor.turn
        last = turn.parts[-1]
        if floor.stalled and last.text is not None and floor.stalled.exceeded(last.text):
            self.floor = UserSpeaking(replace(turn, start=last.end), event.at + PARTIAL_EVERY)
            return []
        prepare = self._prepare_if_sensible(floor, event.spare)
        theirs = floor.quieter and event.generation == last.generation and not event.failure
        others: list[c.Command] = [c.TakeForOthers()] if theirs else []
        return others + prepare + self._end_turn_if_due(event.at)

    def _clear(self, at: int) -> list[c.Command]:
        """Forget what the candidate has begun to say. A turn that was ended for its length stands,
        and so does what was said before a typed answer."""
        self._cleared_at = at
        floor = self.floor
        match floor:
            case UserSpeaking(turn) | Endpointing(turn):
                prepared = self._discard_prepared(floor) if isinstance(floor, Endpointing) else []
                self.floor = Idle(at)
                return [*cancel_stale(turn, replace(turn, parts=())), *prepared, *self._drop(turn)]
            case PossibleBargeIn() | ClassifyingBargeIn():
                said = floor.turn
                stale = cancel_stale(said, replace(said, parts=())) if said else []
                return [*stale, *self._resume(floor)]
            case EndingLongTurn() | AgentInterrupting() | EndingTypedTurn():
                self.floor = replace(floor, next=None)
                return []
            case Idle() | AgentSpeaking() | EndingLastTurn() | Closed():
                return []
            case _:
                assert_never(floor)

    def _unmuted(self, at: int) -> list[c.Command]:
        """Do not count the muted time as silence, as far as the candidate's allowance of it lasts.
        Time is taken off that allowance, so that muting again and again gains nothing."""
        match self.floor:
            case Idle(since) if self._muted:
                paused = min(at - since, self._pause_left)
                self._pause_left -= paused
                self.floor = Idle(since + paused)
        self._muted = False
        return []

    def _left(self, at: int) -> list[c.Command]:
        """End the conversation, once the candidate's open turn is transcribed. A reply ends with
        the session, without a command of its own."""
        if isinstance(self.floor, EndingLastTurn):
            return []
        commands, last = self._broken_off(at)
        self.floor = Closed()
        return commands + (self._last_words(last) if last else [])

    def _broken_off(self, at: int) -> tuple[list[c.Command], EndingLastTurn | None]:
        """Cut off what the candidate has begun to say; what they say later does not belong to it.
        The commands transcribe the part of it that is not being transcribed yet."""
        floor = self.floor
        match floor:
            case UserSpeaking(turn):
                return self._cut(turn, at, broken_off=True)
            case Endpointing(turn, not_before=not_before) if (
                not_before > at
            ):  # there is possible speech
                goes_on = self._continued(turn, at)
                commands, last = self._cut(goes_on, at, broken_off=True)
                return cancel_stale(turn, goes_on) + commands, last
            case Endpointing() | EndingLongTurn(next=None):
                return [], EndingLastTurn(floor.turn, floor.until)
            case EndingLongTurn(turn):
                return self._cut(turn, at)
            case PossibleBargeIn(turn=Turn() as turn) | AgentInterrupting(next=Turn() as turn):
                return self._cut(last_of(turn, at), at, over_reply=True)
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
    ) -> tuple[list[c.Command], EndingLastTurn]:
        turn = self._ended(turn, at)
        return transcribe(turn, cut=True), EndingLastTurn(turn, at, over_reply, broken_off, typed)

    def _last_words(self, floor: EndingLastTurn) -> list[c.Command]:
        """Commit the turn that was broken off, once its words are known."""
        turn, text = floor.turn, floor.turn.text
        if text is None:
            self.floor = floor
            return []
        self.floor = Closed()
        if floor.typed:
            return [self._commit_typed(floor, floor.typed)]
        if floor.over_reply:
            wanted = interrupts(text, self._language)
            took = c.CommitTurn(
                turn.item, text, turn.onset, floor.until, confidence=turn.confidence
            )
            return [took] if wanted else []
        if not text and floor.until - turn.onset < NOISE:
            return [c.DropTurn(turn.item)]
        return [
            c.CommitTurn(
                turn.item,
                text,
                turn.onset,
                floor.until,
                broken_off=floor.broken_off,
                confidence=turn.confidence,
            )
        ]

    def _typed(self, at: int, text: str) -> list[c.Command]:
        """Take a typed answer, which ends whatever is going on. Words that are being said belong to
        it; what is said afterwards is voice over the reply."""
        commands: list[c.Command] = []
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
                commands = [c.StopReply(reply)]
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

    def _answer_typed(self, floor: EndingTypedTurn, at: int) -> list[c.Command]:
        """Commit what was typed, with what was said before it once those words are known."""
        if floor.turn.text is None:
            return []
        took = self._commit_typed(floor, floor.text)
        reply = self._speak()
        commands: list[c.Command] = [took, c.PrepareReply(reply, took.text), c.PlayReply(reply)]
        if floor.next is None:
            return commands
        # The candidate still speaks, as they did before: only words show that they want the floor.
        goes_on = last_of(floor.next, at)
        look = at + FIRST_LOOK
        self.floor = PossibleBargeIn(reply, goes_on.onset, goes_on, look, Evidence(frozenset()))
        return [*commands, c.PauseReply(reply)]

    def _commit_typed(self, floor: EndingTypedTurn | EndingLastTurn, typed: str) -> c.CommitTurn:
        said = floor.turn.text or ""
        counts = not floor.over_reply or interrupts(said, self._language)
        whole = f"{said} {typed}".strip() if counts else typed
        return self._commit_turn(floor.turn, whole, floor.until, typed=True)

    def _accept_captions(self, floor: EndingTypedTurn, at: int) -> list[c.Command]:
        """Make do with the captions when the recognizer is slow: who types does not wait for it."""
        if floor.by is None or at < floor.by:
            return []
        self.floor = replace(floor, by=None)
        return [c.AcceptCaptions(part.generation) for part in floor.turn.parts if part.text is None]

    def _finished(self, at: int, last: bool) -> list[c.Command]:
        if last:
            self.floor = Closed()
            return [c.EndConversation()]
        return self._after_reply(at)

    def _after_reply(self, at: int) -> list[c.Command]:
        """Give the floor to the candidate if they are speaking already; otherwise it is open."""
        match self.floor:
            case PossibleBargeIn(turn=Turn() as turn):
                return self._announce(turn)
            case ClassifyingBargeIn(turn=turn, until=until):
                self.floor = Endpointing(turn, until, until + self._endpointing.limit)
                return [c.AnnounceSpeech(turn.item, turn.onset)]
            case AgentInterrupting(next=Turn() as turn):
                return self._announce(last_of(turn, at))
        self.floor = Idle(at)
        return []

    @property
    def unsure(self) -> tuple[int, str] | None:
        """The generation and the words of a pause of which it is not clear whether it ends the
        turn, while there is one."""
        match self.floor:
            case Endpointing(turn, stalled=None, signs=signs) if signs and signs.text:
                if self._endpointing.unsure(signs):
                    return turn.parts[-1].generation, signs.text
        return None

    def _judged(self, event: e.Judged) -> list[c.Command]:
        match self.floor:
            case Endpointing(turn) as floor if turn.parts[-1].generation == event.generation:
                if isinstance(event, e.SentenceJudged):
                    floor = self.floor = replace(floor, sentence=event.probability)
                else:
                    floor = self.floor = replace(floor, judged=event.probability)
                waits = floor.prepare_at is not None  # no reply is prepared yet, and one may be
                prepare = self._prepare_if_sensible(floor, spare=True) if waits else []
                return prepare + self._end_turn_if_due(event.at)
        return []  # the pause was none, or is over
