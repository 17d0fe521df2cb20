"""Turn-taking, without audio, engines or an event loop. Times are milliseconds here."""

from dataclasses import replace

import pytest

from pipeline.conversation import commands as c
from pipeline.conversation import events as e
from pipeline.conversation.endpointing import samples as ms
from pipeline.conversation.floor import (
    AgentSpeaking,
    Closed,
    Idle,
    Part,
    Turn,
    UserSpeaking,
)
from pipeline.conversation.interruption import (
    BELIEVED_AT_LAST,
    WATCHED,
    Heard,
    Sound,
    is_sound,
)
from pipeline.conversation.stretches import stretches_for
from pipeline.conversation.turns import TurnTaking

from .turn_scripts import after_greeting, answering, interviewer_speaking, play


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


def test_after_a_typed_answer_before_the_start_the_interviewer_does_not_open_later():
    turns = already_speaking()
    turns.handle(e.TextTyped(ms(1300), "Hello."))
    turns.handle(e.Transcribed(ms(1400), 2, ""))
    play(
        (e.ReplyFinished(ms(4000), 3),),
        (e.SpeechBegan(ms(5200), ms(5000)), c.AnnounceSpeech(4, ms(5000))),
        (e.SpeechPaused(ms(5600), ms(5400)), c.Transcribe(5, ms(4700), ms(5600))),
        (e.Transcribed(ms(5700), 5, ""),),
        (e.DeadlineReached(ms(7400)), c.DropTurn(4)),
        turns=turns,
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


def test_a_transcript_of_something_else_prepares_no_second_reply():
    turns = answering()
    turns.handle(e.Transcribed(ms(8300), 3, "I like it."))
    before = turns.floor
    assert turns.handle(e.Transcribed(ms(8400), 99, "I like it.")) == []
    assert turns.floor == before


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


def test_words_that_were_shown_are_not_unsaid_by_a_final_transcript_without_any():
    turns = answering()
    turns.handle(e.Transcribed(ms(8300), 3, "", shown="I like it"))
    assert turns.floor.turn.heard == Heard("I like it", 0.0)
    turns = answering()
    turns.handle(e.Transcribed(ms(8300), 3, "No.", shown="I like it"))
    assert turns.floor.turn.text == "No."


def test_what_was_known_of_a_stretch_is_more_than_what_was_shown():
    turns = answering()
    turns.handle(e.Transcribed(ms(8300), 3, "I like it very much", confidence=0.9))
    turns.handle(e.SpeechBegan(ms(8500), ms(8400)))
    (again,) = turns.handle(e.SpeechPaused(ms(9700), ms(9500)))
    turns.handle(e.Transcribed(ms(9800), again.generation, "", shown="I like it very"))
    assert turns.floor.turn.text == "I like it very much"


@pytest.mark.parametrize("change", [{"quieter": True}, {"over_reply": True}])
def test_what_may_be_others_or_an_echo_has_no_words_that_were_shown(change):
    turns = answering()
    floor = turns.floor
    if "quieter" in change:
        turns.floor = replace(floor, **change)
    else:
        turns.floor = replace(floor, turn=replace(floor.turn, **change))
    turns.handle(e.Transcribed(ms(8300), 3, "", shown="I like it"))
    assert "I like it" not in str(turns.floor)


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


@pytest.mark.parametrize("ended", [e.AudioCommitted, e.DeadlineReached, e.UserLeft])
def test_a_stretch_that_went_on_for_a_late_transcript_has_only_audio_that_is_kept(ended):
    turns = after_greeting()
    turns.handle(e.SpeechBegan(ms(6200), ms(6000)))
    turns.handle(e.AudioCommitted(ms(6300)))
    assert turns.handle(e.Transcribed(ms(50_000), 3, "")) == []  # and the voice went on
    cut = isinstance(ended(0), e.UserLeft)
    assert turns.handle(ended(ms(50_000))) == [c.Transcribe(4, ms(22_000), ms(50_000), cut)]


def test_it_may_end_where_it_was_quiet_a_moment_ago():
    turns = after_greeting()
    turns.handle(e.SpeechBegan(ms(6200), ms(6000)))
    turns.handle(e.AudioCommitted(ms(6300)))
    turns.handle(e.Transcribed(ms(50_000), 3, ""))
    cut = turns.handle(e.DeadlineReached(ms(50_000), quiet=ms(46_000)))
    assert cut == [c.Transcribe(4, ms(22_000), ms(46_000))]


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


def test_typed_text_is_added_to_a_short_word_that_was_said_on_an_open_floor():
    turns = answering()
    turns.handle(e.Transcribed(ms(8300), 3, "Yeah."))
    commands = turns.handle(e.TextTyped(ms(8400), "I do."))
    assert c.CommitTurn(2, "Yeah. I do.", ms(6000), ms(8400), typed=True) in commands


def test_after_the_closing_words_nothing_happens_any_more():
    turns = interviewer_speaking()
    assert turns.handle(e.ReplyFinished(ms(9000), 4, last=True)) == [c.EndConversation()]
    assert turns.floor == Closed()
    assert turns.handle(e.SpeechBegan(ms(9500), ms(9300))) == []
    assert turns.handle(e.TextTyped(ms(9600), "Hello?")) == []
    assert turns.deadline is None


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
    turns, reply = breaking_in()
    (given,) = turns.handle(e.ReplyFinished(ms(260_000), reply))
    assert given.onset == ms(260_000) - WATCHED  # of what went on all the time, the latest


def test_a_typed_answer_stops_those_words_too():
    turns, reply = breaking_in()
    assert turns.handle(e.TextTyped(ms(247_000), "Sorry."))[0] == c.StopReply(reply)


def test_a_television_cannot_keep_the_closing_words_from_being_heard():
    turns, reply = breaking_in()
    turns.handle(e.SpeechBegan(ms(247_000), ms(246_800)))
    assert turns.handle(e.ReplyFinished(ms(252_000), reply, last=True)) == [c.EndConversation()]


def test_a_recognizer_that_takes_less_at_once_gets_shorter_stretches():
    turns = TurnTaking(stretches=stretches_for(10.0))
    turns.handle(e.SessionStarted(0))
    turns.handle(e.ReplyFinished(ms(5000), 1))
    turns.handle(e.SpeechBegan(ms(6200), ms(6000)))
    cut = turns.floor.turn.start + ms(8000)
    assert turns.handle(e.DeadlineReached(cut)) == [c.Transcribe(3, ms(5700), cut)]
    turns.handle(e.Transcribed(cut + ms(100), 3, "So much."))
    assert turns.floor.turn.start == cut
    (late,) = turns.handle(e.SpeechPaused(cut + ms(12_000), cut + ms(11_800)))
    assert late.start == cut  # what is there is not left out


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
