"""The rules of turn-taking for voice over a reply: pause the reply, have the words so far
transcribed, then resume or stop it. `interruption.py` judges the words. Pure."""

from dataclasses import replace
from typing import assert_never

from . import commands as c
from . import events as e
from .floor import AgentSpeaking, ClassifyingBargeIn, PossibleBargeIn, Turn
from .interruption import CHECK_EVERY, GIVE_UP, GROWN, LOOK_EVERY, SHORTEST, Heard, look_at
from .turn_shared import SharedRules
from .turn_steps import ECHO_SETTLES, PARTIAL_EVERY, cancel_stale, last_of, transcribe


class BargeInRules(SharedRules):
    # One method a state. Each names the events that it ignores, so that mypy finds a forgotten one.

    def _in_agent_speaking(self, event: e.StateEvent, floor: AgentSpeaking) -> list[c.Command]:
        match event:
            case e.PossibleSpeech(_, onset):
                self.floor = PossibleBargeIn(floor.reply, onset)
                return [c.PauseReply(floor.reply)]
            case e.SpeechBegan(_, onset):
                self._suspect_barge_in(floor.reply, onset)
                return [c.PauseReply(floor.reply)]
            case e.PossibleSpeechEnded() | e.SpeechPaused() | e.PartialTranscribed():
                return []  # of voice that is over, or has been decided upon
            case e.AudioCommitted() | e.DeadlineReached() | e.SessionStarted():
                return []  # there is a reply already
            case _:
                assert_never(event)

    def _in_possible_barge_in(self, event: e.StateEvent, floor: PossibleBargeIn) -> list[c.Command]:
        match event:
            case e.SpeechBegan():
                if floor.turn is None:
                    self._suspect_barge_in(floor.reply, floor.onset)
                return []
            case e.PossibleSpeechEnded():
                return self._resume(floor)
            case e.SpeechPaused():
                return self._classify(floor, event)
            case e.PartialTranscribed(item=item):
                return self._weigh(floor, event) if floor.turn and item == floor.turn.item else []
            case e.DeadlineReached():
                return self._watch(floor, event)
            case e.PossibleSpeech() | e.AudioCommitted() | e.SessionStarted():
                return []  # the words decide
            case _:
                assert_never(event)

    def _classify(self, floor: PossibleBargeIn, pause: e.SpeechPaused) -> list[c.Command]:
        """Have the final transcript of voice that has paused decide, if it is long enough for
        words. Where partial transcripts had none, the reply goes on meanwhile."""
        at, until = pause.at, pause.until
        if self._is_burst(floor, until, pause.voiced):
            return self._resume(floor)
        if floor.turn is None:
            return []
        turn = self._ended(last_of(floor.turn, at) if floor.resumed else floor.turn, at)
        goes_on = floor.resumed or floor.evidence.wordless
        self.floor = ClassifyingBargeIn(floor.reply, turn, until, goes_on)
        resume = [c.ResumeReply(floor.reply)] if goes_on and not floor.resumed else []
        return [*resume, *transcribe(turn)]

    def _is_burst(self, floor: PossibleBargeIn, until: int, voiced: int | None) -> bool:
        """Return True if the voice over the reply is too short for words. `voiced` may count voice
        from before the reply, of the turn typed."""
        if floor.turn and floor.turn.onset < floor.onset:
            return False  # it goes on after voice that was long enough
        over = until - floor.onset
        return (over if voiced is None else min(over, voiced)) < SHORTEST

    def _weigh(self, floor: PossibleBargeIn, partial: e.PartialTranscribed) -> list[c.Command]:
        """Interrupt the reply if a partial transcript of the voice over it shows that it should."""
        text = "" if partial.own else partial.text
        heard = Heard(text, partial.confidence, partial.sound, partial.wordless)
        brief = self._is_burst(floor, partial.at, partial.voiced)
        look = look_at(heard, self._language, ours=partial.ours, brief=brief)
        if floor.turn and floor.evidence.confirms(look):
            return self._interrupt(floor.reply, floor.turn)
        self.floor = replace(floor, evidence=floor.evidence.also(look))
        return []

    def _watch(self, floor: PossibleBargeIn, now: e.DeadlineReached) -> list[c.Command]:
        """Look at the voice over the reply when it is time to; go on before that if it has died
        away, or was no speech for too long."""
        turn, at = floor.turn, now.at
        if turn is None:  # clicks that are never speech: a keyboard, a fan
            return self._resume(floor) if at >= floor.onset + GIVE_UP else []
        if at >= floor.next_partial:
            return self._look(floor, turn, now)
        fades = now.faint and floor.may_fade
        self.floor = replace(floor, resumed=floor.resumed or fades, next_check=at + CHECK_EVERY)
        return [c.ResumeReply(floor.reply)] if fades else []

    def _look(self, floor: PossibleBargeIn, turn: Turn, now: e.DeadlineReached) -> list[c.Command]:
        """Have the voice so far transcribed; give up after a while, but watch it all the same."""
        at, voiced = now.at, now.voiced
        if floor.evidence.missing(min(voiced, at - floor.onset)) and floor.onset >= ECHO_SETTLES:
            return self._interrupt(floor.reply, turn)
        grown = not now.faint and voiced >= floor.voiced + GROWN
        silent = 0 < floor.voiced <= voiced and not grown
        late = at >= floor.onset + GIVE_UP
        turn = last_of(turn, at) if late else turn
        following = at + (PARTIAL_EVERY if late else LOOK_EVERY)
        goes_on = floor.resumed or late or (silent and not floor.evidence.seen)
        self.floor = replace(
            floor,
            turn=turn,
            next_partial=following,
            resumed=goes_on,
            voiced=voiced,
            next_check=at + CHECK_EVERY,
        )
        if goes_on and not floor.resumed:
            return [c.ResumeReply(floor.reply)]
        if silent:
            return []  # its end is noticed soon, and the final transcript decides
        return [c.TranscribePartial(turn.item, turn.start, at, urgent=True)]

    def _in_classifying_barge_in(
        self, event: e.StateEvent, floor: ClassifyingBargeIn
    ) -> list[c.Command]:
        match event:
            case e.SpeechBegan(at, onset):  # "yeah", and more of it: "yeah, but wait"
                turn = self._continued(floor.turn, onset)
                self.floor = PossibleBargeIn(floor.reply, onset, turn, at + LOOK_EVERY)
                pause = [c.PauseReply(floor.reply)] if floor.resumed else []
                return [*cancel_stale(floor.turn, turn), *pause]
            case e.PossibleSpeech() | e.PossibleSpeechEnded() | e.SpeechPaused():
                return []  # the words that decide are on their way
            case e.PartialTranscribed() | e.DeadlineReached():
                return []
            case e.AudioCommitted() | e.SessionStarted():
                return []  # there is a reply already
            case _:
                assert_never(event)
