"""Turn-taking, without audio, engines or an event loop. Times are milliseconds here."""

from copy import copy
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from models.contracts import FRAME, HEARING_RATE
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
    Part,
    PossibleBargeIn,
    Turn,
    UserSpeaking,
)
from pipeline.conversation.interruption import (
    BELIEVED_AT_LAST,
    GIVE_UP,
    Heard,
    Sound,
    interrupts,
    is_sound,
)
from pipeline.conversation.segmenter import Segmenter
from pipeline.conversation.stretches import stretches_for
from pipeline.conversation.turn_steps import LONGEST_PAUSE, Tuning
from pipeline.conversation.turns import TurnTaking


def play(*script, turns=None):
    """Feed each event and check the commands written to its right."""
    turns = turns or TurnTaking()
    for event, *expected in script:
        assert turns.handle(event) == expected, event
    return turns


def look(item, start, end):
    """The transcription of voice over a reply, which waits for it."""
    return c.TranscribePartial(item, start, end, urgent=True)


def after_greeting(at=5000):
    """The greeting was heard; the candidate may speak."""
    return play(
        (e.SessionStarted(0), c.OpenConversation(1)),
        (e.ReplyFinished(ms(at), 1),),
    )


def answering(turns=None):
    """A candidate spoke from 6.0 to 8.0 s and paused; the words are being looked for."""
    return play(
        (e.SpeechBegan(ms(6200), ms(6000)), c.AnnounceSpeech(2, ms(6000))),
        (e.SpeechPaused(ms(8200), ms(8000)), c.Transcribe(3, ms(5700), ms(8200))),
        turns=turns or after_greeting(),
    )


def interviewer_speaking():
    """The answer was complete; its reply (4) is being played since 8.6 s."""
    return play(
        (e.Transcribed(ms(8300), 3, "I like it."), c.PrepareReply(4, "I like it.")),
        (
            e.DeadlineReached(ms(8600)),
            c.CommitTurn(2, "I like it.", ms(6000), ms(8000)),
            c.PlayReply(4),
        ),
        turns=answering(),
    )


def test_the_interviewer_speaks_first():
    assert after_greeting().floor == Idle(ms(5000))


def test_soft_words_before_the_voice_belong_to_a_turn_on_an_open_floor():
    play(
        (e.SpeechBegan(ms(9200), ms(9000)), c.AnnounceSpeech(2, ms(9000))),
        (e.SpeechPaused(ms(9900), ms(9700)), c.Transcribe(3, ms(7800), ms(9900))),
        turns=after_greeting(),
    )


def test_what_may_be_the_echo_of_a_reply_belongs_to_no_turn():
    play(
        (e.SpeechBegan(ms(6500), ms(6300)), c.AnnounceSpeech(2, ms(6300))),
        (e.SpeechPaused(ms(7200), ms(7000)), c.Transcribe(3, ms(5700), ms(7200))),
        turns=after_greeting(),
    )


def already_speaking():
    """The candidate was speaking before the interviewer could; the words are being looked for."""
    return play(
        (e.SpeechBegan(ms(700), ms(500)), c.AnnounceSpeech(1, ms(500))),
        (e.SpeechPaused(ms(1100), ms(900)), c.Transcribe(2, ms(200), ms(1100))),
        (e.SessionStarted(ms(1200)),),
    )


def test_who_speaks_already_is_heard_out_before_the_interviewer_opens():
    play(
        (e.Transcribed(ms(1300), 2, "Hello?"), c.PrepareReply(3, "Hello?")),
        (e.DeadlineReached(ms(1500)), c.CommitTurn(1, "Hello?", ms(500), ms(900)), c.PlayReply(3)),
        (e.ReplyFinished(ms(4000), 3),),
        (e.SpeechBegan(ms(5200), ms(5000)), c.AnnounceSpeech(4, ms(5000))),
        (e.SpeechPaused(ms(5600), ms(5400)), c.Transcribe(5, ms(4700), ms(5600))),
        (e.Transcribed(ms(5700), 5, ""),),
        (e.DeadlineReached(ms(7400)), c.DropTurn(4)),  # and it does not open a second time
        turns=already_speaking(),
    )


def test_after_a_noise_before_the_start_the_interviewer_opens():
    play(
        (e.Transcribed(ms(1300), 2, ""),),
        (e.DeadlineReached(ms(2900)), c.DropTurn(1), c.OpenConversation(3)),
        turns=already_speaking(),
    )


def test_a_complete_answer_is_prepared_in_the_pause_and_released_at_its_end():
    turns = answering()
    assert turns.deadline is None  # nothing can be decided before the words are there
    assert turns.handle(e.Transcribed(ms(8300), 3, "I like it.")) == [
        c.PrepareReply(4, "I like it.")
    ]
    assert turns.deadline == ms(8600)
    assert turns.handle(e.DeadlineReached(ms(8599))) == []
    assert interviewer_speaking().floor == AgentSpeaking(4)


def test_an_unfinished_sentence_waits_longer_and_is_prepared_later():
    turns = play(
        (e.Transcribed(ms(8300), 3, "I like it because"),),
        (e.DeadlineReached(ms(8600)), c.PrepareReply(4, "I like it because")),
        turns=answering(),
    )
    assert turns.deadline == ms(10_000)
    play(
        (
            e.DeadlineReached(ms(10_000)),
            c.CommitTurn(2, "I like it because", ms(6000), ms(8000)),
            c.PlayReply(4),
        ),
        turns=turns,
    )


def test_a_candidate_who_goes_on_with_the_sentence_costs_no_guess():
    turns = play(
        (e.Transcribed(ms(8300), 3, "I like it because"),),
        (e.SpeechBegan(ms(8500), ms(8400)),),
        turns=answering(),
    )
    assert isinstance(turns.floor, UserSpeaking)


def test_without_time_to_spare_an_unfinished_sentence_is_answered_when_it_is_over():
    turns = answering()
    assert turns.handle(e.Transcribed(ms(8300), 3, "because", spare=False)) == []
    assert turns.deadline == ms(10_000)
    commands = turns.handle(e.DeadlineReached(ms(10_000)))
    assert commands[1:] == [c.PrepareReply(4, "because"), c.PlayReply(4)]


def test_a_late_transcript_commits_at_once():
    play(
        (
            e.Transcribed(ms(9000), 3, "I like it."),
            c.PrepareReply(4, "I like it."),
            c.CommitTurn(2, "I like it.", ms(6000), ms(8000)),
            c.PlayReply(4),
        ),
        turns=answering(),
    )


def test_no_guess_is_made_while_the_engines_are_loaded():
    turns = answering()
    assert turns.handle(e.Transcribed(ms(8500), 3, "I like it.", spare=False)) == []


def test_a_pause_is_not_the_end_of_a_turn_and_its_guess_is_thrown_away():
    turns = play(
        (e.Transcribed(ms(8300), 3, "I like it."), c.PrepareReply(4, "I like it.")),
        (e.SpeechBegan(ms(8500), ms(8400)), c.DiscardReply(4)),
        (e.SpeechPaused(ms(9700), ms(9500)), c.Transcribe(5, ms(5700), ms(9700))),
        (e.Transcribed(ms(9800), 5, "I like it. A lot."), c.PrepareReply(6, "I like it. A lot.")),
        turns=answering(),
    )
    play(
        (
            e.DeadlineReached(ms(10_200)),
            c.CommitTurn(2, "I like it. A lot.", ms(6000), ms(9500)),
            c.PlayReply(6),
        ),
        turns=turns,
    )


def test_a_transcript_of_a_pause_that_was_none_is_ignored():
    turns = play(
        (e.SpeechBegan(ms(8500), ms(8400)), c.CancelTranscription(3)),
        (e.Transcribed(ms(8600), 3, "I like it."),),
        turns=answering(),
    )
    assert isinstance(turns.floor, UserSpeaking)


@pytest.mark.parametrize(
    ("sure", "after", "committed"),
    [(0.45, "", "Seven six."), (0.0, "", "Seven six."), (0.41, "", ""), (0.45, "Six.", "Six.")],
    ids="sure unknown doubted new".split(),
)
def test_words_are_not_unsaid_by_more_audio_of_which_the_recognizer_makes_nothing(
    sure, after, committed
):
    turns = answering()
    turns.handle(e.Transcribed(ms(8300), 3, "Seven six.", confidence=sure))
    turns.handle(e.SpeechBegan(ms(8500), ms(8400)))
    (again,) = turns.handle(e.SpeechPaused(ms(9700), ms(9500)))
    assert again.start == ms(5700)
    turns.handle(e.Transcribed(ms(9800), again.generation, after, confidence=0.7 * bool(after)))
    took = turns.handle(e.DeadlineReached(ms(12_000)))[0]
    assert took == c.CommitTurn(
        2, committed, ms(6000), ms(9500), confidence=0.7 if after else sure * bool(committed)
    )


def test_words_that_were_known_belong_to_the_stretch_that_they_are_from():
    known = Part(7, 0, ms(3000), "Seven six.", 0.9)
    parts = Part(8, 0, ms(9000)), Part(9, ms(9000), ms(12_000))
    turn = Turn(2, 0, ms(12_000), parts, known=known)
    for part in parts:
        turn = turn.transcribed(part.generation, Heard("", 0.0))
    assert [part.text for part in turn.parts] == ["Seven six.", ""]


def test_stretches_that_sound_different_sound_like_nothing_in_particular():
    speech = Part(8, 0, ms(3000), "I like it", 0.9, Sound.SPEECH)
    noise = Part(9, ms(3000), ms(4000), "here.", 0.9, Sound.NOISE)
    wordless = Part(10, ms(4000), ms(4500), "", 0.0, Sound.NOISE)
    assert Turn(2, 0, 0, (speech, noise)).sound is Sound.UNCLEAR
    assert Turn(2, 0, 0, (speech, wordless)).sound is Sound.SPEECH


def test_a_stretch_is_believed_for_words_that_are_not_doubted():
    assert Part(8, 0, 1, "I like it", 0.9).believed
    assert Part(8, 0, 1, "I like it", 0.0).believed  # a recognizer that gives no confidence
    assert not Part(8, 0, 1, "I like it", BELIEVED_AT_LAST / 2).believed
    assert not Part(8, 0, 1, "", 0.9).believed


def test_at_most_three_guesses_a_turn():
    turns, generation = answering(), 3
    prepared = 0
    for n in range(5):
        at = 8300 + n * 1000
        commands = turns.handle(e.Transcribed(ms(at), generation, "Yes. I do."))
        prepared += sum(isinstance(command, c.PrepareReply) for command in commands)
        turns.handle(e.SpeechBegan(ms(at + 200), ms(at + 100)))
        (transcribe,) = turns.handle(e.SpeechPaused(ms(at + 800), ms(at + 600)))
        generation = transcribe.generation
    assert prepared == 3


def test_a_hint_of_more_speech_holds_the_end_back_and_a_false_one_only_shortly():
    turns = answering()
    turns.handle(e.Transcribed(ms(8300), 3, "I like it."))
    assert turns.handle(e.PossibleSpeech(ms(8560), ms(8500))) == []
    assert turns.deadline == ms(8760)
    assert c.PlayReply(4) in turns.handle(e.DeadlineReached(ms(8760)))


def test_audio_end_answers_at_once():
    play(
        (e.SpeechBegan(ms(6200), ms(6000)), c.AnnounceSpeech(2, ms(6000))),
        (e.AudioCommitted(ms(7000)), c.Transcribe(3, ms(5700), ms(7000))),
        (
            e.Transcribed(ms(7100), 3, "and then"),
            c.CommitTurn(2, "and then", ms(6000), ms(7000)),
            c.PrepareReply(4, "and then"),
            c.PlayReply(4),
        ),
        turns=after_greeting(),
    )


def test_audio_end_in_a_pause_answers_at_once():
    turns = answering()
    turns.handle(e.Transcribed(ms(8300), 3, "because"))
    assert c.PlayReply(4) in turns.handle(e.AudioCommitted(ms(8400)))


def test_noise_without_words_is_no_turn():
    turns = play(
        (e.SpeechBegan(ms(6200), ms(6000)), c.AnnounceSpeech(2, ms(6000))),
        (e.SpeechPaused(ms(6600), ms(6400)), c.Transcribe(3, ms(5700), ms(6600))),
        (e.Transcribed(ms(6700), 3, ""),),
        (e.DeadlineReached(ms(8400)), c.DropTurn(2)),
        turns=after_greeting(),
    )
    assert turns.floor == Idle(ms(6400))


def test_long_speech_without_words_is_a_turn_that_was_not_understood():
    turns = answering()
    turns.handle(e.Transcribed(ms(8300), 3, ""))
    assert turns.handle(e.DeadlineReached(ms(10_000)))[0] == c.CommitTurn(2, "", ms(6000), ms(8000))


def test_silence_is_broken():
    turns = after_greeting()
    assert turns.deadline == ms(17_000)
    assert turns.handle(e.DeadlineReached(ms(17_000))) == [c.Nudge(2)]
    assert turns.floor == AgentSpeaking(2)


def test_partials_are_asked_for_while_the_candidate_speaks_and_captioned():
    play(
        (e.SpeechBegan(ms(6200), ms(6000)), c.AnnounceSpeech(2, ms(6000))),
        (e.DeadlineReached(ms(6700)), c.TranscribePartial(2, ms(5700), ms(6700))),
        (e.PartialTranscribed(ms(6900), 2, "I like"), c.Caption(2, "I like")),
        (e.DeadlineReached(ms(7400)), c.TranscribePartial(2, ms(5700), ms(7400))),
        (e.PartialTranscribed(ms(7600), 99, "of another turn"),),
        turns=after_greeting(),
    )


def test_a_turn_longer_than_the_window_is_transcribed_in_stretches():
    turns = after_greeting()
    turns.handle(e.SpeechBegan(ms(6200), ms(6000)))
    turns.floor = UserSpeaking(turns.floor.turn, ms(99_000))
    assert turns.deadline == ms(31_700)
    assert turns.handle(e.DeadlineReached(ms(31_700))) == [c.Transcribe(3, ms(5700), ms(31_700))]
    assert turns.handle(e.SpeechPaused(ms(33_000), ms(32_800))) == [
        c.Transcribe(4, ms(31_700), ms(33_000))
    ]
    assert turns.handle(e.Transcribed(ms(33_100), 4, "and this.")) == []  # the first is missing yet
    assert turns.handle(e.Transcribed(ms(33_200), 3, "First that")) == [
        c.PrepareReply(5, "First that and this.")
    ]


@pytest.mark.parametrize(
    ("quiet", "cut"), [(29_000, 29_000), (31_900, 31_700), (9_000, 31_700), (0, 31_700)]
)
def test_a_long_turn_is_cut_where_it_was_quiet_lately(quiet, cut):
    turns = after_greeting()
    turns.handle(e.SpeechBegan(ms(6200), ms(6000)))
    turns.floor = UserSpeaking(turns.floor.turn, ms(99_000))
    assert turns.handle(e.DeadlineReached(ms(31_700), quiet=ms(quiet))) == [
        c.Transcribe(3, ms(5700), ms(cut))
    ]
    assert turns.deadline == ms(cut + 26_000)
    assert turns.handle(e.SpeechPaused(ms(33_000), ms(32_800))) == [
        c.Transcribe(4, ms(cut), ms(33_000))
    ]


def test_a_long_stretch_before_a_pause_is_not_transcribed_twice():
    turns = after_greeting()
    turns.handle(e.SpeechBegan(ms(6200), ms(6000)))
    turns.handle(e.SpeechPaused(ms(24_200), ms(24_000)))
    turns.handle(e.Transcribed(ms(24_300), 3, "So much."))
    turns.handle(e.SpeechBegan(ms(25_000), ms(24_900)))
    assert turns.handle(e.SpeechPaused(ms(27_000), ms(26_800))) == [
        c.Transcribe(5, ms(24_200), ms(27_000))
    ]
    assert turns.handle(e.Transcribed(ms(27_100), 5, "And more.")) == [
        c.PrepareReply(6, "So much. And more.")
    ]


def test_speech_that_goes_on_before_a_late_transcript_of_long_ago_loses_no_words():
    turns = after_greeting()
    turns.handle(e.SpeechBegan(ms(6200), ms(6000)))
    turns.handle(e.SpeechPaused(ms(18_200), ms(18_000)))
    assert turns.handle(e.SpeechBegan(ms(33_100), ms(32_900))) == []  # it is still worked on
    assert turns.handle(e.SpeechPaused(ms(35_200), ms(35_000))) == [
        c.Transcribe(4, ms(30_900), ms(35_200))
    ]
    assert turns.handle(e.Transcribed(ms(35_300), 3, "So much.")) == []
    assert turns.handle(e.Transcribed(ms(35_400), 4, "And more.")) == [
        c.PrepareReply(5, "So much. And more.")
    ]


# Interruptions


def test_clicks_that_never_become_speech_do_not_hold_the_reply_up_for_ever():
    turns = interviewer_speaking()
    assert turns.handle(e.PossibleSpeech(ms(10_060), ms(10_000))) == [c.PauseReply(4)]
    assert turns.deadline == ms(10_000) + GIVE_UP
    assert turns.handle(e.DeadlineReached(turns.deadline)) == [c.ResumeReply(4)]
    assert turns.floor == AgentSpeaking(4)


def test_a_hint_pauses_the_reply_and_its_fading_resumes_it():
    turns = play(
        (e.PossibleSpeech(ms(10_060), ms(10_000)), c.PauseReply(4)),
        (e.PossibleSpeechEnded(ms(10_300)), c.ResumeReply(4)),
        turns=interviewer_speaking(),
    )
    assert turns.floor == AgentSpeaking(4)


def possible_barge_in():
    return play(
        (e.PossibleSpeech(ms(10_060), ms(10_000)), c.PauseReply(4)),
        (e.SpeechBegan(ms(10_200), ms(10_000)),),
        turns=interviewer_speaking(),
    )


def test_voice_that_lasts_is_looked_at_again_and_again_and_its_words_interrupt():
    turns = possible_barge_in()
    assert turns.deadline == ms(10_120)  # its beginning is long enough
    play(
        (e.DeadlineReached(ms(10_200), ms(200)), look(5, ms(9700), ms(10_200))),
        (e.DeadlineReached(ms(10_450), ms(450)), look(5, ms(9700), ms(10_450))),
        (e.PartialTranscribed(ms(10_500), 5, "I"),),
        (e.DeadlineReached(ms(10_600), ms(600)), look(5, ms(9700), ms(10_600))),
        (e.PartialTranscribed(ms(10_700), 5, "I don't"),),
        (e.DeadlineReached(ms(10_750), ms(750)), look(5, ms(9700), ms(10_750))),
        (
            e.PartialTranscribed(ms(10_800), 5, "I don't"),
            c.AnnounceSpeech(5, ms(10_000)),
            c.StopReply(4),
        ),
        turns=turns,
    )
    assert isinstance(turns.floor, UserSpeaking)


def test_two_words_are_an_interruption_before_that():
    play(
        (e.PartialTranscribed(ms(10_400), 5, "wait please"), c.AnnounceSpeech(5, ms(10_000)),
         c.StopReply(4)),
        turns=possible_barge_in(),
    )  # fmt: skip


def test_one_word_is_one_when_another_hypothesis_has_it_too():
    play(
        (e.PartialTranscribed(ms(10_300), 5, "wait"),),
        (e.PartialTranscribed(ms(10_400), 5, ""),),
        (e.PartialTranscribed(ms(10_550), 5, "Wait..."), c.AnnounceSpeech(5, ms(10_000)),
         c.StopReply(4)),
        turns=possible_barge_in(),
    )  # fmt: skip


def test_one_word_of_an_unfinished_hypothesis_is_not_yet_one():
    turns = possible_barge_in()
    assert turns.handle(e.PartialTranscribed(ms(10_400), 5, "wait")) == []
    assert turns.handle(e.PartialTranscribed(ms(10_420), 5, "okay yeah")) == []


def test_a_short_word_over_the_reply_is_judged_by_what_it_is():
    judged = (
        e.SpeechPaused(ms(10_600), ms(10_400)),
        c.Transcribe(6, ms(9700), ms(10_600)),
    )
    turns = play(
        judged,
        (e.Transcribed(ms(10_700), 6, "Mm-hm."), c.ResumeReply(4)),
        turns=possible_barge_in(),
    )
    assert turns.floor == AgentSpeaking(4)
    turns = play(
        judged,
        (e.Transcribed(ms(10_700), 6, "Stop."), c.AnnounceSpeech(5, ms(10_000)), c.StopReply(4)),
        turns=possible_barge_in(),
    )
    assert isinstance(turns.floor, Endpointing)
    play(
        (e.DeadlineReached(ms(11_000)), c.CommitTurn(5, "Stop.", ms(10_000), ms(10_400)),
         c.PrepareReply(7, "Stop."), c.PlayReply(7)),
        turns=turns,
    )  # fmt: skip


def test_a_burst_is_never_an_interruption():
    play((e.SpeechPaused(ms(10_400), ms(10_200)), c.ResumeReply(4)), turns=possible_barge_in())


def test_a_burst_is_measured_by_its_voice_and_not_by_the_time_that_it_takes():
    turns = possible_barge_in()
    play((e.SpeechPaused(ms(10_700), ms(10_500), ms(260)), c.ResumeReply(4)), turns=turns)


def test_words_of_a_burst_do_not_count_before_there_was_enough_voice_for_them():
    turns = possible_barge_in()
    early = e.PartialTranscribed(ms(10_400), 5, "I'm so sorry", voiced=ms(280))
    assert turns.handle(early) == []
    assert turns.handle(e.SpeechPaused(ms(10_480), ms(10_280), ms(280))) == [c.ResumeReply(4)]


def test_words_that_the_recognizer_doubts_do_not_interrupt():
    turns = play(
        (e.PartialTranscribed(ms(10_400), 5, "Much? Much?", confidence=0.44),),
        (e.PartialTranscribed(ms(10_500), 5, "I'm so happy.", confidence=0.2),),
        (
            e.SpeechPaused(ms(10_900), ms(10_700)),
            c.ResumeReply(4),
            c.Transcribe(6, ms(9700), ms(10_900)),
        ),
        (e.Transcribed(ms(11_000), 6, "First.", confidence=0.35),),
        turns=possible_barge_in(),
    )
    assert turns.floor == AgentSpeaking(4)


def test_the_reply_goes_on_soon_after_wordless_voice_is_over_and_words_may_still_stop_it():
    turns = play(
        (e.DeadlineReached(ms(10_300), ms(300)), look(5, ms(9700), ms(10_300))),
        (e.PartialTranscribed(ms(10_380), 5, "Ha ha!", confidence=0.6),),
        (e.DeadlineReached(ms(10_400), ms(390)), look(5, ms(9700), ms(10_400))),
        (e.DeadlineReached(ms(10_500), ms(400)), c.ResumeReply(4)),
        (e.DeadlineReached(ms(10_600), ms(400)),),  # nothing to look for
        turns=possible_barge_in(),
    )
    play(
        (e.SpeechPaused(ms(10_620), ms(10_410)), c.Transcribe(6, ms(9700), ms(10_620))),
        (e.Transcribed(ms(10_700), 6, "Wait!"), c.AnnounceSpeech(5, ms(10_000)), c.StopReply(4)),
        turns=turns,
    )


def test_a_reply_that_went_on_under_a_sound_is_paused_again_for_the_voice_after_it():
    turns = play(
        (e.DeadlineReached(ms(10_400), ms(390)), look(5, ms(9700), ms(10_400))),
        (e.DeadlineReached(ms(10_500), ms(400)), c.ResumeReply(4)),
        (e.SpeechPaused(ms(10_620), ms(10_410)), c.Transcribe(6, ms(9700), ms(10_620))),
        turns=possible_barge_in(),
    )
    hummed = copy(turns)
    play((e.Transcribed(ms(10_700), 6, "Mm-hm."),), turns=hummed)  # it goes on already
    assert hummed.floor == AgentSpeaking(4)
    play(
        (e.SpeechBegan(ms(10_700), ms(10_630)), c.CancelTranscription(6), c.PauseReply(4)),
        (e.SpeechPaused(ms(11_300), ms(11_100)), c.Transcribe(7, ms(9700), ms(11_300))),
        (e.Transcribed(ms(11_400), 7, "Mm-hm."), c.ResumeReply(4)),
        turns=turns,
    )


def test_the_reply_waits_in_a_gap_between_words_that_want_the_floor():
    play(
        (e.DeadlineReached(ms(10_300), ms(300)), look(5, ms(9700), ms(10_300))),
        (e.PartialTranscribed(ms(10_380), 5, "But"),),
        (e.DeadlineReached(ms(10_400), ms(310)),),
        (e.DeadlineReached(ms(10_500), ms(310)),),
        (e.DeadlineReached(ms(10_600), ms(400)), look(5, ms(9700), ms(10_600))),
        turns=possible_barge_in(),
    )


@pytest.mark.parametrize(
    ("text", "confidence", "taken"),
    [("Haha.", 0.9, False), ("Ha ha", 0.9, False), ("lol", 0.5, False), ("Yeah.", 0.3, False),
     ("Yeah.", 0.5, True), ("Hi.", 0.6, True), ("No.", 0.4, True), ("Mm-hm.", 0.5, True),
     ("No.", 0.0, True), ("Ugh.", 0.7, False), ("Hmm.", 0.7, False), ("Hmm, yes.", 0.7, True),
     ("Thank you.", 0.5, False), ("Thank you.", 0.65, True)],
)  # fmt: skip
def test_a_cough_on_an_open_floor_is_no_answer(text, confidence, taken):
    turns = play(
        (e.SpeechBegan(ms(6200), ms(6000)), c.AnnounceSpeech(2, ms(6000))),
        (e.SpeechPaused(ms(6700), ms(6500)), c.Transcribe(3, ms(5700), ms(6700))),
        turns=after_greeting(),
    )
    turns.handle(e.Transcribed(ms(6800), 3, text, confidence=confidence))
    commands = turns.handle(e.DeadlineReached(ms(8600)))
    assert (c.DropTurn(2) in commands) == (not taken)
    assert isinstance(turns.floor, AgentSpeaking if taken else Idle)


@pytest.mark.parametrize(("sound", "breath"), [(Sound.SPEECH, False), (Sound.UNCLEAR, True)])
def test_thanks_that_sound_like_speech_are_no_breath(sound, breath):
    assert is_sound(Heard("Thank you.", 0.5, sound), ms(500)) is breath


@pytest.mark.parametrize(
    ("sound", "confidence", "lasts", "taken"),
    [(Sound.NOISE, 0.55, 900, False), (Sound.NOISE, 0.65, 900, True),
     (Sound.NOISE, 0.55, 500, True), (Sound.NOISE, 0.4, 500, False),
     (Sound.NOISE, 0.3, 3200, False), (Sound.UNCLEAR, 0.3, 3200, True),
     (Sound.SPEECH, 0.4, 900, True)],
)  # fmt: skip
def test_what_sounds_like_laughter_has_words_only_if_the_recognizer_is_certain(
    sound, confidence, lasts, taken
):
    turns = after_greeting()
    turns.handle(e.SpeechBegan(ms(6200), ms(6000)))
    turns.handle(e.SpeechPaused(ms(6200 + lasts), ms(6000 + lasts)))
    turns.handle(e.Transcribed(ms(6300 + lasts), 3, "No.", confidence=confidence, sound=sound))
    commands = turns.handle(e.DeadlineReached(ms(8100 + lasts)))
    assert (c.DropTurn(2) in commands) == (not taken)


@pytest.mark.parametrize(
    ("sound", "confidence", "stops"),
    [(Sound.SPEECH, 0.36, True), (Sound.UNCLEAR, 0.36, False), (Sound.UNCLEAR, 0.46, True),
     (Sound.NOISE, 0.55, False), (Sound.NOISE, 0.65, True)],
)  # fmt: skip
def test_words_over_a_reply_count_sooner_in_what_sounds_like_speech(sound, confidence, stops):
    heard = e.PartialTranscribed(ms(10_400), 5, "Wait, please.", confidence=confidence, sound=sound)
    assert (c.StopReply(4) in possible_barge_in().handle(heard)) == stops


@pytest.mark.parametrize(
    ("text", "confidence", "voice", "sound", "stops"),
    [("Wait.", 0.36, 300, Sound.SPEECH, True), ("Wait.", 0.34, 300, Sound.SPEECH, False),
     ("Wait.", 0.51, 240, Sound.SPEECH, True), ("Wait.", 0.49, 240, Sound.SPEECH, False),
     ("Wait, no.", 0.36, 240, Sound.SPEECH, True), ("Wait, no.", 0.9, 240, Sound.UNCLEAR, False),
     ("Wait.", 0.9, 300, Sound.UNCLEAR, False), ("Yeah.", 0.9, 300, Sound.SPEECH, False)],
)  # fmt: skip
def test_a_single_word_is_enough_in_what_sounds_like_speech(text, confidence, voice, sound, stops):
    heard = e.PartialTranscribed(
        ms(10_380), 5, text, confidence=confidence, voiced=ms(voice), sound=sound
    )
    assert (c.StopReply(4) in possible_barge_in().handle(heard)) == stops


@pytest.mark.parametrize(
    ("wordless", "sound", "confidence", "voice", "stops"),
    [(0.02, Sound.UNCLEAR, 0.41, 140, True), (0.02, Sound.UNCLEAR, 0.31, 300, True),
     (0.02, Sound.UNCLEAR, 0.39, 140, False), (0.02, Sound.UNCLEAR, 0.29, 300, False),
     (0.02, Sound.SPEECH, 0.41, 140, True), (0.02, Sound.SPEECH, 0.31, 300, True),
     (0.04, Sound.UNCLEAR, 0.46, 140, True), (0.04, Sound.UNCLEAR, 0.46, 300, True),
     (0.04, Sound.UNCLEAR, 0.44, 140, False), (0.04, Sound.UNCLEAR, 0.44, 300, False),
     (0.06, Sound.UNCLEAR, 0.9, 300, False), (0.06, Sound.UNCLEAR, 0.9, 140, False),
     (0.39, Sound.SPEECH, 0.51, 140, True), (0.39, Sound.SPEECH, 0.36, 300, True),
     (0.39, Sound.SPEECH, 0.49, 140, False), (0.39, Sound.SPEECH, 0.34, 300, False),
     (0.41, Sound.SPEECH, 0.9, 140, False), (0.0, Sound.NOISE, 0.59, 800, False)],
)  # fmt: skip
def test_the_recognizer_tells_speech_from_sounds_if_it_can(
    wordless, sound, confidence, voice, stops
):
    heard = e.PartialTranscribed(
        ms(10_380), 5, "Wait.", confidence=confidence, voiced=ms(voice), sound=sound,
        wordless=wordless,
    )  # fmt: skip
    assert (c.StopReply(4) in possible_barge_in().handle(heard)) == stops


def test_the_same_words_twice_are_doubted_where_the_recognizer_hears_a_sound():
    turns = possible_barge_in()
    laugh = e.PartialTranscribed(ms(10_380), 5, "This is nothing.", 0, 0.59, wordless=0.06)
    assert turns.handle(laugh) == turns.handle(replace(laugh, at=ms(10_480))) == []
    assert c.StopReply(4) in turns.handle(replace(laugh, at=ms(10_580), confidence=0.61))


def test_the_reply_does_not_wait_for_a_doubted_word_at_the_beginning():
    turns = possible_barge_in()
    turns.handle(e.DeadlineReached(ms(10_240), ms(240)))
    turns.handle(e.PartialTranscribed(ms(10_250), 5, "Ice", 0, 0.38, ms(240), wordless=0.01))
    turns.handle(e.PartialTranscribed(ms(10_350), 5, "I see.", 0, 0.76, ms(340), wordless=0.01))
    assert c.ResumeReply(4) in turns.handle(e.DeadlineReached(ms(10_420), ms(250)))


def test_a_letter_at_the_beginning_is_no_word_yet():
    letter = e.PartialTranscribed(ms(10_380), 5, "F.", 0, 0.9, ms(140), wordless=0.0)
    assert possible_barge_in().handle(letter) == []
    assert c.StopReply(4) in possible_barge_in().handle(replace(letter, voiced=ms(300)))


def test_a_single_word_that_the_interviewer_has_just_said_is_not():
    turns = possible_barge_in()
    heard = e.PartialTranscribed(ms(10_280), 5, "today", sound=Sound.SPEECH, ours=True)
    assert turns.handle(heard) == []
    assert c.StopReply(4) in turns.handle(replace(heard, at=ms(10_380)))


def test_the_same_word_twice_proves_nothing_before_there_is_voice_enough_for_one():
    turns = possible_barge_in()
    laugh = e.PartialTranscribed(
        ms(10_260), 5, "always", confidence=0.45, voiced=ms(260), sound=Sound.SPEECH
    )
    assert turns.handle(laugh) == []
    assert turns.handle(replace(laugh, at=ms(10_290), voiced=ms(280))) == []
    assert c.StopReply(4) in turns.handle(replace(laugh, at=ms(10_380), voiced=ms(340)))


def test_two_doubted_transcripts_are_enough_in_what_sounds_like_speech():
    turns = possible_barge_in()
    first = e.PartialTranscribed(ms(10_320), 5, "men", confidence=0.25, sound=Sound.SPEECH)
    assert turns.handle(first) == []
    other = copy(turns)
    second = replace(first, at=ms(10_400), text="mend")
    assert c.StopReply(4) not in other.handle(replace(second, sound=Sound.UNCLEAR))
    assert c.StopReply(4) in turns.handle(second)


@pytest.mark.parametrize(
    ("confidence", "lasts", "stops"),
    [(0.35, 1500, False), (0.35, 3500, False), (0.5, 1500, True), (0.0, 1500, True)],
)
def test_long_laughter_over_a_reply_does_not_stop_it_by_its_final_transcript(
    confidence, lasts, stops
):
    turns = possible_barge_in()
    turns.handle(e.SpeechPaused(ms(10_200 + lasts), ms(10_000 + lasts), ms(lasts)))
    final = e.Transcribed(ms(10_400 + lasts), 6, "Let's leave in peace.", confidence=confidence)
    assert (c.StopReply(4) in turns.handle(final)) == stops


@pytest.mark.parametrize(
    ("text", "confidence", "lasts", "taken"),
    [("Ha ha ha ha.", 0.9, 3000, False), ("It is nothing.", 0.3, 1600, False),
     ("It is nothing.", 0.3, 2200, True), ("It is nothing.", 0.5, 1600, True)],
)  # fmt: skip
def test_laughter_may_last_longer(text, confidence, lasts, taken):
    turns = after_greeting()
    turns.handle(e.SpeechBegan(ms(6200), ms(6000)))
    turns.handle(e.SpeechPaused(ms(6200 + lasts), ms(6000 + lasts)))
    turns.handle(e.Transcribed(ms(6300 + lasts), 3, text, confidence=confidence))
    commands = turns.handle(e.DeadlineReached(ms(8100 + lasts)))
    assert (c.DropTurn(2) in commands) == (not taken)


def test_speech_that_goes_on_after_a_short_word_is_judged_with_it():
    turns = possible_barge_in()
    turns.handle(e.SpeechPaused(ms(10_600), ms(10_400)))
    turns = play(
        (e.SpeechBegan(ms(10_700), ms(10_650)), c.CancelTranscription(6)),
        (e.DeadlineReached(ms(10_850), ms(200)), look(5, ms(9700), ms(10_850))),
        (e.PartialTranscribed(ms(10_900), 5, "Yeah, right."),),
        (
            e.SpeechPaused(ms(11_200), ms(11_000)),
            c.ResumeReply(4),
            c.Transcribe(7, ms(9700), ms(11_200)),
        ),
        (e.Transcribed(ms(11_300), 7, "Yeah, right."),),
        turns=turns,
    )
    assert turns.floor == AgentSpeaking(4)


def test_the_reply_goes_on_while_a_sound_without_words_dies_away():
    play(
        (e.DeadlineReached(ms(10_300), ms(300)), look(5, ms(9700), ms(10_300))),
        (e.PartialTranscribed(ms(10_380), 5, "Ha ha!", confidence=0.6),),
        (e.DeadlineReached(ms(10_400), ms(400), faint=True), c.ResumeReply(4)),
        (e.DeadlineReached(ms(10_500), ms(500)), look(5, ms(9700), ms(10_500))),
        turns=possible_barge_in(),
    )


def test_it_does_not_wait_for_the_next_look_until_a_sound_has_died_away():
    turns = play(
        (e.DeadlineReached(ms(10_300), ms(300)), look(5, ms(9700), ms(10_300))),
        (e.DeadlineReached(ms(10_320), ms(320)),),
        turns=possible_barge_in(),
    )
    assert turns.deadline == ms(10_340)
    play((e.DeadlineReached(ms(10_340), ms(320), faint=True), c.ResumeReply(4)), turns=turns)
    assert turns.deadline == ms(10_380)


def test_while_a_word_wants_the_floor_only_looks_decide():
    turns = play(
        (e.DeadlineReached(ms(10_300), ms(300)), look(5, ms(9700), ms(10_300))),
        (e.PartialTranscribed(ms(10_320), 5, "Wait."),),
        turns=possible_barge_in(),
    )
    assert turns.deadline == ms(10_380)
    assert turns.handle(e.DeadlineReached(ms(10_340), ms(320), faint=True)) == []


def test_the_reply_goes_on_at_the_pause_after_wordless_voice_and_the_final_transcript_may_stop_it():
    turns = play(
        (e.PartialTranscribed(ms(10_400), 5, "Wait.", confidence=0.3),),
        (
            e.SpeechPaused(ms(10_900), ms(10_700)),
            c.ResumeReply(4),
            c.Transcribe(6, ms(9700), ms(10_900)),
        ),
        turns=possible_barge_in(),
    )
    commands = turns.handle(e.Transcribed(ms(11_000), 6, "Wait, please.", confidence=0.7))
    assert commands == [c.AnnounceSpeech(5, ms(10_000)), c.StopReply(4)]


def test_the_reply_waits_for_the_final_transcript_after_a_word_that_wants_the_floor():
    turns = play(
        (e.PartialTranscribed(ms(10_400), 5, "Wait."),),
        (e.SpeechPaused(ms(10_900), ms(10_700)), c.Transcribe(6, ms(9700), ms(10_900))),
        turns=possible_barge_in(),
    )
    assert turns.handle(e.Transcribed(ms(11_000), 6, "Yeah.")) == [c.ResumeReply(4)]


def test_a_burst_after_a_short_word_does_not_take_the_word_away():
    turns = possible_barge_in()
    turns.handle(e.SpeechPaused(ms(10_600), ms(10_400), ms(400)))
    play(
        (e.SpeechBegan(ms(10_700), ms(10_650)), c.CancelTranscription(6)),
        (e.SpeechPaused(ms(11_050), ms(10_850), ms(200)), c.Transcribe(7, ms(9700), ms(11_050))),
        (e.Transcribed(ms(11_100), 7, "Wait, no."), c.AnnounceSpeech(5, ms(10_000)),
         c.StopReply(4)),
        turns=turns,
    )  # fmt: skip


def test_soon_after_connecting_only_words_interrupt():
    turns = play(
        (e.SessionStarted(0), c.OpenConversation(1)),
        (e.PossibleSpeech(ms(1060), ms(1000)), c.PauseReply(1)),
        (e.SpeechBegan(ms(1200), ms(1000)),),
        (e.DeadlineReached(ms(1500)), look(2, ms(700), ms(1500))),
        (e.PartialTranscribed(ms(1600), 2, "uh"),),
        (e.DeadlineReached(ms(1850)), look(2, ms(700), ms(1850))),
    )
    assert isinstance(turns.floor, PossibleBargeIn)
    assert turns.handle(e.DeadlineReached(ms(3000))) == [c.ResumeReply(1)]


def test_a_reply_that_ends_under_the_candidates_voice_gives_them_the_floor():
    play(
        (e.ReplyFinished(ms(10_300), 4), c.AnnounceSpeech(5, ms(10_000))), turns=possible_barge_in()
    )


def test_a_short_answer_over_the_last_word_is_an_answer():
    turns = possible_barge_in()
    turns.handle(e.SpeechPaused(ms(10_600), ms(10_400)))
    assert isinstance(turns.floor, ClassifyingBargeIn)
    assert turns.handle(e.ReplyFinished(ms(10_650), 4)) == [c.AnnounceSpeech(5, ms(10_000))]
    assert turns.handle(e.Transcribed(ms(10_700), 6, "Yes.")) == [c.PrepareReply(7, "Yes.")]


def test_the_end_of_an_old_reply_does_not_end_the_new_one():
    turns = interviewer_speaking()
    assert turns.handle(e.ReplyFinished(ms(9000), 1)) == []
    assert turns.floor == AgentSpeaking(4)


def test_typed_text_stops_the_reply_and_is_answered():
    play(
        (e.TextTyped(ms(9000), "Hello."), c.StopReply(4),
         c.CommitTurn(5, "Hello.", ms(9000), ms(9000), typed=True),
         c.PrepareReply(6, "Hello."), c.PlayReply(6)),
        turns=interviewer_speaking(),
    )  # fmt: skip


def test_typed_text_is_added_to_what_was_said_before():
    turns = answering()
    turns.handle(e.Transcribed(ms(8300), 3, "I like it."))
    commands = turns.handle(e.TextTyped(ms(8400), "At home."))
    assert commands[:2] == [
        c.DiscardReply(4),
        c.CommitTurn(2, "I like it. At home.", ms(6000), ms(8400), typed=True),
    ]


def test_after_the_closing_words_nothing_happens_any_more():
    turns = interviewer_speaking()
    assert turns.handle(e.ReplyFinished(ms(9000), 4, last=True)) == [c.EndConversation()]
    assert turns.floor == Closed()
    assert turns.handle(e.SpeechBegan(ms(9500), ms(9300))) == []
    assert turns.handle(e.TextTyped(ms(9600), "Hello?")) == []
    assert turns.deadline is None


def test_backchannels_do_not_interrupt_and_other_words_do():
    assert not any(interrupts(text) for text in ["", "Mm-hm.", "Okay, yeah.", "Uh-huh", "I see."])
    assert not any(interrupts(text) for text in ["M-H-M", "Mmm", "Ah, right!", "Got it.", "Ha ha!"])
    assert not any(interrupts(text) for text in ["M-H-N.", "MHN.", "M M", "Em.", "Ugh.", "Ow!"])
    assert not any(interrupts(text) for text in ["All right.", "Yes, that's right.", "Of course!"])
    assert all(interrupts(text) for text in ["That is all.", "Of that, what?", "Get it right."])
    assert all(interrupts(text) for text in ["Stop.", "Yeah, but wait.", "No", "Hello?", "I had"])


def over_reply(turns, voice, said=None, since=10_000, until=14_000):
    """What becomes of voice over a reply: 20 ms frames from `since` on, V is voice. `said` is what
    the recognizer makes of it, by the time up to which it has listened; without it, it is stuck."""
    segmenter, commands = Segmenter(), []

    def happened(event):
        for command in turns.handle(event):
            commands.append((segmenter.at * 1000 // HEARING_RATE - since, command))
            match command, said:
                case c.Transcribe(generation, _, end), dict():
                    happened(e.Transcribed(segmenter.at, generation, understood(end)))
                case c.TranscribePartial(item, start, end), dict():
                    happened(e.PartialTranscribed(segmenter.at, item, understood(end), start))

    def understood(end):
        heard = [text for at, text in said.items() if at <= end * 1000 // HEARING_RATE - since]
        return heard[-1] if heard else ""

    while segmenter.at < ms(until):
        place = (segmenter.at - ms(since)) // FRAME
        voiced = 0 <= place < len(voice) and voice[place] == "V"
        if event := segmenter.feed(1.0 if voiced else 0.0):
            happened(event)
        if turns.deadline is not None and turns.deadline <= segmenter.at:
            happened(e.DeadlineReached(segmenter.at, segmenter.voiced))
    return commands


def stopped_at(commands):
    """When the reply was stopped, in milliseconds since the voice began; None: it never was."""
    return next((at for at, command in commands if isinstance(command, c.StopReply)), None)


@pytest.mark.parametrize(
    ("voice", "said"),
    [
        ("V" * 15, {300: "Right."}),
        ("V" * 22, {300: "Oh.", 450: "Okay."}),
        ("V" * 28, {300: "I.", 450: "Ice.", 600: "I see."}),
        ("V" * 36, {300: "Yeah,", 450: "Yeah, rug.", 600: "Yeah, right."}),
        ("V" * 14 + "." * 16 + "V" * 14, {300: "Yeah.", 800: "Yeah, right."}),
        (("V" * 15 + "." * 15) * 4, {300: "Yeah.", 900: "Yeah. Okay.", 1500: "Yeah. Okay. I see."}),
        ("V" * 38, {300: "Oh.", 450: "All", 600: "All.", 750: "All right."}),
        ("V" * 90, {300: "Mm.", 900: "Mmm.", 1500: "Mmmm."}),
        ("V" * 60, {}),  # a noise: the recognizer finds no word in it
    ],
)
@pytest.mark.parametrize("connected", [5000, 0])
def test_backchannels_of_any_length_never_stop_the_reply(voice, said, connected):
    turns = speaking_since(connected)
    commands = over_reply(turns, voice, said, since=connected + 1000, until=connected + 8000)
    assert stopped_at(commands) is None
    pauses = [each for _, each in commands if isinstance(each, c.PauseReply | c.ResumeReply)]
    assert isinstance(pauses[-1], c.ResumeReply)
    assert isinstance(turns.floor, AgentSpeaking)


@pytest.mark.parametrize(
    ("voice", "said", "word"),
    [
        ("V" * 60, {300: "Wait.", 450: "Wait, I.", 600: "Wait, I have."}, 0),
        ("V" * 25, {300: "", 450: "Stop."}, 0),
        ("V" * 20, {300: "No."}, 0),
        ("V" * 50, {300: "Yeah,", 600: "Yeah, but.", 750: "Yeah, but wait."}, 300),
        (
            "V" * 14 + "." * 16 + "V" * 40,
            {300: "Yeah.", 800: "Yeah. But.", 950: "Yeah. But I."},
            600,
        ),
    ],
)
def test_words_that_want_the_floor_have_it_within_600_ms(voice, said, word):
    commands = over_reply(speaking_since(5000), voice, said, since=6000, until=9000)
    assert stopped_at(commands) - word <= 700  # 600 ms after a word of 100 ms


def speaking_since(at):
    """The interviewer speaks, long after the connection was made, or from its first moment on."""
    if not at:
        return play((e.SessionStarted(0), c.OpenConversation(1)))
    turns = after_greeting(at - 4000)
    turns.handle(e.DeadlineReached(ms(at)))
    turns.floor = AgentSpeaking(2)
    return turns


def test_while_the_recognizer_is_stuck_a_second_of_voice_is_an_interruption_and_half_is_none():
    assert 1000 <= stopped_at(over_reply(speaking_since(5000), "V" * 75, since=6000)) <= 1200
    assert stopped_at(over_reply(speaking_since(5000), "V" * 30, since=6000)) is None
    gaps = ("V" * 8 + "." * 9) * 6  # typing: a second and a half, and half of it is sound
    assert stopped_at(over_reply(speaking_since(5000), gaps, since=6000)) is None
    laughter = ("V" * 11 + "." * 8) * 4  # speech that lasts as long, with less than a second of it
    assert stopped_at(over_reply(speaking_since(5000), laughter, since=6000)) is None


def test_voice_without_words_goes_on_under_the_reply_and_words_in_it_still_interrupt():
    commands = over_reply(
        speaking_since(5000),
        "V" * 300,
        {3500: "", 4000: "but please stop"},
        since=6000,
        until=12_000,
    )
    resumed = next(at for at, command in commands if isinstance(command, c.ResumeReply))
    assert 2000 <= resumed <= 2200
    assert 4000 <= stopped_at(commands) <= 4800
    (given,) = [command for _, command in commands if isinstance(command, c.AnnounceSpeech)]
    assert given.onset >= ms(6000)


def test_voice_that_goes_on_under_a_reply_has_the_floor_at_its_end():
    turns = speaking_since(5000)
    over_reply(turns, "V" * 300, {300: ""}, since=6000, until=10_000)
    assert turns.handle(e.ReplyFinished(ms(10_000), 2)) != []
    assert isinstance(turns.floor, UserSpeaking)


# Turns that do not end


def talking_on(turns, said, until, since=6000):
    """Somebody talks without a pause; each stretch is understood as `said`."""
    at, taken = ms(since), []
    turns.handle(e.SpeechBegan(at, at))
    while at < ms(until) and not taken:
        at = turns.deadline
        for command in turns.handle(e.DeadlineReached(at)):
            if isinstance(command, c.Transcribe):
                taken += turns.handle(e.Transcribed(at, command.generation, said))
    return taken


def test_a_turn_of_four_minutes_is_ended_and_all_of_it_is_taken():
    turns = after_greeting()
    took, prepared, released = talking_on(turns, "So.", until=600_000)
    assert (took.onset, took.until) == (ms(6000), ms(246_000))
    assert took.text == " ".join(["So."] * 10)  # nine stretches of 26 s, and the rest
    assert prepared.overlong
    assert released == c.PlayReply(prepared.reply)


def test_nobody_is_cut_off_before():
    assert talking_on(after_greeting(), "So.", until=245_000) == []
    turns = play(
        (e.SessionStarted(0), c.OpenConversation(1)),
        (e.ReplyFinished(ms(5000), 1),),
        turns=TurnTaking(over_at=ms(100_000)),
    )
    assert talking_on(turns, "So.", until=99_000) == []


@pytest.mark.parametrize(
    ("over_at", "ends"),
    [(100_000, 100_000), (-50_000, 26_000), (20_000, 26_000), (900_000, 246_000)],
)
def test_a_turn_is_ended_when_the_interview_should_be_over(over_at, ends):
    turns = play(
        (e.SessionStarted(0), c.OpenConversation(1)),
        (e.ReplyFinished(ms(5000), 1),),
        turns=TurnTaking(over_at=ms(over_at)),
    )
    took, prepared, _ = talking_on(turns, "So.", until=600_000)
    assert took.until == ms(ends)
    assert prepared.overlong


def breaking_in():
    turns = after_greeting()
    _, _, released = talking_on(turns, "So.", until=600_000)
    return turns, released.reply


def test_what_is_said_over_the_words_that_end_a_turn_does_not_stop_them():
    turns, reply = breaking_in()
    play(
        (e.SpeechPaused(ms(248_200), ms(248_000)),),
        (e.PossibleSpeech(ms(248_600), ms(248_500)),),
        (e.SpeechBegan(ms(248_700), ms(248_500)),),
        (e.DeadlineReached(ms(250_000), ms(1500)),),
        (e.SpeechPaused(ms(251_200), ms(251_000)),),
        (e.ReplyFinished(ms(252_000), reply),),
        turns=turns,
    )
    assert turns.floor == Idle(ms(252_000))


def test_who_still_speaks_when_those_words_are_over_has_the_floor():
    turns, reply = breaking_in()
    (given,) = turns.handle(e.ReplyFinished(ms(250_000), reply))
    assert given.onset == ms(246_000)
    turns, reply = breaking_in()
    turns.handle(e.SpeechPaused(ms(248_200), ms(248_000)))
    turns.handle(e.SpeechBegan(ms(251_000), ms(250_800)))
    (given,) = turns.handle(e.ReplyFinished(ms(251_500), reply))
    assert given.onset == ms(250_800)


def test_a_typed_answer_stops_those_words_too():
    turns, reply = breaking_in()
    assert turns.handle(e.TextTyped(ms(247_000), "Sorry."))[0] == c.StopReply(reply)


def test_a_television_cannot_keep_the_closing_words_from_being_heard():
    turns, reply = breaking_in()
    turns.handle(e.SpeechBegan(ms(247_000), ms(246_800)))
    assert turns.handle(e.ReplyFinished(ms(252_000), reply, last=True)) == [c.EndConversation()]


# Properties, for whatever may come in whatever order


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


@given(st.text())
def test_a_word_that_wants_the_floor_interrupts_whatever_else_is_said(text):
    assert interrupts(f"{text} wait")


@given(st.lists(st.sampled_from(["Yeah", "okay.", "mm-hm", "I see,", "uh-huh", "RIGHT!", "…"])))
def test_listeners_words_do_not_interrupt_however_many_there_are(said):
    assert not interrupts(" ".join(said))


def test_a_recognizer_that_takes_less_at_once_gets_shorter_stretches():
    turns = TurnTaking(stretches=stretches_for(10.0))
    turns.handle(e.SessionStarted(0))
    turns.handle(e.ReplyFinished(ms(5000), 1))
    turns.handle(e.SpeechBegan(ms(6200), ms(6000)))
    cut = turns.floor.turn.start + ms(8000)
    assert turns.handle(e.DeadlineReached(cut)) == [c.Transcribe(3, ms(5700), cut)]
    turns.handle(e.Transcribed(cut + ms(100), 3, "So much."))
    assert turns.floor.turn.start == cut


def test_a_turn_has_the_mean_confidence_of_its_stretches_by_their_length():
    turns = answering()
    turns.handle(e.Transcribed(ms(8300), 3, "I like", confidence=0.5))
    turns.handle(e.SpeechBegan(ms(8500), ms(8400)))
    turn = turns.floor.turn
    long, short = Part(7, 0, ms(3000), "a", 0.9), Part(8, ms(3000), ms(4000), "b", 0.5)
    silence = Part(9, ms(4000), ms(8000), "", 0.0)
    assert replace(turn, parts=(long, short, silence)).confidence == pytest.approx(0.8)
    assert replace(turn, parts=(silence,)).confidence == 0
    assert replace(turn, parts=()).confidence == 1


def test_a_turn_is_taken_with_the_confidence_of_its_words():
    turns = answering()
    turns.handle(e.Transcribed(ms(8300), 3, "I like it.", confidence=0.5))
    took, *_ = turns.handle(e.DeadlineReached(turns.deadline))
    assert (took.text, took.confidence) == ("I like it.", 0.5)
