"""Voice activity detection by Silero v6, whose ONNX file is part of the faster-whisper package."""

from importlib.util import find_spec
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from onnxruntime.capi.onnxruntime_pybind11_state import NoSuchFile

from .. import onnx
from ..contracts import Samples
from ..errors import WeightsMissing, WeightsUnusable

WINDOW = 512
"""New samples in each evaluation: 32 ms at 16 kHz, fixed by the model."""
CONTEXT = 64
"""Samples of the previous window that the model sees again."""
STATE = (1, 1, 128)
"""Shape of the model's recurrent state."""


def bundled() -> Path:
    """Return the path of faster-whisper's copy, found without importing the package."""
    spec = find_spec("faster_whisper")
    if spec is None or not spec.submodule_search_locations:
        raise WeightsMissing("Silero VAD comes with faster-whisper: install faster-whisper")
    return Path(spec.submodule_search_locations[0]) / "assets" / "silero_vad_v6.onnx"


class SileroStream:
    """The detector of one session. A frame may or may not complete a window; until one does, the
    last window's probability is returned."""

    def __init__(self, session: onnxruntime.InferenceSession) -> None:
        self._session = session
        self._heard = np.zeros((1, CONTEXT + WINDOW), np.float32)
        self._filled = CONTEXT
        self._h = np.zeros(STATE, np.float32)
        self._c = np.zeros(STATE, np.float32)
        self._probability = 0.0

    def probability(self, frame: Samples) -> float:
        samples = frame.astype(np.float32) / np.float32(32768)
        room = self._heard.shape[1] - self._filled
        self._take(samples[:room])
        if samples.size >= room:
            self._judge()
            self._take(samples[room:])
        return self._probability

    def _take(self, samples: NDArray[np.float32]) -> None:
        end = self._filled + samples.size
        self._heard[0, self._filled : end] = samples
        self._filled = end

    def _judge(self) -> None:
        inputs = {"input": self._heard, "h": self._h, "c": self._c}
        probability, self._h, self._c = self._session.run(None, inputs)
        self._probability = float(probability[0])
        self._heard[0, :CONTEXT] = self._heard[0, -CONTEXT:]
        self._filled = CONTEXT


class SileroVad:
    """One ONNX session for all streams; it runs in the calling thread."""

    def __init__(self, weights: Path | None = None) -> None:
        """Load the model. Raises `WeightsMissing`, `WeightsUnusable`."""
        weights = weights or bundled()
        try:
            self._session = onnxruntime.InferenceSession(
                str(weights), onnx.options(), providers=[onnx.CPU]
            )
        except NoSuchFile as exc:
            raise WeightsMissing(f"{weights} is not there: install faster-whisper again") from exc
        except onnx.ERRORS as exc:
            raise WeightsUnusable(f"{weights} is damaged: install faster-whisper again") from exc

    def open(self) -> SileroStream:
        return SileroStream(self._session)
