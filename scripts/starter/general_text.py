"""Conversational English without a corpus: sentences drawn from the n-gram model of pocketsphinx.

Bigrams propose the next word, trigrams choose among the proposals. That is fluent over three or
four words and nonsense beyond, which is what a recognizer's ear needs: common phrases and a
vocabulary of tens of thousands of words. The model holds rough language; it is filtered here.
"""

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pocketsphinx

from scripts.starter.arpa import successors
from scripts.starter.language import is_clean, written

WORD = re.compile(r"[a-z]{2,}(?:'[a-z]{1,2})?|[ai]|i'(?:m|ve|ll|d)")
PROPOSALS = 16  # bigram draws among which the trigram chooses
RARE_WORDS = 0.06  # share of words drawn from the flattened vocabulary instead
SPELT = 12_000  # most frequent words, whose spelling is learnt from lists
SHORTEST, LONGEST = 3, 16  # words a sentence

_DUMP = """
import sys, pocketsphinx as ps
ps.NGramModel(ps.Config(), ps.LogMath(), sys.argv[1]).write(sys.argv[2], 1)
"""


class Bigrams:
    """Successors of every word with their probabilities, read once from the language model."""

    def __init__(self, folder: Path, spelt: int) -> None:
        table = folder / "bigrams.npz"
        if not table.exists():
            folder.mkdir(parents=True, exist_ok=True)
            _write_table(folder / "en.arpa", table)
        loaded = np.load(table)
        self.words: list[str] = loaded["words"].tolist()
        self.start, self.following, self.weight = (
            loaded["start"],
            loaded["following"],
            loaded["weight"],
        )
        self.summed = np.concatenate([[0.0], np.cumsum(self.weight, dtype=np.float64)])
        self.rare = _flattened(loaded["unigram"])
        frequent = np.sort(loaded["unigram"])[-spelt]
        self.spelt = _flattened(np.where(loaded["unigram"] >= frequent, loaded["unigram"], 0))


def _flattened(probabilities: np.ndarray) -> np.ndarray:
    """Summed up, with a frequent word drawn ten times as often as one a hundredth as frequent."""
    flat = probabilities**0.5
    return np.cumsum(flat / flat.sum())


def _language_model() -> str:
    return pocketsphinx.get_model_path("en-us/en-us.lm.bin")


def _write_table(arpa: Path, table: Path) -> None:
    """Dump the binary model as text to learn which bigrams it has, and ask it for their weights.

    pocketsphinx 5.1 leaves words out of the unigrams that it writes, dies on the trigrams of its
    own model, when it has written a part of the bigrams again, and writes logarithms in a wrong
    unit; hence the subprocess, and nothing but the words of the bigrams is read back.
    """
    subprocess.run([sys.executable, "-c", _DUMP, _language_model(), str(arpa)], check=False)
    with arpa.open(encoding="utf-8", errors="replace") as lines:
        pairs = successors(lines)
    probability = Probabilities()
    known = set(pairs).union(*pairs.values())
    words = ["<s>", "</s>", *sorted(w for w in known if WORD.fullmatch(w) and is_clean(w))]
    index = {word: i for i, word in enumerate(words)}
    start, following, weight = [0], [], []
    for word in words:
        for other in sorted(pairs.get(word, ())):
            if other in index and other != "<s>":
                following.append(index[other])
                weight.append(probability(other, word))
        start.append(len(following))
    np.savez(
        table,
        words=np.array(words),
        start=np.array(start),
        following=np.array(following, dtype=np.int32),
        weight=np.array(weight, dtype=np.float32),
        unigram=np.array([0.0, 0.0, *(probability(word) for word in words[2:])]),
    )


class Probabilities:
    """What the language model thinks of a word after up to two others, latest first."""

    def __init__(self) -> None:
        self._logs = pocketsphinx.LogMath()
        self._model = pocketsphinx.NGramModel(pocketsphinx.Config(), self._logs, _language_model())

    def __call__(self, word: str, *before: str) -> float:
        return float(self._logs.exp(self._model.prob([word, *before])))


class GeneralText:
    """An endless source of general sentences, the same for the same seed."""

    def __init__(self, folder: Path, seed: int, spelt: int = SPELT) -> None:
        self._grams = Bigrams(folder, spelt)
        self._random = np.random.default_rng(seed)
        self._probability = Probabilities()

    def reseed(self, seed: int) -> None:
        """Start over as if made with this seed; loading the model again would take seconds."""
        self._random = np.random.default_rng(seed)

    def sentence(self) -> str:
        """One clean, written sentence of 3 to 16 words."""
        while True:
            words = self._walk()
            if SHORTEST <= len(words) and is_clean(text := written(words)):
                return text

    def word_list(self) -> str:
        """Three to nine words of any frequency, as often as not with commas: spelling without
        context."""
        count = int(self._random.integers(3, 10))
        draws = np.searchsorted(self._grams.spelt, self._random.random(count))
        text = written([self._grams.words[draw] for draw in draws])
        if self._random.random() < 0.5:
            return text
        return ", ".join(text[:-1].replace(",", "").split()) + "."

    def _walk(self) -> list[str]:
        grams, history, out = self._grams, [0], []
        while len(out) < LONGEST:
            following = self._next(history)
            if following == 1:
                return out
            history.append(following)
            out.append(grams.words[following])
        return []  # cut off in the middle of a phrase: not a sentence

    def _next(self, history: list[int]) -> int:
        grams, last = self._grams, history[-1]
        low, high = grams.start[last], grams.start[last + 1]
        if high - low == 0 or (len(history) > 1 and self._random.random() < RARE_WORDS):
            return int(np.searchsorted(grams.rare, self._random.random()))
        draws = low + self._drawn(grams.summed[low : high + 1], PROPOSALS)
        if len(history) < 2:
            return int(grams.following[draws[0]])
        before = [grams.words[last], grams.words[history[-2]]]
        ratio = {
            draw: self._probability(grams.words[grams.following[draw]], *before)
            / max(grams.weight[draw], 1e-12)
            for draw in set(draws.tolist())
        }
        summed = np.cumsum([0.0, *(ratio[draw] for draw in draws.tolist())])
        return int(grams.following[draws[self._drawn(summed, 1)[0]]])

    def _drawn(self, summed: np.ndarray, count: int) -> np.ndarray:
        """Positions drawn by their weights, which are given summed up with what is before them."""
        first, last = summed[0], summed[-1]
        return np.searchsorted(summed[1:], first + self._random.random(count) * (last - first))
