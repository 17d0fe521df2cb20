"""Batches for the interviewer: documents and exercises made on the spot, as tokens with what is to
be learnt.

Exercises of a kind have the same long head. So a row holds the head once, and after it many
requests that see the head and not each other, as in an engine that keeps the head.
"""

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from torch import Tensor

from scripts.starter.chat_net import Layout
from scripts.starter.dialogues import Document, document
from scripts.starter.exercises import MAKERS, Exercise, exercise
from scripts.starter.terms import Terms

SPECIAL = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
POOL = 192  # documents drawn at once and sorted by length, so that little of a batch is padding
LATER = {
    "copying": 0.06,
    "topics": 0.14,
    "asking": 0.14,
    "assessment": 0.16,
    "medium": 0.32,
    "full": 0.18,
}
PHASES = (
    (0.2, {"short": 1.0}),
    (0.5, {"copying": 0.07, "topics": 0.1, "asking": 0.1, "assessment": 0.13, "medium": 0.6}),
    (1.0, LATER),
)
"""Until this share of the training, documents of these kinds in these shares."""
EXERCISES = (
    (
        1.0,
        {
            "note": 0.3,
            "ask": 0.2,
            "answer": 0.06,
            "weigh": 0.26,
            "copying": 0.02,
            "topics": 0.04,
            "asking": 0.03,
            "assessment": 0.03,
            "medium": 0.04,
            "full": 0.02,
        },
    ),
)
"""The same for the training in small tasks, of which some documents keep what was learnt before."""
ROW = 1024
"""Tokens of a row of exercises."""


@dataclass(frozen=True, slots=True)
class Batch:
    ids: Tensor
    """[rows, tokens]"""
    wanted: Tensor
    """[rows, tokens]: what of them is to be learnt."""
    layout: Layout | None = None
    """None: each row is a text."""


def new_tokenizer(texts: Sequence[str], size: int) -> Tokenizer:
    """A byte-level BPE that llama.cpp splits as "gpt-2" does."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=size,
        special_tokens=SPECIAL,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        min_frequency=3,
        max_token_length=12,
    )
    tokenizer.train_from_iterator(texts, trainer)
    return tokenizer


def pieces(tokenizer: Tokenizer) -> list[str]:
    """The tokens that are letters, in a stable order."""
    words = {token.replace("\u0120", "") for token in tokenizer.get_vocab()}
    return sorted(word for word in words if re.fullmatch("[A-Za-z]{2,9}", word))


def encoded(tokenizer: Tokenizer, spoken: Document) -> tuple[list[int], list[bool]]:
    """ChatML ids, and which are the assistant's own."""
    begin, end = (tokenizer.token_to_id(token) for token in SPECIAL[1:])
    ids: list[int] = []
    wanted: list[bool] = []
    for role, text in spoken:
        head = tokenizer.encode(f"{role}\n", add_special_tokens=False).ids
        both = tokenizer.encode(f"{role}\n{text}", add_special_tokens=False).ids
        body = both[len(head) :]
        line = tokenizer.encode("\n", add_special_tokens=False).ids
        ids += [begin, *both, end, *line]
        mine = role == "assistant"
        wanted += [False] * (1 + len(both) - len(body)) + [mine] * (len(body) + 1)
        wanted += [False] * len(line)
    return ids, wanted


Row = tuple[list[int], list[bool], list[int]]
"""Ids, which of them are to be learnt, and the number of the request that each belongs to: 0 in the
head."""


def requested(tokenizer: Tokenizer, given: Exercise) -> tuple[list[int], list[bool]]:
    """Ids of a request with its answer. To be learnt are the tokens at which the choices part: an
    engine asks for no others."""
    spoken = [(given.asked.role, given.asked.content), ("assistant", given.wanted)]
    ids, mine = encoded(tokenizer, spoken)
    end = tokenizer.token_to_id(SPECIAL[2])
    others = [
        [*tokenizer.encode(each, add_special_tokens=False).ids, end] for each in given.choices
    ]
    first = mine.index(True)
    for at, token in enumerate(ids[first : first + sum(mine)]):
        mine[first + at] = len({each[at] for each in others}) > 1
        others = [each for each in others if each[at] == token]
    return ids, mine


def exercises_row(tokenizer: Tokenizer, terms: Terms, kind: str) -> Row:
    """One head and as many requests as there is room for."""
    first = exercise(terms, kind)
    ids, _ = encoded(tokenizer, [(each.role, each.content) for each in first.head])
    wanted, numbers = [False] * len(ids), [0] * len(ids)
    given, number = first, 1
    while True:
        more, mine = requested(tokenizer, given)
        if number > 1 and len(ids) + len(more) > ROW:
            return ids, wanted, numbers
        ids += more
        wanted += mine
        numbers += [number] * len(more)
        given, number = exercise(terms, kind), number + 1


class ChatBatches:
    """An endless stream of batches of at most so many tokens, padding included."""

    def __init__(
        self,
        tokenizer: Tokenizer,
        lines: Sequence[str],
        tokens: int,
        seed: int,
        phases: Sequence[tuple[float, dict[str, float]]] = PHASES,
    ) -> None:
        self._tokenizer, self._tokens, self._phases = tokenizer, tokens, phases
        self._random = random.Random(seed)
        self._terms = Terms(self._random, lines, pieces(tokenizer))
        self._ready: list[Batch] = []

    def next(self, progress: float) -> Batch:
        """The next batch; progress is 0..1."""
        while not self._ready:
            self._ready = self._drawn(progress)
        return self._ready.pop()

    def _drawn(self, progress: float) -> list[Batch]:
        shares = next(shares for until, shares in self._phases if progress <= until)
        kinds = self._random.choices(list(shares), list(shares.values()), k=POOL)
        rows = [self._row(kind) for kind in kinds]
        rows = [row for row in rows if len(row[0]) <= 2048]
        alike = [row for row in rows if not row[2]], [row for row in rows if row[2]]
        batches = [batch for each in alike for batch in self._parted(each)]
        self._random.shuffle(batches)
        return [padded(batch) for batch in batches]

    def _row(self, kind: str) -> Row:
        if kind in MAKERS:
            return exercises_row(self._tokenizer, self._terms, kind)
        return (*encoded(self._tokenizer, document(self._terms, kind)), [])

    def _parted(self, rows: list[Row]) -> list[list[Row]]:
        """Batches of rows of like length."""
        rows.sort(key=lambda row: len(row[0]))
        batches: list[list[Row]] = [[]]
        for row in rows:
            if len(row[0]) * (len(batches[-1]) + 1) > self._tokens:
                batches.append([])
            batches[-1].append(row)
        return [batch for batch in batches if batch]


def padded(rows: Sequence[Row]) -> Batch:
    """Rows that are all documents, or all exercises, as one batch."""
    longest = max(len(ids) for ids, _, _ in rows)
    ids = torch.zeros(len(rows), longest, dtype=torch.long)
    wanted = torch.zeros(len(rows), longest, dtype=torch.bool)
    number = torch.full((len(rows), longest), -1)  # what fills a row belongs to no request
    for n, (tokens, mine, numbers) in enumerate(rows):
        ids[n, : len(tokens)] = torch.tensor(tokens)
        wanted[n, : len(tokens)] = torch.tensor(mine)
        number[n, : len(numbers)] = torch.tensor(numbers, dtype=torch.long)
    return Batch(ids, wanted, laid_out(number) if rows[0][2] else None)


def laid_out(number: Tensor) -> Layout:
    """The layout of rows whose tokens belong to the requests of these numbers: each goes on where
    the head ended, and sees it and itself."""
    at = torch.arange(number.shape[1]).expand_as(number)
    head = (number == 0).sum(1, keepdim=True)
    begins = torch.where(number == number.roll(1, 1), 0, at).cummax(1).values
    places = torch.where(number == 0, at, head + at - begins)
    seen = (number[:, None, :] == 0) | (number[:, None, :] == number[:, :, None])
    before = torch.ones(number.shape[1], number.shape[1], dtype=torch.bool).tril()
    return Layout(places, (seen & before)[:, None])
