"""Rules that hold in any conversation, whatever happens in it."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from pipeline.conversation import commands as c
from pipeline.conversation import events as e
from pipeline.conversation.audio_input import KEPT
from pipeline.conversation.endpointing import samples as ms
from pipeline.conversation.floor import (
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
    UserSpeaking,
)
from pipeline.conversation.turn_steps import LONGEST_PAUSE, Tuning
from pipeline.conversation.turns import TurnTaking


class AnyConversation(RuleBasedStateMachine):
    """Events as the segmenter and the engines send them, in any order, early, late or never."""

    def __init__(self):
        super().__init__()
        self.turns = TurnTaking(over_at=ms(900_000))
        self.at = 0
        self.audible = None
        self.held = set()
        self.asked = []
        self.taken = []
        self.closed = False
        self.left = False
        self.given = set()
        self.happen(e.SessionStarted(0))

    def happen(self, event):
        commands = self.turns.handle(event)
        for command in commands:
            assert not self.closed
            self.obey(command)
        assert len(self.held) <= 1
        for command in commands:
            if isinstance(command, c.AcceptCaptions):  # answered at once
                self.happen(e.Transcribed(self.at, command.generation, ""))

    def obey(self, command):
        match command:
            case c.OpenConversation(reply) | c.Nudge(reply):
                assert self.audible is None
                self.audible = reply
            case c.PrepareReply(reply):
                assert reply not in self.held
                self.held.add(reply)
            case c.DiscardReply(reply):
                self.held.discard(reply)
            case c.PlayReply(reply):
                assert self.audible is None, "two replies at once"
                self.held.remove(reply)
                self.audible = reply
            case c.StopReply(reply):
                assert self.audible == reply, "an end for a reply that has none to come"
                self.audible = None
            case c.PauseReply(reply) | c.ResumeReply(reply):
                assert self.audible == reply
            case c.Transcribe(generation, start, end):
                assert 0 <= start <= end <= self.at
                assert end - start < KEPT, "audio that is not kept any more"
                self.asked.append(generation)
            case c.AnnounceSpeech(item):
                assert item not in self.given
                self.given.add(item)
            case c.CommitTurn(item, typed=typed):
                assert item not in self.taken
                seen = typed or item in self.given or self.left
                assert seen, "a turn that the client never saw begin"
                self.taken.append(item)
            case c.EndConversation():
                self.closed = True

    @rule(gap=st.integers(20, 3000) | st.sampled_from([28_000, 250_000]))
    def time_passes(self, gap):
        end = self.at + ms(gap)
        while (due := self.turns.deadline) is not None and due <= end:
            self.at = max(self.at, due)
            self.happen(e.DeadlineReached(self.at, ms(gap)))
        self.at = end

    @rule(back=st.integers(60, 400))
    def possible_speech(self, back):
        self.happen(e.PossibleSpeech(self.at, max(0, self.at - ms(back))))

    @rule()
    def possible_speech_ended(self):
        self.happen(e.PossibleSpeechEnded(self.at))

    @rule(back=st.integers(100, 400))
    def speech_began(self, back):
        self.happen(e.SpeechBegan(self.at, max(0, self.at - ms(back))))

    @rule(back=st.integers(200, 260))
    def speech_paused(self, back):
        self.happen(e.SpeechPaused(self.at, max(0, self.at - ms(back))))

    @rule(
        text=st.sampled_from(["", "Yes.", "mm-hm", "I did that and", "I did it.", "stop now"]),
        which=st.integers(0, 3),
        spare=st.booleans(),
    )
    def transcribed(self, text, which, spare):
        if self.asked:
            generation = self.asked[-1 - which % len(self.asked)]
            self.happen(e.Transcribed(self.at, generation, text, spare))

    @rule(item=st.integers(1, 60), text=st.sampled_from(["", "wait", "wait a moment"]))
    def partial(self, item, text):
        self.happen(e.PartialTranscribed(self.at, item, text))

    @rule(which=st.integers(0, 3), probability=st.floats(0, 1))
    def end_of_turn_judged(self, which, probability):
        if self.asked:
            generation = self.asked[-1 - which % len(self.asked)]
            self.happen(e.EndOfTurnJudged(self.at, generation, probability))

    @rule(text=st.sampled_from(["Hello.", "and"]))
    def typed(self, text):
        self.happen(e.TextTyped(self.at, text))

    @rule(muted=st.booleans())
    def muted(self, muted):
        self.happen((e.Muted if muted else e.Unmuted)(self.at))

    @rule()
    def audio_committed(self):
        self.happen(e.AudioCommitted(self.at))

    @rule()
    def cleared(self):
        self.happen(e.AudioCleared(self.at))
        assert not isinstance(
            self.turns.floor, UserSpeaking | Endpointing | PossibleBargeIn | ClassifyingBargeIn
        )

    @rule()
    def reply_requested(self):
        self.happen(e.ReplyRequested(self.at))
        assert not isinstance(self.turns.floor, Idle)

    @rule()
    def reply_cancelled(self):
        self.happen(e.ReplyCancelled(self.at))
        assert self.audible is None

    @rule(last=st.sampled_from([False] * 9 + [True]))
    def reply_finished(self, last):
        if self.audible is not None:
            reply, self.audible = self.audible, None
            self.happen(e.ReplyFinished(self.at, reply, last))

    @rule(really=st.sampled_from([False] * 14 + [True]))
    def client_left(self, really):
        if really:
            self.left, self.audible = True, None
            self.happen(e.UserLeft(self.at))

    @invariant()
    def nobody_who_types_waits_for_words_that_are_known_or_late(self):
        floor = self.turns.floor
        if isinstance(floor, EndingTypedTurn):
            assert floor.turn.text is None
            assert floor.by is None or self.at <= floor.by

    @invariant()
    def after_the_client_left_only_words_are_waited_for(self):
        floor = self.turns.floor
        owed = isinstance(floor, EndingLastTurn) and floor.turn.text is None
        assert not self.left or owed or isinstance(floor, Closed)

    @invariant()
    def a_reply_is_audible_exactly_while_the_floor_says_so(self):
        floor = self.turns.floor
        kinds = AgentSpeaking | PossibleBargeIn | ClassifyingBargeIn | AgentInterrupting
        speaking = floor.reply if isinstance(floor, kinds) else None
        assert speaking == self.audible

    @invariant()
    def nobody_is_waited_for_longer_than_a_pause(self):
        if isinstance(self.turns.floor, Idle):
            assert self.turns.deadline <= self.at + LONGEST_PAUSE + Tuning().silence

    @invariant()
    def something_will_happen_without_the_candidate(self):
        """Never stuck: a deadline, a reply that plays, or words that are being looked for."""
        floor = self.turns.floor
        waits_for_words = (
            isinstance(floor, Endpointing | ClassifyingBargeIn | EndingLongTurn | EndingTypedTurn)
            and floor.turn.text is None
        ) or isinstance(floor, PossibleBargeIn)
        assert (
            self.turns.deadline is not None
            or self.audible is not None
            or waits_for_words
            or self.closed
            or self.left
        )


TestAnyConversation = AnyConversation.TestCase


TestAnyConversation.settings = settings(deadline=None, max_examples=150, stateful_step_count=40)
