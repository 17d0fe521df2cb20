"""The voice: Piper on our own onnxruntime session."""

import json
import threading
from collections import OrderedDict
from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from piper import PiperVoice
from piper.config import PhonemeType, PiperConfig

from .. import onnx
from ..contracts import SPEAKING_RATE, Samples
from ..device import NOBODY, Occupied
from ..engine_state import EngineState
from ..errors import DeviceUnavailable, EngineError, WeightsMissing, WeightsUnusable
from ..worker import EngineThread
from .clause_audio import Waveform, clause_audio, gain_for
from .speakable import speakable

WAITING = 128
"""Clauses that may wait for a thread: more than a minute of work even for a slow voice."""
CACHED_SECONDS = 300
"""Seconds of recent speech that are cached: greetings, plan questions, "I did not catch that"."""
_WARM_UP = "Thank you for coming. Could you tell me about your work?"
_WRITTEN = "On May 3rd, 2019, about 5-7 people."
"""A text with numerals, said once at the start: a language's rules for writing text out are read on
first use, which takes a tenth of a second."""
_NO_VOICE: tuple[type[Exception], ...] = (*onnx.ERRORS, KeyError, IndexError, TypeError, ValueError)
"""Exceptions that trying out a file that is not a Piper voice may raise."""


class Piper:
    """A voice that all sessions share. Speed, noise and speaker are those of the voice's JSON."""

    def __init__(
        self,
        voice: PiperVoice,
        gain: float,
        *,
        workers: int,
        computing: Callable[[], AbstractContextManager[None]],
    ) -> None:
        """`computing` is open while a clause is computed."""
        self._voice = voice
        self._computing = computing
        self._gain = gain
        self._language = voice.config.espeak_voice
        self._said = _RecentClauses(CACHED_SECONDS * SPEAKING_RATE)
        self._thread = EngineThread("voice", bound=WAITING, threads=workers)

    @classmethod
    def load(
        cls,
        weights: Path,
        *,
        device: str = "cpu",
        threads: int = 1,
        workers: int = 2,
        occupied: Occupied = NOBODY,
    ) -> "Piper":
        """Load and warm up `weights`, an .onnx file with its .onnx.json beside it. Blocks.

        `threads` work on one clause, `workers` clauses are made at once; `occupied` is told of the
        cores in use. Raises `WeightsMissing`, `WeightsUnusable`, `DeviceUnavailable`.
        """
        voice = PiperVoice(_session(weights, device, threads), _config(weights))
        speakable(_WRITTEN, voice.config.espeak_voice)
        try:
            gain = _warm_up(voice)
        except _NO_VOICE as exc:
            raise _unusable(weights, exc) from exc
        computing = partial(occupied.by, threads if device == "cpu" else 0)
        return cls(voice, gain, workers=workers, computing=computing)

    async def speak(self, text: str, *, ahead: bool = False) -> Samples:
        said = speakable(text, self._language)
        known = self._said.get(said) if said else np.zeros(0, dtype=np.int16)
        if known is not None:
            return known
        return await self._thread.call(self._synthesize, said, ahead=ahead)

    @property
    def state(self) -> EngineState:
        return self._thread.state

    async def aclose(self) -> None:
        await self._thread.aclose()

    def _synthesize(self, said: str) -> Samples:
        if (known := self._said.get(said)) is not None:
            return known
        rate = self._voice.config.sample_rate
        clauses = [np.zeros(0, dtype=np.int16)]
        try:
            with self._computing():
                for phonemes in self._voice.phonemize(said):
                    mark = "".join(phonemes).rstrip()[-1:]
                    wave = _raw(self._voice, phonemes)
                    clauses.append(clause_audio(wave, rate, self._gain, mark))
        except onnx.ERRORS as exc:
            raise EngineError(f"the voice failed: {exc}") from exc
        audio = np.concatenate(clauses)
        audio.setflags(write=False)
        self._said.put(said, audio)
        return audio


class _RecentClauses:
    """A cache of recent clauses, by text: `bound` samples in all; the least recently used go
    first."""

    def __init__(self, bound: int) -> None:
        self._bound = bound
        self._size = 0
        self._clauses: OrderedDict[str, Samples] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, text: str) -> Samples | None:
        with self._lock:
            if text not in self._clauses:
                return None
            self._clauses.move_to_end(text)
            return self._clauses[text]

    def put(self, text: str, audio: Samples) -> None:
        with self._lock:
            if text in self._clauses or audio.size > self._bound:
                return
            self._clauses[text] = audio
            self._size += audio.size
            while self._size > self._bound:
                _, oldest = self._clauses.popitem(last=False)
                self._size -= oldest.size


def _raw(voice: PiperVoice, phonemes: list[str]) -> Waveform:
    """Return the samples of one sentence at the voice's own rate and level."""
    ids = voice.phonemes_to_ids(phonemes)
    audio: Any = voice.phoneme_ids_to_audio(ids)  # unlike synthesize(), without normalizing
    return np.ravel(audio).astype(np.float32, copy=False)


def _warm_up(voice: PiperVoice) -> float:
    """Run the voice once, because the first runs are slow, and return the gain that it needs. One
    gain serves all clauses: levelling each by itself would make a quiet word as loud as a
    sentence."""
    config = voice.config
    letters = [symbol for symbol in config.phoneme_id_map if symbol.isalpha()]
    text = "".join(letters[:40]) if config.phoneme_type is PhonemeType.TEXT else _WARM_UP
    sentences = [_raw(voice, phonemes) for phonemes in voice.phonemize(text) if phonemes]
    return gain_for(np.concatenate(sentences), config.sample_rate)


def _session(weights: Path, device: str, threads: int) -> onnxruntime.InferenceSession:
    if not weights.is_file():
        raise WeightsMissing(f"the voice's file {weights} is not there: download the voice first")
    options = onnx.options(threads)
    options.enable_mem_pattern = False  # every clause has another length
    onnxruntime.set_seed(0)  # the same clauses in the same order sound the same in every run
    try:
        return onnxruntime.InferenceSession(str(weights), options, providers=_providers(device))
    except onnx.ERRORS as exc:
        raise _unusable(weights, exc) from exc


def _providers(device: str) -> list[Any]:
    if device == "cpu":
        return [onnx.CPU]
    if not cuda_ready():
        raise DeviceUnavailable(
            "this onnxruntime was built without CUDA: install onnxruntime-gpu, "
            "or let the voice run on the CPU"
        )
    # An exhaustive search would be repeated for every new length of clause.
    return [("CUDAExecutionProvider", {"cudnn_conv_algo_search": "HEURISTIC"})]


def cuda_ready() -> bool:
    """Return True if this onnxruntime can use a GPU."""
    return "CUDAExecutionProvider" in onnxruntime.get_available_providers()


def _config(weights: Path) -> PiperConfig:
    path = weights.with_name(weights.name + ".json")
    try:
        config = PiperConfig.from_dict(json.loads(path.read_bytes()))
    except FileNotFoundError:
        raise WeightsMissing(f"the voice's settings {path} are not there: download both") from None
    except (KeyError, TypeError, ValueError, AttributeError) as exc:
        raise _unusable(path, exc) from exc
    if config.phoneme_type not in (PhonemeType.ESPEAK, PhonemeType.TEXT):
        raise WeightsUnusable(
            f"{path}: the language of this voice needs a phonemizer not installed"
        )
    return config


def _unusable(path: Path, exc: BaseException) -> WeightsUnusable:
    return WeightsUnusable(f"{path} is damaged or no Piper voice, download it again: {exc}")
