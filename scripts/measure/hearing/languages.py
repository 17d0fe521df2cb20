"""Measure how surely a recognizer tells the language that is spoken:

    .venv/bin/python -m scripts.measure.hearing.languages --corpus recordings other-languages
        --model whisper-base --seconds 3 5 10

Recordings are cut into utterances of so many seconds, which are judged one after the other as in
an interview held in English. The column `language` of INDEX.tsv says what is spoken: `en` where
there is none, `-` where nobody says words, as in recordings with a `sound`.
"""

import argparse
import asyncio
import csv
import sys
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path
from statistics import median

from models.contracts import HEARING_RATE, Samples, TranscriptStream
from models.device import Machine
from models.manifest import Recognizer, find
from models.whisper.coverage import voiced_seconds
from models.whisper.engine import load
from pipeline.conversation.spoken_language import SpokenLanguage

from .corpus import INDEX, decoded


async def main(args: argparse.Namespace) -> None:
    whisper = load(find(args.model, Recognizer, args.models_dir), Machine())
    stream = whisper.open("en")
    told: dict[tuple[str, float], Counter[str]] = defaultdict(Counter)
    needed: dict[tuple[str, float], list[float]] = defaultdict(list)
    for language, audio in _recordings(args.corpus):
        for seconds in args.seconds:
            spoken = SpokenLanguage("en", "", whisper.languages)
            found, voice = await _identified(spoken, stream, _cut(audio, seconds, args.most))
            if voice is None:
                continue
            told[language, seconds][found] += 1
            if found != "en":
                needed[language, seconds].append(voice)
    await whisper.aclose()
    print("language  seconds  recordings  told as                    voice needed")
    for (language, seconds), counts in sorted(told.items()):
        as_what = ", ".join(f"{code} {count}" for code, count in counts.most_common())
        after = needed[language, seconds]
        wait = f"{median(after):.1f} s, at most {max(after):.1f} s" if after else "-"
        print(f"{language:8}  {seconds:7g}  {counts.total():10}  {as_what:25}  {wait}")


async def _identified(
    spoken: SpokenLanguage, stream: TranscriptStream, utterances: Sequence[Samples]
) -> tuple[str, float | None]:
    """Return the language that is certain in the end, and the seconds of voice until then; None if
    there was nothing to judge."""
    voice, judged = 0.0, False
    for number, audio in enumerate(utterances):
        transcript = await stream.final(audio)
        voice += voiced_seconds(audio)
        judged = judged or bool(transcript.spoken)
        if spoken.changes(number, transcript.spoken):
            return spoken.now, voice
    return spoken.now, voice if judged else None


def _cut(audio: Samples, seconds: float, most: int) -> list[Samples]:
    length = round(seconds * HEARING_RATE)
    return [audio[at : at + length] for at in range(0, len(audio), length)][:most]


def _recordings(folders: Sequence[Path]) -> list[tuple[str, Samples]]:
    found = []
    for folder in folders:
        with (folder / INDEX).open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file, delimiter="\t"):
                language = row.get("language") or ("-" if row.get("sound") else "en")
                found.append((language, decoded(folder / row["file"])))
    return found


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition(":")[0])
    parser.add_argument("--corpus", type=Path, nargs="+", required=True, help="folders")
    parser.add_argument("--model", default="whisper-base", help="id in the manifest")
    parser.add_argument("--models-dir", type=Path, default=Path("models"), metavar="DIR")
    parser.add_argument("--seconds", type=float, nargs="+", default=[3.0, 5.0, 10.0])
    parser.add_argument("--most", type=int, default=6, help="utterances of a recording at most")
    sys.exit(asyncio.run(main(parser.parse_args())))
