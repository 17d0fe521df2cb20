"""Train the starter interviewer on a CPU, in as many sittings as wanted.

    nice -n 19 torchrun --standalone --nproc-per-node 4 -m scripts.starter.train_llm \\
        --ngrams build/starter/speech/ngrams --out build/starter/interviewer --steps 3000

--steps is the length of the whole schedule: documents grow from short to full interviews over it
and the rate falls to nothing at its end. A stopped training goes on where it was; one that had
ended goes on with more --steps. SIGTERM saves and leaves. `python -m scripts.starter.chat_export`
makes the GGUF. Each process makes its part of every batch; one without torchrun works too.

With --init MODEL.gguf a new training begins with those weights, and is one in small tasks:

    python -m scripts.starter.train_llm --init models/starter/interviewer/MODEL.gguf \\
        --ngrams build/starter/speech/ngrams --out build/starter/interviewer-tasks --steps 60
"""

import argparse
import math
import random
import sys
import time
from pathlib import Path

import torch
import torch.nn.functional as F
from tokenizers import Tokenizer

from scripts.starter.chat_batches import EXERCISES, PHASES, ChatBatches, new_tokenizer
from scripts.starter.chat_init import tokenizer_of, weights_of
from scripts.starter.chat_net import Chat, Shape
from scripts.starter.muon import Muon
from scripts.starter.parallel import averaged, first_alone, joined
from scripts.starter.sitting import leave, save, stoppable

TOKENS = 6144  # a batch, padding included; its parts for the processes are of like size
MATRIX_RATE, OTHER_RATE = 0.008, 8e-4  # of Muon and of Adam
FURTHER = 0.5  # of the rates, for weights that were trained before
WARM_UP = 40  # steps; a tenth of a short training
FLOOR = 0.04  # of the rate, what is left at the end
LINES = 20_000  # general sentences that everyday speech is taken from
CORPUS = 9000  # documents for the tokenizer
SAVE_EVERY = 240.0  # seconds
REPORT_EVERY = 10  # steps


def everyday_lines(ngrams: Path, cache: Path) -> list[str]:
    """General sentences, drawn once and kept beside the checkpoint."""
    if not cache.exists():
        from scripts.starter.general_text import GeneralText

        text = GeneralText(ngrams, seed=1)
        cache.write_text("\n".join(text.sentence() for _ in range(LINES)), encoding="utf-8")
    return cache.read_text(encoding="utf-8").splitlines()


def tokenizer_at(path: Path, lines: list[str], vocabulary: int) -> Tokenizer:
    """The tokenizer beside the checkpoint, made from generated documents the first time."""
    if not path.exists():
        from scripts.starter.dialogues import document
        from scripts.starter.terms import Terms

        terms = Terms(random.Random(1), lines)
        documents = [document(terms, ("short", "medium")[i % 2]) for i in range(CORPUS)]
        texts = [f"{role}\n{text}\n" for spoken in documents for role, text in spoken]
        new_tokenizer(texts + lines[:6000], vocabulary).save(str(path))
    return Tokenizer.from_file(str(path))


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ngrams", type=Path, required=True, help="folder of the n-gram table")
    parser.add_argument("--out", type=Path, required=True, help="folder of checkpoints")
    parser.add_argument("--steps", type=int, default=3000, help="length of the whole schedule")
    parser.add_argument("--init", type=Path, help="a GGUF to train further, in small tasks")
    return parser.parse_args()


def prepared(args: argparse.Namespace) -> tuple[list[str], Tokenizer]:
    """Everyday lines and the tokenizer."""
    args.out.mkdir(parents=True, exist_ok=True)
    lines = everyday_lines(args.ngrams, args.out / "lines.txt")
    if args.init and not (args.out / "tokenizer.json").exists():
        tokenizer_of(args.init).save(str(args.out / "tokenizer.json"))
    return lines, tokenizer_at(args.out / "tokenizer.json", lines, Shape().vocabulary)


def optimizers(model: Chat) -> tuple[Muon, torch.optim.Adam]:
    """Muon for the matrices of the layers, Adam for everything else."""
    matrices = [w for name, w in model.named_parameters() if w.ndim == 2 and "emb" not in name]
    chosen = set(map(id, matrices))
    others = [w for w in model.parameters() if id(w) not in chosen]
    adam = torch.optim.Adam(others, betas=(0.9, 0.97), eps=1e-10, fused=True)
    return Muon(matrices, decay=0.0), adam


def begun(args: argparse.Namespace, model: Chat, muon: Muon, adam: torch.optim.Adam) -> dict:
    """What last.pt holds, or the same of a training at its start; the others are set to it. Exits
    when all the steps are done."""
    last = args.out / "last.pt"
    if not last.exists():
        if args.init:
            model.load_state_dict(weights_of(args.init))
        return {"step": 0, "seconds": 0.0}
    state = torch.load(last)
    if state["step"] >= args.steps:
        sys.exit(f"{args.out}: {state['step']} steps are done; --steps has to be more")
    model.load_state_dict(state["model"])
    muon.load_state_dict(state["muon"])
    adam.load_state_dict(state["adam"])
    return state


def rate_at(step: int, steps: int) -> float:
    """Share of the full rate: warm-up, then half a cosine down to FLOOR."""
    rate = FLOOR + (1 - FLOOR) * 0.5 * (1 + math.cos(math.pi * step / steps))
    return rate * min(1.0, (step + 1) / min(WARM_UP, max(steps // 10, 1)))


def main() -> None:
    args = arguments()
    rank, workers = joined()
    stopping = stoppable()
    torch.manual_seed(0)
    lines, tokenizer = first_alone(lambda: prepared(args))
    model = Chat(Shape())
    muon, adam = optimizers(model)
    state = begun(args, model, muon, adam)
    step, used = state["step"], state["seconds"]
    phases, share = (EXERCISES, FURTHER) if args.init else (PHASES, 1.0)
    batches = ChatBatches(tokenizer, lines, TOKENS // workers, step * 64 + rank, phases)
    losses, saved, done = [], time.monotonic(), False
    while not done:
        started = time.monotonic()
        batch = batches.next(step / args.steps)
        wanted = batch.wanted[:, 1:]
        # with half the digits a step is nearly twice as fast; tried with weights that are there
        with torch.autocast("cpu", torch.bfloat16, enabled=args.init is not None):
            logits = model(batch.ids, batch.wanted, batch.layout)
        loss = F.cross_entropy(logits.float(), batch.ids[:, 1:][wanted])
        model.zero_grad()
        loss.backward()
        stop = averaged(model, float(wanted.sum()), bool(stopping))
        torch.nn.utils.clip_grad_norm_(adam.param_groups[0]["params"], 1.0)
        for optimizer, full in ((muon, MATRIX_RATE), (adam, OTHER_RATE)):
            optimizer.param_groups[0]["lr"] = share * full * rate_at(step, args.steps)
            optimizer.step()
        step += 1
        losses.append(loss.item())
        done = stop or step == args.steps
        now = time.monotonic()
        used += now - started
        if step % REPORT_EVERY == 0 and rank == 0:
            mean = sum(losses[-REPORT_EVERY:]) / REPORT_EVERY
            pace = used / step
            print(f"{step} {used / 60:.1f} min  loss {mean:.3f}  {pace:.2f} s a step", flush=True)
        if rank == 0 and (done or now - saved > SAVE_EVERY):
            saved = now
            state = {"model": model.state_dict(), "step": step, "seconds": used}
            save(
                args.out / "last.pt", state | {"muon": muon.state_dict(), "adam": adam.state_dict()}
            )
            print(f"saved at step {step}", flush=True)
    leave(stopping)


if __name__ == "__main__":
    main()
