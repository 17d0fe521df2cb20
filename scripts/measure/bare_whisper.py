"""A recognizer by CTranslate2 alone, and the same model in our engine."""

import asyncio
import time
from pathlib import Path

import ctranslate2
import numpy as np
from faster_whisper import WhisperModel

from models.contracts import HEARING_RATE, Samples
from models.piper.synthesizer import Piper
from models.whisper.decode import Request, WhisperDecoder
from models.whisper.settings import Settings
from models.whisper.transcriber import Whisper
from pipeline.checks.load_test import as_heard

from .candidate import VOICE

SECONDS = 5
"""Seconds of speech in an answer."""
WINDOWS = (10, 20, 30)
AT_ONCE = (1, 4)
_ANSWER = (
    "In my last project we moved a large database to new servers without stopping the service."
)


async def speech() -> Samples:
    """Return 16 kHz speech; its words matter only in that there are as many as in an answer."""
    voice = Piper.load(VOICE)
    said = await voice.speak(_ANSWER)
    await voice.aclose()
    return as_heard([said])[: SECONDS * HEARING_RATE]


class Pair:
    """Both, with weights of their own."""

    def __init__(self, folder: Path, threads: int, window: int, speech: Samples) -> None:
        settings = Settings(window=float(window))
        self._speech = speech
        self._whisper = Whisper.load(folder, settings=settings, threads=threads)
        self._language = self._whisper.languages[0]
        self._model = WhisperModel(
            str(folder), device="cpu", compute_type="int8", cpu_threads=threads,
            local_files_only=True,
        )  # fmt: skip
        decoder = WhisperDecoder(self._model, settings)
        (part,) = decoder.prepare(Request(speech, self._language)).parts
        self._prompt, self._longest = list(part.prompt), decoder._max_length([part])
        mel = decoder._mel(speech)[:, : part.frames]
        self._window = np.zeros((1, len(mel), part.frames), np.float32)
        self._window[0, :, : mel.shape[1]] = mel

    async def aclose(self) -> None:
        await self._whisper.aclose()

    def library(self, many: int) -> float:
        rows = ctranslate2.StorageView.from_array(np.repeat(self._window, many, axis=0))
        began = time.perf_counter()
        encoded = self._model.model.encode(rows)
        self._model.model.generate(
            encoded, [self._prompt] * many, beam_size=1, max_length=self._longest
        )
        return (time.perf_counter() - began) * 1000

    async def own(self, many: int) -> float:
        streams = [self._whisper.open(self._language) for _ in range(many)]
        began = time.perf_counter()
        await asyncio.gather(*(stream.final(self._speech) for stream in streams))
        took = time.perf_counter() - began
        for stream in streams:
            stream.close()
        return took * 1000
