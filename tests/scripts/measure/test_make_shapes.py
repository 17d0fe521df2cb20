"""Noise in a model's shape is a model to the engines, and as large as the real one."""

from pathlib import Path

import numpy as np
import pytest
from gguf import GGMLQuantizationType as Q
from gguf.quants import dequantize

from models import manifest
from models.contracts import Message
from models.llama.llm import LlamaLlm, LlamaSize
from models.whisper.settings import Settings as WhisperSettings


@pytest.fixture
def shapes(monkeypatch):
    monkeypatch.syspath_prepend(Path(__file__).parents[3] / "scripts")
    from measure import make_shapes

    return make_shapes


@pytest.mark.parametrize("kind", [Q.Q4_K, Q.Q6_K, Q.Q5_0, Q.Q8_0])
def test_noise_is_spread_like_weights(shapes, kind):
    _, blocks = shapes.quantized(kind, 64, 1024)
    weights = dequantize(blocks, kind)
    assert weights.shape == (64, 1024)
    assert 0.5 * shapes.SPREAD < weights.std() < 2 * shapes.SPREAD
    assert abs(weights.mean()) < shapes.SPREAD


def test_rows_that_do_not_fill_blocks_of_256_are_quantized_in_another_way(shapes):
    assert shapes.quantized(Q.Q4_K, 2, 512)[0] is Q.Q4_K
    assert shapes.quantized(Q.Q4_K, 2, 896)[0] is Q.Q5_0
    assert shapes.quantized(Q.Q6_K, 2, 896)[0] is Q.Q8_0


@pytest.mark.parametrize("name", ["qwen2.5-0.5b", "qwen2.5-1.5b"])
def test_the_tensors_are_as_many_bytes_as_the_real_file_less_its_vocabulary(shapes, name):
    size = 0
    for _, kind, *shape in shapes._tensors(shapes.QWENS[name]):
        if kind is None:
            size += 4 * int(np.prod(shape))
        else:
            if shape[1] % shapes.BLOCKS[kind][0]:
                kind = shapes.FALLBACK[kind]
            weights, held = shapes.BLOCKS[kind]
            size += shape[0] * shape[1] // weights * held
    (real,) = (model.size for model in manifest.read().model if model.id == name)
    assert 0 < real - size < 7_000_000


async def test_llama_cpp_speaks_noise(shapes, tmp_path):
    path = tmp_path / "noise.gguf"
    shapes.language_model(path, shapes.Qwen(256, 2, 4, 2, 512))
    llm = LlamaLlm(path, size=LlamaSize(threads=1, sequences=1, context=256))
    stream = llm.open()
    said = [piece async for piece in stream.reply([Message("user", "hello")], max_tokens=4)]
    assert said
    stream.close()
    await llm.aclose()


def test_ctranslate2_hears_noise(shapes, tmp_path):
    from faster_whisper import WhisperModel

    from models.whisper.decode import WhisperDecoder

    shapes.whisper(tmp_path / "noise", shapes.Whisper(64, 1, 2))
    model = WhisperModel(str(tmp_path / "noise"), device="cpu", compute_type="int8", cpu_threads=1)
    assert len(shapes.whisper_tokens()) == shapes.VOCABULARY
    assert "en" in WhisperDecoder(model, WhisperSettings()).languages
