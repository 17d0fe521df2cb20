import numpy as np
import pytest

from models.contracts import FRAME, HEARING_RATE
from models.whisper.holes import Hole, filled, fresh, holes, number_twice, words_of

from ..speech import SENTENCES, silence, spoken

SPEECH = np.concatenate([spoken(sentence) for sentence in SENTENCES[:3]])
FRAMES = len(SPEECH) // FRAME


def words(*texts, ends):
    """Words that end at these shares of the speech."""
    tokens = [f" {text}" for text in texts]
    starts = [0, *(round(end * FRAMES) for end in ends[:-1])]
    return words_of(tokens, starts, FRAMES)


def test_a_word_has_the_tokens_up_to_the_next_space():
    found = words_of([" Gu", "ten", "berg", " or", " 4", "2", "."], [0, 3, 5, 9, 12, 14, 15], 20)
    assert [(word.text, word.begin, word.end) for word in found] == [
        ("Gutenberg", 0, 9),
        ("or", 9, 12),
        ("42.", 12, 20),
    ]


def test_a_word_that_takes_far_longer_than_it_can_is_a_hole():
    said = words("I", "worked", "there.", ends=(0.05, 0.9, 1))
    (hole,) = holes(said, SPEECH)
    assert hole.word == 1
    assert hole.begin == pytest.approx(0.05 * len(SPEECH), abs=0.15 * HEARING_RATE)
    assert hole.end == pytest.approx(0.9 * len(SPEECH), abs=0.15 * HEARING_RATE)


def test_a_hole_at_an_end_reaches_to_the_end_of_the_audio():
    (hole,) = holes(words("I", ends=(1,)), SPEECH)
    assert hole == Hole(0, 0, len(SPEECH))


def test_a_pause_is_no_hole():
    audio = np.concatenate([spoken(SENTENCES[0]), silence(4), spoken(SENTENCES[1])])
    text = f"{SENTENCES[0]} {SENTENCES[1]}".split()
    first, pause = len(SENTENCES[0].split()), len(spoken(SENTENCES[0])) // FRAME
    frames = len(audio) // FRAME
    starts = np.linspace(0, pause - 20, first).tolist()
    starts += np.linspace(pause + 200, frames - 20, len(text) - first).tolist()
    said = words_of([f" {word}" for word in text], [round(start) for start in starts], frames)
    assert holes(said, audio) == []


def test_a_long_number_is_no_hole():
    assert holes(words("100019021001803", ends=(1,)), SPEECH[: 5 * HEARING_RATE]) == []


def test_a_script_of_syllables_has_fewer_letters_and_no_hole():
    assert holes(words("我在医院工作了六年", ends=(1,)), SPEECH[: round(2.5 * HEARING_RATE)]) == []


def test_no_tokens_are_no_words():
    assert words_of([], [], 10) == []


THREE = words("I", "worked", "there.", ends=(0.05, 0.9, 1))


def test_the_words_beside_a_hole_are_not_said_again():
    assert fresh(THREE, Hole(1, 0, 0), "I worked for six years there") == "worked for six years"


@pytest.mark.parametrize("text", ["worked", "I worked there.", "um", ""])
def test_a_text_without_more_words_fills_no_hole(text):
    assert fresh(THREE, Hole(1, 0, 0), text) == ""


def test_what_fills_a_hole_replaces_its_word():
    assert filled(THREE, {1: "worked for six years"}) == "I worked for six years there."


TWICE = [*"5 4 4 1 5 4 4 1".split()]


def test_a_number_for_which_there_is_voice_twice_was_number_twice():
    assert number_twice(words(*TWICE, ends=np.linspace(1 / 8, 1, 8)), SPEECH)


def test_a_phrase_without_voice_of_its_own_was_said_once():
    ends = [*np.linspace(0.24, 0.96, 4), 0.97, 0.98, 0.99, 1]
    assert not number_twice(words(*TWICE, ends=ends), SPEECH)


def test_a_phrase_with_far_less_voice_than_the_one_before_was_said_once():
    ends = [*np.linspace(0.17, 0.68, 4), *np.linspace(0.76, 1, 4)]
    assert not number_twice(words(*TWICE, ends=ends), SPEECH)


def test_a_sentence_is_not_believed_twice():
    assert not number_twice(
        words(*"I did it I did it".split(), ends=np.linspace(1 / 6, 1, 6)), SPEECH
    )


def test_a_text_without_a_phrase_twice_says_nothing_twice():
    assert not number_twice(THREE, SPEECH)
