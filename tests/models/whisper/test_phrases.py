import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.contracts import HEARING_RATE
from models.whisper.phrases import phrases

from ..speech import SENTENCES, noise, silence, spoken


def seconds(parts):
    return [len(part) / HEARING_RATE for part in parts]


@pytest.mark.parametrize("hiss", [0, 8, 100])
def test_a_pause_separates_two_phrases_and_neither_loses_anything(hiss):
    first, second = spoken(SENTENCES[0]), spoken(SENTENCES[6])
    audio = np.concatenate([first, silence(0.4), second])
    audio = (audio + noise(len(audio) / HEARING_RATE, hiss)).clip(-32768, 32767).astype(np.int16)
    parts = phrases(audio, 20, at_pauses=True)
    assert len(parts) == 2
    assert len(first) < len(parts[0]) < len(first) + 0.4 * HEARING_RATE
    assert np.array_equal(np.concatenate(parts), audio)


def test_silence_around_the_speech_is_no_phrase():
    audio = np.concatenate([silence(1), spoken(SENTENCES[6]), silence(1)])
    assert len(phrases(audio, 20, at_pauses=True)) == 1


def test_what_a_model_can_take_at_once_is_left_whole():
    audio = np.concatenate([spoken(SENTENCES[0]), silence(1), spoken(SENTENCES[1])])
    assert len(phrases(audio, 20, at_pauses=False)) == 1


def test_what_is_too_long_is_cut_where_it_is_quiet():
    one = spoken(SENTENCES[0])
    audio = np.concatenate([one, silence(0.4), one])
    parts = phrases(audio, len(one) / HEARING_RATE + 0.5, at_pauses=False)
    assert len(parts) == 2
    assert len(one) <= len(parts[0]) <= len(one) + 0.4 * HEARING_RATE


@given(st.integers(0, 100_000), st.sampled_from([0.5, 1.0, 28.0]), st.booleans())
def test_the_parts_are_the_audio_and_none_is_too_long(length, longest, at_pauses):
    audio = np.random.default_rng(length).integers(-9, 9, length).astype(np.int16)
    parts = phrases(audio, longest, at_pauses=at_pauses)
    assert np.array_equal(np.concatenate(parts), audio)
    assert max(seconds(parts)) < longest + 0.03  # the end that fills no frame
