"""Pitch of speech: normalised autocorrelation, and the smoothest path through its peaks."""

import numpy as np

LOWEST, HIGHEST = 65.0, 350.0  # Hz
WINDOW = 640  # samples
TRANSFORM = 1024  # samples; a window and what follows it for the longest period fit
CANDIDATES = 8  # periods a frame to choose from
UNVOICED = 0.55  # a frame whose best correlation is below it has no pitch
QUIET = 0.002  # mean amplitude, of 1, below which nothing is voiced
SWITCH, GLIDE = 0.12, 1.5  # costs of starting or ending voice, and of a change of pitch by log 1
SHORTER = 0.0006  # a sample, in favour of the shorter of two equally good periods


def pitch(audio: np.ndarray, rate: int, hop: int, frames: int) -> np.ndarray:
    """Hz a frame of 16-bit audio, 0 where unvoiced; frame i is centred on (i + 1/2) hops."""
    shortest, longest = int(rate / HIGHEST), int(rate / LOWEST)
    correlation, loudness = _correlations(audio, hop, frames, longest)
    lags = np.arange(shortest, longest)
    inner = correlation[:, shortest:longest]
    peak = (inner > correlation[:, shortest - 1 : longest - 1]) & (
        inner >= correlation[:, shortest + 1 : longest + 1]
    )
    scores = np.where(peak, inner - SHORTER * (lags - shortest), -1)
    chosen = np.argsort(-scores, 1)[:, :CANDIDATES]
    score = np.full((frames, CANDIDATES + 1), UNVOICED, np.float32)
    score[:, :CANDIDATES] = np.take_along_axis(scores, chosen, 1)
    score[loudness < QUIET, :CANDIDATES] = -1
    periods = lags[chosen]
    found = np.zeros(frames, np.float32)
    for frame, choice in enumerate(_smoothest(score, np.log(periods.astype(np.float32)))):
        if choice < CANDIDATES:
            found[frame] = rate / _refined(correlation[frame], periods[frame, choice])
    return found


def _correlations(
    audio: np.ndarray, hop: int, frames: int, longest: int
) -> tuple[np.ndarray, np.ndarray]:
    """[frames, lags] correlation of a window with what follows it, and the window's loudness."""
    span = WINDOW + longest
    padded = np.pad(audio.astype(np.float32) / 32768, (span // 2, span))
    places = (np.arange(frames) * hop + hop // 2)[:, None] + np.arange(span)[None]
    part = padded[places]
    window, whole = np.fft.rfft(part[:, :WINDOW], TRANSFORM), np.fft.rfft(part, TRANSFORM)
    product = np.fft.irfft(np.conj(window) * whole, TRANSFORM)[:, : longest + 2]
    energy = np.concatenate([np.zeros((frames, 1), np.float32), np.cumsum(part**2, 1)], 1)
    lags = np.arange(longest + 2)
    there = energy[:, np.minimum(lags + WINDOW, span)] - energy[:, lags]
    here = energy[:, WINDOW]
    return product / np.sqrt(here[:, None] * there + 1e-6), np.sqrt(here / WINDOW)


def _smoothest(score: np.ndarray, log_period: np.ndarray) -> list[int]:
    """Viterbi: the candidate of every frame; CANDIDATES means unvoiced."""
    frames = len(score)
    total, back = score[0].copy(), np.zeros((frames, CANDIDATES + 1), int)
    for t in range(1, frames):
        change = np.full((CANDIDATES + 1, CANDIDATES + 1), -SWITCH, np.float32)
        change[CANDIDATES, CANDIDATES] = 0
        jump = np.abs(log_period[t - 1][:, None] - log_period[t][None])
        change[:CANDIDATES, :CANDIDATES] = -GLIDE * jump
        ways = total[:, None] + change
        back[t], total = ways.argmax(0), ways.max(0) + score[t]
    path, choice = [0] * frames, int(total.argmax())
    for t in range(frames - 1, -1, -1):
        path[t] = choice
        choice = int(back[t, choice])
    return path


def _refined(correlation: np.ndarray, lag: int) -> float:
    """The top of the parabola through a peak and its neighbours."""
    before, top, after = correlation[lag - 1], correlation[lag], correlation[lag + 1]
    bend = before - 2 * top + after
    return float(lag + (0.5 * (before - after) / bend if abs(bend) > 1e-9 else 0))
