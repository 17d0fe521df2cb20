"""Train the starter recognizer on a CPU, in as many sittings as wanted.

    nice -n 19 torchrun --standalone --nproc-per-node 4 -m scripts.starter.train_whisper \\
        --data build/starter/speech --out build/starter/whisper --steps 10000

--steps is the length of the whole training. The rate stays level until the last part of it, FALL,
then falls to nothing. A stopped training goes on where it was; one that had ended goes on with
more --steps. SIGTERM saves and leaves. `python -m scripts.starter.whisper_export` makes the
CTranslate2 directory.

Each process works on its part of every batch with OMP_NUM_THREADS threads, one if it is not set.
One process without torchrun works too. scripts/train_starter.py has the environment that is best.
"""

import argparse
import sys
import time
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import nn

from scripts.starter.muon import Muon
from scripts.starter.parallel import averaged, joined
from scripts.starter.sitting import follow, leave, save, stoppable
from scripts.starter.speech_batches import Batch, Batches, Speech
from scripts.starter.whisper_net import BLANK, Recognizer, Text

TOKENIZER = Path(__file__).parents[2] / "models/starter/recognizer/tokenizer.json"
BATCH = 48
MATRIX_RATE, OTHER_RATE = 0.008, 8e-4  # of Muon and of AdamW
WARM_UP = 150  # steps
FALL = 0.4  # of all steps, at the end, over which the rate falls
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
    adam = torch.optim.AdamW(others, betas=(0.9, 0.98), weight_decay=0.01, fused=True)
    return Muon(matrices), adam


def begun(args: argparse.Namespace, model: Recognizer, muon: Muon, adam: torch.optim.AdamW) -> dict:
    """What last.pt holds, or the same of a training at its start; the others are set to it. Exits
    when all the steps are done."""
    last, state = args.out / "last.pt", {}
    if last.exists():
        state = torch.load(last)
        model.load_state_dict(state["model"])
        muon.load_state_dict(state["muon"])
        adam.load_state_dict(state["adam"])
    elif args.init:
        model.load_state_dict({name: w.float() for name, w in torch.load(args.init).items()})
    average = {name: weight.clone() for name, weight in model.state_dict().items()}
    easy = 0 if args.init else EASY_STEPS
    state = {"average": average, "step": 0, "easy": easy, "seconds": 0.0} | state
    if state["step"] >= args.steps:
        sys.exit(f"{args.out}: {state['step']} steps are done; --steps has to be more")
    return state


def rate_at(step: int, steps: int) -> float:
    """Share of the full rate: warm-up, level, straight down."""
    return min(1.0, (step + 1) / WARM_UP, (steps - step) / (FALL * steps))


def advance(model: Recognizer, muon: Muon, adam: torch.optim.AdamW, rate: float) -> None:
    """One step down the gradients, at this share of the full rate."""
    nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    for optimizer, full in ((muon, MATRIX_RATE), (adam, OTHER_RATE)):
        optimizer.param_groups[0]["lr"] = rate * full
        optimizer.step()


def report(step: int, seconds: float, taken: list[tuple[float, ...]]) -> None:
    tokens, letters, building, whole = (sum(each) / len(taken) for each in zip(*taken, strict=True))
    print(
        f"{step} {seconds / 60:.1f} min  tokens {tokens:.3f} letters {letters:.3f}  "
        f"{whole:.2f} s a step, {building:.2f} of it for the batch",
        flush=True,
    )


def keep(out: Path, state: dict) -> None:
    """All that a training goes on from, and the averaged weights."""
    save(out / "last.pt", state)
    save(out / "weights-fp16.pt", {name: w.half() for name, w in state["average"].items()})
    print(f"saved at step {state['step']}", flush=True)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of speech shards")
    parser.add_argument("--out", type=Path, required=True, help="folder of checkpoints")
    parser.add_argument("--init", type=Path, help="weights to begin with when --out has none")
    parser.add_argument("--steps", type=int, default=10_000, help="length of the whole training")
    return parser.parse_args()


def main() -> None:
    args = arguments()
    rank, workers = joined()
    stopping = stoppable()
    torch.manual_seed(0)
    args.out.mkdir(parents=True, exist_ok=True)
    tokenizer = args.out / "tokenizer.json"
    text = Text(tokenizer if tokenizer.exists() else TOKENIZER)
    model = Recognizer(text.size)
    muon, adam = optimizers(model)
    state = begun(args, model, muon, adam)
    step, used = state["step"], state["seconds"]
    batches = Batches(Speech(args.data), text, BATCH, state["easy"], rank, workers)
    saved = time.monotonic()
    taken, done = [], False
    while not done:
        started = time.monotonic()
        batch = batches.at(step)
        built = time.monotonic()
        loss, token_loss, letter_loss = loss_of(model, batch)
        model.zero_grad()
        loss.backward()
        stop = averaged(model, len(batch.frames), bool(stopping))
        advance(model, muon, adam, rate_at(step, args.steps))
        step += 1
        follow(state["average"], model, min(AVERAGE, 1 - 1 / (step + 10)))
        done = stop or step == args.steps
        now = time.monotonic()
        used += now - started
        taken.append((token_loss, letter_loss, built - started, now - started))
        if step % REPORT_EVERY == 0:
            if rank == 0:
                report(step, used, taken)
            taken.clear()
        if rank == 0 and (done or now - saved > SAVE_EVERY):
            saved = now
            reached = {"model": model.state_dict(), "step": step, "seconds": used}
            reached |= {"muon": muon.state_dict(), "adam": adam.state_dict()}
            keep(args.out, state | reached)
    leave(stopping)


if __name__ == "__main__":
    main()
