import numpy as np
import pytest

from models.contracts import FRAME
from pipeline.conversation.microphone import (
    RATES,
    SILENT,
    SILENT_FROM_THE_START,
    VOICE,
    ArrivalRate,
    Microphone,
    Trouble,
    advice,
)
from pipeline.language.german import GERMAN
from pipeline.language.known import LANGUAGES, language_of

RANDOM = np.random.default_rng(0)


def sound(rms, samples=FRAME):
    return RANDOM.normal(0, rms, samples).astype(np.int16)


def hears(microphone, rms, count, probability=1.0):
    for _ in range(count):
        microphone.heard(sound(rms), probability)
    return microphone.trouble


def speech(seconds, top):
    """Tones that swell and fade, with so large a sample."""
    time = np.arange(round(seconds * 24_000)) / 24_000
    voice = np.sin(2 * np.pi * 180 * time) + np.sin(2 * np.pi * 431 * time) / 2
    voice *= 1 + np.sin(2 * np.pi * 4 * time)
    return voice * (top / np.abs(voice).max())


def sends(microphone, audio):
    for piece in np.clip(audio, -32767, 32767).astype(np.int16).reshape(-1, 2_000):
        microphone.came(piece)
    return microphone.trouble


def test_a_voice_that_is_very_quiet_for_three_seconds_is_trouble_until_it_is_loud_again():
    microphone = Microphone()
    assert hears(microphone, 40, VOICE - 1) is None
    assert hears(microphone, 40, 1) is Trouble.QUIET
    assert hears(microphone, 110, VOICE) is Trouble.QUIET  # not loud enough to be sure
    assert hears(microphone, 1000, VOICE) is None


def test_a_quiet_room_is_no_quiet_voice():
    assert hears(Microphone(), 40, 10 * VOICE, probability=0.1) is None


def test_a_voice_that_is_cut_off_at_the_top_is_trouble_until_it_is_not():
    microphone = Microphone()
    assert sends(microphone, speech(3, 30_000)) is None
    assert sends(microphone, speech(3, 90_000)) is Trouble.CLIPPED
    assert sends(microphone, speech(6, 30_000)) is None


def test_half_of_three_seconds_has_to_be_cut_off():
    microphone = Microphone()
    assert sends(microphone, speech(1.25, 90_000)) is None
    assert sends(microphone, speech(0.25, 90_000)) is Trouble.CLIPPED


def test_it_may_be_cut_off_below_full_scale_and_one_bang_is_none():
    microphone = Microphone()
    assert sends(microphone, np.clip(speech(3, 60_000), -20_000, 20_000)) is Trouble.CLIPPED
    microphone = Microphone()
    sends(microphone, speech(0.25, 90_000))
    assert sends(microphone, speech(3, 30_000)) is None


def test_nothing_but_zeros_is_trouble_until_there_is_sound():
    microphone = Microphone()
    assert hears(microphone, 0, SILENT_FROM_THE_START - 1, 0.0) is None
    assert hears(microphone, 0, 1, 0.0) is Trouble.SILENT
    assert hears(microphone, 20, 1, 0.0) is None


def test_a_noise_gate_may_be_silent_for_longer():
    microphone = Microphone()
    hears(microphone, 20, 1)
    assert hears(microphone, 0, SILENT - 1, 0.0) is None
    assert hears(microphone, 0, 1, 0.0) is Trouble.SILENT


def test_who_is_muted_may_be_silent():
    microphone = Microphone()
    microphone.muted = True
    assert hears(microphone, 0, SILENT, 0.0) is None


def arrivals(rate, seconds=20.0, chunk=2_048, jitter=0.0):
    """The rates that are found when a client sends at this one."""
    counts, found, now = ArrivalRate(), [], 0.0
    while now < seconds:
        now += chunk / rate
        late = RANDOM.uniform(0, jitter)
        found.append(counts.came(chunk, now + late))
    return {rate for rate in found if rate}


@pytest.mark.parametrize("rate", RATES)
def test_the_rate_of_a_clients_clock_is_found(rate):
    assert arrivals(rate) == {rate}
    assert arrivals(rate * 1.002, jitter=0.05) == {rate}


def test_a_stalled_network_and_what_it_held_up_say_nothing():
    counts, found = ArrivalRate(), []
    for second in range(1, 60):
        late = second + 4 if 20 <= second % 30 < 24 else second
        found += [counts.came(2_400, late + tenth / 10) for tenth in range(10) if late == second]
        if second % 30 == 24:
            found += [counts.came(96_000, float(second))]
    assert {rate for rate in found if rate} <= {24_000}


def test_a_rate_between_two_known_ones_and_no_audio_at_all_are_none():
    assert arrivals(28_000) == set()
    with np.errstate(all="raise"):
        counts = ArrivalRate()
        assert {counts.came(0, now / 10) for now in range(300)} == {None}


def sent(*phases):
    """What is found of a client that sends at these rates, each for so many seconds, at the times
    at which it is found."""
    counts, found, at = ArrivalRate(), [], 0
    for rate, seconds in phases:
        for _ in range(round(seconds * 10)):
            at += 1
            found.append((at / 10, counts.came(rate // 10, at / 10)))
    return [(now, rate) for now, rate in found if rate]


def test_the_mean_of_a_stall_and_what_makes_up_for_it_is_no_rate():
    assert sent(*[(48_000, 5), (0, 5)] * 4) == []


def test_a_rate_that_is_not_found_three_times_is_not_told():
    assert {rate for _, rate in sent((24_000, 20), (48_000, 10), (24_000, 20))} == {24_000}


def test_what_was_kept_before_the_first_audio_does_not_count():
    counts = ArrivalRate()
    counts.came(5 * 24_000, 0.0)
    assert 24_000 in [counts.came(2_400, tenth / 10) for tenth in range(1, 125)]


def test_every_language_has_words_for_every_trouble():
    for language in LANGUAGES.values():
        assert set(language.sentences.advice) == set(Trouble)
    assert advice(Trouble.QUIET, GERMAN).startswith("Ich höre Sie kaum")
    assert advice(Trouble.QUIET, language_of("ja")).startswith("I can hardly hear you")
