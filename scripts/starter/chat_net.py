"""The interviewer as a network to train: small, llama architecture, with biases on q and k.

It starts with structure instead of noise: its first layer looks one, two and three tokens back and
its second finds where the last tokens stood before and repeats what followed them. Copying, which
is most of an interviewer's work, then need not be discovered; training only refines it.
"""

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn


@dataclass(frozen=True, slots=True)
class Shape:
    vocabulary: int = 4096
    width: int = 256
    layers: int = 5
    heads: int = 4
    inner: int = 704
    context: int = 2048
    rope_base: float = 500_000.0
    epsilon: float = 1e-5

    @property
    def head(self) -> int:
        return self.width // self.heads


@dataclass(frozen=True, slots=True)
class Layout:
    """How the rows of a batch are read that are not plain texts: several ends that one beginning
    has, one after the other (`chat_batches.py`)."""

    places: Tensor
    """[batch, tokens]: position of each token in its text."""
    seen: Tensor
    """[batch, 1, tokens, tokens]: whether a token sees another one."""


class Norm(nn.Module):
    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.w, self._epsilon = nn.Parameter(torch.ones(shape.width)), shape.epsilon

    def forward(self, x: Tensor) -> Tensor:
        return F.rms_norm(x, (x.shape[-1],), self.w, self._epsilon)


class Block(nn.Module):
    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self._shape = shape
        self.n1, self.n2 = Norm(shape), Norm(shape)
        self.q, self.k = nn.Linear(shape.width, shape.width), nn.Linear(shape.width, shape.width)
        self.v = nn.Linear(shape.width, shape.width, bias=False)
        self.o = nn.Linear(shape.width, shape.width, bias=False)
        self.g = nn.Linear(shape.width, shape.inner, bias=False)
        self.u = nn.Linear(shape.width, shape.inner, bias=False)
        self.dn = nn.Linear(shape.inner, shape.width, bias=False)
        for layer in (self.q, self.k, self.v, self.g, self.u):
            nn.init.normal_(layer.weight, std=0.5 / math.sqrt(shape.width))
        for layer in (self.o, self.dn):
            nn.init.zeros_(layer.weight)
        nn.init.zeros_(self.q.bias)
        nn.init.zeros_(self.k.bias)

    def attend(self, x: Tensor, cos: Tensor, sin: Tensor, seen: Tensor | None) -> Tensor:
        """What the attention finds, before its output projection; without `seen`, in all that is
        before."""
        inner = self.n1(x)

        def heads(projected: Tensor) -> Tensor:
            return projected.unflatten(-1, (self._shape.heads, -1)).transpose(1, 2)

        found = F.scaled_dot_product_attention(
            rotated(heads(self.q(inner)), cos, sin),
            rotated(heads(self.k(inner)), cos, sin),
            heads(self.v(inner)),
            attn_mask=seen,
            is_causal=seen is None,
        )
        return found.transpose(1, 2).flatten(2)

    def think(self, x: Tensor) -> Tensor:
        inner = self.n2(x)
        return x + self.dn(F.silu(self.g(inner)) * self.u(inner))

    def forward(self, x: Tensor, cos: Tensor, sin: Tensor, seen: Tensor | None) -> Tensor:
        return self.think(x + self.o(self.attend(x, cos, sin, seen)))


def rotated(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """Rotary positions on neighbouring pairs, as llama.cpp has them."""
    a, b = x.unflatten(-1, (-1, 2)).unbind(-1)
    return torch.stack((a * cos - b * sin, a * sin + b * cos), -1).flatten(-2)


class Chat(nn.Module):
    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        self.emb = nn.Embedding(shape.vocabulary, shape.width)
        nn.init.normal_(self.emb.weight, std=1 / math.sqrt(shape.width))
        self.blocks = nn.ModuleList(Block(shape) for _ in range(shape.layers))
        self.norm = Norm(shape)
        self.rates = shape.rope_base ** (-torch.arange(0, shape.head, 2).float() / shape.head)
        angle = torch.outer(torch.arange(shape.context).float(), self.rates)
        self.register_buffer("cos", angle.cos(), persistent=False)
        self.register_buffer("sin", angle.sin(), persistent=False)
        structure(self)

    def forward(self, ids: Tensor, wanted: Tensor, layout: Layout | None = None) -> Tensor:
        """Logits of the tokens that `wanted` marks, each from the position before it.

        Only those go through the last layer's second half and the vocabulary.
        """
        x = self.emb(ids)
        if layout is None:
            cos, sin, seen = self.cos[: ids.shape[1]], self.sin[: ids.shape[1]], None
        else:
            cos, sin = (table[layout.places].unsqueeze(1) for table in (self.cos, self.sin))
            seen = layout.seen
        for block in self.blocks[:-1]:
            x = block(x, cos, sin, seen)
        last = self.blocks[-1]
        before = torch.zeros_like(wanted)
        before[:, :-1] = wanted[:, 1:]
        x = x[before] + last.o(last.attend(x, cos, sin, seen)[before])
        return F.linear(self.norm(last.think(x)), self.emb.weight)


@torch.no_grad()
def structure(model: Chat) -> None:
    """Give the first two layers their start; the others begin as noise that adds nothing."""
    width, head = model.shape.width, model.shape.head
    directions = torch.linalg.qr(torch.randn(width, width))[0]
    code = torch.linalg.qr(torch.randn(width, head))[0].T  # token -> a few numbers
    first, second = model.blocks[0], model.blocks[1]
    for back in range(3):
        rows = slice(back * head, (back + 1) * head)
        _look_back(first, back, head, model.rates)
        first.v.weight[rows] = code * 0.5
        first.o.weight[:, rows] = directions[:, rows] * 0.25
    one, two = directions[:, :head].T, directions[:, head : 2 * head].T
    matches = [([code], [one]), ([code, one], [one, two]), ([code, one], [one, two])]
    for number, (asking, offered) in enumerate(matches):
        rows = slice(number * head, (number + 1) * head)
        _match(second, rows, asking, offered)
        values = torch.linalg.qr(torch.randn(width, head))[0].T
        second.v.weight[rows] = values * 0.6
        second.o.weight[:, rows] = values.T * 0.6


def _look_back(block: Block, back: int, head: int, rates: Tensor) -> None:
    """A head whose bias prefers the token `back` + 1 places before, through the fast rotations."""
    rows = slice(back * head, (back + 1) * head)
    block.q.weight[rows] *= 0.1
    block.k.weight[rows] *= 0.1
    for pair in range(8):
        strength = 8.0 * (1.0 if pair < 4 else 0.7)
        phase = (back + 1) * rates[pair]
        place = back * head + 2 * pair
        block.q.bias[place] = strength / 2
        block.k.bias[place] = strength / 2 * torch.cos(phase)
        block.k.bias[place + 1] = strength / 2 * torch.sin(phase)


def _match(block: Block, rows: slice, asking: list[Tensor], offered: list[Tensor]) -> None:
    """A head that finds the place whose predecessors are the present tokens.

    The comparison lives in the slow rotations, which hardly depend on the distance.
    """
    slow, head = 24, rows.stop - rows.start
    block.q.weight[rows] *= 0.1
    block.k.weight[rows] *= 0.1
    share = (head - slow) // len(asking)
    gain = 2.4 if len(asking) == 1 else 3.0
    for i, (ask, offer) in enumerate(zip(asking, offered, strict=True)):
        chosen = torch.randperm(head)[:share]
        begin = rows.start + slow + i * share
        block.q.weight[begin : begin + share] = ask[chosen] * gain * (1.0 if i == 0 else 0.6)
        block.k.weight[begin : begin + share] = offer[chosen] * gain * 0.6
