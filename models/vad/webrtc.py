"""Voice activity detection by webrtcvad: 4 µs a frame, quick to report voice, but also for knocks
and hums."""

from typing import cast

import webrtcvad

from ..contracts import HEARING_RATE, Samples

MODE = 2
"""webrtcvad's mode, 0..3: how much it filters out. Measured on three synthetic voices: mode 2
reports voice for 70 to 100 ms after the last sound, modes 0 and 1 for 120 to 150 ms; mode 3 for 45
to 85 ms, but it misses quiet speakers and falls silent for up to 260 ms within words."""


class WebrtcStream:
    def __init__(self, mode: int) -> None:
        self._vad = webrtcvad.Vad(mode)

    def probability(self, frame: Samples) -> float:
        """Return 1 or 0, because webrtcvad gives no probability."""
        return float(cast(bool, self._vad.is_speech(frame.tobytes(), HEARING_RATE)))


class WebrtcVad:
    def __init__(self, mode: int = MODE) -> None:
        self._mode = mode

    def open(self) -> WebrtcStream:
        return WebrtcStream(self._mode)
