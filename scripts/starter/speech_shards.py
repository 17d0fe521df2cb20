"""Shards of transcribed speech on disk: NNNN.pcm (16-bit, 16 kHz) beside NNNN.json.

    python -m scripts.starter.speech_shards --out FOLDER --first 0 --last 99 --jobs 2

A shard is a function of its number alone: text, voices and all. Shards that are there are skipped,
so the program may be stopped and started again, and a training may read while it writes.
"""

import argparse
import json
import multiprocessing
import random
import subprocess
from functools import cache
from pathlib import Path

import numpy as np

from scripts.starter.general_text import GeneralText
from scripts.starter.sentences import Sentences
from scripts.starter.speech import RATE, random_speech

UTTERANCES = 400  # a shard
GENERAL, WORDS = 0.45, 0.2  # shares of n-gram sentences and of word lists; frames are the rest
LONGEST = 14.0  # seconds; longer speech is left out
SHORTEST = 0.25


@cache
def _grams(folder: Path) -> GeneralText:
    return GeneralText(folder, seed=0)


def shard(job: tuple[int, Path]) -> float:
    """Write one shard; how many hours of speech it holds."""
    number, folder = job
    random_ = random.Random(number)
    general, frames = _grams(folder / "ngrams"), Sentences(number)
    general.reseed(number)
    parts, rows, position = [], [], 0
    for _ in range(UTTERANCES):
        text = _text(random_, general, frames)
        try:
            audio, voice = random_speech(text, random_)
        except (subprocess.CalledProcessError, ValueError):
            continue  # a synthesizer that chokes on a sentence costs that sentence
        if not SHORTEST * RATE < len(audio) < LONGEST * RATE:
            continue
        samples = (audio * 32767).astype("<i2")
        parts.append(samples)
        rows.append([position, len(samples), text, voice])
        position += len(samples)
    np.concatenate(parts).tofile(folder / f"{number:04d}.pcm")
    unfinished = folder / f"{number:04d}.part"
    unfinished.write_text(json.dumps(rows), encoding="utf-8")
    unfinished.rename(folder / f"{number:04d}.json")  # last: whoever sees it can read the audio
    return position / RATE / 3600


def _text(random_: random.Random, general: GeneralText, frames: Sentences) -> str:
    draw = random_.random()
    if draw < GENERAL:
        return general.sentence()
    return general.word_list() if draw < GENERAL + WORDS else frames.utterance()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--last", type=int, required=True, help="number of the last shard")
    parser.add_argument("--jobs", type=int, default=2)
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    numbers = range(args.first, args.last + 1)
    jobs = [(n, args.out) for n in numbers if not (args.out / f"{n:04d}.json").exists()]
    hours = 0.0
    _grams(args.out / "ngrams")  # the processes come into being with it, so that one makes it
    with multiprocessing.Pool(args.jobs) as pool:
        for done, more in enumerate(pool.imap_unordered(shard, jobs), 1):
            hours += more
            print(f"{done}/{len(jobs)} shards, {hours:.2f} hours", flush=True)


if __name__ == "__main__":
    main()
