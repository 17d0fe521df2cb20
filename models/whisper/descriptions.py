"""Tell sounds from words by what Whisper itself writes of them: "(laughs)", "[cough]".

It learned that from captions, and it is usually kept from writing any. In a look at voice over a
reply it may, and how likely it is to begin one says whether there are words at all.
"""

from typing import Any

import ctranslate2
import numpy as np
from faster_whisper.tokenizer import Tokenizer

# docs/decisions/080-sounds-described.md: measured with two recognizers
BEGINS = "([*"
"""Characters with which a description begins."""


class Descriptions:
    """The options with which a model may describe sounds, and the probability that it does."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        decode = tokenizer.tokenizer.decode
        symbols = tokenizer.non_speech_tokens
        self._begin = [t for t in symbols if decode([t]).strip()[:1] in tuple(BEGINS)]
        control = (
            tokenizer.transcribe,
            tokenizer.translate,
            tokenizer.sot,
            tokenizer.sot_prev,
            tokenizer.sot_lm,
            tokenizer.no_speech,
        )
        never = {*symbols, *control} - {None, *self._begin}
        self.options: dict[str, Any] = {
            "suppress_tokens": sorted(never),
            "return_logits_vocab": True,
        }

    def probability(self, result: Any) -> float:
        """Return the probability that the text begins with a description."""
        first = result.logits[0][0].to_device(ctranslate2.Device.cpu)
        logits = np.asarray(first.to(ctranslate2.DataType.float32)).ravel()
        odds = np.exp(logits - logits.max())
        return float(odds[self._begin].sum() / odds.sum())
