"""Remember which models were fetched for this machine: they run where no setting says otherwise.

Whoever fetches models writes the record, beside them; the service reads it at its start. So a later
version of the program, whose profiles may name other models, keeps what was chosen.
"""

import os
from pathlib import Path

import msgspec

from .errors import WeightsUnusable

NAME = "downloaded/chosen.json"
"""Path of the record below the models folder."""


class Fetched(msgspec.Struct, frozen=True, omit_defaults=True):
    """Ids of models; empty where none was chosen."""

    recognizer: str = ""
    language_model: str = ""
    voice: str = ""
    end_of_turn: str = ""
    why: str = ""
    """The reason for the choice, in words: `cpu-small, for 2 cores and 4.1 GB`."""

    @property
    def ids(self) -> tuple[str, ...]:
        """Return the ids of all chosen models."""
        named = (self.recognizer, self.language_model, self.voice, self.end_of_turn)
        return tuple(name for name in named if name)


def read(models_dir: Path) -> Fetched | None:
    """Return the record; None when nothing was fetched. Raises `WeightsUnusable`."""
    path = models_dir / NAME
    try:
        return msgspec.json.decode(path.read_bytes(), type=Fetched)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, msgspec.MsgspecError) as exc:
        raise WeightsUnusable(
            f"{path}, which says what was fetched, cannot be used ({exc}): `make models` writes"
            " it anew"
        ) from exc


def encoded(record: Fetched) -> bytes:
    """Return the content of the file."""
    return msgspec.json.format(msgspec.json.encode(record), indent=1) + b"\n"


def write(record: Fetched, models_dir: Path) -> None:
    """Put the record in the place of the last one, whole or not at all. Raises OSError."""
    path = models_dir / NAME
    path.parent.mkdir(parents=True, exist_ok=True)
    growing = path.with_suffix(f".{os.getpid()}")
    growing.write_bytes(encoded(record))
    growing.replace(path)
