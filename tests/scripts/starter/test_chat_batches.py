"""Batches of the interviewer's training, and the shipped weights as what a training begins with."""

import random
from pathlib import Path

import pytest

pytest.importorskip("torch")  # which is there when models are trained

import torch

from scripts.starter.chat_batches import EXERCISES, ChatBatches, exercises_row, padded, pieces
from scripts.starter.chat_init import tokenizer_of, weights_of
from scripts.starter.chat_net import Chat, Shape
from scripts.starter.terms import Terms

SHIPPED = Path("models/starter/interviewer/starter-interviewer-q8_0.gguf")
LINES = ["We talked about the old garden and the weather.", "My brother repaired it."] * 20
TEXT = "<|im_start|>user\nI sold the old printer, didn't I?<|im_end|>\n<|im_start|>assistant\nI see"


@pytest.fixture(scope="module")
def tokenizer():
    return tokenizer_of(SHIPPED)


@pytest.fixture(scope="module")
def model():
    made = Chat(Shape())
    made.load_state_dict(weights_of(SHIPPED))
    return made


def test_shipped_weights_say_the_same_in_the_network(model, tokenizer):
    from llama_cpp import Llama

    llama = Llama(str(SHIPPED), n_ctx=128, n_threads=1, logits_all=True, verbose=False)
    tokens = llama.tokenize(TEXT.encode(), add_bos=False, special=True)
    assert tokenizer.encode(TEXT).ids == tokens
    llama.eval(tokens)
    wanted = torch.zeros(1, len(tokens), dtype=torch.bool)
    wanted[0, -1] = True
    with torch.no_grad():
        ours = model(torch.tensor([tokens]), wanted)[0]
    assert (ours - torch.tensor(llama.scores[len(tokens) - 2])).abs().max() < 0.5


@pytest.mark.parametrize("kind", ["note", "weigh"])
def test_a_request_in_a_row_of_many_is_read_as_if_it_stood_alone(model, tokenizer, kind):
    terms = Terms(random.Random(2), LINES, pieces(tokenizer))
    ids, wanted, numbers = exercises_row(tokenizer, terms, kind)
    batch, last = padded([(ids, wanted, numbers)]), max(numbers)
    alone = [n for n, number in enumerate(numbers) if number in (0, last)]
    kept = [torch.tensor([[values[n] for n in alone]]) for values in (ids, wanted)]
    with torch.no_grad():
        whole = model(batch.ids, batch.wanted, batch.layout)
        one = model(*kept)
    assert last > 5
    assert torch.allclose(whole[-len(one) :], one, atol=1e-3)


def test_only_what_tells_the_choices_apart_is_learnt(tokenizer):
    terms = Terms(random.Random(2), LINES, pieces(tokenizer))
    _, wanted, numbers = exercises_row(tokenizer, terms, "weigh")
    assert sum(wanted) == max(numbers)


def test_batches_hold_documents_or_exercises_and_no_more_tokens_than_they_may(tokenizer):
    batches = ChatBatches(tokenizer, LINES, 3000, 1, EXERCISES)
    drawn = [batches.next(0.5) for _ in range(12)]
    assert {each.layout is None for each in drawn} == {True, False}
    assert all(each.ids.numel() <= 3000 and each.wanted.any() for each in drawn)
