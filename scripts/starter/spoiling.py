"""What a room, a microphone and a telephone line do to speech, in numpy.

Audio is float32 in -1..1 at 16 kHz.
"""

import numpy as np

RATE = 16_000
TELEPHONE = 3_800.0  # Hz, what is left of speech sampled at 8 kHz
BLOCK = 4096  # samples; transforms of multiples of it are fast, of any length they need not be
COLOURS = {"white": 0.0, "pink": 0.5, "brown": 1.0}  # amplitude falls with frequency to this power


def noise(kind: str, samples: int, random: np.random.Generator) -> np.ndarray:
    """Noise of unit power: white, pink, brown, hum, clicks or tone."""
    if kind in COLOURS:
        spectrum = np.fft.rfft(random.standard_normal(samples))
        hertz = np.maximum(np.fft.rfftfreq(samples, 1 / RATE), 30.0)
        made = np.fft.irfft(spectrum / hertz ** COLOURS[kind], samples)
    elif kind == "hum":
        made = _harmonics(random.choice([50.0, 60.0, 100.0, 120.0]), 8, samples, random)
        made += 0.1 * random.standard_normal(samples)
    elif kind == "tone":
        made = _harmonics(random.uniform(150, 2000), int(random.integers(1, 4)), samples, random)
    else:
        made = 0.02 * random.standard_normal(samples)
        for at in random.integers(0, samples, max(1, samples // 6000)):
            length = min(samples - at, int(random.integers(20, 800)))
            made[at : at + length] += random.standard_normal(length) * np.exp(
                -np.arange(length) / (length / 5)
            )
    return (made / (np.sqrt(np.mean(made**2)) + 1e-9)).astype(np.float32)


KINDS = (*COLOURS, "hum", "tone", "clicks")


def _harmonics(hertz: float, count: int, samples: int, random: np.random.Generator) -> np.ndarray:
    time = np.arange(samples) / RATE
    phases = random.uniform(0, 2 * np.pi, count)
    waves = [np.sin(2 * np.pi * hertz * (k + 1) * time + phases[k]) / (k + 1) for k in range(count)]
    return np.sum(waves, axis=0)


def mixed(speech: np.ndarray, other: np.ndarray, decibels: float) -> np.ndarray:
    """Speech with the other sound under it at this ratio of their powers."""
    other = np.resize(other, len(speech))
    power = float(np.mean(speech**2)) / (float(np.mean(other**2)) + 1e-12)
    return (speech + other * np.sqrt(power / 10 ** (decibels / 10))).astype(np.float32)


def band_limited(speech: np.ndarray, low: float = 0.0, high: float = TELEPHONE) -> np.ndarray:
    """Nothing below `low` or above `high` Hz is left."""
    size = -(-len(speech) // BLOCK) * BLOCK
    spectrum = np.fft.rfft(speech, size)
    hertz = np.fft.rfftfreq(size, 1 / RATE)
    spectrum[(hertz < low) | (hertz > high)] = 0
    return np.fft.irfft(spectrum, size)[: len(speech)].astype(np.float32)


def in_a_room(speech: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """With an echo that dies away in 30 to 200 ms."""
    length = int(random.integers(RATE // 30, RATE // 5))
    echo = random.standard_normal(length) * np.exp(-np.arange(length) / (length / 5))
    echo[0] = random.uniform(3, 8)
    echo *= 2 / max(1.0, float(np.abs(echo).sum()))
    size = -(-(len(speech) + length - 1) // BLOCK) * BLOCK
    wet = np.fft.irfft(np.fft.rfft(speech, size) * np.fft.rfft(echo, size), size)
    return wet[: len(speech)].astype(np.float32)
