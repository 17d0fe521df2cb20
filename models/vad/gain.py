"""Make quiet audio loud enough for a voice activity detector that goes by loudness."""

import numpy as np

from ..contracts import FRAME, Samples, Vad, VadStream

WANTED = 1000.0
"""RMS of the loud frames, of 32768 (-30 dBFS), below which audio is amplified."""
MOST = 32.0
"""Largest factor (30 dB)."""
FADES = 0.998
"""Ratio by which the loudness that is remembered falls with each frame: 0.9 dB a second."""


# docs/decisions/057-microphone.md: WebRTC's detector hears little below -50 dBFS
class AmplifiedStream:
    """A detector of one session that hears audio amplified by its loudest frames."""

    def __init__(self, detector: VadStream) -> None:
        self._detector = detector
        self._loudness = WANTED / MOST

    def probability(self, frame: Samples) -> float:
        sound = frame.astype(np.float32)
        self._loudness = max(
            float(np.sqrt(np.dot(sound, sound) / FRAME)), self._loudness * FADES, WANTED / MOST
        )
        factor = WANTED / self._loudness
        if factor > 1.0:
            frame = (sound * factor).astype(np.int16)
        return self._detector.probability(frame)


class AmplifiedVad:
    def __init__(self, detector: Vad) -> None:
        self._detector = detector

    def open(self) -> AmplifiedStream:
        return AmplifiedStream(self._detector.open())
