"""The starter recognizer at work, one utterance at a time, as an evaluation needs it."""

import json
from pathlib import Path

import ctranslate2
import numpy as np
from faster_whisper import WhisperModel
from faster_whisper.feature_extractor import FeatureExtractor
from tokenizers import Tokenizer

from models.manifest import Recognizer, read
from models.whisper.decode import WhisperDecoder
from models.whisper.parts import Request
from models.whisper.settings import Settings as WhisperSettings

RATE = 16_000
LONGEST = 124  # tokens


def _starter() -> Recognizer:
    (known,) = (m for m in read().model if isinstance(m, Recognizer) and m.demonstration)
    return known


class Hearing:
    """A CTranslate2 Whisper directory as the product uses it at the end of a turn, in one thread:
    with its settings of the manifest, cut at pauses, and gated against what is no speech."""

    def __init__(self, folder: Path) -> None:
        model = WhisperModel(str(folder), device="cpu", compute_type="int8", cpu_threads=1)
        self._decoder = WhisperDecoder(model, _starter().settings_as(WhisperSettings))

    def __call__(self, audio: np.ndarray) -> str:
        """The transcript of float32 audio at 16 kHz; empty where nothing is heard."""
        samples = np.clip(audio * 32768, -32768, 32767).astype(np.int16)
        prepared = self._decoder.prepare(Request(samples, "en"))
        return self._decoder.transcribe([prepared])[0].text


class Network:
    """The same directory without the product's help; what is heard gets a window of its length."""

    def __init__(self, folder: Path) -> None:
        self._beams = _starter().settings_as(WhisperSettings).beams
        settings = json.loads((folder / "preprocessor_config.json").read_text(encoding="utf-8"))
        names = ("feature_size", "sampling_rate", "hop_length", "chunk_length", "n_fft")
        self._features = FeatureExtractor(**{name: settings[name] for name in names})
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._model = ctranslate2.models.Whisper(
            str(folder), device="cpu", compute_type="int8", intra_threads=1
        )
        starting = ("<|startoftranscript|>", "<|notimestamps|>")
        self._prompt = [self._tokenizer.token_to_id(token) for token in starting]
        self._end = self._tokenizer.token_to_id("<|endoftext|>")

    def __call__(self, audio: np.ndarray, extra_seconds: float = 0.0) -> str:
        """The transcript of float32 audio at 16 kHz; empty where nothing is heard.

        extra_seconds widens the window beyond the audio, as live use does.
        """
        features = self._features(audio)
        wider = int(extra_seconds * RATE / self._features.hop_length)
        features = np.pad(features, ((0, 0), (0, wider + (features.shape[1] + wider) % 2)))
        view = ctranslate2.StorageView.from_array(np.ascontiguousarray(features[None], np.float32))
        wanted = min(8 + int(len(audio) / RATE * 12), LONGEST)
        result = self._model.generate(
            view,
            [self._prompt],
            beam_size=self._beams,
            length_penalty=0,  # a longer text must not win over the empty one of silence
            max_length=2 * wanted,  # CTranslate2 makes at most half as many
        )
        ids = [token for token in result[0].sequences_ids[0] if token < self._end]
        return str(self._tokenizer.decode(ids)).strip()
