"""Convert streams of audio from one sample rate to another."""

from collections.abc import Sequence

import av
import numpy as np

from models.contracts import FRAME, HEARING_RATE, SPEAKING_RATE, Samples

FORMAT, LAYOUT = "s16", "mono"


# docs/decisions/073-speech-at-once.md: what is held back delays each decision
class Resampler:
    """Converts PCM16 at `source` Hz to samples at `target` Hz.

    FFmpeg's holds back 1 ms and costs 20 µs for 85 ms (PyAV 18, measured); soxr holds back 15 to 50
    ms, because it works in blocks.
    """

    def __init__(self, source: int, target: int) -> None:
        self._source = source
        self._stream = None
        if source != target:
            self._stream = av.AudioResampler(format=FORMAT, layout=LAYOUT, rate=target)
        self._half = b""

    def feed(self, pcm: bytes) -> Samples:
        """Return the samples that are complete now; half a sample waits for its other half."""
        pcm = self._half + pcm
        even = len(pcm) & ~1
        self._half = pcm[even:]
        return self.convert(np.frombuffer(pcm[:even], dtype="<i2"))

    def convert(self, audio: Samples) -> Samples:
        if self._stream is None or not audio.size:
            return audio
        frame = av.AudioFrame.from_ndarray(audio[np.newaxis], format=FORMAT, layout=LAYOUT)
        frame.sample_rate = self._source
        return _joined(self._stream.resample(frame))

    def flush(self) -> Samples:
        """Return what was held back, at the end of the stream."""
        return _joined(self._stream.resample(None) if self._stream else [])


def _joined(frames: Sequence[av.AudioFrame]) -> Samples:
    parts = [frame.to_ndarray()[0].astype(np.int16, copy=False) for frame in frames]
    return np.concatenate(parts) if parts else np.empty(0, dtype=np.int16)


class HearingFrames:
    """Converts the client's PCM16, in pieces of any length, to 20 ms frames at 16 kHz."""

    def __init__(self, rate: int = SPEAKING_RATE) -> None:
        self._resampler = Resampler(rate, HEARING_RATE)
        self._rest: Samples = np.empty(0, dtype=np.int16)

    def change_rate(self, rate: int) -> None:
        """Set the sample rate of the client's audio from now on."""
        self._resampler = Resampler(rate, HEARING_RATE)

    def feed(self, pcm: bytes) -> list[Samples]:
        """Return the frames of `FRAME` samples that are complete now."""
        audio = np.concatenate([self._rest, self._resampler.feed(pcm)])
        whole = len(audio) // FRAME
        self._rest = audio[whole * FRAME :]
        return list(audio[: whole * FRAME].reshape(whole, FRAME))
