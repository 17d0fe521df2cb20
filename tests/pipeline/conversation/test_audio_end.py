"""A client that ends the turn while the candidate speaks: what they say on is heard."""

import pytest

from pipeline.conversation import commands as c
from pipeline.conversation import events as e
from pipeline.conversation.endpointing import samples as ms
from pipeline.conversation.floor import AgentSpeaking, PossibleBargeIn, UserSpeaking

from .turn_scripts import after_greeting, play

BEGAN = (e.SpeechBegan(ms(6200), ms(6000)), c.AnnounceSpeech(2, ms(6000)))


def ended_by_client():
    return play(
        BEGAN,
        (e.AudioCommitted(ms(7000)), c.Transcribe(3, ms(5700), ms(7000))),
        turns=after_greeting(),
    )


def answered():
    return play(
        (
            e.Transcribed(ms(7200), 3, "I like it"),
            c.CommitTurn(2, "I like it", ms(6000), ms(7000)),
            c.PrepareReply(4, "I like it"),
            c.PlayReply(4),
        ),
        turns=ended_by_client(),
    )


def test_words_after_it_stop_the_reply_and_begin_where_the_turn_ended():
    turns = answered()
    floor = turns.floor
    assert isinstance(floor, PossibleBargeIn)
    item = floor.turn.item
    play(
        (
            e.DeadlineReached(ms(7300), ms(1300)),
            c.TranscribePartial(item, ms(7000), ms(7300), urgent=True),
        ),
        (
            e.PartialTranscribed(ms(7500), item, "because it grows"),
            c.AnnounceSpeech(item, ms(7000)),
            c.StopReply(4),
        ),
        turns=turns,
    )
    assert isinstance(turns.floor, UserSpeaking)


def test_the_end_of_the_last_word_stops_nothing():
    turns = answered()
    play((e.SpeechPaused(ms(7350), ms(7150), ms(1150)),), turns=turns)
    assert turns.floor == AgentSpeaking(4)


def test_a_reply_over_voice_without_words_is_said_to_its_end():
    turns = answered()
    for at in range(7300, 9500, 100):
        for command in turns.handle(e.DeadlineReached(ms(at), ms(at - 6000))):
            assert isinstance(command, c.TranscribePartial)
    play((e.ReplyFinished(ms(9600), 4), c.AnnounceSpeech(5, ms(7000))), turns=turns)


def test_who_has_paused_before_the_words_are_known_has_finished():
    turns = ended_by_client()
    play((e.SpeechPaused(ms(7300), ms(7100)),), turns=turns)
    turns.handle(e.Transcribed(ms(7400), 3, "I like it"))
    assert turns.floor == AgentSpeaking(4)


@pytest.mark.parametrize("text", ["", "Hm."])
def test_a_turn_that_was_ended_before_its_first_word_goes_on(text):
    turns = ended_by_client()
    commands = turns.handle(e.Transcribed(ms(7200), 3, text, confidence=0.3))
    assert not [one for one in commands if isinstance(one, c.CommitTurn | c.DropTurn)]
    assert isinstance(turns.floor, UserSpeaking)
    play(
        (e.SpeechPaused(ms(9200), ms(9000)), c.Transcribe(5 if text else 4, ms(5700), ms(9200))),
        turns=turns,
    )


def test_who_has_not_paused_shows_nothing_of_their_pauses():
    turns = play(
        BEGAN,
        (e.SpeechPaused(ms(6700), ms(6500)), c.Transcribe(3, ms(5700), ms(6700))),
        turns=after_greeting(),
    )
    turns.handle(e.Transcribed(ms(6750), 3, "I like it."))
    turns.handle(e.SpeechBegan(ms(7000), ms(6900)))
    usual = turns._endpointing
    assert usual.usual_pause == ms(400)
    (again,) = turns.handle(e.AudioCommitted(ms(7500)))
    turns.handle(e.Transcribed(ms(7600), again.generation, "I like it.", confidence=0.2))
    assert isinstance(turns.floor, UserSpeaking)
    assert turns._endpointing == usual
