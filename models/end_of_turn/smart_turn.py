"""Smart Turn: the probability that somebody who paused has finished, judged by the sound alone."""

from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from onnxruntime.capi import onnxruntime_pybind11_state

from ..contracts import Samples
from ..engine_state import EngineState
from ..errors import EngineError, WeightsMissing, WeightsUnusable
from ..worker import EngineThread
from .features import BANDS, HOP, LENGTH, features

INPUT = "input_features"
WAITING = 64
"""Pauses that may wait for their judgement. Each takes about 0.1 s, and one that waits longer than
the endpoint delay is of no use."""
_ORT_ERRORS: tuple[type[Exception], ...] = tuple(
    error
    for error in vars(onnxruntime_pybind11_state).values()
    if isinstance(error, type) and issubclass(error, Exception)
)
"""All exceptions of onnxruntime, which have no common base class."""
_NO_MODEL: tuple[type[Exception], ...] = (*_ORT_ERRORS, IndexError, TypeError, ValueError)
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
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        try:
            session = onnxruntime.InferenceSession(
                str(weights), options, providers=["CPUExecutionProvider"]
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
        except _ORT_ERRORS as exc:
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
