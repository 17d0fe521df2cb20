"""Batches for the interviewer: documents made on the spot, as tokens with what is to be learnt."""

import random
import re
from collections.abc import Sequence

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from torch import Tensor

from scripts.starter.dialogues import Document, document
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


class ChatBatches:
    """An endless stream of batches of at most so many tokens, padding included."""

    def __init__(self, tokenizer: Tokenizer, lines: Sequence[str], tokens: int, seed: int) -> None:
        self._tokenizer, self._tokens = tokenizer, tokens
        self._random = random.Random(seed)
        self._terms = Terms(self._random, lines, pieces(tokenizer))
        self._ready: list[tuple[Tensor, Tensor]] = []

    def next(self, progress: float) -> tuple[Tensor, Tensor]:
        """[batch, tokens] ids and what of them is to be learnt; progress is 0..1."""
        while not self._ready:
            self._ready = self._drawn(progress)
        return self._ready.pop()

    def _drawn(self, progress: float) -> list[tuple[Tensor, Tensor]]:
        shares = next(shares for until, shares in PHASES if progress <= until)
        kinds = self._random.choices(list(shares), list(shares.values()), k=POOL)
        documents = [encoded(self._tokenizer, document(self._terms, kind)) for kind in kinds]
        documents = [pair for pair in documents if len(pair[0]) <= 2048]
        documents.sort(key=lambda pair: len(pair[0]))
        batches: list[list[tuple[list[int], list[bool]]]] = [[]]
        for pair in documents:
            if len(pair[0]) * (len(batches[-1]) + 1) > self._tokens:
                batches.append([])
            batches[-1].append(pair)
        self._random.shuffle(batches)
        return [self._padded(batch) for batch in batches if batch]

    def _padded(self, batch: list[tuple[list[int], list[bool]]]) -> tuple[Tensor, Tensor]:
        longest = max(len(ids) for ids, _ in batch)
        ids = torch.zeros(len(batch), longest, dtype=torch.long)
        wanted = torch.zeros(len(batch), longest, dtype=torch.bool)
        for row, (tokens, mine) in enumerate(batch):
            ids[row, : len(tokens)] = torch.tensor(tokens)
            wanted[row, : len(tokens)] = torch.tensor(mine)
        return ids, wanted
