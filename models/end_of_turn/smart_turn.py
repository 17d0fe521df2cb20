"""Smart Turn: the probability that somebody who paused has finished, judged by the sound alone."""

from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime

from .. import onnx
from ..contracts import Samples
from ..engine_state import EngineState
from ..errors import EngineError, WeightsMissing, WeightsUnusable
from ..worker import EngineThread
from .features import BANDS, HOP, LENGTH, features

INPUT = "input_features"
WAITING = 64
"""Pauses that may wait for their judgement. Each takes about 0.1 s, and one that waits longer than
the endpoint delay is of no use."""
_NO_MODEL: tuple[type[Exception], ...] = (*onnx.ERRORS, IndexError, TypeError, ValueError)
"""Exceptions that trying out a file that is no such model may raise."""


class SmartTurn:
    """A model that all sessions share. One thread computes, one pause at a time: the judgement runs
    beside the transcription of the same pause, which needs the other cores more."""

    def __init__(self, session: onnxruntime.InferenceSession) -> None:
        self._session = session
        self._thread = EngineThread("end of turn", bound=WAITING)

    @classmethod
    def load(cls, weights: Path) -> "SmartTurn":
        """Load and warm up the .onnx file. Blocks. Raises `WeightsMissing`, `WeightsUnusable`."""
        if not weights.is_file():
            raise WeightsMissing(
                f"the end-of-turn model's file {weights} is not there: download the model first"
            )
        try:
            session = onnxruntime.InferenceSession(
                str(weights), onnx.options(), providers=[onnx.CPU]
            )
            _judge(session, np.zeros(0, dtype=np.int16))
        except _NO_MODEL as exc:
            raise WeightsUnusable(
                f"{weights} is damaged or no Smart Turn v3 model, download it again: {exc}"
            ) from exc
        return cls(session)

    def open(self, language: str) -> "SmartTurnStream":
        """Return the judge of one session. One model serves all of its languages."""
        return SmartTurnStream(self)

    async def probability(self, audio: Samples) -> float:
        return await self._thread.call(self._probability, audio)

    def _probability(self, audio: Samples) -> float:
        try:
            return _judge(self._session, audio)
        except onnx.ERRORS as exc:
            raise EngineError(f"the end-of-turn model failed: {exc}") from exc

    @property
    def state(self) -> EngineState:
        return self._thread.state

    async def aclose(self) -> None:
        await self._thread.aclose()


class SmartTurnStream:
    """The judge of one session; see `contracts.EndOfTurnStream`."""

    def __init__(self, model: SmartTurn) -> None:
        self._model = model

    async def probability(self, audio: Samples) -> float:
        return await self._model.probability(audio)

    def close(self) -> None:
        """Free nothing: a session has no state in the model."""


def _judge(session: onnxruntime.InferenceSession, audio: Samples) -> float:
    heard = features(audio)[None]
    assert heard.shape == (1, BANDS, LENGTH // HOP)
    judged: list[Any] = session.run(None, {INPUT: heard})
    return float(np.ravel(judged[0])[0])
