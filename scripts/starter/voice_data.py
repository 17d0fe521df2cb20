"""The voice's training set: a teacher's speech with Piper's symbols, their times, and the pitch.

    python -m scripts.starter.voice_data --ngrams build/starter/speech/ngrams \\
        --out build/starter/voice/data --sentences 6500 --jobs 2

Writes meta.json, audio.i16 and pitch.f32 (Hz a frame, 0 where unvoiced).
"""

import argparse
import json
import multiprocessing
import random
import re
import subprocess
import tempfile
import wave
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from piper.phonemize_espeak import ESPEAK_DATA_DIR, EspeakPhonemizer

from scripts.starter.general_text import GeneralText
from scripts.starter.pitch import pitch
from scripts.starter.sentences import Sentences
from scripts.starter.voice_alignment import MARKS, WORST, aligned, sounds_of

RATE, HOP = 16_000, 128  # a frame is 8 ms
LEAD, TRAIL = 0.06, 0.12  # seconds of silence kept at both ends
LONGEST = 110  # characters


def sentences(count: int, ngrams: Path) -> list[str]:
    """Interview and general sentences, fragments, and lists of words with other marks than dots."""
    random_, frames = random.Random(1), Sentences(1)
    general, found = GeneralText(ngrams, seed=2), dict[str, None]()
    while len(found) < count:
        draw = random_.random()
        if draw < 0.4:
            text = random_.choice(re.split(r"(?<=[.?!]) ", frames.utterance()))
        elif draw < 0.8:
            text = general.sentence()
            if random_.random() < 0.2:
                text = text.replace(",", random_.choice([";", ":"]), 1)
            if random_.random() < 0.15:
                text = text[:-1] + random_.choice(["!", "?", ""])
        elif draw < 0.9:
            words = general.sentence().split()
            first = random_.randrange(len(words))
            text = " ".join(words[first : first + random_.randint(1, 3)]).rstrip(",.?")
            text = text[0].upper() + text[1:] + random_.choice([".", "?", "!"])
        else:
            text = general.word_list()
        if len(text) <= LONGEST:
            found[text] = None
    return list(found)


def teacher(text: str, voice: str) -> tuple[np.ndarray, list[tuple[str, float, float]]]:
    """16-bit audio of flite, and its phones with their begin and end in seconds."""
    with tempfile.NamedTemporaryFile(suffix=".wav") as file:
        command = [f"flite_cmu_us_{voice}", "-psdur", "-t", text, "-o", file.name]
        printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        with wave.open(file.name) as sound:
            audio = np.frombuffer(sound.readframes(sound.getnframes()), "<i2")
    phones, begin = [], 0.0
    for entry in printed.split():
        name, end = entry.rsplit(":", 1)
        phones.append((name, begin, float(end)))
        begin = float(end)
    return audio, phones


@cache
def _phonemizer() -> EspeakPhonemizer:
    return EspeakPhonemizer(ESPEAK_DATA_DIR)


def example(job: tuple[str, str]) -> dict[str, Any] | str:
    """One sentence with everything that training wants, or in a word why it is left out."""
    text, voice = job
    phonemes = _phonemizer().phonemize("en-us", text)
    if len(phonemes) != 1:
        return "sentences"
    audio, phones = teacher(text, voice)
    if len(phones) < 3 or phones[0][0] != "pau" or phones[-1][0] != "pau":
        return "phones"
    start = max(0.0, phones[0][2] - LEAD)
    stop = min(phones[-1][1] + TRAIL, len(audio) / RATE)

    def frame(seconds: float) -> int:
        return round((min(max(seconds, start), stop) - start) * RATE / HOP)

    lengths = [(name, frame(end) - frame(begin)) for name, begin, end in phones]
    symbols = ["^", *phonemes[0], "$"]
    sounds = sounds_of(symbols)
    spoken = sum(sound.name not in MARKS for sound in sounds)
    found = aligned(sounds, lengths[1:-1])
    if found is None or found[1] / max(spoken, 1) > WORST:
        return "alignment"
    durations = [0] * len(symbols)
    durations[0], durations[-1] = lengths[0][1], lengths[-1][1]
    for sound, count in zip(sounds, found[0], strict=True):
        for i, place in enumerate(reversed(sound.places)):
            durations[place] += count // len(sound.places) + (i < count % len(sound.places))
    frames = sum(durations)
    first = round(start * RATE)
    audio = audio[first : first + frames * HOP]
    audio = np.pad(audio, (0, frames * HOP - len(audio)))
    hertz = pitch(audio, RATE, HOP, frames)
    return {"text": text, "symbols": symbols, "frames": durations, "audio": audio, "pitch": hertz}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ngrams", type=Path, required=True, help="folder of the n-gram table")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--sentences", type=int, default=6500)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--voice", default="slt", help="the teacher, a voice of flite at 16 kHz")
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    jobs = [(text, args.voice) for text in sentences(args.sentences, args.ngrams)]
    items, left_out, position = [], Counter[str](), 0
    with (
        open(args.out / "audio.i16", "wb") as audio,
        open(args.out / "pitch.f32", "wb") as hertz,
        multiprocessing.Pool(args.jobs) as pool,
    ):
        for made in pool.imap(example, jobs, chunksize=16):
            if isinstance(made, str):
                left_out[made] += 1
                continue
            audio.write(made.pop("audio").astype("<i2").tobytes())
            hertz.write(made.pop("pitch").astype("<f4").tobytes())
            items.append(made | {"start": position})
            position += sum(made["frames"])
    meta = {"rate": RATE, "hop": HOP, "items": items}
    (args.out / "meta.json").write_text(json.dumps(meta, ensure_ascii=False), encoding="utf-8")
    hours = position * HOP / RATE / 3600
    print(f"{len(items)} sentences, {hours:.2f} hours; left out {dict(left_out)}")


if __name__ == "__main__":
    main()
