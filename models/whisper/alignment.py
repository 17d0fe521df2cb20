"""Ask a Whisper model where in the audio it hears the words of a text, and how likely a text is."""

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from faster_whisper import WhisperModel
from faster_whisper.tokenizer import Tokenizer

from ..contracts import FRAME, HEARING_RATE, Samples
from ..errors import EngineError
from . import coverage, gate, holes, terms
from .holes import Word, words_of
from .parts import Part, Text, together

MEL_RATE = 100
"""Frames a second that the model is given; it makes one of two."""
LEAST_PROBABILITY = 1e-9
"""Probability of a token that the model rules out."""
UNFINISHED = "\ufffd"
"""The character to which the beginning of another is decoded: "ů" may be two tokens."""


class Aligner:
    def __init__(self, model: WhisperModel, tokenizer: Callable[[str], Tokenizer]) -> None:
        self._model = model
        self._tokenizer = tokenizer

    def words(self, texts: Sequence[Text], parts: Sequence[Part], encoded: Any) -> list[list[Word]]:
        """Return the words of each text and where they are in its part."""
        frames = [len(part.audio) // FRAME for part in parts]
        found = []
        for text, length, aligned in zip(
            texts, frames, self._align([t.ids for t in texts], parts, encoded), strict=True
        ):
            starts = dict(reversed(aligned.alignments))  # the first frame of each token
            pieces = self._pieces(text.ids)
            at = [starts.get(first, length) for first in pieces]
            found.append(words_of(list(pieces.values()), at, length))
        return found

    def _pieces(self, ids: Sequence[int]) -> dict[int, str]:
        """Return what is said by each token, or by several that make a character together, by the
        first of them."""
        decode, pieces, first = self._model.hf_tokenizer.decode, {}, 0
        for end in range(1, len(ids) + 1):
            said = decode(list(ids[first:end]))
            if end == len(ids) or not said.endswith(UNFINISHED):
                pieces[first] = said
                first = end
        return pieces

    def filled(
        self,
        text: Text,
        words: Sequence[Word],
        part: Part,
        hear: Callable[[Samples, Part], Text],
    ) -> Text:
        """Return the text with what is said in its holes; `hear` makes the text of a piece."""
        found: dict[int, Text] = {}
        for hole in holes.holes(words, part.audio):
            piece = part.audio[hole.begin : hole.end]
            if len(piece) == len(part.audio) or not gate.is_speech(piece):
                continue
            said = hear(piece, part)
            fresh = holes.fresh(words, hole, said.text)
            if fresh and math.exp(said.log_probability) >= holes.SURE:
                found[hole.word] = replace(said, text=fresh)
        text = replace(text, twice=holes.number_twice(words, part.audio))
        made = holes.filled(words, {n: said.text for n, said in found.items()})
        loops = gate.loops(made) or (coverage.repeats(made) and not coverage.repeats(text.text))
        if not found or loops:
            return text
        ids = tuple(self._tokenizer(part.language).encode(f" {made}"))
        sure = together([text, *found.values()]).log_probability
        return replace(text, text=made, ids=ids, tokens=len(ids), log_probability=sure)

    def with_terms(self, text: Text, part: Part, encoded: Any) -> Text:
        """Prefer names and terms to words that sound like them, where the audio allows it."""
        found = terms.places(text.text, part.terms)
        if not found:
            return text
        # its own tokens: another tokenization of the same words may be far less likely
        least = self._likelihood(text.ids, part, encoded) - terms.MARGIN
        encode = self._tokenizer(part.language).encode
        likely = []
        for place in found:
            with_term = encode(" " + place.in_place(text.text))
            if (likelihood := self._likelihood(with_term, part, encoded)) >= least:
                likely.append((likelihood, place))
        return replace(text, text=terms.put(text.text, likely))

    def _likelihood(self, tokens: Sequence[int], part: Part, encoded: Any) -> float:
        """Return the log-probability of a text for this audio."""
        (found,) = self._align([tokens], [part], encoded)
        return float(np.log(np.maximum(found.text_token_probs, LEAST_PROBABILITY)).sum())

    def _align(
        self, tokens: Sequence[Sequence[int]], parts: Sequence[Part], encoded: Any
    ) -> Sequence[Any]:
        starts = {p.language: list(self._tokenizer(p.language).sot_sequence) for p in parts}
        texts = [list(each) for each in tokens]
        # without the silence after the speech, which no word may be put into
        frames = [min(part.frames, len(part.audio) * MEL_RATE // HEARING_RATE) for part in parts]
        try:
            aligned = {
                language: self._model.model.align(encoded, start, texts, frames)
                for language, start in starts.items()
            }
        except (RuntimeError, ValueError) as exc:
            raise EngineError(f"the recognizer failed: {exc}") from exc
        return [aligned[part.language][n] for n, part in enumerate(parts)]
