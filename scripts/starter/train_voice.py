"""Train the starter voice on a CPU, in as many sittings as wanted.

    nice -n 19 torchrun --standalone --nproc-per-node 4 -m scripts.starter.train_voice \\
        --data build/starter/voice/data --out build/starter/voice --steps 6000

--steps is the length of the whole schedule, over all sittings; a stopped training goes on where it
was. SIGTERM saves and leaves. `python -m scripts.starter.voice_export` makes the ONNX file. Each
process makes its part of every batch; one without torchrun works too.
"""

import argparse
import math
import random
import sys
import time
from pathlib import Path

import torch
from piper.phoneme_ids import DEFAULT_PHONEME_ID_MAP
from torch import nn

from scripts.starter.parallel import averaged, joined
from scripts.starter.sitting import follow, leave, save, stoppable
from scripts.starter.voice_alignment import TIMELESS
from scripts.starter.voice_batches import VoiceBatch, VoiceData
from scripts.starter.voice_loss import RESOLUTIONS, losses
from scripts.starter.voice_net import Voice

FRAMES = 2000  # a batch; 16 seconds
RATE = 1e-3
WARM_UP = 200  # steps
AVERAGE = 0.99  # decay of the moving average of the weights, taken every AVERAGE_EVERY steps
AVERAGE_EVERY = 5
SAVE_EVERY = 180.0  # seconds
REPORT_EVERY, VALIDATE_EVERY = 50, 1000  # steps


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
    parser.add_argument("--steps", type=int, default=6000, help="length of the whole schedule")
    return parser.parse_args()


def untrained(data: VoiceData) -> Voice:
    model = Voice(data.pitch_mean, data.pitch_scale)
    for symbol in [*TIMELESS, "_"]:
        if symbol in DEFAULT_PHONEME_ID_MAP:
            model.can_last[DEFAULT_PHONEME_ID_MAP[symbol][0]] = 0
    return model


def begun(args: argparse.Namespace, model: Voice, adam: torch.optim.AdamW) -> dict:
    """What last.pt holds, or the same of a training at its start; the others are set to it. Exits
    when all the steps are done."""
    last = args.out / "last.pt"
    if last.exists():
        state = torch.load(last)
        if state["step"] >= args.steps:
            sys.exit(f"{args.out}: {state['step']} steps are done; --steps has to be more")
        model.load_state_dict(state["model"])
        adam.load_state_dict(state["adam"])
        return state
    average = {name: weight.clone() for name, weight in model.state_dict().items()}
    return {"average": average, "step": 0, "seconds": 0.0}


def rate_at(step: int, steps: int) -> float:
    """Warm-up, then half a cosine down to a fiftieth."""
    rate = RATE * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * step / steps)))
    return rate * min(1.0, (step + 1) / WARM_UP)


def learn(
    model: Voice, adam: torch.optim.AdamW, batch: VoiceBatch, stop: bool
) -> tuple[dict[str, float], bool]:
    """One step, unless there is no finite gradient. Gives the parts of the loss before it, and
    whether any process is to stop."""
    parts = losses(model, batch)
    model.zero_grad()
    torch.stack(list(parts.values())).sum().backward()
    stop = averaged(model, float(batch.mask.sum()), stop)
    if torch.isfinite(nn.utils.clip_grad_norm_(model.parameters(), 3.0)):
        adam.step()
    return {name: loss.item() for name, loss in parts.items()}, stop


def main() -> None:
    args = arguments()
    rank, workers = joined()
    stopping = stoppable()
    args.out.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(0)
    torch.set_flush_denormal(True)
    data = VoiceData(args.data)
    model = untrained(data)
    adam = torch.optim.AdamW(model.parameters(), betas=(0.9, 0.98), weight_decay=0.01, fused=True)
    state = begun(args, model, adam)
    average, step, used = state["average"], state["step"], state["seconds"]
    random_ = random.Random(step * 64 + rank)
    random.seed(step)  # draws the loss's resolution, the same in every process
    torch.manual_seed(step * 64 + rank)
    saved = time.monotonic()
    queue, found, done = [], [], False
    while not done:
        started = time.monotonic()
        adam.param_groups[0]["lr"] = rate_at(step, args.steps)
        queue = queue or data.batches(random_, FRAMES // workers)
        parts, stop = learn(model, adam, data.together(queue.pop()), bool(stopping))
        found.append(parts)
        step += 1
        if step % AVERAGE_EVERY == 0:
            follow(average, model, min(AVERAGE, (1 + step) / (50 + step)))
        done = stop or step == args.steps
        now = time.monotonic()
        used += now - started
        if step % REPORT_EVERY == 0:
            if rank == 0:
                print(f"{step} {used / 60:.1f} min  {means(found)}", flush=True)
            found = []
        if step % VALIDATE_EVERY == 0 and rank == 0:
            print(f"held out  {validation(model, average, data)}", flush=True)
        if rank == 0 and (done or now - saved > SAVE_EVERY):
            saved = now
            state = {"model": model.state_dict(), "average": average, "adam": adam.state_dict()}
            state |= {"pitch": (data.pitch_mean, data.pitch_scale), "seen": sorted(data.seen)}
            save(args.out / "last.pt", state | {"step": step, "seconds": used})
            print(f"saved at step {step}", flush=True)
    leave(stopping)


if __name__ == "__main__":
    main()
