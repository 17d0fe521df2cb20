"""Measure what models cost on this machine, by weights of their true shapes (make_shapes.py):

    .venv/bin/python scripts/measure/bench_shapes.py build/shapes
    .venv/bin/python scripts/measure/bench_shapes.py build/shapes --device cuda

Each engine runs alone, in a process of its own, with the threads that the service would give it
(--threads for all engines together). Every time is the best and the median of several runs.
- transcription: from samples to text, for speech of 5 and 10 s, with as many words as are spoken
  in that time. The windows are those of the service
- prompt: tokens read per second, of a prompt that begins a conversation
- first word: from a candidate's answer of 40 tokens to the reply's first token, in a conversation
  that is already in memory
- tokens per second: of all conversations together that generate at once
- clause, sentence: from text to sound that can be played
- memory: what the process grew by, in MB, with one conversation of the language model
"""

import argparse
import asyncio
import gc
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from models import ENVIRONMENT, device
from models.contracts import HEARING_RATE, SPEAKING_RATE, Message

WORD_TOKENS_A_SECOND = 3.4
"""Tokens of Whisper for a second of speech: 150 words a minute, 1.35 tokens each."""
PROMPT, ANSWER, REPLY = 400, 40, 16
"""Tokens."""
AT_ONCE = (1, 2, 3, 4)
CLAUSE = "Thank you, that is very clear."
SENTENCE = (
    "Could you tell me about a project where you had to change your plan, and what you learned?"
)
RUNS = 4

parser = argparse.ArgumentParser(
    description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
)
parser.add_argument("folder", type=Path, help="where make_shapes.py wrote, or real models lie")
parser.add_argument("--device", choices=["cpu", "cuda"], default="cpu")
parser.add_argument("--threads", type=int, default=0, help="0: one for each core")
parser.add_argument("--only", help=argparse.SUPPRESS)

Figures = dict[str, str]


def times(run: Callable[[], Any]) -> str:
    """Milliseconds: the best and the median."""
    run()
    took = []
    for _ in range(RUNS):
        start = time.perf_counter()
        run()
        took.append((time.perf_counter() - start) * 1000)
    return spread(took)


def spread(took: list[float]) -> str:
    return f"{min(took):.0f} ({np.median(took):.0f}) ms"


def grown(before: int) -> str:
    gc.collect()
    return f"{(psutil.Process().memory_info().rss - before) / 1e6:.0f} MB"


def rss() -> int:
    return psutil.Process().memory_info().rss


def recognizer(folder: Path, on: device.Device, threads: int) -> Figures:
    import ctranslate2
    from faster_whisper import WhisperModel

    from models.whisper.decode import WhisperDecoder
    from models.whisper.engine import compute_type
    from models.whisper.parts import Request
    from models.whisper.settings import Settings as WhisperSettings

    before = rss()
    model = WhisperModel(
        str(folder),
        device=on,
        compute_type=compute_type(on),
        cpu_threads=threads,
        local_files_only=True,
    )
    decoder = WhisperDecoder(model, WhisperSettings())
    figures = {}
    for seconds in (5, 10):
        speech = np.random.default_rng(0).normal(0, 3000, seconds * HEARING_RATE)
        # Steady noise would not be taken for speech: it comes and goes four times a second.
        speech *= np.abs(np.sin(np.arange(speech.size) * 4 * np.pi / HEARING_RATE))
        request = Request(speech.astype(np.int16), "en")
        (part,) = decoder.prepare(request).parts
        tokens = round(seconds * WORD_TOKENS_A_SECOND)

        def transcribe(part: Any = part, tokens: int = tokens) -> None:
            mel = model.feature_extractor(part.audio.astype(np.float32) / np.float32(32768))
            window = np.zeros((1, mel.shape[0], part.frames), np.float32)
            window[0, :, : mel.shape[1]] = mel[:, : part.frames]
            model.model.generate(
                model.model.encode(ctranslate2.StorageView.from_array(window)),
                [list(part.prompt)],
                beam_size=1,
                max_length=2 * tokens,
                suppress_tokens=[model.hf_tokenizer.token_to_id("<|endoftext|>")],
                return_scores=True,
                return_no_speech_prob=True,
            )

        figures[f"transcription of {seconds} s"] = times(transcribe)
    return figures | {"memory": grown(before)}


async def language_model(path: Path, on: device.Device, threads: int) -> Figures:
    from models.llama.llm import LlamaLlm, LlamaSize

    before = rss()
    llm = LlamaLlm(path, device=on, size=LlamaSize(threads=threads, sequences=1))
    figures, took = {}, []
    for run in range(2):
        stream = llm.open()
        start = time.perf_counter()
        await stream.warm([Message("system", f"{run}" + "a" * (PROMPT - 1))])
        took.append(PROMPT / (time.perf_counter() - start))
        stream.close()
    figures["prompt"] = f"{max(took):.0f} ({np.median(took):.0f}) tokens/s"
    figures["memory"] = grown(before)
    figures["first word"] = spread(await first_words(llm))
    await llm.aclose()
    llm = LlamaLlm(path, device=on, size=LlamaSize(threads=threads, sequences=max(AT_ONCE)))
    for many in AT_ONCE:
        speeds = [await generate(llm, many) for _ in range(2)]
        figures[f"{many} at once"] = f"{max(speeds):.1f} ({np.median(speeds):.1f}) tokens/s"
    await llm.aclose()
    return figures


async def first_words(llm: Any) -> list[float]:
    """Milliseconds to the first token of replies in a conversation that grows."""
    stream, took = llm.open(), []
    messages = [Message("system", "a" * PROMPT)]
    for turn in range(RUNS):
        said = [Message("user", f"{turn}" + "b" * (ANSWER - 1))]
        await stream.warm(messages)
        start = time.perf_counter()
        pieces = stream.reply(messages + said, max_tokens=2)
        reply = await anext(pieces, "")
        took.append((time.perf_counter() - start) * 1000)
        await pieces.aclose()
        messages += [*said, Message("assistant", reply)]
    stream.close()
    return took


async def generate(llm: Any, many: int, tokens: int = REPLY) -> float:
    """Tokens per second of `many` conversations together, from their first tokens on; each
    generates this many."""
    streams = [llm.open() for _ in range(many)]
    messages = [Message("system", "a" * 100), Message("user", "b" * 20)]
    for stream in streams:
        await stream.warm(messages)
    ends: list[float] = []
    starts: list[float] = []

    async def one(stream: Any) -> int:
        said = 0
        async for _ in stream.reply(messages, max_tokens=tokens):
            if not said:
                starts.append(time.perf_counter())
            said += 1
        ends.append(time.perf_counter())
        return said - 1

    said = sum(await asyncio.gather(*map(one, streams)))
    for stream in streams:
        stream.close()
    return said / (max(ends) - min(starts))


async def voice(path: Path, on: device.Device, threads: device.Threads) -> Figures:
    from models.piper.synthesizer import Piper

    before = rss()
    piper = Piper.load(path, device=on, threads=threads.voice, workers=1)
    figures = {}
    for name, text in (("clause", CLAUSE), ("sentence", SENTENCE)):
        took, length = [], 0.0
        for run in range(RUNS):
            start = time.perf_counter()
            audio = await piper.speak(f"{text[:-1]} {chr(97 + run)}.")
            took.append((time.perf_counter() - start) * 1000)
            length = audio.size / SPEAKING_RATE
        figures[f"{name} ({length:.1f} s)"] = spread(took)
    figures["memory"] = grown(before)
    await piper.aclose()
    return figures


def measure(path: Path, on: device.Device, threads: device.Threads) -> Figures:
    if path.is_dir():
        return recognizer(path, on, threads.recognizer)
    if path.suffix == ".gguf":
        return asyncio.run(language_model(path, on, threads.language_model))
    return asyncio.run(voice(path, on, threads))


def main() -> None:
    options = parser.parse_args()
    threads = device.share(options.threads)
    if options.only:
        print(json.dumps(measure(options.folder / options.only, options.device, threads)))
        return
    found = [p.parent for p in options.folder.glob("*/model.bin")]
    found += [*options.folder.glob("*.gguf"), *options.folder.glob("*.onnx")]
    print(f"{device.cores()} cores; {threads}; best (median)")
    for path in sorted(found):
        command = [sys.executable, __file__, *sys.argv[1:], "--only", path.name]
        said = subprocess.run(
            command, stdout=subprocess.PIPE, text=True, check=True, env=ENVIRONMENT | os.environ
        ).stdout
        print(path.name)
        for name, value in json.loads(said).items():
            print(f"  {name:<24}{value}")


if __name__ == "__main__":
    main()
