"""An exported model (`chat_export.py`) as what a training begins with: weights and tokenizer."""

from pathlib import Path

import gguf
import numpy as np
import torch
from gguf import quants
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from torch import Tensor

from scripts.starter.chat_batches import SPECIAL
from scripts.starter.chat_net import Shape

NAMES = {
    "n1.w": "attn_norm.weight",
    "q.weight": "attn_q.weight",
    "q.bias": "attn_q.bias",
    "k.weight": "attn_k.weight",
    "k.bias": "attn_k.bias",
    "v.weight": "attn_v.weight",
    "o.weight": "attn_output.weight",
    "n2.w": "ffn_norm.weight",
    "g.weight": "ffn_gate.weight",
    "u.weight": "ffn_up.weight",
    "dn.weight": "ffn_down.weight",
}
"""Of a layer: the network's name -> the name in the file."""
OUTER = {"token_embd.weight": "emb.weight", "output_norm.weight": "norm.w"}


def weights_of(path: Path) -> dict[str, Tensor]:
    """The weights by the names that the network has for them. What quantizing took is lost."""
    names = dict(OUTER)
    for layer in range(Shape().layers):
        names |= {
            f"blk.{layer}.{theirs}": f"blocks.{layer}.{ours}" for ours, theirs in NAMES.items()
        }
    return {
        names[each.name]: torch.from_numpy(
            np.array(quants.dequantize(each.data, each.tensor_type), dtype=np.float32)
        )
        for each in gguf.GGUFReader(path).tensors
    }


def tokenizer_of(path: Path) -> Tokenizer:
    """The tokenizer that the model was trained with."""
    fields = gguf.GGUFReader(path).fields
    tokens: list[str] = fields["tokenizer.ggml.tokens"].contents()
    merges = [tuple(each.split(" ")) for each in fields["tokenizer.ggml.merges"].contents()]
    tokenizer = Tokenizer(models.BPE({token: n for n, token in enumerate(tokens)}, merges))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens(SPECIAL)
    return tokenizer
