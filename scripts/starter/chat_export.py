"""Trained weights as a GGUF that llama.cpp loads.

    python -m scripts.starter.chat_export build/starter/interviewer \\
        models/starter/interviewer/starter-interviewer-q8_0.gguf

With --blend the weights lie between those of that model and the trained ones, --share of the way:
what was trained further keeps then what it could before (Wortsman et al., "Robust fine-tuning of
zero-shot models", 2022).
"""

import argparse
import json
from pathlib import Path

import gguf
import numpy as np
import torch
from gguf import quants
from torch import Tensor

from scripts.starter.chat_batches import SPECIAL
from scripts.starter.chat_init import NAMES, weights_of
from scripts.starter.chat_net import Shape

TEMPLATE = (
    "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] "
    "+ '<|im_end|>' + '\\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}"
)
TYPES = {
    "q8_0": (gguf.GGMLQuantizationType.Q8_0, gguf.LlamaFileType.MOSTLY_Q8_0),
    "f16": (gguf.GGMLQuantizationType.F16, gguf.LlamaFileType.MOSTLY_F16),
}


def write_shape(writer: gguf.GGUFWriter, shape: Shape) -> None:
    writer.add_name("vivavoce starter interviewer")
    writer.add_type("model")
    writer.add_description("Starter interviewer, trained from nothing on generated dialogues")
    writer.add_license("GPL-3.0-or-later")
    writer.add_languages(["en"])
    writer.add_context_length(shape.context)
    writer.add_embedding_length(shape.width)
    writer.add_block_count(shape.layers)
    writer.add_feed_forward_length(shape.inner)
    writer.add_head_count(shape.heads)
    writer.add_head_count_kv(shape.heads)
    writer.add_rope_dimension_count(shape.head)
    writer.add_rope_freq_base(shape.rope_base)
    writer.add_layer_norm_rms_eps(shape.epsilon)
    writer.add_vocab_size(shape.vocabulary)


def write_tokenizer(writer: gguf.GGUFWriter, path: Path) -> None:
    given = json.loads(path.read_text(encoding="utf-8"))
    ids: dict[str, int] = given["model"]["vocab"]
    tokens = sorted(ids, key=ids.__getitem__)
    kinds = gguf.TokenType
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("gpt-2")
    writer.add_token_list(tokens)
    writer.add_token_types([int(kinds.CONTROL if t in SPECIAL else kinds.NORMAL) for t in tokens])
    merges = given["model"]["merges"]
    writer.add_token_merges([m if isinstance(m, str) else " ".join(m) for m in merges])
    writer.add_bos_token_id(ids["<|im_start|>"])
    writer.add_eos_token_id(ids["<|im_end|>"])
    writer.add_eot_token_id(ids["<|im_end|>"])
    writer.add_pad_token_id(ids["<|endoftext|>"])
    writer.add_add_bos_token(False)
    writer.add_add_eos_token(False)
    writer.add_add_space_prefix(False)
    writer.add_chat_template(TEMPLATE)


def write_tensor(
    writer: gguf.GGUFWriter, name: str, tensor: Tensor, kind: gguf.GGMLQuantizationType
) -> None:
    """Vectors as they are, matrices quantized."""
    values = tensor.float().numpy()
    if values.ndim == 1:
        writer.add_tensor(name, values.astype(np.float32))
    else:
        writer.add_tensor(name, quants.quantize(values, kind), raw_dtype=kind)


def blended(theirs: dict[str, Tensor], ours: dict[str, Tensor], share: float) -> dict[str, Tensor]:
    """The weights at `share` of the way from theirs to ours, from 0 to 1."""
    return {name: torch.lerp(theirs[name], ours[name].float(), share) for name in ours}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="of last.pt and tokenizer.json")
    parser.add_argument("out", type=Path)
    parser.add_argument("--type", choices=TYPES, default="q8_0")
    parser.add_argument("--blend", type=Path, help="a GGUF that these weights are blended with")
    parser.add_argument("--share", type=float, default=0.4, help="of these weights in the blend")
    args = parser.parse_args()
    kind, file_type = TYPES[args.type]
    weights = torch.load(args.folder / "last.pt", map_location="cpu")["model"]
    if args.blend:
        weights = blended(weights_of(args.blend), weights, args.share)
    writer = gguf.GGUFWriter(str(args.out), "llama")
    write_shape(writer, Shape())
    writer.add_file_type(file_type)
    write_tokenizer(writer, args.folder / "tokenizer.json")
    write_tensor(writer, "token_embd.weight", weights["emb.weight"], kind)
    write_tensor(writer, "output_norm.weight", weights["norm.w"], kind)
    for layer in range(Shape().layers):
        for ours, theirs in NAMES.items():
            write_tensor(writer, f"blk.{layer}.{theirs}", weights[f"blocks.{layer}.{ours}"], kind)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    print(f"{args.out}: {args.out.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
