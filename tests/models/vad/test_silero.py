import faster_whisper.vad
import numpy as np
import pytest

from models.contracts import FRAME
from models.errors import WeightsMissing, WeightsUnusable
from models.vad.silero import WINDOW, SileroVad

from ..speech import (
    SENTENCES,
    after_and_before_silence,
    judged,
    knocks,
    noise,
    silence,
    spoken,
    tone,
    voiced,
)

BEGIN = 16_000 // FRAME


@pytest.fixture(scope="module")
def vad():
    return SileroVad()


@pytest.mark.parametrize(
    "audio",
    [silence(2), noise(2, 3000), tone(2, 440), knocks(2)],
    ids="silence hiss tone knocks".split(),
)
def test_sound_without_a_voice_is_no_voice(vad, audio):
    assert voiced(vad.open(), audio) == []


def test_speech_is_voice_soon_after_it_begins_until_shortly_after_it_ends(vad):
    for sentence in SENTENCES:
        speech = spoken(sentence)
        end = BEGIN + len(speech) // FRAME
        frames = voiced(vad.open(), after_and_before_silence(speech))
        assert BEGIN <= frames[0] <= BEGIN + 14
        assert frames[-1] <= end + 5
        assert len(frames) > 0.8 * (end - BEGIN)


def test_frame_by_frame_gives_what_the_whole_recording_gives_at_once(vad):
    audio = after_and_before_silence(spoken(SENTENCES[0]))
    audio = audio[: len(audio) // (8 * FRAME) * 8 * FRAME]  # whole frames and whole windows
    at_once = faster_whisper.vad.get_vad_model()(audio.astype(np.float32) / 32768).ravel()
    stepwise = judged(vad.open(), audio)
    completing = [-(-(n + 1) * WINDOW // FRAME) - 1 for n in range(len(at_once))]
    assert np.allclose([stepwise[n] for n in completing], at_once, atol=0.02)


def test_streams_of_one_model_do_not_share_state(vad):
    audio = after_and_before_silence(spoken(SENTENCES[0]))
    first, second = vad.open(), vad.open()
    ours, theirs = [], []
    for n in range(0, len(audio) - FRAME, FRAME):
        ours.append(first.probability(audio[n : n + FRAME]))
        theirs.append(second.probability(np.zeros(FRAME, np.int16)))
    assert max(theirs) < 0.1
    assert ours == judged(SileroVad().open(), audio[: len(ours) * FRAME])


def test_missing_and_damaged_weights_are_named(tmp_path):
    with pytest.raises(WeightsMissing, match="install faster-whisper again"):
        SileroVad(tmp_path / "none.onnx")
    damaged = tmp_path / "damaged.onnx"
    damaged.write_bytes(b"not a model")
    with pytest.raises(WeightsUnusable, match="damaged"):
        SileroVad(damaged)
