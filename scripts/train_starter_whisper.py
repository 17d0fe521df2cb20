"""Train the starter recognizer on a CPU, in as many sittings as wanted.

    nice -n 19 torchrun --nproc-per-node 2 -m scripts.train_starter_whisper \\
        --data build/starter/speech --out build/starter/whisper --minutes 300 --decay-minutes 60

--minutes is the length of the whole training. The rate stays level until its last --decay-minutes,
then falls to nothing. The checkpoint of the level part, level.pt, is what a stopped training goes
on from, and one that had ended, with a longer --minutes: the falling end never spoils what follows.
SIGTERM saves and leaves. `python -m scripts.starter.whisper_export` makes the CTranslate2
directory.

Each process works on its part of every batch with OMP_NUM_THREADS threads; on a machine that does
other work as well, processes of one thread each lose far less time in waiting for one another than
threads do. One process without torchrun works too. Training is bound by memory: preload jemalloc if
it is installed (LD_PRELOAD=libjemalloc.so.2, MALLOC_CONF=oversize_threshold:1,
background_thread:true,dirty_decay_ms:-1,muzzy_decay_ms:-1) and set OMP_WAIT_POLICY=PASSIVE.
"""

import argparse
import os
import sys
import time
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import distributed, nn

from scripts.starter.muon import Muon
from scripts.starter.sitting import follow, leave, save, stoppable
from scripts.starter.speech_batches import Batch, Batches, Speech
from scripts.starter.whisper_net import BLANK, Recognizer, Text

TOKENIZER = Path(__file__).parents[1] / "models/starter/recognizer/tokenizer.json"
BATCH = 48
MATRIX_RATE, OTHER_RATE = 0.008, 8e-4  # of Muon and of AdamW
WARM_UP = 150  # steps
EASY_STEPS = 2200  # of a training from nothing, before noise, silence and long sentences
LETTER_SHARE = 0.3  # of the loss; CTC over letters is what makes the encoder align at all
SMOOTHING = 0.05
AVERAGE = 0.997  # decay of the moving average of the weights, which is what is exported
SAVE_EVERY = 240.0  # seconds
REPORT_EVERY = 25  # steps


def loss_of(model: Recognizer, batch: Batch) -> tuple[torch.Tensor, float, float]:
    """The loss to follow, and its two parts: tokens (cross-entropy) and letters (CTC)."""
    heard = model.encode(batch.mel)
    logits = model.decode(batch.tokens[:, :-1], heard)
    counts = batch.counts[:, 1:].flatten()
    token_loss = F.cross_entropy(
        logits.flatten(0, 1),
        batch.tokens[:, 1:].flatten(),
        reduction="none",
        label_smoothing=SMOOTHING,
    )
    token_loss = (token_loss * counts).sum() / counts.sum()
    spoken = [i for i, row in enumerate(batch.letters) if row]
    letter_loss = F.ctc_loss(
        model.ctc(heard[spoken]).log_softmax(-1).transpose(0, 1),
        torch.tensor([letter for i in spoken for letter in batch.letters[i]]),
        torch.tensor([batch.frames[i] for i in spoken]),
        torch.tensor([len(batch.letters[i]) for i in spoken]),
        blank=BLANK,
        zero_infinity=True,
    )
    loss = (1 - LETTER_SHARE) * token_loss + LETTER_SHARE * letter_loss
    return loss, token_loss.item(), letter_loss.item()


def optimizers(model: Recognizer) -> tuple[Muon, torch.optim.AdamW]:
    """Muon for the matrices of the layers, AdamW for everything else."""
    matrices = [
        weight
        for name, weight in model.named_parameters()
        if weight.ndim == 2 and name.startswith(("e.", "d."))
    ]
    chosen = set(map(id, matrices))
    others = [weight for weight in model.parameters() if id(weight) not in chosen]
    return Muon(matrices), torch.optim.AdamW(others, betas=(0.9, 0.98), weight_decay=0.01)


def shared(model: Recognizer, left: float, stop: bool) -> tuple[float, bool]:
    """Average the gradients over all processes, and agree on the time left and on stopping."""
    if not distributed.is_initialized():
        return left, stop
    gradients = [w.grad for w in model.parameters() if w.grad is not None]
    flat = torch.cat([g.flatten() for g in gradients] + [torch.tensor([left, float(stop)])])
    distributed.all_reduce(flat)
    flat /= distributed.get_world_size()
    parts = flat.split([g.numel() for g in gradients] + [1, 1])
    for gradient, part in zip(gradients, parts[:-2], strict=True):
        gradient.copy_(part.view_as(gradient))
    return parts[-2].item(), parts[-1].item() > 0


def begun(args: argparse.Namespace, model: Recognizer, muon: Muon, adam: torch.optim.AdamW) -> dict:
    """What level.pt holds, or the same of a training at its start; the others are set to it. Exits
    when all the minutes are trained."""
    level, state = args.out / "level.pt", {}
    if level.exists():
        state = torch.load(level)
        model.load_state_dict(state["model"])
        muon.load_state_dict(state["muon"])
        adam.load_state_dict(state["adam"])
    elif args.init:
        model.load_state_dict({name: w.float() for name, w in torch.load(args.init).items()})
    average = {name: weight.clone() for name, weight in model.state_dict().items()}
    easy = 0 if args.init else EASY_STEPS
    state = {"average": average, "step": 0, "easy": easy, "seconds": 0.0} | state
    if state["seconds"] >= args.minutes * 60:
        minutes = state["seconds"] / 60
        sys.exit(f"{args.out}: {minutes:.0f} minutes are trained; --minutes has to be more")
    return state


def rate_at(step: int, seconds_left: float, decay_minutes: float) -> float:
    """Share of the full rate at a step of this sitting: warm-up, level, straight down."""
    return min(1.0, step / WARM_UP) * min(1.0, max(0.0, seconds_left) / (decay_minutes * 60))


def advance(model: Recognizer, muon: Muon, adam: torch.optim.AdamW, rate: float) -> None:
    """One step down the gradients, at this share of the full rate."""
    nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    for optimizer, full in ((muon, MATRIX_RATE), (adam, OTHER_RATE)):
        optimizer.param_groups[0]["lr"] = rate * full
        optimizer.step()


def report(step: int, seconds: float, taken: list[tuple[float, ...]], heard: int) -> None:
    tokens, letters, building, whole = (sum(each) / len(taken) for each in zip(*taken, strict=True))
    print(
        f"{step} {seconds / 60:.1f} min  tokens {tokens:.3f} letters {letters:.3f}  "
        f"{whole:.2f} s a step, {building:.2f} of it for the batch, {heard} utterances",
        flush=True,
    )


def keep(out: Path, state: dict, level: bool) -> None:
    """The averaged weights and, while the rate is level, all that a training goes on from."""
    halves = {name: weight.half() for name, weight in state["average"].items()}
    save(out / "weights-fp16.pt", halves)
    if level:
        save(out / "level.pt", state)
    print(f"saved at step {state['step']}", flush=True)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of speech shards")
    parser.add_argument("--out", type=Path, required=True, help="folder of checkpoints")
    parser.add_argument("--init", type=Path, help="weights to begin with when --out has none")
    parser.add_argument("--minutes", type=float, default=300, help="length of the whole training")
    parser.add_argument(
        "--decay-minutes", type=float, default=60, help="its end, at a falling rate"
    )
    return parser.parse_args()


def prepared() -> tuple[int, int, list[int]]:
    """This process's number and how many there are; a list that SIGTERM makes non-empty."""
    torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", "1")))
    torch.manual_seed(0)
    rank, workers = int(os.environ.get("RANK", "0")), int(os.environ.get("WORLD_SIZE", "1"))
    if workers > 1:
        distributed.init_process_group("gloo")
    stopping = stoppable()
    return rank, workers, stopping


def main() -> None:
    args = arguments()
    rank, workers, stopping = prepared()
    args.out.mkdir(parents=True, exist_ok=True)
    tokenizer = args.out / "tokenizer.json"
    text = Text(tokenizer if tokenizer.exists() else TOKENIZER)
    model = Recognizer(text.size)
    muon, adam = optimizers(model)
    state = begun(args, model, muon, adam)
    speech = Speech(args.data)
    step = first_step = state["step"]
    batches = Batches(speech, text, BATCH // workers, seed=step * 64 + rank)
    started = saved = time.monotonic()
    taken, done = [], False
    while not done:
        now = time.monotonic()
        batches.easy = step < state["easy"]
        batch = batches.next()
        built = time.monotonic()
        loss, token_loss, letter_loss = loss_of(model, batch)
        model.zero_grad()
        loss.backward()
        used = state["seconds"] + now - started
        mine = args.minutes * 60 - used
        left, done = shared(model, mine, bool(stopping) or mine <= 0)
        step += 1
        advance(model, muon, adam, rate_at(step - first_step, left, args.decay_minutes))
        follow(state["average"], model, min(AVERAGE, 1 - 1 / (step + 10)))
        taken.append((token_loss, letter_loss, built - now, time.monotonic() - now))
        if step % REPORT_EVERY == 0:
            if rank == 0:
                report(step, used, taken, len(speech.utterances))
            taken.clear()
        if rank == 0 and (done or time.monotonic() - saved > SAVE_EVERY):
            saved = time.monotonic()
            reached = {"model": model.state_dict(), "step": step, "seconds": used}
            reached |= {"muon": muon.state_dict(), "adam": adam.state_dict()}
            keep(args.out, state | reached, left > args.decay_minutes * 60)
    leave(stopping)


if __name__ == "__main__":
    main()
