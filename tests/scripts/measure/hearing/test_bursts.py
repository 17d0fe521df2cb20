"""Sounds over a reply, with scripted ears."""

import numpy as np
import pytest

from models.fake import LoudnessVad, ScriptedTranscriber
from scripts.measure.hearing import bursts, cut_bursts
from scripts.measure.hearing.engine import Ears
from scripts.measure.virtual_time import run

from .test_path import silence, voice


def over(audio, *texts, confidence=1.0):
    ears = Ears(ScriptedTranscriber(*texts, confidence=confidence), None)
    return run(bursts.over_reply(LoudnessVad(), ears, audio, silence(12)))


def test_words_stop_the_reply_and_a_nod_does_not():
    sound = np.concatenate([silence(0.1), voice(1.2)])
    stopped = over(sound, "Wait, I have a question.")
    assert 0.3 < stopped.stopped_after < 0.7
    assert over(sound, "Mm-hm, okay.").stopped_after is None


def test_a_reply_that_was_paused_is_late_by_no_more_than_the_pause():
    nodded = over(voice(0.5), "Mm-hm.")
    assert nodded.stopped_after is None
    assert 0 <= nodded.late < 0.25
    assert over(silence(0.5)).late == 0


def test_a_recording_is_cut_at_its_silences():
    recording = np.concatenate([silence(1), voice(0.3), silence(1), voice(0.6), silence(0.1)])
    assert [round(len(sound) / 16_000, 1) for sound in cut_bursts.sounds(recording)] == [0.5, 0.8]
    assert bursts.borders(recording) == pytest.approx((1.0, 2.88))


def test_words_begin_with_the_sound_before_the_first_voice_and_not_with_a_knock():
    knock, hiss = voice(0.1), voice(0.2)
    audio = np.concatenate([knock, silence(0.9), hiss, voice(1.0)])

    class Voiced:
        """Hears voice from 1.2 s on."""

        at = 0

        def probability(self, frame):
            self.at += len(frame)
            return float(self.at > 1.2 * 16_000)

    assert bursts.borders(audio)[0] == 0
    assert bursts.onset_of(audio, Voiced()) == pytest.approx(1.0, abs=0.03)
