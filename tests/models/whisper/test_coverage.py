import numpy as np
import pytest

from models.contracts import HEARING_RATE
from models.whisper.coverage import halves, is_short, once, repeats, voiced_seconds

from ..speech import SENTENCES, noise, silence, spoken

SAID = SENTENCES[:3]
SPEECH = np.concatenate([spoken(sentence) for sentence in SAID])
TEXT = " ".join(SAID)


def test_a_complete_text_is_not_short_and_one_without_a_sentence_is():
    assert not is_short(TEXT, SPEECH)
    assert is_short(SAID[0], SPEECH)
    assert is_short("", SPEECH)


@pytest.mark.parametrize("hiss", [5, 50])
def test_pauses_need_no_words(hiss):
    audio = np.concatenate([SPEECH, silence(4), spoken(SENTENCES[3]), silence(4)])
    audio = (audio + noise(len(audio) / HEARING_RATE, hiss)).astype(np.int16)
    assert not is_short(f"{TEXT} {SENTENCES[3]}", audio)
    assert voiced_seconds(audio) < len(audio) / HEARING_RATE - 7


def test_of_a_short_utterance_nothing_is_known():
    assert not is_short("", spoken(SENTENCES[6])[: 2 * HEARING_RATE])


def test_where_a_character_is_a_syllable_fewer_are_enough():
    assert not is_short("我在一家医院做软件工程师已经六年了" * 2, SPEECH)


def test_halves_meet_in_a_pause_and_nothing_is_lost():
    one, other = spoken(SENTENCES[0]), spoken(SENTENCES[1])
    audio = np.concatenate([one, silence(0.3), other])
    first, second = halves(audio)
    assert len(one) <= len(first) <= len(one) + 0.3 * HEARING_RATE
    assert np.array_equal(np.concatenate([first, second]), audio)


def test_digits_count_as_the_words_that_they_are():
    assert not is_short("1 0 0 0 1 9 0 2 1 0 " * 2, SPEECH)


def test_a_phrase_directly_after_itself_is_a_repetition():
    assert repeats("We just say words. We just say words. And more.")
    assert not repeats("words words words words")
    assert not repeats("I built it, and then I built another one.")


def test_what_nobody_says_twice_is_kept_once():
    said = "Hail, isolated tornadoes, and heavy rain."
    assert once(f"So: {said} {said} {said} And snow.") == f"So: {said} And snow."
    assert once("No, no, no. It is what it is. It is what it is.").count("is") == 4
