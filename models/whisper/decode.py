"""Turn speech into text with a loaded Whisper model; blocking, for one thread.

faster-whisper's `transcribe()` is made for files: it always processes 30 s, and it changes state
that all callers share. So this module uses its parts directly.
"""

import logging
import math
import sys
from collections import defaultdict
from collections.abc import Callable, Hashable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from time import monotonic
from typing import Any

import ctranslate2
import numpy as np
from faster_whisper import WhisperModel
from faster_whisper.tokenizer import Tokenizer
from numpy.typing import NDArray

from ..contracts import FRAME, HEARING_RATE, Samples, Transcript
from ..errors import EngineError
from . import coverage, gate, languages
from .alignment import Aligner
from .descriptions import Descriptions
from .pace import Pace
from .parts import (
    Part,
    Prepared,
    Request,
    Text,
    as_words,
    fuller,
    is_silence,
    likelier,
    together,
    transcript_of,
)
from .phrases import phrases
from .settings import Settings

log = logging.getLogger(__name__)

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
AGAIN = 1.1
"""Penalty in partial transcripts of tokens that are there already. Where the window is mostly
silence, the text easily goes round in circles ("Excuse me. Excuse me. Excuse me.")."""
SENTENCES = 6
"""Pieces of a part that are decoded with time stamps at most."""
STAMP = 0.02
"""Seconds between two time stamps."""
SPLITS = 2
"""Times that a part is cut in halves because words are missing in its text, and these again."""
# docs/decisions/084-once-where-unclear.md: what others say in the background is often missing
UNCLEAR = 0.5
"""Confidence of a text below which nothing is gained by decoding in other ways."""
TOKENS_A_SECOND, TOKENS_AT_LEAST, TOKENS_AT_MOST = 15, 24, 224
"""Limits on the tokens of a text: without one, a loop goes on until the decoder's room is full. 224
is what Whisper was trained to make of 30 s; Thai has up to 13 a second."""


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
        self._pace = Pace()
        self._settings = settings
        features = model.feature_extractor
        self._rate: float = features.sampling_rate / features.hop_length
        self._max_frames: int = features.nb_max_frames
        self.max_seconds: float = min(settings.longest, self._max_frames / self._rate)
        self._tokenizers: dict[str, Tokenizer] = {}
        self._aligner = Aligner(model, self._tokenizer)
        self._sounds: Descriptions | None = None
        self.languages = self._spoken()
        before = model.hf_tokenizer.token_to_id("<|notimestamps|>")  # stamps have no names
        self._first_stamp: int = sys.maxsize if before is None else before + 1

    def prepare(self, request: Request) -> Prepared:
        parts = phrases(request.audio, self.max_seconds, at_pauses=self._settings.phrases)
        prompt = self._prompt(request.language, request.context)
        made = (
            Part(
                part,
                prompt,
                self._window(len(part)),
                request.final,
                request.language,
                request.terms,
                request.sounds and self._settings.knows_silence,
            )
            for part in parts
        )
        return Prepared(request.language, tuple(p for p in made if gate.is_speech(p.audio)))

    def fitting(self, ready: Prepared, seconds: float, most: int) -> int:
        """Return how many requests of this shape, at most `most`, take no longer than this
        together; at least 1."""
        return self._pace.fitting(ready.shape, seconds, most)

    def transcribe(self, batch: Sequence[Prepared]) -> list[Transcript]:
        """Transcribe the requests of a batch. Raises `EngineError`."""
        began = monotonic()
        with self._computing():
            transcripts = self._transcribe(batch)
        self._pace.took(batch[0].shape, monotonic() - began, len(batch))
        return [
            replace(transcript, usual=self._pace.usual(prepared.shape))
            for transcript, prepared in zip(transcripts, batch, strict=True)
        ]

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
            transcript_of([texts[n, m] for m in range(len(prepared.parts))], prepared.language)
            for n, prepared in enumerate(batch)
        ]

    def _understand(self, parts: Sequence[Part], splits: int = SPLITS) -> list[Text]:
        """Return the texts of parts of one shape, each of which may be split so many times."""
        mels = [self._mel(part.audio) for part in parts]
        frames = parts[0].frames
        encoded = self._encode(mels, frames)
        texts = self._generate(encoded, parts)
        spoken = self._languages(encoded, parts)
        for n, (text, part) in enumerate(zip(texts, parts, strict=True)):
            if part.final and splits == SPLITS and not is_silence(text):
                texts[n] = self._better(text, mels[n], part)
        texts = self._corrected(texts, parts, encoded, splits)
        return [
            replace(self._checked(text, part, splits), spoken=of_it)
            for text, part, of_it in zip(texts, parts, spoken, strict=True)
        ]

    def _better(self, text: Text, mel: NDArray[np.float32], part: Part) -> Text:
        """Return the likelier of a text that is unusable, or doubted, and another one that the
        model makes in its whole window."""
        frames = part.frames if self._settings.window == 0 else self._max_frames
        doubted = bool(text.text) and math.exp(text.log_probability) < self._settings.doubted
        if not text.usable:
            (again,) = self._decode([mel], [part], frames, SECOND_TRY)
        elif doubted and part.frames < frames:
            (again,) = self._decode([mel], [part], frames)
        else:
            return text
        return likelier(text, again)

    def _corrected(
        self, texts: list[Text], parts: Sequence[Part], encoded: Any, splits: int
    ) -> list[Text]:
        """Return the texts with words that are missing and with names and terms, as far as the
        model does not fail at it: what it has heard is not lost."""
        try:
            texts = self._filled(texts, parts, encoded, splits)
            if len(parts) == 1 and parts[0].final and parts[0].terms and texts[0].usable:
                texts = [self._aligner.with_terms(texts[0], parts[0], encoded)]
        except EngineError as exc:
            log.warning("a transcript is not corrected: %s", exc)
        return texts

    def _filled(
        self, texts: Sequence[Text], parts: Sequence[Part], encoded: Any, splits: int
    ) -> list[Text]:
        """Return the texts with what is said where a few words are missing in them."""
        complete = [
            self._settings.phrases
            or not part.final
            or not splits
            or not self._credible(text)
            or coverage.is_short(text.text, part.audio)  # `_checked` has other ways
            or coverage.voiced_seconds(part.audio) < coverage.SHORTEST
            for text, part in zip(texts, parts, strict=True)
        ]
        if all(complete):
            return list(texts)

        def hear(audio: Samples, part: Part) -> Text:
            piece = replace(part, audio=audio, frames=self._window(len(audio)))
            return self._understand([piece], splits - 1)[0]

        return [
            text if whole else self._aligner.filled(text, words, part, hear)
            for text, part, words, whole in zip(
                texts, parts, self._aligner.words(texts, parts, encoded), complete, strict=True
            )
        ]

    def _languages(self, encoded: Any, parts: Sequence[Part]) -> list[dict[str, float]]:
        """Return the likely languages of each part, where they can be told."""
        wanted = [part.final and languages.can_be_told(part.audio) for part in parts]
        if not any(wanted) or not self._model.model.is_multilingual:
            return [{} for _ in parts]
        try:
            found = self._model.model.detect_language(encoded)
        except (RuntimeError, ValueError) as exc:
            raise EngineError(f"the recognizer failed: {exc}") from exc
        return [
            languages.likely(odds) if told else {} for odds, told in zip(found, wanted, strict=True)
        ]

    def _checked(self, text: Text, part: Part, splits: int) -> Text:
        """Return the text if it can be believed, else none. If words are missing in it, or are
        there twice, the part is decoded in other ways, by itself, because few need that."""
        believed = text if self._credible(text) else Text(sound=text.sound)
        whole = self._settings.phrases or not part.final or not splits or is_silence(text)
        fits = not coverage.is_short(believed.text, part.audio)
        if whole or (fits and (believed.twice or not coverage.repeats(believed.text))):
            return believed
        if math.exp(text.log_probability) >= UNCLEAR:
            believed = fuller(believed, self._in_sentences(part))
            if coverage.is_short(believed.text, part.audio, coverage.FEW_LETTERS):
                believed = fuller(believed, self._in_halves(part, splits - 1))
        return believed if believed.twice else replace(believed, text=coverage.once(believed.text))

    def _in_sentences(self, part: Part) -> Text:
        """Decode with time stamps, and what follows the last of them again by itself."""
        texts, audio = [], part.audio
        voice = coverage.voiced(audio)  # judged once: beside speech, the hiss after it is none
        for _ in range(SENTENCES):
            piece = replace(part, audio=audio, prompt=part.prompt[:-1])
            (text,) = self._decode([self._mel(audio)], [piece], self._window(len(audio)))
            if self._credible(text):
                texts.append(text)
            end = round(text.until * HEARING_RATE)
            voice = voice[end // FRAME :]
            if end <= gate.SHORTEST or voice.sum() * FRAME < gate.SHORTEST:
                break
            audio = audio[end:]
        return together(texts)

    def _in_halves(self, part: Part, splits: int) -> Text:
        halves = [
            replace(part, audio=half, frames=self._window(len(half)))
            for half in coverage.halves(part.audio)
            if gate.is_speech(half)
        ]
        return together([self._understand([half], splits)[0] for half in halves])

    def _decode(
        self,
        mels: Sequence[NDArray[np.float32]],
        parts: Sequence[Part],
        frames: int,
        temperature: float = 0.0,
    ) -> list[Text]:
        return self._generate(self._encode(mels, frames), parts, temperature)

    def _encode(self, mels: Sequence[NDArray[np.float32]], frames: int) -> Any:
        window = np.zeros((len(mels), mels[0].shape[0], frames), np.float32)
        for row, mel in zip(window, mels, strict=True):
            row[:, : mel.shape[1]] = mel[:, :frames]
        encode, storage = self._model.model.encode, ctranslate2.StorageView.from_array
        try:
            if len(mels) == 1 or self._model.model.device != "cpu":
                return encode(storage(window))
            # several at once gain nothing on a CPU, and long windows do not fit into its caches
            apart = [np.asarray(encode(storage(row[np.newaxis]))) for row in window]
            return storage(np.concatenate(apart))
        except (RuntimeError, ValueError) as exc:
            raise EngineError(f"the recognizer failed: {exc}") from exc

    def _generate(
        self, encoded: Any, parts: Sequence[Part], temperature: float = 0.0
    ) -> list[Text]:
        beams = self._settings.beams if parts[0].final and not temperature else 1
        sampling = {"sampling_topk": 0, "sampling_temperature": temperature} if temperature else {}
        sounds = self._descriptions(parts[0].language) if parts[0].sounds else None
        try:
            results = self._model.model.generate(
                encoded,
                [list(part.prompt) for part in parts],
                beam_size=beams,
                # of several texts, a longer one must not win over the empty one of silence
                length_penalty=1.0 if beams == 1 else 0.0,
                max_length=self._max_length(parts),
                repetition_penalty=1.0 if parts[0].final else AGAIN,
                return_scores=True,
                return_no_speech_prob=True,
                **sampling,
                **(sounds.options if sounds else {}),
            )
        except (RuntimeError, ValueError) as exc:
            raise EngineError(f"the recognizer failed: {exc}") from exc
        texts = [self._text(result, beams) for result in results]
        if sounds is None:
            return texts
        found = zip(texts, map(sounds.probability, results), strict=True)
        return [as_words(text, sound) for text, sound in found]

    def _text(self, result: Any, beams: int) -> Text:
        tokens = result.sequences_ids[0]
        stamps = [token for token in tokens if token >= self._first_stamp]
        words = [token for token in tokens if token < self._first_stamp]
        text = self._model.hf_tokenizer.decode(words).strip()  # leaves out special tokens
        # the score is the sum over the text and its end; of a single text it comes divided by the
        # tokens of the text alone
        total = result.scores[0] * (len(tokens) if beams == 1 else 1)
        mean = total / (len(tokens) + 1)
        until = (stamps[-1] - self._first_stamp) * STAMP if stamps else 0.0
        return Text(text, len(tokens), mean, result.no_speech_prob, tuple(words), until)

    def _max_length(self, parts: Sequence[Part]) -> int:
        """Return the `max_length` to ask for. CTranslate2 makes at most half of `max_length` new
        tokens, and fewer if they and the prompt together are longer than it."""
        prompt = len(parts[0].prompt)
        seconds = max(len(part.audio) for part in parts) / HEARING_RATE
        wanted = TOKENS_AT_LEAST + math.ceil(TOKENS_A_SECOND * seconds)
        wanted = min(wanted, TOKENS_AT_MOST, self._settings.positions - prompt)
        return max(2 * wanted, wanted + prompt)

    def _mel(self, audio: Samples) -> NDArray[np.float32]:
        mel: NDArray[np.float32] = self._model.feature_extractor(
            audio.astype(np.float32) / np.float32(32768)
        )
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
        invented = doubtful or is_silence(text) or gate.loops(text.text)
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

    def _descriptions(self, language: str) -> Descriptions:
        if self._sounds is None:  # they are the same in every language
            self._sounds = Descriptions(self._tokenizer(language))
        return self._sounds

    def _spoken(self) -> tuple[str, ...]:
        """Return the languages that the model has a token for; an English-only model needs none."""
        known = self._model.supported_languages
        if not self._model.model.is_multilingual:
            return tuple(known)
        token = self._model.hf_tokenizer.token_to_id
        return tuple(code for code in known if token(f"<|{code}|>") is not None)
