"""The steps of turn-taking: begin, continue and end turns and replies; and how long each may
last. `turns.py` has the rules that choose among these steps."""

from dataclasses import dataclass, field, replace

from models.contracts import HEARING_RATE

from ..language.asking import Asked, kind_of
from ..language.english import ENGLISH
from ..language.language import Language
from . import commands as c
from .endpointing import EndpointingPolicy, samples
from .floor import (
    AgentInterrupting,
    AgentSpeaking,
    ClassifyingBargeIn,
    EndingLongTurn,
    Endpointing,
    Floor,
    Idle,
    Part,
    PossibleBargeIn,
    Turn,
    UserSpeaking,
)
from .interruption import FIRST_LOOK, WATCHED, Evidence, interrupted, is_sound
from .stalling import Words
from .stretches import OLDEST, Stretches, stretches_for

PREROLL = samples(300)
"""Audio kept from before the first voiced frame."""
# docs/decisions/070-words-outside.md: a soft or short word is not heard as voice
LEAD = samples(1200)
"""The same on an open floor."""
REPLY_ECHOES = samples(700)
"""Time after a reply in which there may be echo of its last words."""
PARTIAL_EVERY = samples(700)
"""Time between two partial transcripts of what the candidate is saying."""
ECHO_SETTLES = samples(3000)
"""Time after connecting in which only words interrupt: the browser's echo canceller learns then."""
USUAL_STRETCHES = stretches_for()
NOISE = samples(800)
"""A wordless turn shorter than this was no turn."""
# docs/decisions/007-voice-hint-hold.md: resumed speech needs 100 ms before it counts
HOLD = samples(200)
"""Time by which possible speech puts off the end of the turn."""
MAX_TRIES = 3
"""The most replies prepared speculatively in one turn."""
LONGEST_TURN = 240 * HEARING_RATE
"""Length at which a turn is ended, because a television would never end it."""
LEAST_TURN = 20 * HEARING_RATE
"""Length that any turn may have, even one that begins when the interview should be over."""
TYPED_WAITS = samples(1000)
"""Time that a typed answer waits for the words that were said just before it."""
# docs/decisions/013-mute-allowance.md: no sequence of mutes keeps an interview going
LONGEST_PAUSE = 180 * HEARING_RATE
"""The most muted time, between two turns of the candidate, that does not count as silence, however
often they mute."""


def cancel_stale(before: Turn, after: Turn) -> list[c.Command]:
    """Cancel the transcription of parts that the turn no longer has."""
    return [
        c.CancelTranscription(part.generation)
        for part in before.parts
        if part.text is None and part not in after.parts
    ]


def transcribe(turn: Turn, *, cut: bool = False) -> list[c.Command]:
    """Transcribe the last part of the turn."""
    part = turn.parts[-1]
    return [c.Transcribe(part.generation, part.start, part.end, cut, turn.onset - PREROLL)]


def last_of(turn: Turn, at: int) -> Turn:
    """Return the turn with only the latest words: as far back as voice over a reply is watched."""
    start = max(turn.start, at - WATCHED)
    return replace(turn, start=start, onset=max(turn.onset, start))


@dataclass(frozen=True, slots=True)
class Tuning:
    endpointing: EndpointingPolicy = field(default_factory=EndpointingPolicy)
    silence: int = samples(12_000)
    """Silence of the candidate after which the interviewer speaks again."""

    def patient(self, factor: float) -> "Tuning":
        """Return the tuning for somebody who is to have so many times as much time to think."""
        return replace(self, endpointing=self.endpointing.patient(factor))


class TurnSteps:
    """The state of a conversation's turn-taking, and the steps that lead to another."""

    def __init__(
        self,
        tuning: Tuning | None = None,
        over_at: int | None = None,
        language: Language = ENGLISH,
        stretches: Stretches = USUAL_STRETCHES,
    ) -> None:
        """`over_at`: time from which a turn is ended as soon as it has lasted `LEAST_TURN`."""
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
        """True if the opening is still due, because the candidate was speaking when the session
        started. The reply to their turn is then the opening; if it was only noise, the interviewer
        opens after all."""
        self._started = False
        self._cleared_at = 0
        """Time before which audio belongs to no turn, because the client took it back."""

    def tune(self, tuning: Tuning) -> None:
        """Use other delays from now on. What was learned of the candidate's pauses stays."""
        self._tuning = tuning
        now = self._endpointing
        self._endpointing = replace(
            tuning.endpointing,
            usual_pause=now.usual_pause,
            language=self._language,
            asked=now.asked,
        )

    def listen_for(self, language: Language) -> None:
        """Judge words by this language from now on."""
        self._language = language
        self._endpointing = replace(self._endpointing, language=language)

    def answering(self, question: str) -> None:
        """Judge pauses by what was asked: the candidate answers what was said last."""
        asked = kind_of(question, self._language)
        self._endpointing = replace(self._endpointing, asked=asked)

    @property
    def asked(self) -> Asked:
        """The kind of question that the candidate answers."""
        return self._endpointing.asked

    def _announce(self, turn: Turn) -> list[c.Command]:
        self.floor = UserSpeaking(turn, turn.onset + PARTIAL_EVERY)
        return [c.AnnounceSpeech(turn.item, turn.onset)]

    def _begin_endpointing(
        self, turn: Turn, at: int, until: int, latest: int, *, in_voice: bool = False
    ) -> list[c.Command]:
        turn = self._ended(turn, at)
        self.floor = Endpointing(turn, until, latest, in_voice=in_voice)
        return transcribe(turn)

    def _stall(self, turn: Turn, heard: Words, at: int, *, quieter: bool) -> list[c.Command]:
        """Take a turn whose words do not become more for over, unless its final transcript has
        more of them."""
        turn = self._ended(turn, at)
        self.floor = Endpointing(turn, heard.since or at, at, stalled=heard, quieter=quieter)
        return transcribe(turn)

    def _ended(self, turn: Turn, end: int, at: int | None = None) -> Turn:
        """Return the turn with the stretch up to `end` as its last part. `at`: the present time, if
        it is another one."""
        # where words come half a minute late, there is no audio of the beginning any more
        start = max(turn.start, (end if at is None else at) - OLDEST)
        part = Part(self._new(), start, end)
        return replace(turn, parts=(*turn.parts, part))

    def _goes_on(self, floor: Endpointing, onset: int) -> list[c.Command]:
        """Continue a turn that the pause did not end, and discard the reply prepared in it."""
        tail = floor.turn.parts[-1]
        if tail.text is not None and onset > floor.until:
            self._endpointing = self._endpointing.paused(tail.text, onset - floor.until)
        turn = self._continued(floor.turn, onset)
        tries = turn.tries + (floor.prepared is not None)
        self.floor = UserSpeaking(replace(turn, tries=tries), onset + PARTIAL_EVERY)
        return cancel_stale(floor.turn, turn) + self._discard_prepared(floor)

    def _continued(self, turn: Turn, onset: int) -> Turn:
        """Return the turn as it continues. The last part is transcribed again together with what
        follows, unless it is long, or the recognizer so late that it would be too long by now."""
        *before, tail = turn.parts
        if onset - turn.start >= self._stretches.longest:
            start = max(tail.end, onset - self._endpointing.longest)
            return replace(turn, start=start)
        if tail.text is not None and tail.end - turn.start >= self._stretches.kept:
            return replace(turn, start=tail.end)
        return replace(turn, parts=tuple(before), known=tail if tail.believed else turn.known)

    def _discard_prepared(self, floor: Endpointing) -> list[c.Command]:
        return [] if floor.prepared is None else [c.DiscardReply(floor.prepared)]

    def _prepare_if_sensible(self, floor: Endpointing, spare: bool) -> list[c.Command]:
        """Prepare a reply at once if the sentence looks complete. After any other the candidate is
        likely to go on, but less so once the silence is as long as after a complete one."""
        signs = floor.signs
        if not (signs and signs.text and spare and floor.turn.tries < MAX_TRIES):
            return []
        if not self._endpointing.is_over(signs):
            self.floor = replace(floor, prepare_at=floor.until + self._endpointing.shortest)
            return []
        return self._prepare(floor, signs.text)

    def _prepare_if_due(self, at: int) -> list[c.Command]:
        match self.floor:
            case Endpointing(prepare_at=int(due)) as floor if due <= at and floor.turn.text:
                return self._prepare(floor, floor.turn.text)
        return []

    def _prepare(self, floor: Endpointing, text: str) -> list[c.Command]:
        reply = self._new()
        self.floor = replace(floor, prepared=reply, prepare_at=None)
        return [c.PrepareReply(reply, text)]

    def _end_turn_if_due(self, at: int) -> list[c.Command]:
        match self.floor:
            case Endpointing(turn=turn) as floor:
                text, due = turn.text, self._ends_at(floor)
                if text is None or due is None or at < due:
                    return []
                return self._end_turn(floor, text)
        return []

    def _end_turn(self, floor: Endpointing, text: str) -> list[c.Command]:
        turn = floor.turn
        length = floor.until - turn.onset
        cough = is_sound(turn.heard, length, self._language)
        if cough or (not text and length < NOISE):
            if floor.in_voice:
                return self._goes_on(floor, floor.until)
            self.floor = Idle(floor.until)
            return self._discard_prepared(floor) + self._drop(turn)
        took = replace(self._commit_turn(turn, text, floor.until), due=self._ends_at(floor))
        prepare: list[c.Command] = []
        if (reply := floor.prepared) is None:
            reply = self._new()
            prepare = [c.PrepareReply(reply, text)]
        self._to_open = False
        voice = floor.stalled or floor.in_voice
        self.floor = self._under_voice(reply, turn) if voice else AgentSpeaking(reply)
        return [took, *prepare, c.PlayReply(reply)]

    def _under_voice(self, reply: int, turn: Turn) -> PossibleBargeIn:
        """Return the state in which a reply is said although there is voice. Words stop it."""
        at = turn.parts[-1].end
        goes_on = Turn(self._new(), at, at, over_reply=True)
        look = at + FIRST_LOOK
        return PossibleBargeIn(reply, at, goes_on, look, Evidence(frozenset()), resumed=True)

    def _drop(self, turn: Turn) -> list[c.Command]:
        """Drop a turn that was only noise, and open the conversation if that is still due."""
        opening = [c.OpenConversation(self._speak())] if self._to_open else []
        return [c.DropTurn(turn.item), *opening]

    def _break_in(self, floor: EndingLongTurn) -> list[c.Command]:
        """End the turn for its length, once its words are known."""
        turn, text = floor.turn, floor.turn.text
        if text is None:
            return []
        reply = self._new()
        self.floor = AgentInterrupting(reply, floor.next)
        took = self._commit_turn(turn, text, floor.until)
        return [took, c.PrepareReply(reply, text, overlong=True), c.PlayReply(reply)]

    def _commit_turn(
        self, turn: Turn, text: str, until: int, *, typed: bool = False
    ) -> c.CommitTurn:
        """Commit the candidate's turn. Once they have said something, they may pause again."""
        if text:
            self._pause_left = LONGEST_PAUSE
        return c.CommitTurn(turn.item, text, turn.onset, until, typed, confidence=turn.confidence)

    def _classified(self, floor: ClassifyingBargeIn) -> list[c.Command]:
        turn = floor.turn
        length = floor.until - turn.onset
        if not interrupted(turn.heard, length, self._language):
            return self._resume(floor)
        latest = floor.until + self._endpointing.limit
        self.floor = Endpointing(floor.turn, floor.until, latest)
        return [c.AnnounceSpeech(floor.turn.item, floor.turn.onset), c.StopReply(floor.reply)]

    def _suspect_barge_in(self, reply: int, onset: int) -> None:
        turn = replace(self._new_turn(onset), over_reply=True)
        self.floor = PossibleBargeIn(reply, onset, turn, onset + FIRST_LOOK)

    def _resume(self, floor: PossibleBargeIn | ClassifyingBargeIn) -> list[c.Command]:
        self.floor = AgentSpeaking(floor.reply)
        return [] if floor.resumed else [c.ResumeReply(floor.reply)]

    def _interrupt(self, reply: int, turn: Turn) -> list[c.Command]:
        return [*self._announce(turn), c.StopReply(reply)]

    def _too_long_at(self, turn: Turn) -> int:
        """Return the time at which a turn that goes on is ended; nobody is cut off before it."""
        longest = turn.onset + LONGEST_TURN
        if self._over_at is None:
            return longest
        return min(longest, max(self._over_at, turn.onset + LEAST_TURN))

    def _ends_at(self, floor: Endpointing) -> int | None:
        """Return the time at which the turn is over; None while its words are not known."""
        signs = floor.signs
        if signs is None:
            return None
        if floor.stalled:
            return floor.latest
        delay = self._endpointing.delay(signs)
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
        start = onset - PREROLL
        if isinstance(self.floor, Idle):
            start = min(start, max(onset - LEAD, self.floor.since + REPLY_ECHOES))
        return Turn(self._new(), onset, max(start, self._cleared_at))

    def _new(self) -> int:
        self._last += 1
        return self._last
