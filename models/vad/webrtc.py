"""Voice activity by webrtcvad: 4 µs a frame, quick to say voice, also for knocks and hums."""

from typing import cast

import webrtcvad

from ..contracts import HEARING_RATE, Samples

MODE = 2
"""0..3, how much is filtered out. Measured on three synthetic voices: mode 2 says voice for 70 to
100 ms after the last sound, modes 0 and 1 for 120 to 150 ms; mode 3 for 45 to 85 ms, but it is deaf
to quiet speakers and falls silent for up to 260 ms within words."""


class WebrtcStream:
    def __init__(self, mode: int) -> None:
        self._vad = webrtcvad.Vad(mode)

    def probability(self, frame: Samples) -> float:
        """1 or 0: webrtcvad knows no doubt."""
        return float(cast(bool, self._vad.is_speech(frame.tobytes(), HEARING_RATE)))


class WebrtcVad:
    def __init__(self, mode: int = MODE) -> None:
        self._mode = mode

    def open(self) -> WebrtcStream:
        return WebrtcStream(self._mode)
