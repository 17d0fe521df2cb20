"""Make a corpus of short sounds that are no words, for `eval_hearing.py --bursts`:

    .venv/bin/python -m scripts.measure.hearing.cut_bursts build/bursts
        cough=coughs/one.wav cough=coughs/two.ogg laughter=laughs.flac --voices starter-voice

Each recording is cut at its silences. The voices say "mm-hm", "yeah" and the like.
"""

import argparse
import asyncio
import csv
import sys
import wave
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import soxr

from models import registry
from models.contracts import FRAME, HEARING_RATE, SPEAKING_RATE, Samples
from models.device import Machine
from models.manifest import Voice, find

from .corpus import INDEX, CorpusUnusable, decoded

LOUD = 0.08
"""Share of a recording's loudest level from which there is sound."""
APART = 0.35
"""Seconds of silence between two sounds."""
LASTS = (0.08, 4.0)
"""Seconds of a sound, at least and at most."""
AROUND = 0.1
"""Seconds kept before and after it."""
PEAK = 12_000
"""Loudest sample of each sound."""
NODS = (
    "Mm-hm.", "Uh-huh.", "Mhm.", "Hmm.", "Yeah.", "Yes.", "Okay.", "Right.", "I see.", "Sure.",
    "Yeah, yeah.", "Oh, okay.", "Um.", "Uh.", "Wow.",
)  # fmt: skip
"""What listeners say without wanting the floor."""


def sounds(audio: Samples) -> Iterator[Samples]:
    """Return the sounds of a recording between its silences."""
    frames = audio[: len(audio) // FRAME * FRAME].reshape(-1, FRAME).astype(np.float64)
    levels = np.sqrt((frames**2).mean(axis=1))
    loud = np.nonzero(levels > levels.max(initial=1.0) * LOUD)[0]
    if not loud.size:
        return
    borders = np.nonzero(np.diff(loud) > APART * HEARING_RATE / FRAME)[0] + 1
    for group in np.split(loud, borders):
        begin, end = int(group[0]) * FRAME, int(group[-1] + 1) * FRAME
        if LASTS[0] <= (end - begin) / HEARING_RATE <= LASTS[1]:
            around = round(AROUND * HEARING_RATE)
            yield audio[max(0, begin - around) : end + around]


async def nods(voice: str, models_dir: Path) -> Sequence[Samples]:
    """Return what this voice says while it listens."""
    located = find(voice, Voice, models_dir)
    speaker = registry.engine(located.model.engine).load(located, Machine())
    spoken = [await speaker.speak(text) for text in NODS]
    await speaker.aclose()
    return [np.asarray(soxr.resample(audio, SPEAKING_RATE, HEARING_RATE)) for audio in spoken]


def _write(path: Path, audio: Samples) -> None:
    level = PEAK / max(1, int(np.abs(audio.astype(np.int32)).max(initial=1)))
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(HEARING_RATE)
        file.writeframes(np.round(audio * level).astype("<i2").tobytes())


def make(options: argparse.Namespace) -> int:
    found: list[tuple[str, str, Samples]] = []
    for kind, _, path in (named.partition("=") for named in options.recordings):
        found += [(kind, path, sound) for sound in sounds(decoded(Path(path)))]
    for voice in options.voices:
        found += [("nod", voice, sound) for sound in asyncio.run(nods(voice, options.models_dir))]
    options.out.mkdir(parents=True, exist_ok=True)
    with (options.out / INDEX).open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, delimiter="\t")
        table.writerow(("file", "words", "speaker", "sound"))
        for number, (kind, source, sound) in enumerate(found):
            name = f"{kind}_{number:03}.wav"
            _write(options.out / name, sound)
            table.writerow((name, "", source, kind))
    return 0


def main() -> int:
    made = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    made.add_argument("out", type=Path, metavar="DIR")
    made.add_argument("recordings", nargs="*", metavar="SOUND=FILE")
    made.add_argument("--voices", nargs="*", default=[], metavar="NAME")
    made.add_argument("--models-dir", type=Path, default=Path("models"), metavar="DIR")
    try:
        return make(made.parse_args())
    except CorpusUnusable as exc:
        print(exc, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
