import numpy as np
import pytest

from models.whisper.gate import is_speech, loops, sayable, without_sounds

from ..speech import SENTENCES, noise, silence, spoken, tone


@pytest.mark.parametrize("seconds", [0.3, 1, 8])
@pytest.mark.parametrize("level", [0, 5, 100, 5000])
def test_silence_and_steady_noise_are_not_speech(seconds, level):
    assert not is_speech(noise(seconds, level))


@pytest.mark.parametrize("hertz", [50, 440])
def test_a_steady_tone_is_not_speech(hertz):
    assert not is_speech(tone(3, hertz))


def test_rumble_is_not_speech():
    rumble = np.cumsum(noise(3, 20).astype(np.int32))
    assert not is_speech((rumble - rumble.mean()).clip(-32768, 32767).astype(np.int16))


def test_a_click_is_not_speech():
    assert not is_speech(noise(0.05, 8000))


def test_nothing_is_not_speech():
    assert not is_speech(silence(0))


@pytest.mark.parametrize("loudness", [1, 0.01])
@pytest.mark.parametrize("sentence", SENTENCES)
def test_speech_may_be_speech_even_when_quiet(sentence, loudness):
    assert is_speech((spoken(sentence) * loudness).astype(np.int16))


def test_speech_under_noise_half_as_loud_may_be_speech():
    speech = spoken(SENTENCES[0]).astype(float)
    hiss = np.random.default_rng(0).normal(0, speech.std() / 2, len(speech))
    assert is_speech((speech + hiss).clip(-32768, 32767).astype(np.int16))


@pytest.mark.parametrize(
    "text",
    [
        "Thank you. Thank you. Thank you. Thank you.",
        "no no no no no no no",
        "I went to the store and to the store and to the store and to the store.",
        "ha" * 60,
    ],
)
def test_text_that_goes_round_in_circles_is_found(text):
    assert loops(text)


@pytest.mark.parametrize(
    "text", ["", "Yes.", "No, no, no.", "It was very, very, very slow.", *SENTENCES]
)
def test_what_people_say_twice_is_no_loop(text):
    assert not loops(text)


def test_punctuation_alone_cannot_be_said():
    assert not sayable(" ... - ")
    assert sayable("7")


@pytest.mark.parametrize(
    ("text", "words"),
    [("(laughs)", ""), ("[LAUGHTER] So I", "So I"), ("So (cough", "So"), ("*sigh* No.", "No."),
     ("Yes.", "Yes.")],
)  # fmt: skip
def test_descriptions_of_sounds_are_no_words(text, words):
    assert without_sounds(text) == words
