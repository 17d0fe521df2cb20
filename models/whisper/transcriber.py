"""The recognizer: any Whisper model in CTranslate2 format, run with faster-whisper."""

import json
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import ctranslate2
import numpy as np
from faster_whisper import WhisperModel

from ..contracts import HEARING_RATE, Samples, Transcript
from ..device import NOBODY, Occupied
from ..engine_state import EngineState
from ..errors import (
    DeviceUnavailable,
    EngineError,
    LanguageUnsupported,
    WeightsMissing,
    WeightsUnusable,
)
from .decode import WhisperDecoder
from .parts import Prepared, Request
from .queue import TranscriptionQueue
from .settings import Settings
from .terms import Term, terms_of

BATCH = {"cpu": 4, "cuda": 8}
"""Requests that go through the model together at most. On a CPU a batch of 4 takes 20 to 40 % less
computing than one by one, because of the decoder; larger batches make the first request wait for
the last."""
NEEDED = ("model.bin", "config.json", "tokenizer.json")
"""Files that a model folder must have. Without its own tokenizer faster-whisper would look for one
on the internet."""
WARM_UP = np.random.default_rng(0).normal(0, 3000, HEARING_RATE // 2)
WARM_UP[: HEARING_RATE // 4] = 0
"""Silence, then noise, half a second together: a steady sound would be rejected before it reaches
the model."""


class WhisperStream:
    """The transcriptions of one session."""

    def __init__(
        self,
        queue: TranscriptionQueue[Request, Prepared],
        language: str,
        terms: tuple[Term, ...] = (),
    ) -> None:
        self._queue = queue
        self._language = language
        self._terms = terms

    async def final(self, audio: Samples, context: str = "") -> Transcript:
        """Make the final transcript of a stretch; see `TranscriptStream.final`. Raises
        `EngineBusy`, `EngineError`."""
        request = Request(audio, self._language, context, terms=self._terms)
        transcript = await self._queue.final(self, request)
        assert transcript is not None, "only partials are replaced"
        return transcript

    async def partial(
        self, audio: Samples, context: str = "", *, urgent: bool = False
    ) -> Transcript | None:
        request = Request(audio, self._language, context, final=False, sounds=urgent)
        return await self._queue.partial(self, request, urgent=urgent)

    def close(self) -> None:
        self._queue.forget(self)


class Whisper:
    """A recognizer that all sessions share."""

    def __init__(self, decoder: WhisperDecoder, *, batch: int) -> None:
        self._queue = TranscriptionQueue(decoder, batch=batch)
        self._languages = decoder.languages
        self._max_seconds = decoder.max_seconds

    @classmethod
    def load(
        cls,
        folder: Path,
        *,
        settings: Settings | None = None,
        device: str = "cpu",
        compute_type: str = "int8",
        threads: int = 2,
        occupied: Occupied = NOBODY,
    ) -> "Whisper":
        """Load and warm up the model in `folder`. Blocks. `settings` are those of the manifest; the
        defaults suit every model by OpenAI. `occupied` is told of the cores in use. Raises
        `WeightsMissing`, `WeightsUnusable`, `DeviceUnavailable`."""
        _check_files(folder)
        _check_device(device)
        try:
            model = WhisperModel(
                str(folder),
                device=device,
                compute_type=compute_type,
                cpu_threads=threads,
                local_files_only=True,
            )
            _check_bands(model)
            computing = partial(occupied.by, threads if device == "cpu" else 0)
            decoder = WhisperDecoder(model, settings or Settings(), computing)
            warm_up = Request(WARM_UP.astype(np.int16), decoder.languages[0])
            decoder.transcribe([decoder.prepare(warm_up)])
        except Exception as exc:
            raise WeightsUnusable(
                f"{folder} cannot be loaded ({exc}): download or convert the model again"
            ) from exc
        return cls(decoder, batch=BATCH[device])

    @property
    def languages(self) -> tuple[str, ...]:
        return self._languages

    @property
    def max_seconds(self) -> float:
        return self._max_seconds

    @property
    def state(self) -> EngineState:
        return self._queue.state

    def open(self, language: str, terms: Sequence[str] = ()) -> WhisperStream:
        """Start a session's stream; `terms` are preferred to words that sound like them. Raises
        `LanguageUnsupported`."""
        if language not in self._languages:
            known = ", ".join(self._languages)
            raise LanguageUnsupported(
                f"the recognizer does not understand {language!r}, only {known}: choose another "
                "language or another recognizer"
            )
        return WhisperStream(self._queue, language, terms_of(terms))

    async def aclose(self) -> None:
        """Finish the finals that wait, and accept no more requests."""
        await self._queue.aclose()


def _check_files(folder: Path) -> None:
    missing = [name for name in NEEDED if not (folder / name).is_file()]
    if missing:
        raise WeightsMissing(
            f"{folder} lacks {', '.join(missing)}: download the model, or give the path of a "
            "folder in CTranslate2 format"
        )
    try:
        for config in folder.glob("*.json"):
            json.loads(config.read_bytes())
    except ValueError as exc:
        # faster-whisper would go on with the usual values, which may be wrong for this model
        raise WeightsUnusable(f"{config} is not JSON: download the model again") from exc


def _check_device(device: str) -> None:
    if device == "cuda" and not ctranslate2.get_cuda_device_count():
        raise DeviceUnavailable("there is no CUDA device for the recognizer: use the device cpu")


def _check_bands(model: WhisperModel) -> None:
    given, wanted = model.feature_extractor.mel_filters.shape[0], model.model.n_mels
    if given != wanted:
        raise EngineError(f"it wants {wanted} mel bands, but preprocessor_config.json says {given}")
