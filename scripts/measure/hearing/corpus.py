"""Read a folder of recordings with their words; docs/hearing.md describes its INDEX.tsv."""

import csv
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np

from models.contracts import HEARING_RATE, Samples

from .words import counted

INDEX = "INDEX.tsv"
SLOTS = "SLOTS:"
"""Beginning of the words of a recording of which only some phrases are known, apart by `|`."""


class CorpusUnusable(Exception):
    """Recordings or conditions are not there as named; the message says what to change."""


@dataclass(frozen=True, slots=True)
class Recording:
    name: str
    audio: Samples
    """16 kHz mono."""
    words: tuple[str, ...] = ()
    """All words that are said, in the form in which they are compared; empty if not known."""
    slots: tuple[tuple[str, ...], ...] = ()
    """Phrases of which it is only known that they are said."""
    speaker: str = ""
    sound: str = ""
    """What is heard where nothing is said: cough, laughter …"""

    @property
    def seconds(self) -> float:
        return len(self.audio) / HEARING_RATE


def read(folder: Path, only: str = "") -> list[Recording]:
    """Read the recordings whose name contains `only`. Raises `CorpusUnusable`."""
    try:
        with (folder / INDEX).open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file, delimiter="\t"))
    except OSError as exc:
        raise CorpusUnusable(f"{folder / INDEX} cannot be read: {exc.strerror}") from exc
    if not rows or "file" not in rows[0] or "words" not in rows[0]:
        raise CorpusUnusable(f"{folder / INDEX} needs columns named file and words")
    if not (chosen := [row for row in rows if only in row["file"]]):
        raise CorpusUnusable(f"no file of {folder / INDEX} has {only!r} in its name")
    return [_recording(folder, row) for row in chosen]


def _recording(folder: Path, row: dict[str, str]) -> Recording:
    words, slots = row["words"] or "", ()
    if words.startswith(SLOTS):
        phrases = words.removeprefix(SLOTS).split("|")
        words, slots = "", tuple(tuple(counted(phrase)) for phrase in phrases)
    audio = decoded(folder / row["file"])
    said, speaker = tuple(counted(words)), row.get("speaker") or ""
    return Recording(row["file"], audio, said, slots, speaker, row.get("sound") or "")


def decoded(path: Path) -> Samples:
    """Return any audio file as 16 kHz mono. Raises `CorpusUnusable`."""
    resampler = av.AudioResampler(format="s16", layout="mono", rate=HEARING_RATE)
    try:
        with av.open(str(path)) as file:
            frames = [part for frame in file.decode(audio=0) for part in resampler.resample(frame)]
            frames += resampler.resample(None)
    except (av.FFmpegError, OSError) as exc:
        raise CorpusUnusable(f"{path} cannot be read as audio: {exc}") from exc
    return np.concatenate([frame.to_ndarray()[0] for frame in frames]).astype(np.int16)
