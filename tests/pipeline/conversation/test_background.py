"""People who talk in the background: what is known of them, and whole conversations beside them."""

import asyncio

import numpy as np
import pytest

from models import fake
from models.contracts import FRAME, SPEAKING_RATE, Engines, Transcript
from pipeline.conversation import output as o
from pipeline.conversation.audio_input import AudioInput
from pipeline.conversation.background import (
    FIRST,
    HELD,
    LEAST,
    MOST,
    SPOKEN,
    Background,
    Loudness,
    Others,
    Talk,
)
from pipeline.conversation.events import SpeechPaused
from tests.virtual_time import run

from .test_echo import EnergyVad, HearsAll, NoisyVoice, speech
from .test_session import LONG, Candidate

RANDOM = np.random.default_rng(0)
QUIET, FAINT, THEIRS, OURS = 10.0, 40.0, 48.0, 60.0
SECOND = 50


def hears(background, decibels, count, probability=1.0):
    """How many of so many frames are the background's."""
    levels = decibels + np.random.default_rng(count).normal(0, 2, count)
    return sum(background.covers(level, probability) for level in levels)


def listens(background, decibels, count, probability=1.0):
    background.listening = True
    covered = hears(background, decibels, count, probability)
    background.listening = False
    return covered


def beside_others(ours=OURS):
    background = Background()
    listens(background, THEIRS, 3 * SECOND)
    hears(background, ours, 2 * SECOND)
    return background


def test_voice_in_the_interviewers_turns_is_the_backgrounds_ever_after():
    background = beside_others()
    assert hears(background, THEIRS, 10 * SECOND) > 10 * SECOND - 2 * HELD


def test_it_is_the_backgrounds_before_the_candidate_has_said_anything():
    background = Background()
    listens(background, THEIRS, 3 * SECOND)
    assert hears(background, THEIRS, 3 * SECOND) == 3 * SECOND


def test_the_candidates_louder_voice_is_not_the_backgrounds_soft_syllables_included():
    background = beside_others()
    assert hears(background, OURS, 100) == 0
    assert hears(background, THEIRS, 10) == 0
    assert hears(background, OURS, 100) == 0
    assert hears(background, THEIRS, 100) > 70


def test_one_loud_frame_keeps_a_third_of_a_second_of_soft_ones():
    background = beside_others()
    hears(background, OURS, 100)
    assert hears(background, THEIRS, HELD) == 0
    assert hears(background, THEIRS, 2 * HELD) > HELD


def test_the_level_begins_with_the_first_frame():
    background = Background()
    background.covers(THEIRS, 0.0)
    assert background.level == THEIRS


def test_a_candidate_is_as_loud_as_in_a_third_of_a_second_and_gets_a_little_quieter():
    loudness = Loudness()
    for _ in range(SPOKEN - 1):
        loudness.add(OURS)
    assert loudness.level == -np.inf
    loudness.add(OURS)
    assert loudness.level == OURS
    for _ in range(SECOND):
        loudness.add(THEIRS)
    assert OURS - 1 < loudness.level < OURS


def test_who_was_not_clearly_louder_before_others_were_known_is_not_told_apart():
    background = Background()
    hears(background, THEIRS + 3.5, 11 * SECOND)
    listens(background, THEIRS, 3 * SECOND)
    assert hears(background, THEIRS, 3 * SECOND) == 0


def test_others_who_become_louder_are_known_while_they_are_nearer_to_others_than_the_candidate():
    background = beside_others()
    listens(background, THEIRS + 5, 8 * SECOND)
    assert hears(background, THEIRS + 5, 3 * SECOND) > 2 * SECOND


def test_others_who_become_louder_are_known_where_the_candidate_is_hardly_louder():
    background = beside_others(ours=THEIRS + 3.5)
    assert listens(background, THEIRS + 5, 8 * SECOND) > 6 * SECOND


def test_who_talks_for_a_third_of_the_time_is_not_taken_for_others():
    background = Background()
    background.listening = True
    for _ in range(20):
        hears(background, THEIRS, SECOND // 3)
        hears(background, QUIET, SECOND - SECOND // 3, probability=0.0)
    background.listening = False
    hears(background, OURS, 2 * SECOND)
    assert hears(background, THEIRS, 3 * SECOND) == 0


def test_after_others_the_candidate_is_heard_within_a_fifth_of_a_second():
    background = beside_others()
    hears(background, THEIRS, SECOND)
    assert 5 <= hears(background, OURS, SECOND) <= 10


def test_others_who_become_a_little_louder_begin_nothing_but_go_on_as_the_candidate_would():
    louder = THEIRS + 4.5
    background = beside_others()
    assert hears(background, louder, SECOND) < 10
    background = beside_others()
    hears(background, THEIRS, 3 * SECOND)
    assert hears(background, louder, SECOND) > SECOND - 10
    assert hears(background, OURS, SECOND) < 15


def test_a_click_is_nobody():
    background = beside_others()
    hears(background, THEIRS, 3 * SECOND)
    assert hears(background, OURS + 10, 2) == 2
    assert hears(background, THEIRS, SECOND) == SECOND


def test_a_single_word_over_a_reply_is_no_background():
    background = Background()
    listens(background, QUIET, LEAST, probability=0.0)
    listens(background, OURS, 50)
    assert listens(background, QUIET, LEAST, probability=0.0) == 0
    assert hears(background, OURS, 100) == 0


def test_a_quiet_room_covers_nobody_however_quiet():
    background = Background()
    listens(background, QUIET, MOST, probability=0.0)
    for decibels in (OURS, FAINT, QUIET + 5):
        assert hears(background, decibels, 100) == 0


def test_others_who_have_fallen_silent_are_forgotten():
    background = beside_others()
    listens(background, QUIET, MOST, probability=0.0)
    assert hears(background, THEIRS, 100) == 0


def test_an_interruption_is_not_taken_for_others():
    background = beside_others()
    listens(background, THEIRS, 4 * SECOND)
    assert listens(background, OURS, SECOND) < 15
    assert hears(background, OURS, SECOND) == 0
    assert hears(background, THEIRS, 2 * SECOND) > SECOND


def test_others_as_loud_as_the_candidate_are_not_told_apart():
    background = beside_others(ours=THEIRS)
    hears(background, THEIRS, 20 * SECOND)
    assert hears(background, THEIRS, 100) == 0


def test_a_candidate_who_speaks_over_a_greeting_is_heard_after_it():
    """What was taken for others is no louder than themselves."""
    background = Background()
    listens(background, OURS, 2 * SECOND)
    listens(background, QUIET, SECOND, probability=0.0)
    assert hears(background, OURS, 3 * SECOND) == 0


def test_one_person_who_talks_over_the_greeting_from_its_beginning_on_is_not_taken_for_others():
    """The level of one voice rises and falls with its syllables, that of several does not."""
    background = Background()
    background.listening = True
    syllables = OURS + 9 * np.sin(np.arange(9 * SECOND) / 12)
    assert sum(background.covers(level, 1.0) for level in syllables) == 0


def test_what_the_candidate_says_over_the_greeting_does_not_keep_them_from_interrupting_later():
    background = Background()
    listens(background, QUIET, SECOND // 2, probability=0.0)
    voice = OURS + 9 * np.sin(np.arange(4 * SECOND) / 12)
    for background.listening in (True, False):
        for level in voice:
            background.covers(level, 1.0)
    assert listens(background, OURS, SECOND) == 0


@pytest.mark.parametrize(
    ("waits", "over"), [(0.4, 0.5), (5, 4)], ids=["the greeting at its beginning", "a later reply"]
)
def test_who_has_taken_the_floor_and_then_raises_their_voice_is_heard_to_the_end(waits, over):
    """What ended the interviewer's turn is not kept as the level of others."""
    background = Background()
    listens(background, QUIET, round(waits * SECOND), probability=0.0)
    voice = OURS + 9 * np.sin(np.arange(4 * SECOND) / 12)
    background.listening = True
    for level in voice[: round(over * SECOND)]:
        background.covers(level, 1.0)
    background.listening = False
    said = [*voice, *(OURS + 14 + np.zeros(SECOND)), *voice]
    assert sum(background.covers(level, 1.0) for level in said) == 0
    assert listens(background, OURS, SECOND) == 0


def test_who_moves_away_from_the_microphone_is_heard_again_after_a_while():
    background = beside_others()
    hears(background, FAINT, SECOND)
    assert hears(background, FAINT, SECOND) == SECOND
    hears(background, FAINT, 60 * SECOND)
    assert hears(background, FAINT, SECOND) == 0


def test_who_was_a_little_louder_is_told_apart_until_others_are_as_loud():
    background = beside_others(ours=THEIRS + 6)
    hears(background, THEIRS, 10 * SECOND)
    assert hears(background, THEIRS, 2 * SECOND) == 2 * SECOND
    hears(background, THEIRS, 15 * SECOND)
    assert hears(background, THEIRS, SECOND) == 0


def test_a_greeting_that_others_have_interrupted_tells_of_them():
    background = Background()
    listens(background, THEIRS, SECOND // 2)
    hears(background, THEIRS, FIRST)
    hears(background, OURS, SECOND)
    assert hears(background, THEIRS, SECOND) > SECOND // 2


def test_a_candidate_who_joins_in_with_others_at_the_beginning_is_a_step_in_the_level_and_heard():
    """All that was heard then tells of several people, and not only the latest seconds: in these
    the candidate speaks alone, and perhaps evenly."""
    background = Background()
    listens(background, THEIRS, SECOND)
    assert hears(background, OURS, 4 * SECOND) == 0


def test_nothing_is_learned_of_audio_that_comes_all_at_once():
    background = Background()
    background.regular = False
    assert listens(background, OURS, 3 * SECOND) == 0
    assert hears(background, OURS, SECOND) == 0


def answered(*, others=THEIRS, seconds=3.0, talked=False):
    """A background in which others have begun to talk in the middle of an answer, or have `talked`
    for a moment before."""
    background = Background()
    listens(background, QUIET, 3 * SECOND, probability=0.0)
    if talked:
        hears(background, QUIET, 1, probability=0.0)
        listens(background, THEIRS, SECOND)
    hears(background, OURS, 3 * SECOND)
    assert background.quieter == 0
    hears(background, others, round(seconds * SECOND))
    return background


def test_voice_that_stays_quieter_than_the_candidate_may_be_taken_for_others():
    background = answered()
    assert background.quieter > 2 * SECOND
    assert hears(background, THEIRS, SECOND) == 0
    background.take_for_others()
    assert background.quieter == 0
    assert hears(background, THEIRS, 3 * SECOND) == 3 * SECOND
    assert hears(background, OURS, 2 * SECOND) < 15


@pytest.mark.parametrize(("heard", "as_loud"), [(THEIRS, True), (FAINT, False)])
def test_what_is_louder_than_others_have_been_is_rather_the_candidates(heard, as_loud):
    background = Background()
    listens(background, QUIET, 5 * SECOND, probability=0.0)
    hears(background, OURS, 2 * SECOND)
    assert not background.as_others
    background.listening = True
    hears(background, heard, 2 * SECOND)
    hears(background, QUIET, HELD + 1, probability=0.0)
    background.listening = False
    hears(background, OURS, 3 * SECOND)
    hears(background, THEIRS, 3 * SECOND)
    assert background.quieter > 0
    assert background.talked
    assert background.as_others is as_loud


def test_how_loud_others_are_is_known_without_the_voice_that_has_taken_the_floor():
    background = Background()
    listens(background, QUIET, 5 * SECOND, probability=0.0)
    hears(background, OURS, 2 * SECOND)
    background.listening = True
    hears(background, FAINT, 2 * SECOND)
    hears(background, QUIET, HELD + 1, probability=0.0)
    hears(background, OURS, SECOND // 2)
    background.listening = False
    hears(background, OURS, 3 * SECOND)
    assert background._others.loud == pytest.approx(FAINT, abs=5)


def test_how_loud_several_people_are_is_known_without_who_interrupts():
    background = beside_others()
    background.listening = True
    hears(background, THEIRS, 3 * SECOND)
    hears(background, OURS, SECOND)
    background.listening = False
    hears(background, OURS, SECOND)
    assert background._others.several
    assert background._others.loud == pytest.approx(THEIRS, abs=5)


def test_no_more_voice_is_taken_back_than_there_was_in_a_turn():
    talk = Talk()
    talk.add(FAINT)
    for _ in range(2):
        talk.remove(FAINT)
    assert talk.loud == -np.inf
    talk.add(THEIRS)
    assert talk.loud == THEIRS


@pytest.mark.parametrize(
    ("others", "seconds"), [(OURS, 3), (OURS - 3, 3), (THEIRS, 1.4)], ids=["loud", "near", "short"]
)
def test_voice_nearly_as_loud_as_the_candidate_or_quieter_for_a_moment_is_theirs(others, seconds):
    assert answered(others=others, seconds=seconds).quieter == 0


@pytest.mark.parametrize(("decibels", "probability"), [(QUIET, 0.0), (OURS, 1.0)])
def test_who_pauses_or_becomes_loud_again_is_the_candidate(decibels, probability):
    background = answered()
    hears(background, decibels, 30, probability)
    assert background.quieter == 0


@pytest.mark.parametrize("talked", [True, False])
def test_others_who_are_louder_for_a_moment_talk_on_if_they_have_talked_before(talked):
    background = answered(talked=talked)
    hears(background, THEIRS, 8, probability=0.0)
    hears(background, OURS, 20)
    assert (background.quieter > 3 * SECOND) is talked


@pytest.mark.parametrize(("waits", "talked"), [(2.0, False), (0.3, False), (0.0, True)])
def test_voice_that_has_taken_the_floor_does_not_show_that_others_talk(waits, talked):
    background = Background()
    listens(background, QUIET, 5 * SECOND, probability=0.0)
    hears(background, OURS, 3 * SECOND)
    if talked:
        listens(background, THEIRS, 2 * SECOND)
        listens(background, QUIET, SECOND // 2, probability=0.0)
    listens(background, QUIET, round(waits * SECOND), probability=0.0)
    background.listening = True
    for level in OURS + 9 * np.sin(np.arange(3 * SECOND) / 12):
        background.covers(level, 1.0)
    background.listening = False
    hears(background, OURS, 1)
    assert background.talked is talked


def test_a_nod_before_an_interruption_does_not_show_that_others_talk():
    background = Background()
    listens(background, QUIET, 5 * SECOND, 0.0)
    hears(background, OURS, 2 * SECOND)
    background.listening = True
    hears(background, OURS, SECOND * 2 // 5)
    hears(background, QUIET, HELD + 1, 0.0)
    hears(background, OURS, SECOND // 5)
    background.listening = False
    hears(background, OURS, SECOND)
    assert not background.talked


def test_voice_that_has_interrupted_the_greeting_does_not_show_it_either():
    background = Background()
    listens(background, QUIET, SECOND, probability=0.0)
    background.listening = True
    for level in OURS + 9 * np.sin(np.arange(2 * SECOND) / 12):
        background.covers(level, 1.0)
    assert background.talked
    background.listening = False
    hears(background, OURS, 1)
    assert not background.talked
    listens(background, THEIRS, 2 * SECOND)
    assert background.talked


def test_it_was_others_if_the_candidate_is_louder_than_what_interrupted_the_greeting():
    background = Background()
    background.listening = True
    for level in THEIRS + 6 * np.sin(np.arange(SECOND) / 12):
        background.covers(level, 1.0)
    background.listening = False
    hears(background, THEIRS, SECOND)
    assert not background.talked
    hears(background, OURS, 2 * SECOND)
    assert background.talked


def test_several_people_who_all_pause_for_a_moment_stay_known():
    background = Background()
    listens(background, THEIRS, 4 * SECOND)
    listens(background, QUIET, 20, probability=0.0)
    assert listens(background, THEIRS, SECOND) == SECOND


def test_several_people_who_are_known_may_rise_and_fall_like_one():
    background = Background()
    listens(background, THEIRS, 4 * SECOND)
    background.listening = True
    for level in THEIRS - 10 + 10 * np.sin(np.arange(4 * SECOND) / 25):
        assert background.covers(level, 1.0)


def test_others_who_were_loud_for_a_moment_are_known_by_what_was_quieter():
    background = answered(talked=True)
    hears(background, OURS - 2, 15)
    background.take_for_others()
    assert hears(background, THEIRS, SECOND) == SECOND
    assert hears(background, OURS, SECOND) < 15


def test_who_was_quieter_in_an_earlier_turn_is_not_in_this_one():
    background = answered()
    listens(background, THEIRS, 5)
    hears(background, THEIRS, SECOND)
    assert background.quieter == 0


def test_who_was_taken_for_others_and_is_silent_while_the_interviewer_speaks_is_heard_again():
    background = answered()
    background.take_for_others()
    listens(background, QUIET, MOST, probability=0.0)
    assert hears(background, THEIRS, 2 * SECOND) == 0


def test_others_who_interrupt_the_interviewer_as_loud_as_before_stay_known():
    """What ends the interviewer's turn is the candidate's, unless others were as loud before."""
    background = answered(seconds=0)
    one = THEIRS - 9 + 9 * np.sin(np.arange(3 * SECOND) / 12)
    for level in one:
        background.covers(level, 1.0)
    background.take_for_others()
    for background.listening in (True, False):
        assert all(background.covers(level, 1.0) for level in one)


def noise(level, seconds):
    """A steady sound of so many decibels."""
    return RANDOM.normal(0, 10 ** (level / 20), round(seconds * 16_000)).astype(np.int16)


def test_what_others_say_around_an_answer_is_not_transcribed():
    hearing = AudioInput(fake.LoudnessVad())
    hearing.background.listening = True
    for part in (noise(THEIRS, 3), noise(THEIRS, 2), noise(OURS, 2), noise(THEIRS, 2)):
        start = hearing.at
        for frame in part[: len(part) // FRAME * FRAME].reshape(-1, FRAME):
            hearing.take(frame, 1.0)
        hearing.background.listening = False
    audio = hearing.audio(start - 4 * 16_000, hearing.at)
    assert 2 * 16_000 < len(audio) < 2.8 * 16_000
    assert len(hearing.as_it_came(start - 4 * 16_000, hearing.at)) == 6 * 16_000


def test_the_candidate_has_paused_where_the_voice_became_that_of_others():
    hearing = AudioInput(fake.LoudnessVad())
    events = []
    for part in (noise(OURS, 3), noise(THEIRS, 3), noise(THEIRS, 0.1)):
        if hearing.at == 6 * 16_000:
            hearing.take_for_others()
        for frame in part.reshape(-1, FRAME):
            events.append(hearing.take(frame, 1.0))
    paused = events[-5]
    assert isinstance(paused, SpeechPaused)
    assert 3 * 16_000 <= paused.until < 3.2 * 16_000


def test_a_soft_word_between_loud_ones_is_transcribed():
    hearing = AudioInput(fake.LoudnessVad())
    hearing.background.listening = True
    for part in (noise(THEIRS, 3.5), noise(OURS, 1), noise(THEIRS, 1), noise(OURS, 1)):
        for frame in part[: len(part) // FRAME * FRAME].reshape(-1, FRAME):
            hearing.take(frame, 1.0)
        hearing.background.listening = False
    assert len(hearing.audio(round(3.5 * 16_000), hearing.at)) == 3 * 16_000


@pytest.mark.parametrize(("rises", "several"), [(0.0, False), (2.0, True)])
def test_a_steady_tone_is_nobody_but_what_rises_and_falls_a_little_is_several_people(
    rises, several
):
    others = Others()
    for level in THEIRS + rises * RANDOM.standard_normal(4 * SECOND):
        others.hear(level, listening=True, interrupts=False)
    assert others.several is several


class HearsLoud(HearsAll):
    """A recognizer that makes words of the candidate's voice only."""

    async def final(self, audio, context=""):
        loud = np.abs(audio.astype(int)).max(initial=0) > 6_000
        return Transcript(self.text if loud else "", "en")


class Beside(Candidate):
    """A candidate beside people who talk without a pause, 14 dB quieter."""

    def __init__(self, text, *, words_of_others=False):
        llm = fake.ScriptedLlm()
        hears = HearsAll(text) if words_of_others else HearsLoud(text)
        super().__init__(engines=Engines(EnergyVad(), hears, llm, NoisyVoice()))
        voices = [speech(20, seed, SPEAKING_RATE).astype(float) for seed in range(11, 17)]
        several = sum(np.abs(voice) ** 0.5 * np.sign(voice) for voice in voices) * 3.3
        self.others = np.resize(several, 10**7)
        self.sent = 0
        self.voice = np.zeros(0)

    async def _send(self):
        while True:
            await asyncio.sleep(0.02)
            heard = self.others[self.sent : self.sent + 480].copy()
            heard[: len(self.voice[:480])] += self.voice[:480]
            self.voice = self.voice[480:]
            self.sent += 480
            self.session.push_audio(np.clip(heard, -32768, 32767).astype("<i2").tobytes())


def test_others_who_talk_all_the_time_neither_interrupt_nor_answer_nor_keep_a_turn_open():
    async def main():
        async with Beside(LONG) as candidate:
            await candidate.until(o.ResponseDone)
            await asyncio.sleep(3)
            assert not candidate.all(o.SpeechStarted)
            candidate.voice = speech(3, 7, SPEAKING_RATE).astype(float)
            done = await candidate.until(o.ResponseDone, 2, within=20)
            await asyncio.sleep(5)
        return candidate, done

    candidate, done = run(main())
    assert {each.status for each in candidate.all(o.ResponseDone)} == {"completed"}
    assert [turn.text for turn in candidate.all(o.TranscriptCompleted)] == [LONG]
    assert "Who used it?" in done.text


def test_an_answer_is_over_even_where_others_have_interrupted_the_greeting():
    async def main():
        async with Beside(LONG, words_of_others=True) as candidate:
            await candidate.until(o.SpeechStarted, within=1)
            await asyncio.sleep(3)
            candidate.voice = speech(3, 7, SPEAKING_RATE).astype(float)
            await candidate.until(o.TranscriptCompleted, within=8)

    run(main())


def test_others_who_begin_to_talk_in_the_middle_of_an_answer_do_not_keep_it_open():
    async def main():
        async with Beside(LONG) as candidate:
            others, candidate.others = candidate.others, np.zeros(10**7)
            await candidate.until(o.ResponseDone)
            await asyncio.sleep(1)
            candidate.voice = speech(3, 7, SPEAKING_RATE).astype(float)
            await asyncio.sleep(1.5)
            candidate.others = others
            await candidate.until(o.TranscriptCompleted, within=1.5 + 3.5)
            await candidate.until(o.ResponseDone, 2, within=20)
            await asyncio.sleep(5)
        return candidate

    candidate = run(main())
    assert {each.status for each in candidate.all(o.ResponseDone)} == {"completed"}
    assert [turn.text for turn in candidate.all(o.TranscriptCompleted)] == [LONG]
