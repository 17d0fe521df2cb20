"""Read a folder of recordings with their words; docs/hearing.md describes its INDEX.tsv."""

import csv
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np

from models.contracts import HEARING_RATE, Samples

from .words import counted

INDEX = "INDEX.tsv"
SLOTS = "SLOTS:"
"""Beginning of the words of a recording of which only some phrases are known, apart by `|`."""

QUOTATION = "A field that begins with a quotation mark ends with one, and has those in it doubled."


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
    rows = _rows(folder / INDEX)
    if not (chosen := [row for row in rows if only in row["file"]]):
        raise CorpusUnusable(f"no file of {folder / INDEX} has {only!r} in its name")
    return [_recording(folder, row) for row in chosen]


def _rows(index: Path) -> list[dict[str, str]]:
    """Return the lines of an index, each with a `file` of its own and `words`."""
    try:
        with index.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, delimiter="\t", restval="", strict=True)
            columns, rows = reader.fieldnames or (), list(reader)
    except OSError as exc:
        raise CorpusUnusable(f"{index} cannot be read: {exc.strerror}") from exc
    except UnicodeDecodeError as exc:
        raise CorpusUnusable(f"{index} is not UTF-8: save it in that encoding") from exc
    except csv.Error as exc:
        raise CorpusUnusable(f"{index} cannot be read: {exc}. {QUOTATION}") from exc
    if not {"file", "words"} <= set(columns):
        raise CorpusUnusable(f"{index} needs columns named file and words, separated by tabs")
    if not rows:
        raise CorpusUnusable(f"{index} names no recording")
    names = [row["file"] for row in rows]
    if "" in names:
        raise CorpusUnusable(f"recording {names.index('') + 1} of {index} has no file")
    if twice := [name for name, count in Counter(names).items() if count > 1]:
        raise CorpusUnusable(f"{index} names {twice[0]} more than once: leave one of them")
    return rows


def _recording(folder: Path, row: dict[str, str]) -> Recording:
    words, slots = row["words"], ()
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
    except OSError as exc:
        raise CorpusUnusable(f"{path} cannot be read as audio: {exc.strerror}") from exc
    except (av.FFmpegError, IndexError) as exc:
        raise CorpusUnusable(f"{path} cannot be read as audio: there is none in it") from exc
    if not frames:
        raise CorpusUnusable(f"{path} cannot be read as audio: there is none in it")
    return np.concatenate([frame.to_ndarray()[0] for frame in frames]).astype(np.int16)
