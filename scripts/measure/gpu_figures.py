"""What gpu_check.py measures: each in a process of its own that has the carried packages, which it
imports only then."""

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from measure.gpu_pieces import ROOT

AT_ONCE = (1, 2, 4, 8, 16, 32, 64)
"""Conversations that generate at the same time."""
SESSIONS = (1, 8)
"""Interviews that are held at the same time."""
BENCH_SECONDS = 100
"""Seconds that `bench.py` may take for one number of interviews."""


def measure(name: str, shapes: Path, device: str) -> Any:
    if name == "shapes":
        return _make_shapes(shapes)
    if name == "whisper":
        from scripts.measure import bench_shapes as bench

        return {
            p.parent.name: bench.recognizer(p.parent, device, 4)
            for p in sorted(shapes.glob("*/model.bin"))
        }
    if name == "interviews":
        return _interviews(device)
    return _curve(shapes / f"{name}.gguf", device)


def _make_shapes(folder: Path) -> dict[str, int]:
    from scripts.measure import make_shapes as shapes

    for name, whisper in shapes.WHISPERS.items():
        shapes.whisper(folder / name, whisper)
    qwens = shapes.QWENS | {"qwen2.5-7b": shapes.Qwen(3584, 28, 28, 4, 18944)}
    for name, qwen in qwens.items():
        shapes.language_model(folder / f"{name}.gguf", qwen)
    return {str(p.relative_to(folder)): p.stat().st_size for p in folder.rglob("*") if p.is_file()}


def _curve(path: Path, device: str) -> dict[str, Any]:
    import asyncio

    from models.contracts import Message
    from models.llama.llm import LlamaLlm, LlamaSize
    from scripts.measure import bench_shapes as bench

    async def run() -> dict[str, Any]:
        size = LlamaSize(threads=4, sequences=max(AT_ONCE), context=1024)
        llm = LlamaLlm(path, device=device, size=size)
        stream = llm.open()
        await stream.warm([Message("system", "b" * 16)])
        start = time.perf_counter()
        await stream.warm([Message("system", "a" * 900)])
        figures: dict[str, Any] = {"prompt tokens/s": round(900 / (time.perf_counter() - start))}
        stream.close()
        figures["first word"] = bench.spread(await bench.first_words(llm))
        for many in AT_ONCE:
            speeds = [await bench.generate(llm, many, 64) for _ in range(2)]
            figures[f"{many} at once, tokens/s"] = round(max(speeds), 1)
        await llm.aclose()
        return figures

    return asyncio.run(run())


def _interviews(device: str) -> dict[str, Any]:
    """With the starter models, whose words are words: noise can hold no interview."""
    from scripts.measure.server import PRODUCT, running

    figures: dict[str, Any] = {}
    with running(PRODUCT, {"DEVICE": device, "MAX_SESSIONS": "32"}) as server:
        figures["ready, s"] = round(server.ready_seconds, 1)
        for sessions in SESSIONS:
            command = [sys.executable, f"{ROOT}/scripts/bench.py", "--url", server.url, "--json"]
            command += ["--sessions", str(sessions), "--turns", "2"]
            try:
                done = subprocess.run(
                    command, capture_output=True, text=True, timeout=BENCH_SECONDS
                )
            except subprocess.TimeoutExpired:
                figures[f"{sessions} at once"] = f"not done within {BENCH_SECONDS} s"
            else:
                said = json.loads(done.stdout) if done.stdout else done.stderr[-800:]
                figures[f"{sessions} at once"] = said
    return figures
