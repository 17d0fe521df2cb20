"""Sentences from the n-gram model; pocketsphinx, which has it, is there when models are trained."""

from collections import Counter

import numpy as np
import pytest

pytest.importorskip("pocketsphinx")

from scripts.starter.general_text import GeneralText

WORDS = ["<s>", "</s>", "and", "old", "plan", "the", "we"]
FOLLOWING = {"<s>": {"the": 0.75, "we": 0.25}, "the": {"old": 0.5, "plan": 0.5}}
FOLLOWING |= {"old": {"plan": 1.0}, "plan": {"</s>": 0.5, "and": 0.5}}
FOLLOWING |= {"and": {"we": 1.0}, "we": {"plan": 1.0}}


@pytest.fixture
def text(tmp_path):
    rows = [FOLLOWING.get(word, {}) for word in WORDS]
    np.savez(
        tmp_path / "bigrams.npz",
        words=np.array(WORDS),
        start=np.cumsum([0, *map(len, rows)]),
        following=np.array([WORDS.index(w) for row in rows for w in row], dtype=np.int32),
        weight=np.array([p for row in rows for p in row.values()], dtype=np.float32),
        unigram=np.array([0, 0, 0.2, 0.2, 0.2, 0.2, 0.2]),
    )
    return GeneralText(tmp_path, seed=3, spelt=5)


def test_a_seed_gives_the_same_sentences(text):
    first = [text.sentence() for _ in range(50)]
    text.reseed(3)
    assert [text.sentence() for _ in range(50)] == first


def test_first_words_are_as_frequent_as_in_the_table(text):
    first = Counter(text._next([0]) for _ in range(4000))
    assert first[WORDS.index("the")] / 4000 == pytest.approx(0.75, abs=0.03)
    assert first.total() == first[WORDS.index("the")] + first[WORDS.index("we")]


def test_a_word_follows_only_where_the_table_has_it(text):
    drawn = Counter(text._next([0, WORDS.index("the")]) for _ in range(4000))
    rest = 4000 - drawn[WORDS.index("old")] - drawn[WORDS.index("plan")]
    assert 0 < rest < 0.1 * 4000  # the share of rare words
    assert min(drawn[WORDS.index("old")], drawn[WORDS.index("plan")]) > 0
