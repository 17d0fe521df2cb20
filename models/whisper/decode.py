"""Turn speech into text with a loaded Whisper model; blocking, for one thread.

faster-whisper's `transcribe()` is made for files: it always processes 30 s, and it changes state
that all callers share. So this module uses its parts directly.
"""

import math
from collections import defaultdict
from collections.abc import Callable, Hashable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any

import ctranslate2
import numpy as np
from faster_whisper import WhisperModel
from faster_whisper.tokenizer import Tokenizer
from numpy.typing import NDArray

from ..contracts import HEARING_RATE, Samples, Transcript
from ..errors import EngineError
from . import gate
from .phrases import phrases
from .settings import Settings

LONGEST = 28.0
"""Longest audio in seconds that is heard at once; Whisper's own window is 30."""
MARGIN = 2.0
"""Seconds of silence that a model trained on fixed windows needs after the speech."""
STEP = 5.0
"""Windows of such a model are multiples of this many seconds, so that requests can be batched."""
SHORT_STEP = 2.0
"""Multiples in seconds for a model trained on windows as long as the speech."""
CONTEXT_STEP = 16
"""Contexts are cut to a multiple of this many tokens, because prompts in a batch have one
length."""
SECOND_TRY = 0.3
"""Temperature of the second attempt, when the likeliest text is unusable."""
TOKENS_A_SECOND, TOKENS_AT_LEAST, TOKENS_AT_MOST = 20, 24, 224
"""Limits on the tokens of a text: without one, a loop goes on until the decoder's room is full. 224
is what Whisper was trained to make of 30 s."""


@dataclass(frozen=True, slots=True)
class Request:
    """One transcription that a session asks for."""

    audio: Samples
    language: str
    context: str = ""
    final: bool = True


@dataclass(frozen=True, slots=True)
class Part:
    """A request, or one phrase of it."""

    audio: Samples
    prompt: tuple[int, ...]
    frames: int
    """Length of the window in frames."""
    final: bool

    @property
    def shape(self) -> tuple[int, int, bool]:
        """The properties that must be equal for parts to go through the model together."""
        return self.frames, len(self.prompt), self.final


@dataclass(frozen=True, slots=True)
class Prepared:
    """A request, ready for the model."""

    language: str
    parts: tuple[Part, ...]

    @property
    def shape(self) -> Hashable:
        return tuple(part.shape for part in self.parts)


@dataclass(frozen=True, slots=True)
class Text:
    """The text that the model made of a part."""

    text: str = ""
    tokens: int = 0
    log_probability: float = 0.0
    """Mean log-probability of the tokens."""
    no_speech: float = 0.0

    @property
    def usable(self) -> bool:
        return self.log_probability >= gate.DOUBTFUL and not gate.loops(self.text)


class WhisperDecoder:
    """A Whisper model for the decoding of batches. Frame rate, mel bands and the longest window
    come from preprocessor_config.json."""

    def __init__(
        self,
        model: WhisperModel,
        settings: Settings,
        computing: Callable[[], AbstractContextManager[None]] = nullcontext,
    ) -> None:
        """`computing` is open while the model computes."""
        self._model = model
        self._computing = computing
        self._settings = settings
        self._features = model.feature_extractor
        self._rate: float = self._features.sampling_rate / self._features.hop_length
        self._max_frames: int = self._features.nb_max_frames
        self.max_seconds: float = min(LONGEST, self._max_frames / self._rate)
        self._tokenizers: dict[str, Tokenizer] = {}
        self.languages = self._spoken()

    def prepare(self, request: Request) -> Prepared:
        parts = phrases(request.audio, self.max_seconds, at_pauses=self._settings.phrases)
        prompt = self._prompt(request.language, request.context)
        return Prepared(
            request.language,
            tuple(
                Part(part, prompt, self._window(len(part)), request.final)
                for part in parts
                if gate.is_speech(part)
            ),
        )

    def transcribe(self, batch: Sequence[Prepared]) -> list[Transcript]:
        """Transcribe the requests of a batch. Raises `EngineError`."""
        with self._computing():
            return self._transcribe(batch)

    def _transcribe(self, batch: Sequence[Prepared]) -> list[Transcript]:
        groups: dict[Hashable, list[tuple[int, int]]] = defaultdict(list)
        for n, prepared in enumerate(batch):
            for m, part in enumerate(prepared.parts):
                groups[part.shape].append((n, m))
        texts: dict[tuple[int, int], Text] = {}
        for places in groups.values():
            parts = [batch[n].parts[m] for n, m in places]
            texts |= zip(places, self._understand(parts), strict=True)
        return [
            _joined([texts[n, m] for m in range(len(prepared.parts))], prepared.language)
            for n, prepared in enumerate(batch)
        ]

    def _understand(self, parts: Sequence[Part]) -> list[Text]:
        mels = [self._mel(part.audio) for part in parts]
        frames = parts[0].frames
        texts = self._decode(mels, parts, frames)
        for n, (text, part) in enumerate(zip(texts, parts, strict=True)):
            if part.final and not text.usable and not _is_silence(text):
                wide = frames if self._settings.window == 0 else self._max_frames
                (again,) = self._decode([mels[n]], [part], wide, SECOND_TRY)
                texts[n] = max(text, again, key=lambda t: (t.usable, t.log_probability))
        return [text if self._credible(text) else Text() for text in texts]

    def _decode(
        self,
        mels: Sequence[NDArray[np.float32]],
        parts: Sequence[Part],
        frames: int,
        temperature: float = 0.0,
    ) -> list[Text]:
        window = np.zeros((len(mels), mels[0].shape[0], frames), np.float32)
        for row, mel in zip(window, mels, strict=True):
            row[:, : mel.shape[1]] = mel[:, :frames]
        beams = self._settings.beams if parts[0].final and not temperature else 1
        sampling = {"sampling_topk": 0, "sampling_temperature": temperature} if temperature else {}
        try:
            results = self._model.model.generate(
                self._model.model.encode(ctranslate2.StorageView.from_array(window)),
                [list(part.prompt) for part in parts],
                beam_size=beams,
                # of several texts, a longer one must not win over the empty one of silence
                length_penalty=1.0 if beams == 1 else 0.0,
                max_length=self._max_length(parts),
                return_scores=True,
                return_no_speech_prob=True,
                **sampling,
            )
        except (RuntimeError, ValueError) as exc:
            raise EngineError(f"the recognizer failed: {exc}") from exc
        return [self._text(result, beams) for result in results]

    def _text(self, result: Any, beams: int) -> Text:
        tokens = result.sequences_ids[0]
        text = self._model.hf_tokenizer.decode(tokens).strip()  # leaves out special tokens
        # the score is the sum over the text and its end; of a single text it comes divided by the
        # tokens of the text alone
        total = result.scores[0] * (len(tokens) if beams == 1 else 1)
        mean = total / (len(tokens) + 1)
        return Text(text, len(tokens), mean, result.no_speech_prob)

    def _max_length(self, parts: Sequence[Part]) -> int:
        """Return the `max_length` to ask for. CTranslate2 makes at most half of `max_length` new
        tokens, and fewer if they and the prompt together are longer than it."""
        prompt = len(parts[0].prompt)
        seconds = max(len(part.audio) for part in parts) / HEARING_RATE
        wanted = TOKENS_AT_LEAST + math.ceil(TOKENS_A_SECOND * seconds)
        wanted = min(wanted, TOKENS_AT_MOST, self._settings.positions - prompt)
        return max(2 * wanted, wanted + prompt)

    def _mel(self, audio: Samples) -> NDArray[np.float32]:
        mel: NDArray[np.float32] = self._features(audio.astype(np.float32) / np.float32(32768))
        return mel

    def _window(self, samples: int) -> int:
        """Return the length in frames of the window for so many samples."""
        seconds = samples / HEARING_RATE
        if self._settings.window:
            wanted, step = max(self._settings.window, seconds + MARGIN), STEP
        else:
            wanted, step = seconds, SHORT_STEP
        frames = round(math.ceil(wanted / step) * step * self._rate)
        return min(frames, self._max_frames)

    def _prompt(self, language: str, context: str) -> tuple[int, ...]:
        tokenizer = self._tokenizer(language)
        before: list[int] = []
        if self._settings.use_context and context.strip():
            before = tokenizer.encode(" " + context.strip())[-(self._settings.positions // 2 - 1) :]
            if len(before) > CONTEXT_STEP:
                before = before[len(before) % CONTEXT_STEP :]
            before = [tokenizer.sot_prev, *before]
        return (*before, *tokenizer.sot_sequence, tokenizer.no_timestamps)

    def _credible(self, text: Text) -> bool:
        doubtful = text.log_probability < gate.DOUBTFUL and not self._settings.knows_silence
        invented = doubtful or _is_silence(text) or gate.loops(text.text)
        return gate.sayable(text.text) and not invented

    def _tokenizer(self, language: str) -> Tokenizer:
        if language not in self._tokenizers:
            self._tokenizers[language] = Tokenizer(
                self._model.hf_tokenizer,
                self._model.model.is_multilingual,
                task="transcribe",
                language=language,
            )
        return self._tokenizers[language]

    def _spoken(self) -> tuple[str, ...]:
        """Return the languages that the model has a token for; an English-only model needs none."""
        known = self._model.supported_languages
        if not self._model.model.is_multilingual:
            return tuple(known)
        token = self._model.hf_tokenizer.token_to_id
        return tuple(code for code in known if token(f"<|{code}|>") is not None)


def _is_silence(text: Text) -> bool:
    return text.log_probability < gate.DOUBTFUL and text.no_speech > gate.NO_SPEECH


def _joined(texts: Sequence[Text], language: str) -> Transcript:
    said = [text for text in texts if text.text]
    if not said:
        return Transcript("", language, 0.0)
    tokens = sum(text.tokens for text in said)
    mean = sum(text.log_probability * text.tokens for text in said) / tokens
    return Transcript(" ".join(text.text for text in said), language, math.exp(mean))
