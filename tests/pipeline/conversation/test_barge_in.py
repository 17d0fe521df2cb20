"""Voice over a reply: what pauses it, what stops it, and when it goes on."""

from copy import copy
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.contracts import FRAME, HEARING_RATE
from pipeline.conversation import commands as c
from pipeline.conversation import events as e
from pipeline.conversation.endpointing import samples as ms
from pipeline.conversation.floor import (
    AgentSpeaking,
    ClassifyingBargeIn,
    Endpointing,
    PossibleBargeIn,
    Turn,
    UserSpeaking,
)
from pipeline.conversation.interruption import (
    GIVE_UP,
    WATCHED,
    Evidence,
    Sound,
    interrupts,
)
from pipeline.conversation.segmenter import Segmenter
from pipeline.conversation.turn_steps import PARTIAL_EVERY

from .turn_scripts import after_greeting, interviewer_speaking, look, play


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


@pytest.mark.parametrize(
    ("wordless", "sound", "confidence", "stops"),
    [(0.02, Sound.UNCLEAR, 0.16, True), (0.39, Sound.SPEECH, 0.16, True),
     (0.02, Sound.UNCLEAR, 0.14, False), (0.04, Sound.UNCLEAR, 0.44, False),
     (None, Sound.SPEECH, 0.34, False)],
)  # fmt: skip
def test_words_in_two_looks_may_be_doubted_where_the_recognizer_hears_speech(
    wordless, sound, confidence, stops
):
    turns = possible_barge_in()
    first = e.PartialTranscribed(
        ms(10_220), 5, "Blue", confidence=confidence, voiced=ms(160), sound=sound,
        wordless=wordless,
    )  # fmt: skip
    assert turns.handle(first) == []
    assert turns.handle(replace(first, at=ms(10_260), voiced=ms(200))) == []  # nothing new
    second = replace(first, at=ms(10_300), text="Brewed", voiced=ms(240))
    assert (c.StopReply(4) in turns.handle(second)) == stops


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


def test_soon_after_connecting_a_recognizer_that_is_stuck_stops_no_reply():
    assert stopped_at(over_reply(speaking_since(0), "V" * 150, since=1000, until=4500)) is None


def under_a_reply(onset=9000, began=9000, **given):
    """There has been voice since `began`, over a reply since `onset`."""
    turns = interviewer_speaking()
    voice = Turn(5, ms(began), ms(began - 300), over_reply=True)
    turns.floor = PossibleBargeIn(4, ms(onset), voice, **given)
    return turns


def test_voice_from_before_the_reply_is_not_counted_as_voice_over_it():
    turns = under_a_reply(began=7000)
    assert turns.handle(e.DeadlineReached(ms(9300), ms(2000))) == [look(5, ms(6700), ms(9300))]


def test_of_voice_that_goes_on_under_a_reply_the_latest_seconds_are_looked_at_now_and_then():
    turns = under_a_reply(resumed=True, voiced=ms(5000), evidence=Evidence(frozenset()))
    at = ms(18_000)
    assert turns.handle(e.DeadlineReached(at, ms(6000))) == [look(5, at - WATCHED, at)]
    assert turns.floor.next_partial == at + PARTIAL_EVERY


def test_the_final_transcript_of_voice_under_a_reply_is_of_its_latest_seconds():
    turns = under_a_reply(resumed=True, evidence=Evidence(frozenset()))
    at = ms(18_000)
    (transcribe,) = turns.handle(e.SpeechPaused(at, at - ms(200), ms(6000)))
    assert (transcribe.start, transcribe.end) == (at - WATCHED, at)


@given(st.text())
def test_a_word_that_wants_the_floor_interrupts_whatever_else_is_said(text):
    assert interrupts(f"{text} wait")


@given(st.lists(st.sampled_from(["Yeah", "okay.", "mm-hm", "I see,", "uh-huh", "RIGHT!", "…"])))
def test_listeners_words_do_not_interrupt_however_many_there_are(said):
    assert not interrupts(" ".join(said))
