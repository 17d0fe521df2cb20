"""The recognizer with the starter weights, on speech of the starter voice."""

import asyncio
import re
import shutil

import jiwer
import numpy as np
import pytest
import pytest_asyncio

from models.contracts import HEARING_RATE
from models.device import Occupied
from models.errors import (
    DeviceUnavailable,
    EngineError,
    LanguageUnsupported,
    WeightsMissing,
    WeightsUnusable,
)
from models.manifest import Recognizer, find
from models.whisper.settings import Settings as WhisperSettings
from models.whisper.transcriber import Whisper

from ..speech import SENTENCES, STARTER, knocks, noise, silence, spoken, tone

WORD_ERRORS = 0.05
"""Share of wrong words that the starter recognizer may have on these sentences. To be lowered
with every better model."""
FOLDER = STARTER / "recognizer"


@pytest.fixture(scope="module")
def settings():
    found = find("starter-recognizer", Recognizer, STARTER.parent)
    return found.model.settings_as(WhisperSettings)


@pytest_asyncio.fixture
async def whisper(settings):
    whisper = Whisper.load(FOLDER, settings=settings, threads=1)
    yield whisper
    await whisper.aclose()


def heard(speech):
    """As the conversation cuts it out: with some silence before and after."""
    return np.concatenate([silence(0.3), speech, silence(0.2)])


def plain(text):
    return " ".join(re.sub(r"[^a-z' ]", " ", text.lower()).split())


def word_errors(said, understood):
    return jiwer.wer([plain(text) for text in said], [plain(text) for text in understood])


async def test_speech_is_understood(whisper):
    stream = whisper.open("en")
    transcripts = [await stream.final(heard(spoken(text))) for text in SENTENCES]
    assert word_errors(SENTENCES, [t.text for t in transcripts]) <= WORD_ERRORS
    assert all(0.3 < t.confidence <= 1 and t.language == "en" for t in transcripts)


async def test_many_sentences_with_pauses_are_understood_to_the_end(whisper):
    speech = [spoken(text) for text in SENTENCES]
    pause = silence(0.4)
    audio = np.concatenate([part for one in speech for part in (one, pause)])[: 28 * HEARING_RATE]
    transcript = await whisper.open("en").final(heard(audio))
    said = " ".join(SENTENCES[:9])  # 28 s hold nine sentences and the beginning of the tenth
    assert word_errors([said], [transcript.text]) <= WORD_ERRORS


async def test_sessions_that_speak_at_once_get_their_own_words(whisper):
    streams = [whisper.open("en") for _ in SENTENCES]
    audio = [heard(spoken(text)) for text in SENTENCES]
    alone = [(await streams[0].final(one)).text for one in audio]
    pairs = zip(streams, audio, strict=True)
    together = await asyncio.gather(*(stream.final(one) for stream, one in pairs))
    assert word_errors(alone, [t.text for t in together]) <= 0.1  # batches round differently


async def test_a_partial_says_what_the_final_says(whisper):
    stream = whisper.open("en")
    audio = heard(spoken(SENTENCES[6]))
    assert (await stream.partial(audio)).text == (await stream.final(audio)).text


@pytest.mark.parametrize("seconds", [0, 0.01, 0.3, 1, 3, 8, 28])
async def test_silence_is_an_empty_text(whisper, seconds):
    transcript = await whisper.open("en").final(silence(seconds))
    assert (transcript.text, transcript.confidence) == ("", 0.0)


@pytest.mark.parametrize("seconds", [0.3, 1, 3, 8])
@pytest.mark.parametrize("level", [5, 100, 5000])
async def test_noise_is_an_empty_text(whisper, seconds, level):
    assert (await whisper.open("en").final(noise(seconds, level))).text == ""


async def test_a_tone_is_an_empty_text(whisper):
    assert (await whisper.open("en").final(tone(3, 440))).text == ""


async def test_knocks_are_at_most_a_word_or_two(whisper):
    assert len((await whisper.open("en").final(knocks(3))).text.split()) <= 2


async def test_more_speech_than_the_model_can_take_at_once_is_taken_in_parts(whisper):
    speech = np.tile(spoken(SENTENCES[0]), 15)
    assert len(speech) > 40 * HEARING_RATE
    text = (await whisper.open("en").final(speech)).text
    assert len(text.split()) > 20


async def test_context_does_not_disturb_a_model_that_cannot_use_it(whisper):
    stream = whisper.open("en")
    audio = heard(spoken(SENTENCES[6]))
    assert await stream.final(audio, "My name is Ada.") == await stream.final(audio)


async def test_a_language_that_the_model_lacks_is_refused(whisper):
    assert whisper.languages == ("en",)
    with pytest.raises(LanguageUnsupported, match="does not understand 'de', only en"):
        whisper.open("de")


async def test_a_closed_recognizer_says_so(settings):
    whisper = Whisper.load(FOLDER, settings=settings, threads=1)
    stream = whisper.open("en")
    await whisper.aclose()
    with pytest.raises(EngineError, match="closed"):
        await stream.final(silence(1))


async def test_a_model_of_fixed_windows_and_prompts_runs_as_well(settings):
    """The way of all other models, tried on the starter: its words may be wrong."""
    usual = WhisperSettings(positions=settings.positions)
    whisper = Whisper.load(FOLDER, settings=usual, threads=1)
    stream = whisper.open("en")
    audio = heard(spoken(SENTENCES[6]))
    assert (await stream.final(audio)).text
    await stream.final(audio, "We talk about teams, plans and programs. " * 30)
    await whisper.aclose()


def test_missing_weights_are_named(tmp_path):
    with pytest.raises(WeightsMissing, match=r"lacks model\.bin.*download"):
        Whisper.load(tmp_path / "nowhere")


@pytest.mark.parametrize(
    "name", ["model.bin", "tokenizer.json", "config.json", "preprocessor_config.json"]
)
def test_damaged_files_are_unusable_weights(tmp_path, name):
    folder = tmp_path / "model"
    shutil.copytree(FOLDER, folder)
    (folder / name).write_bytes(b"{")
    with pytest.raises(WeightsUnusable, match="again"):
        Whisper.load(folder, threads=1)


def test_mel_bands_that_do_not_fit_the_model_are_unusable_weights(tmp_path):
    folder = tmp_path / "model"
    shutil.copytree(FOLDER, folder)
    (folder / "preprocessor_config.json").write_text('{"feature_size": 128}')
    with pytest.raises(WeightsUnusable, match="80 mel bands"):
        Whisper.load(folder, threads=1)


def test_a_device_that_is_not_there_is_named():
    with pytest.raises(DeviceUnavailable, match="use the device cpu"):
        Whisper.load(FOLDER, device="cuda")


async def test_a_recognizer_occupies_its_cores_while_it_computes_and_not_longer(settings):
    counted = []

    class Counting(Occupied):
        def _add(self, threads):
            super()._add(threads)
            counted.append(threads)

    occupied = Counting()
    whisper = Whisper.load(FOLDER, settings=settings, threads=2, occupied=occupied)
    counted.clear()
    await whisper.open("en").final(heard(spoken(SENTENCES[6])))
    assert counted == [2, -2]
    assert occupied.left(4) == 4
    await whisper.aclose()
