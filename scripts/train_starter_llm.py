"""Train the starter interviewer on a CPU, in as many sittings as wanted.

    nice -n 19 python -m scripts.train_starter_llm --ngrams build/starter/speech/ngrams \\
        --out build/starter/interviewer --minutes 90

--minutes is the length of the whole schedule: documents grow from short to full interviews over it
and the rate falls to nothing at its end. A stopped training goes on where it was; one that had
ended goes on with a longer --minutes. SIGTERM saves and leaves. `python -m
scripts.starter.chat_export` makes the GGUF. OMP_NUM_THREADS sets the threads.
"""

import argparse
import math
import os
import time
from pathlib import Path

import torch
import torch.nn.functional as F
from tokenizers import Tokenizer

from scripts.starter.chat_batches import ChatBatches, new_tokenizer
from scripts.starter.chat_net import Chat, Shape
from scripts.starter.muon import Muon
from scripts.starter.sitting import leave, save, stoppable

TOKENS = 6144  # a batch, padding included
MATRIX_RATE, OTHER_RATE = 0.008, 8e-4  # of Muon and of Adam
WARM_UP = 40  # steps
FLOOR = 0.04  # of the rate, what is left at the end
LINES = 20_000  # general sentences that everyday speech is taken from
CORPUS = 9000  # documents for the tokenizer
SAVE_EVERY = 240.0  # seconds
REPORT_EVERY = 25  # steps


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
        import random

        from scripts.starter.dialogues import document
        from scripts.starter.terms import Terms

        terms = Terms(random.Random(1), lines)
        documents = [document(terms, ("short", "medium")[i % 2]) for i in range(CORPUS)]
        texts = [f"{role}\n{text}\n" for spoken in documents for role, text in spoken]
        new_tokenizer(texts + lines[:6000], vocabulary).save(str(path))
    return Tokenizer.from_file(str(path))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ngrams", type=Path, required=True, help="folder of the n-gram table")
    parser.add_argument("--out", type=Path, required=True, help="folder of checkpoints")
    parser.add_argument("--minutes", type=float, default=90, help="length of the whole schedule")
    parser.add_argument("--from-progress", type=float, default=0.0, help="0..1, skip what is easy")
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", "2")))
    torch.manual_seed(0)
    stopping = stoppable()

    lines = everyday_lines(args.ngrams, args.out / "lines.txt")
    tokenizer = tokenizer_at(args.out / "tokenizer.json", lines, Shape().vocabulary)
    model = Chat(Shape())
    matrices = [w for name, w in model.named_parameters() if w.ndim == 2 and "emb" not in name]
    chosen = set(map(id, matrices))
    others = [w for w in model.parameters() if id(w) not in chosen]
    muon, adam = Muon(matrices, decay=0.0), torch.optim.Adam(others, betas=(0.9, 0.97), eps=1e-10)
    last = args.out / "last.pt"
    step, used, cold = 0, args.from_progress * args.minutes * 60, True
    if last.exists():
        state = torch.load(last)
        model.load_state_dict(state["model"])
        if "muon" in state:
            muon.load_state_dict(state["muon"])
            adam.load_state_dict(state["adam"])
            step, used, cold = state["step"], state["seconds"], False
    batches = ChatBatches(tokenizer, lines, TOKENS, seed=step)
    losses, saved, done = [], time.monotonic(), False
    while not done:
        started = time.monotonic()
        progress = min(1.0, used / (args.minutes * 60))
        ids, wanted = batches.next(progress)
        loss = F.cross_entropy(model(ids, wanted), ids[:, 1:][wanted[:, 1:]])
        model.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(others, 1.0)
        rate = FLOOR + (1 - FLOOR) * 0.5 * (1 + math.cos(math.pi * progress))
        rate *= min(1.0, (step + 1) / WARM_UP) if cold else 1.0
        for optimizer, full in ((muon, MATRIX_RATE), (adam, OTHER_RATE)):
            optimizer.param_groups[0]["lr"] = rate * full
            optimizer.step()
        step += 1
        losses.append(loss.item())
        used += time.monotonic() - started
        done = bool(stopping) or used >= args.minutes * 60
        if step % REPORT_EVERY == 0:
            mean = sum(losses) / len(losses)
            print(f"{step} {used / 60:.1f} min  loss {mean:.3f}  rate {rate:.2f}", flush=True)
            losses = []
        if done or time.monotonic() - saved > SAVE_EVERY:
            saved = time.monotonic()
            state = {"model": model.state_dict(), "step": step, "seconds": used}
            save(last, state | {"muon": muon.state_dict(), "adam": adam.state_dict()})
            print(f"saved at step {step}", flush=True)
    leave(stopping)


if __name__ == "__main__":
    main()
