"""What a client may decide for its user: cancel a reply, ask for one, take back what is said. Times
are milliseconds here."""

from dataclasses import replace

from pipeline.conversation import commands as c
from pipeline.conversation import events as e
from pipeline.conversation.endpointing import EndpointingPolicy
from pipeline.conversation.endpointing import samples as ms
from pipeline.conversation.floor import (
    AgentInterrupting,
    AgentSpeaking,
    Closed,
    Endpointing,
    Idle,
    UserSpeaking,
)
from pipeline.conversation.segmenter import Segmenter
from pipeline.conversation.turn_steps import LONGEST_TURN, Tuning
from pipeline.conversation.turns import TurnTaking
from pipeline.language.asking import Asked

from .test_turns import already_speaking
from .turn_scripts import after_greeting, answering, interviewer_speaking, play

# Cancelling a reply


def test_a_cancelled_reply_is_stopped_and_the_floor_is_open():
    turns = play((e.ReplyCancelled(ms(9000)), c.StopReply(4)), turns=interviewer_speaking())
    assert turns.floor == Idle(ms(9000))
    play((e.ReplyFinished(ms(9500), 4),), turns=turns)  # too late


def test_after_a_cancelled_reply_silence_is_counted_anew():
    turns = play((e.ReplyCancelled(ms(9000)), c.StopReply(4)), turns=interviewer_speaking())
    assert turns.deadline == ms(21_000)


def test_voice_over_a_cancelled_reply_is_the_turn():
    turns = play(
        (e.PossibleSpeech(ms(9100), ms(9000)), c.PauseReply(4)),
        (e.SpeechBegan(ms(9200), ms(9000)),),
        (e.ReplyCancelled(ms(9300)), c.AnnounceSpeech(5, ms(9000)), c.StopReply(4)),
        turns=interviewer_speaking(),
    )
    assert isinstance(turns.floor, UserSpeaking)


def test_a_hint_of_voice_over_a_cancelled_reply_may_become_speech():
    play(
        (e.PossibleSpeech(ms(9100), ms(9000)), c.PauseReply(4)),
        (e.ReplyCancelled(ms(9150)), c.StopReply(4)),
        (e.SpeechBegan(ms(9200), ms(9000)), c.AnnounceSpeech(5, ms(9000))),
        turns=interviewer_speaking(),
    )


def test_a_backchannel_is_the_turn_when_its_reply_is_cancelled():
    turns = play(
        (e.SpeechBegan(ms(9200), ms(9000)), c.PauseReply(4)),
        (e.SpeechPaused(ms(9700), ms(9500)), c.Transcribe(6, ms(8700), ms(9700))),
        (e.ReplyCancelled(ms(9750)), c.AnnounceSpeech(5, ms(9000)), c.StopReply(4)),
        (e.Transcribed(ms(9800), 6, "Yes."), c.PrepareReply(7, "Yes.")),
        turns=interviewer_speaking(),
    )
    assert isinstance(turns.floor, Endpointing)


def test_also_a_reply_that_no_voice_stops_is_cancelled():
    turns = TurnTaking()
    turns.floor = AgentInterrupting(4, None)
    play((e.ReplyCancelled(ms(9000)), c.StopReply(4)), turns=turns)
    assert turns.floor == Idle(ms(9000))


def test_nothing_is_cancelled_when_nothing_is_played():
    for turns in (after_greeting(), answering(), TurnTaking()):
        floor = turns.floor
        play((e.ReplyCancelled(ms(8250)),), turns=turns)
        assert turns.floor == floor


# Asking for a reply


def test_a_reply_that_is_asked_for_in_an_open_floor_begins_at_once():
    turns = play((e.ReplyRequested(ms(6000)), c.Nudge(2)), turns=after_greeting())
    assert turns.floor == AgentSpeaking(2)


def test_a_reply_that_is_asked_for_before_the_start_is_the_opening():
    play((e.ReplyRequested(0),), (e.SessionStarted(0), c.OpenConversation(1)))


def test_what_is_said_is_answered_when_a_reply_is_asked_for():
    play(
        (e.SpeechBegan(ms(6200), ms(6000)), c.AnnounceSpeech(2, ms(6000))),
        (e.ReplyRequested(ms(7000)), c.Transcribe(3, ms(5700), ms(7000))),
        (
            e.Transcribed(ms(7100), 3, "I like"),
            c.CommitTurn(2, "I like", ms(6000), ms(7000)),
            c.PrepareReply(4, "I like"),
            c.PlayReply(4),
        ),
        turns=after_greeting(),
    )


def test_a_pause_is_no_longer_waited_out_when_a_reply_is_asked_for():
    play(
        (e.Transcribed(ms(8300), 3, "I like it and"),),
        (
            e.ReplyRequested(ms(8400)),
            c.CommitTurn(2, "I like it and", ms(6000), ms(8000)),
            c.PrepareReply(4, "I like it and"),
            c.PlayReply(4),
        ),
        turns=answering(),
    )


def test_there_is_one_reply_at_a_time():
    play((e.ReplyRequested(ms(9000)),), turns=interviewer_speaking())


# Taking back what is said


def test_what_is_taken_back_was_no_turn():
    turns = play(
        (e.SpeechBegan(ms(6200), ms(6000)), c.AnnounceSpeech(2, ms(6000))),
        (e.AudioCleared(ms(7000)), c.DropTurn(2)),
        (e.SpeechPaused(ms(7300), ms(7100)),),
        turns=after_greeting(),
    )
    assert turns.floor == Idle(ms(7000))


def test_what_is_taken_back_in_a_pause_is_neither_transcribed_nor_answered():
    play((e.AudioCleared(ms(8250)), c.CancelTranscription(3), c.DropTurn(2)), turns=answering())
    play(
        (e.Transcribed(ms(8300), 3, "I like it."), c.PrepareReply(4, "I like it.")),
        (e.AudioCleared(ms(8400)), c.DiscardReply(4), c.DropTurn(2)),
        turns=answering(),
    )


def test_no_turn_reaches_back_before_what_was_taken_back():
    play(
        (e.AudioCleared(ms(7000)),),
        (e.SpeechBegan(ms(7300), ms(7100)), c.AnnounceSpeech(2, ms(7100))),
        (e.SpeechPaused(ms(8200), ms(8000)), c.Transcribe(3, ms(7000), ms(8200))),
        turns=after_greeting(),
    )


def test_a_reply_goes_on_when_the_voice_over_it_is_taken_back():
    turns = play(
        (e.SpeechBegan(ms(9200), ms(9000)), c.PauseReply(4)),
        (e.AudioCleared(ms(9300)), c.ResumeReply(4)),
        turns=interviewer_speaking(),
    )
    assert turns.floor == AgentSpeaking(4)
    play(
        (e.SpeechBegan(ms(9900), ms(9700)), c.PauseReply(4)),
        (e.SpeechPaused(ms(10_400), ms(10_200)), c.Transcribe(7, ms(9400), ms(10_400))),
        (e.AudioCleared(ms(10_450)), c.CancelTranscription(7), c.ResumeReply(4)),
        (e.Transcribed(ms(10_500), 7, "Wait, stop."),),
        turns=turns,
    )


def test_a_turn_that_was_ended_for_its_length_stays():
    turns = after_greeting()
    turns.handle(e.SpeechBegan(ms(6200), ms(6000)))
    turns.handle(e.DeadlineReached(ms(6000) + LONGEST_TURN))
    turn = turns.floor.turn
    play((e.AudioCleared(ms(250_000)),), turns=turns)
    assert turns.floor.turn == turn
    assert turns.floor.next is None


def test_who_would_have_opened_opens_when_what_came_before_is_taken_back():
    play(
        (e.AudioCleared(ms(1250)), c.CancelTranscription(2), c.DropTurn(1), c.OpenConversation(3)),
        turns=already_speaking(),
    )


def test_when_all_is_over_nothing_is_done_about_requests():
    turns = TurnTaking()
    turns.floor = Closed()
    play((e.AudioCleared(1),), (e.ReplyRequested(1),), (e.ReplyCancelled(1),), turns=turns)


def test_voice_that_goes_on_after_it_was_forgotten_begins_anew():
    segmenter = Segmenter()
    assert any(isinstance(segmenter.feed(1.0), e.SpeechBegan) for _ in range(15))
    segmenter.forget()
    assert not segmenter.in_voice
    cleared = segmenter.at
    events = [segmenter.feed(1.0) for _ in range(15)]
    (began,) = [event for event in events if isinstance(event, e.SpeechBegan)]
    assert began.onset == cleared


# Other delays


def test_other_delays_count_from_now_on():
    tuning = Tuning(EndpointingPolicy(ms(300), ms(900)), silence=ms(5000))
    turns = after_greeting()
    turns.tune(tuning)
    assert turns.deadline == ms(10_000)
    play(
        (e.Transcribed(ms(8250), 3, "I like it."), c.PrepareReply(4, "I like it.")),
        turns=answering(turns),
    )
    assert turns.deadline == ms(8300)


def test_what_was_learned_of_the_pauses_survives_other_delays():
    turns = after_greeting()
    turns._endpointing = replace(turns._endpointing, usual_pause=float(ms(800)))
    turns.tune(Tuning(EndpointingPolicy(ms(300), ms(2000))))
    play(
        (e.Transcribed(ms(8250), 3, "I like it."), c.PrepareReply(4, "I like it.")),
        turns=answering(turns),
    )
    assert turns.deadline == ms(9000)


def test_what_was_asked_last_survives_other_delays():
    turns = after_greeting()
    turns.answering("Do you have a driving licence?")
    asked = turns.asked
    turns.tune(Tuning(EndpointingPolicy(ms(300), ms(2000))))
    assert turns.asked is asked is not Asked.NOTHING
