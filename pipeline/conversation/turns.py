"""Who has the floor. No I/O, no clock, no engine: events in, commands out.

Every rule of turn-taking lives in this file; the session only carries the commands out.
"""

from dataclasses import dataclass, field, replace

from models.contracts import HEARING_RATE

from ..errors import UnexpectedEvent
from ..language.english import ENGLISH
from ..language.language import Language
from . import events as e
from .endpointing import Endpointing, looks_complete, samples
from .floor import (
    Closed,
    Doubting,
    Floor,
    Hearing,
    Insisting,
    Judging,
    Leaving,
    Open,
    Overlong,
    Part,
    Settling,
    Speaking,
    Turn,
    Typed,
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

PREROLL = samples(300)
"""Audio kept from before the first voiced frame."""
PARTIAL_EVERY = samples(700)
ECHO_SETTLES = samples(3000)
"""Until then after connecting only words interrupt: the browser's echo canceller still learns."""
STRETCH = 26 * HEARING_RATE
"""Longest audio that is transcribed at once; the recognizer's window is 30 s."""
KEEP = 15 * HEARING_RATE
"""A transcribed stretch of this length is kept for good when the turn goes on."""
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
        e.Discard(part.generation)
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
    endpointing: Endpointing = field(default_factory=Endpointing)
    silence: int = samples(12_000)
    """How long the candidate may say nothing before the interviewer speaks again."""


class TurnTaking:
    def __init__(
        self,
        tuning: Tuning | None = None,
        over_at: int | None = None,
        language: Language = ENGLISH,
    ) -> None:
        """`over_at`: when a turn that still goes on is ended, however short it is."""
        self.floor: Floor = Open(0)
        self._tuning = tuning or Tuning()
        self._language = language
        self._endpointing = replace(self._tuning.endpointing, language=language)
        self._over_at = over_at
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
        """When `TimePassed` is wanted, if nothing else happens before."""
        match self.floor:
            case Open(since):
                return since + self._tuning.silence + (self._pause_left if self._muted else 0)
            case Hearing(turn, next_partial):
                return min(next_partial, turn.start + STRETCH, self._too_long_at(turn))
            case Settling(prepare_at=prepare_at) as floor:
                due = [at for at in (prepare_at, self._settles_at(floor)) if at is not None]
                return min(due, default=None)
            case Doubting(turn=Turn(), next_partial=next_partial):
                return next_partial
            case Doubting(onset=onset):
                return onset + GIVE_UP
            case Typed(by=by):
                return by
        return None

    @property
    def in_a_turn(self) -> bool:
        """Whether the candidate is saying something, or may go on with it."""
        return isinstance(self.floor, Hearing | Settling | Doubting | Judging | Overlong)

    @property
    def unfinished(self) -> Turn | None:
        """The candidate's turn, while they speak."""
        return self.floor.turn if isinstance(self.floor, Hearing) else None

    def handle(self, event: e.Event) -> list[e.Command]:
        """What to do about it. What concerns work that is no longer wanted is ignored."""
        match event:
            case e.Transcribed():
                return self._transcribed(event)
            case e.TextTyped() | e.Left() | e.Muted() | e.Unmuted():
                return self._by_hand(event)
            case e.AudioCleared() | e.ReplyRequested() | e.ReplyCancelled():
                return self._by_request(event)
            case e.Started():
                self._started = True
            case e.ReplyFinished(at, reply, last):
                return self._finished(at, last) if reply == self._audible() else []
        return self._in_this_state(event)

    def _in_this_state(self, event: e.Event) -> list[e.Command]:
        match self.floor:
            case Open():
                return self._open(event)
            case Hearing() as floor:
                return self._hearing(event, floor)
            case Settling() as floor:
                return self._settling(event, floor)
            case Speaking() as floor:
                return self._speaking(event, floor)
            case Doubting() as floor:
                return self._doubting(event, floor)
            case Judging() as floor:
                return self._judging(event, floor)
            case Typed() as floor if isinstance(event, e.TimePassed):
                return self._give_up(floor, event.at)
            case Overlong(next=following) | Insisting(next=following) | Typed(next=following):
                return self._speaks_meanwhile(event, following)
        return []  # Leaving, Closed

    # One method a state

    def _open(self, event: e.Event) -> list[e.Command]:
        match event:
            case e.SpeechBegan(_, onset):
                return self._give_floor(self._new_turn(onset))
            case e.TimePassed():
                if self._muted:
                    self._pause_left = 0
                return [e.BreakSilence(self._speak())]
            case e.Started():
                return [e.OpenFloor(self._speak())]
        return []

    def _hearing(self, event: e.Event, floor: Hearing) -> list[e.Command]:
        turn = floor.turn
        match event:
            case e.SpeechPaused(at, until):
                return self._settle(turn, at, until, until + self._endpointing.longest)
            case e.TurnEnded(at):
                return self._settle(turn, at, at, at)
            case e.TimePassed(at) if at >= self._too_long_at(turn):
                ended = self._ended(turn, at)
                following = Turn(self._new(), at, at)
                self.floor = Overlong(replace(ended, start=at), at, following)
                return _transcribe(ended)
            case e.TimePassed(at) if at >= turn.start + STRETCH:
                ended = self._ended(turn, at)
                self.floor = replace(floor, turn=replace(ended, start=at))
                return _transcribe(ended)
            case e.TimePassed(at):
                self.floor = replace(floor, next_partial=at + PARTIAL_EVERY)
                return [e.TranscribePartial(turn.item, turn.start, at)]
            case e.PartialTranscribed(_, item, text, start) if item == turn.item:
                return [e.Caption(item, text, start)]
            case e.Started():
                self._to_open = True
        return []

    def _settling(self, event: e.Event, floor: Settling) -> list[e.Command]:
        match event:
            case e.SpeechBegan(_, onset):
                return self._goes_on(floor, onset)
            case e.VoiceHinted(at):
                self.floor = replace(floor, not_before=at + HOLD)
            case e.TurnEnded(at):
                self.floor = replace(floor, latest=at)
                return self._commit_if_due(at)
            case e.TimePassed(at):
                return self._prepare_if_due(at) + self._commit_if_due(at)
            case e.Started():
                self._to_open = True
        return []

    def _speaking(self, event: e.Event, floor: Speaking) -> list[e.Command]:
        match event:
            case e.VoiceHinted(_, onset):
                self.floor = Doubting(floor.reply, onset)
                return [e.PauseReply(floor.reply)]
            case e.SpeechBegan(_, onset):
                self._doubt(floor.reply, onset)
                return [e.PauseReply(floor.reply)]
        return []

    def _doubting(self, event: e.Event, floor: Doubting) -> list[e.Command]:
        match event, floor.turn:
            case e.VoiceFaded(), _:
                return self._resume(floor.reply)
            case e.TimePassed(at), None if at >= floor.onset + GIVE_UP:
                return self._resume(floor.reply)  # clicks that are never speech: a keyboard, a fan
            case e.SpeechBegan(), None:
                self._doubt(floor.reply, floor.onset)
            case e.SpeechPaused(_, until), _ if until - floor.onset < SHORTEST:
                return self._resume(floor.reply)
            case e.SpeechPaused(at, until), Turn() as turn:
                turn = self._ended(_last_of(turn, at) if floor.resumed else turn, at)
                self.floor = Judging(floor.reply, turn, until)
                return _transcribe(turn)
            case e.PartialTranscribed(_, item, text), Turn() as turn if item == turn.item:
                found = wanting(text, self._language)
                if floor.evidence.confirms(found):
                    return self._interrupt(turn)
                self.floor = replace(floor, evidence=floor.evidence.also(found))
            case e.TimePassed(at, voiced), Turn() as turn:
                if floor.evidence.missing(voiced) and floor.onset >= ECHO_SETTLES:
                    return self._interrupt(turn)
                return self._look(floor, turn, at)
        return []

    def _look(self, floor: Doubting, turn: Turn, at: int) -> list[e.Command]:
        """Have the voice so far transcribed; give up after a while, but watch it all the same."""
        if floor.resumed:
            turn = _last_of(turn, at)
            self.floor = replace(floor, turn=turn, next_partial=at + PARTIAL_EVERY)
        elif at >= floor.onset + GIVE_UP:
            self.floor = replace(floor, resumed=True, next_partial=at + PARTIAL_EVERY)
            return [e.ResumeReply(floor.reply)]
        else:
            self.floor = replace(floor, next_partial=at + LOOK_EVERY)
        return [e.TranscribePartial(turn.item, turn.start, at)]

    def _judging(self, event: e.Event, floor: Judging) -> list[e.Command]:
        match event:
            case e.SpeechBegan(at, onset):  # "yeah", and more of it: "yeah, but wait"
                turn = self._continued(floor.turn, onset)
                self.floor = Doubting(floor.reply, onset, turn, at + LOOK_EVERY)
                return _stale(floor.turn, turn)
        return []

    def _speaks_meanwhile(self, event: e.Event, following: Turn | None) -> list[e.Command]:
        """Follow what the candidate says before the reply that they cannot stop, or do not know of
        yet."""
        match event:
            case e.SpeechBegan(_, onset):
                following = self._new_turn(onset)
            case e.SpeechPaused() | e.VoiceFaded():
                following = None
        match self.floor:
            case Overlong() | Insisting() | Typed() as floor:
                self.floor = replace(floor, next=following)
        return []

    # Events that mean the same in several states

    def _transcribed(self, event: e.Transcribed) -> list[e.Command]:
        match self.floor:
            case (
                Hearing(turn)
                | Settling(turn)
                | Doubting(turn=Turn() as turn)
                | Judging(turn=turn)
                | Overlong(turn)
                | Typed(turn)
                | Leaving(turn)
            ):
                parts = tuple(
                    replace(part, text=event.text) if part.generation == event.generation else part
                    for part in turn.parts
                )
            case _:
                return []
        if parts == turn.parts:
            return []
        self.floor = replace(self.floor, turn=replace(turn, parts=parts))
        match self.floor:
            case Judging() as floor:
                return self._judged(floor)
            case Settling() as floor:
                return self._prepare_if_sensible(floor, event.spare) + self._commit_if_due(event.at)
            case Overlong() as floor:
                return self._break_in(floor)
            case Typed() as floor:
                return self._answer_typed(floor, event.at)
            case Leaving() as floor:
                return self._last_words(floor)
        return []

    def _by_hand(self, event: e.TextTyped | e.Left | e.Muted | e.Unmuted) -> list[e.Command]:
        """What the candidate does otherwise than by voice."""
        match event:
            case e.TextTyped(at, text):
                return [] if isinstance(self.floor, Closed | Leaving) else self._typed(at, text)
            case e.Left(at):
                return self._left(at)
            case e.Unmuted(at):
                return self._unmuted(at)
        self._muted = True
        return []

    def _by_request(
        self, event: e.AudioCleared | e.ReplyRequested | e.ReplyCancelled
    ) -> list[e.Command]:
        """What a client decides for the candidate."""
        match event:
            case e.AudioCleared(at):
                return self._clear(at)
            case e.ReplyCancelled(at):
                reply = self._audible()
                if reply is None:
                    return []
                return [*self._after_reply(at), e.StopReply(reply)]
            case e.ReplyRequested(at):
                match self.floor:
                    case Open() if self._started:
                        return [e.BreakSilence(self._speak())]
                    case Hearing() | Settling():
                        return self.handle(e.TurnEnded(at))
        return []  # there is a reply, or there will be one

    def _clear(self, at: int) -> list[e.Command]:
        """Forget what the candidate has begun to say; turns that were ended for their length are
        facts already, and so is what came with a typed answer."""
        self._cleared_at = at
        match self.floor:
            case Hearing(turn) | Settling(turn) as floor:
                prepared = self._discard_prepared(floor) if isinstance(floor, Settling) else []
                self.floor = Open(at)
                return [*_stale(turn, replace(turn, parts=())), *prepared, *self._drop(turn)]
            case Doubting(reply, turn=turn) | Judging(reply, turn):
                stale = _stale(turn, replace(turn, parts=())) if turn else []
                return [*stale, *self._resume(reply)]
            case Overlong() | Insisting() | Typed() as floor:
                self.floor = replace(floor, next=None)
        return []

    def _unmuted(self, at: int) -> list[e.Command]:
        """The candidate's silence begins anew, for the price of what it lasted until now: who goes
        on muting and unmuting gains nothing."""
        match self.floor:
            case Open(since) if self._muted:
                paused = min(at - since, self._pause_left)
                self._pause_left -= paused
                self.floor = Open(since + paused)
        self._muted = False
        return []

    def _left(self, at: int) -> list[e.Command]:
        """What is open of the candidate's turn is understood before the session is over. Replies
        end with it, without a command of their own."""
        if isinstance(self.floor, Leaving):
            return []
        commands, last = self._broken_off(at)
        self.floor = Closed()
        return commands + (self._last_words(last) if last else [])

    def _broken_off(self, at: int) -> tuple[list[e.Command], Leaving | None]:
        """What the candidate has begun to say, as it stands; nothing that is said later belongs to
        it. The commands find out the words that are not being found out yet."""
        match self.floor:
            case Hearing(turn):
                return self._cut(turn, at, broken_off=True)
            case Settling(turn, not_before=not_before) if not_before > at:  # more was hinted
                goes_on = self._continued(turn, at)
                commands, last = self._cut(goes_on, at, broken_off=True)
                return _stale(turn, goes_on) + commands, last
            case Settling(turn, until) | Overlong(turn, until, None):
                return [], Leaving(turn, until)
            case Overlong(turn):
                return self._cut(turn, at)
            case Doubting(turn=Turn() as turn) | Insisting(next=Turn() as turn):
                return self._cut(_last_of(turn, at), at, over_reply=True)
            case Judging(turn=turn, until=until):
                return [], Leaving(turn, until, over_reply=True)
            case Typed(turn, until, text, _, over_reply, None):
                return [], Leaving(turn, until, over_reply, typed=text)
            case Typed(turn, _, text, _, over_reply):
                return self._cut(turn, at, over_reply=over_reply, typed=text)
        return [], None

    def _cut(
        self,
        turn: Turn,
        at: int,
        *,
        over_reply: bool = False,
        broken_off: bool = False,
        typed: str = "",
    ) -> tuple[list[e.Command], Leaving]:
        start = max(turn.start, at - STRETCH)  # before that there is no audio any more
        turn = self._ended(replace(turn, start=start), at)
        return _transcribe(turn, cut=True), Leaving(turn, at, over_reply, broken_off, typed)

    def _last_words(self, floor: Leaving) -> list[e.Command]:
        """Take the turn that was broken off, once its words are known."""
        turn, text = floor.turn, floor.turn.text
        if text is None:
            self.floor = floor
            return []
        self.floor = Closed()
        if floor.typed:
            return [self._take_typed(floor, floor.typed)]
        if floor.over_reply:
            wanted = bool(text) and interrupts(text, self._language)
            return [e.TakeTurn(turn.item, text, turn.onset, floor.until)] if wanted else []
        if not text and floor.until - turn.onset < NOISE:
            return [e.DropTurn(turn.item)]
        broken_off = floor.broken_off
        return [e.TakeTurn(turn.item, text, turn.onset, floor.until, broken_off=broken_off)]

    def _typed(self, at: int, text: str) -> list[e.Command]:
        """A typed answer ends whatever is going on, but for what is being said: those words belong
        to it, and what is said afterwards is voice over the reply."""
        commands: list[e.Command] = []
        match self.floor:
            case Typed(text=before) as floor:
                self.floor = replace(floor, text=f"{before} {text}")
                return []
            case Speaking(reply) | Doubting(reply) | Judging(reply) | Insisting(reply):
                commands = [e.StopReply(reply)]
            case Settling() as floor:
                commands = self._discard_prepared(floor)
        asked, said = self._broken_off(at)
        said = said or Leaving(Turn(self._new(), at, at), at)
        goes_on = Turn(self._new(), at, at) if asked else None
        turn = replace(said.turn, start=at)
        typed = self.floor = Typed(turn, at, text, at + TYPED_WAITS, said.over_reply, goes_on)
        return [*commands, *asked, *self._answer_typed(typed, at)]

    def _answer_typed(self, floor: Typed, at: int) -> list[e.Command]:
        """Take what was typed, and what was said before it, once those words are known."""
        if floor.turn.text is None:
            return []
        took = self._take_typed(floor, floor.text)
        reply = self._speak()
        commands: list[e.Command] = [took, e.Prepare(reply, took.text), e.Release(reply)]
        if floor.next is None:
            return commands
        # The candidate still speaks, as they did before: only words show that they want the floor.
        goes_on = _last_of(floor.next, at)
        look = at + FIRST_LOOK
        self.floor = Doubting(reply, goes_on.onset, goes_on, look, Evidence(frozenset()))
        return [*commands, e.PauseReply(reply)]

    def _take_typed(self, floor: Typed | Leaving, typed: str) -> e.TakeTurn:
        said = floor.turn.text or ""
        counts = not floor.over_reply or interrupts(said)
        whole = f"{said} {typed}".strip() if counts else typed
        return self._take(floor.turn, whole, floor.until, typed=True)

    def _give_up(self, floor: Typed, at: int) -> list[e.Command]:
        """Nobody who types waits for a slow recognizer."""
        if floor.by is None or at < floor.by:
            return []
        self.floor = replace(floor, by=None)
        return [e.GiveUp(part.generation) for part in floor.turn.parts if part.text is None]

    def _finished(self, at: int, last: bool) -> list[e.Command]:
        if last:
            self.floor = Closed()
            return [e.EndInterview()]
        return self._after_reply(at)

    def _after_reply(self, at: int) -> list[e.Command]:
        """The floor is the candidate's, if they speak already, or open."""
        match self.floor:
            case Doubting(turn=Turn() as turn):
                return self._give_floor(turn)
            case Judging(turn=turn, until=until):
                self.floor = Settling(turn, until, until + self._endpointing.longest)
                return [e.GiveFloor(turn.item, turn.onset)]
            case Insisting(next=Turn() as turn):
                return self._give_floor(_last_of(turn, at))
        self.floor = Open(at)
        return []

    # Steps between states

    def _give_floor(self, turn: Turn) -> list[e.Command]:
        self.floor = Hearing(turn, turn.onset + PARTIAL_EVERY)
        return [e.GiveFloor(turn.item, turn.onset)]

    def _settle(self, turn: Turn, at: int, until: int, latest: int) -> list[e.Command]:
        turn = self._ended(turn, at)
        self.floor = Settling(turn, until, latest)
        return _transcribe(turn)

    def _ended(self, turn: Turn, at: int) -> Turn:
        """The turn with the stretch up to `at` as its last part."""
        part = Part(self._new(), turn.start, at)
        return replace(turn, parts=(*turn.parts, part))

    def _goes_on(self, floor: Settling, onset: int) -> list[e.Command]:
        """The pause was none: what was guessed in it is thrown away, the turn stays the same."""
        tail = floor.turn.parts[-1]
        if tail.text is not None:
            self._endpointing = self._endpointing.paused(tail.text, onset - floor.until)
        turn = self._continued(floor.turn, onset)
        tries = turn.tries + (floor.prepared is not None)
        self.floor = Hearing(replace(turn, tries=tries), onset + PARTIAL_EVERY)
        return _stale(floor.turn, turn) + self._discard_prepared(floor)

    def _continued(self, turn: Turn, onset: int) -> Turn:
        """The turn from here on. What was transcribed last is transcribed again, with what follows,
        unless it is long, or the recognizer so late that it would be too long by now."""
        *before, tail = turn.parts
        if onset - turn.start >= STRETCH:
            start = max(tail.end, onset - self._endpointing.longest)
            return replace(turn, start=start)
        if tail.text is not None and tail.end - turn.start >= KEEP:
            return replace(turn, start=tail.end)
        return replace(turn, parts=tuple(before))

    def _discard_prepared(self, floor: Settling) -> list[e.Command]:
        return [] if floor.prepared is None else [e.Discard(floor.prepared)]

    def _prepare_if_sensible(self, floor: Settling, spare: bool) -> list[e.Command]:
        """At once for a sentence that looks complete. The candidate is likely to go on with any
        other one, but less so once the silence is as long as after a complete one."""
        text = floor.turn.text
        if not (text and spare and floor.turn.tries < MAX_TRIES):
            return []
        if not looks_complete(text, self._language):
            self.floor = replace(floor, prepare_at=floor.until + self._endpointing.shortest)
            return []
        return self._prepare(floor, text)

    def _prepare_if_due(self, at: int) -> list[e.Command]:
        match self.floor:
            case Settling(prepare_at=int(due)) as floor if due <= at and floor.turn.text:
                return self._prepare(floor, floor.turn.text)
        return []

    def _prepare(self, floor: Settling, text: str) -> list[e.Command]:
        reply = self._new()
        self.floor = replace(floor, prepared=reply, prepare_at=None)
        return [e.Prepare(reply, text)]

    def _commit_if_due(self, at: int) -> list[e.Command]:
        match self.floor:
            case Settling(turn=turn) as floor:
                text, due = turn.text, self._settles_at(floor)
                if text is None or due is None or at < due:
                    return []
                return self._commit(floor, text)
        return []

    def _commit(self, floor: Settling, text: str) -> list[e.Command]:
        turn = floor.turn
        if not text and floor.until - turn.onset < NOISE:
            self.floor = Open(floor.until)
            return self._drop(turn)
        took = self._take(turn, text, floor.until)
        self._to_open = False
        if floor.prepared is not None:
            self.floor = Speaking(floor.prepared)
            return [took, e.Release(floor.prepared)]
        reply = self._speak()
        return [took, e.Prepare(reply, text), e.Release(reply)]

    def _drop(self, turn: Turn) -> list[e.Command]:
        """It was no turn; who would have opened, opens now."""
        opening = [e.OpenFloor(self._speak())] if self._to_open else []
        return [e.DropTurn(turn.item), *opening]

    def _break_in(self, floor: Overlong) -> list[e.Command]:
        """End the turn for its length, once its words are known."""
        turn, text = floor.turn, floor.turn.text
        if text is None:
            return []
        reply = self._new()
        self.floor = Insisting(reply, floor.next)
        took = self._take(turn, text, floor.until)
        return [took, e.Prepare(reply, text, overlong=True), e.Release(reply)]

    def _take(self, turn: Turn, text: str, until: int, *, typed: bool = False) -> e.TakeTurn:
        """The candidate's turn is a fact; who has said something may pause again."""
        if text:
            self._pause_left = LONGEST_PAUSE
        return e.TakeTurn(turn.item, text, turn.onset, until, typed)

    def _judged(self, floor: Judging) -> list[e.Command]:
        text = floor.turn.text or ""
        if not interrupts(text, self._language):
            return self._resume(floor.reply)
        latest = floor.until + self._endpointing.longest
        self.floor = Settling(floor.turn, floor.until, latest)
        return [e.GiveFloor(floor.turn.item, floor.turn.onset), e.StopReply(floor.reply)]

    def _doubt(self, reply: int, onset: int) -> None:
        self.floor = Doubting(reply, onset, self._new_turn(onset), onset + FIRST_LOOK)

    def _resume(self, reply: int) -> list[e.Command]:
        self.floor = Speaking(reply)
        return [e.ResumeReply(reply)]

    def _interrupt(self, turn: Turn) -> list[e.Command]:
        match self.floor:
            case Doubting(reply):
                return [*self._give_floor(turn), e.StopReply(reply)]
        raise UnexpectedEvent(f"interruption while {self.floor}")

    def _too_long_at(self, turn: Turn) -> int:
        """When a turn that goes on is ended. Nobody is cut off before."""
        longest = turn.onset + LONGEST_TURN
        if self._over_at is None:
            return longest
        return min(longest, max(self._over_at, turn.onset + LEAST_TURN))

    def _settles_at(self, floor: Settling) -> int | None:
        """When the turn is over; None while its words are not known."""
        if floor.turn.text is None:
            return None
        delay = self._endpointing.delay(floor.turn.text)
        return max(floor.not_before, min(floor.latest, floor.until + delay))

    def _audible(self) -> int | None:
        match self.floor:
            case Speaking(reply) | Doubting(reply) | Judging(reply) | Insisting(reply):
                return reply
        return None

    def _speak(self) -> int:
        self._to_open = False
        reply = self._new()
        self.floor = Speaking(reply)
        return reply

    def _new_turn(self, onset: int) -> Turn:
        return Turn(self._new(), onset, max(onset - PREROLL, self._cleared_at))

    def _new(self) -> int:
        self._last += 1
        return self._last
