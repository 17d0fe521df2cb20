"""Train the starter voice on a CPU, in as many sittings as wanted.

    nice -n 19 python -m scripts.train_starter_voice --data build/starter/voice/data \\
        --out build/starter/voice --minutes 56

--minutes is the length of the whole schedule, over all sittings; a stopped training goes on where
it was. SIGTERM saves and leaves. `python -m scripts.starter.voice_export` makes the ONNX file.
OMP_NUM_THREADS sets the threads.
"""

import argparse
import math
import os
import random
import time
from pathlib import Path

import torch
from piper.phoneme_ids import DEFAULT_PHONEME_ID_MAP
from torch import nn

from scripts.starter.sitting import follow, leave, save, stoppable
from scripts.starter.voice_alignment import TIMELESS
from scripts.starter.voice_batches import VoiceBatch, VoiceData
from scripts.starter.voice_loss import RESOLUTIONS, losses
from scripts.starter.voice_net import Voice

FRAMES = 1000  # a batch; 8 seconds
RATE = 1e-3
WARM_UP = 200  # steps
AVERAGE = 0.99  # decay of the moving average of the weights, taken every AVERAGE_EVERY steps
AVERAGE_EVERY = 5
SAVE_EVERY, VALIDATE_EVERY = 180.0, 480.0  # seconds
REPORT_EVERY = 50  # steps


def means(several: list[dict[str, float]]) -> str:
    sums = {name: sum(each[name] for each in several) for name in several[0]}
    return "  ".join(f"{name} {total / len(several):.3f}" for name, total in sums.items())


@torch.no_grad()
def validation(model: Voice, average: dict, data: VoiceData) -> str:
    """Mean losses of the averaged weights on the held-out sentences, at all resolutions."""
    kept = {name: weight.clone() for name, weight in model.state_dict().items()}
    model.load_state_dict(average)
    held_out = sorted(data.held_out, key=lambda item: len(item.pitch))
    found = [
        {name: loss.item() for name, loss in losses(model, data.together(part), number).items()}
        for part in (held_out[i : i + 8] for i in range(0, len(held_out), 8))
        for number in range(len(RESOLUTIONS))
    ]
    model.load_state_dict(kept)
    return means(found)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of voice_data.py")
    parser.add_argument("--out", type=Path, required=True, help="folder of checkpoints")
    parser.add_argument("--minutes", type=float, default=56, help="length of the whole schedule")
    return parser.parse_args()


def untrained(data: VoiceData) -> Voice:
    model = Voice(data.pitch_mean, data.pitch_scale)
    for symbol in [*TIMELESS, "_"]:
        if symbol in DEFAULT_PHONEME_ID_MAP:
            model.can_last[DEFAULT_PHONEME_ID_MAP[symbol][0]] = 0
    return model


def begun(last: Path, model: Voice, adam: torch.optim.AdamW) -> dict:
    """What last.pt holds, or the same of a training at its start; the others are set to it."""
    if last.exists():
        state = torch.load(last)
        model.load_state_dict(state["model"])
        adam.load_state_dict(state["adam"])
        return state
    average = {name: weight.clone() for name, weight in model.state_dict().items()}
    return {"average": average, "step": 0, "seconds": 0.0}


def rate_at(step: int, progress: float) -> float:
    """Warm-up, then down to a fiftieth as the schedule goes from 0 to 1."""
    rate = RATE * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * progress)))
    return rate * min(1.0, (step + 1) / WARM_UP)


def learn(model: Voice, adam: torch.optim.AdamW, batch: VoiceBatch) -> dict[str, float]:
    """One step, unless there is no finite gradient; the parts of the loss before it."""
    parts = losses(model, batch)
    model.zero_grad()
    torch.stack(list(parts.values())).sum().backward()
    if torch.isfinite(nn.utils.clip_grad_norm_(model.parameters(), 3.0)):
        adam.step()
    return {name: loss.item() for name, loss in parts.items()}


def main() -> None:
    args = arguments()
    args.out.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", "2")))
    torch.manual_seed(0)
    torch.set_flush_denormal(True)
    stopping = stoppable()
    data = VoiceData(args.data)
    model = untrained(data)
    adam = torch.optim.AdamW(model.parameters(), betas=(0.9, 0.98), weight_decay=0.01)
    state = begun(args.out / "last.pt", model, adam)
    average, step, used = state["average"], state["step"], state["seconds"]
    random_ = random.Random(step)
    random.seed(step)
    saved = validated = time.monotonic()
    queue, found, done = [], [], False
    while not done:
        started = time.monotonic()
        adam.param_groups[0]["lr"] = rate_at(step, min(1.0, used / (args.minutes * 60)))
        queue = queue or data.batches(random_, FRAMES)
        found.append(learn(model, adam, data.together(queue.pop())))
        step += 1
        if step % AVERAGE_EVERY == 0:
            follow(average, model, min(AVERAGE, (1 + step) / (50 + step)))
        used += time.monotonic() - started
        done = bool(stopping) or used >= args.minutes * 60
        if step % REPORT_EVERY == 0:
            print(f"{step} {used / 60:.1f} min  {means(found)}", flush=True)
            found = []
        if time.monotonic() - validated > VALIDATE_EVERY:
            print(f"held out  {validation(model, average, data)}", flush=True)
            validated = time.monotonic()
        if done or time.monotonic() - saved > SAVE_EVERY:
            saved = time.monotonic()
            state = {"model": model.state_dict(), "average": average, "adam": adam.state_dict()}
            state |= {"pitch": (data.pitch_mean, data.pitch_scale), "seen": sorted(data.seen)}
            save(args.out / "last.pt", state | {"step": step, "seconds": used})
            print(f"saved at step {step}", flush=True)
    leave(stopping)


if __name__ == "__main__":
    main()
