"""Write down which models were chosen: for the service, which runs them where no setting says
otherwise, and into .env for people who want settings."""

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import msgspec

from models import fetched
from models.errors import WeightsUnusable
from models.fetched import Fetched
from models.manifest import AnyModel, EndOfTurn, LanguageModel, Recognizer, Voice

from . import model_choice
from .sources.transfer import DownloadFailed

FIELDS = {
    Recognizer: "recognizer",
    LanguageModel: "language_model",
    Voice: "voice",
    EndOfTurn: "end_of_turn",
}


def with_models(
    record: Fetched | None, models: Iterable[AnyModel], why: str = "as asked"
) -> Fetched:
    """The record with these models chosen, of several of a kind the first."""
    chosen: dict[str, str] = {}
    for model in models:
        chosen.setdefault(FIELDS[type(model)], model.id)
    return msgspec.structs.replace(record or Fetched(), why=why, **chosen)


def keep(models: Iterable[AnyModel], models_dir: Path, why: str) -> None:
    """Make them what runs. Raises `DownloadFailed`."""
    try:
        record = fetched.read(models_dir)
    except WeightsUnusable:
        record = None  # damaged: it is written anew
    try:
        fetched.write(with_models(record, models, why), models_dir)
    except OSError as exc:
        raise DownloadFailed(f"{models_dir / fetched.NAME} cannot be written: {exc}") from exc


def overruled(models: Iterable[AnyModel], variables: Mapping[str, str]) -> list[str]:
    """The settings that say otherwise, each with its value."""
    lines = []
    for model in models:
        name = model_choice.SETTINGS.get(type(model), "")
        if (value := variables.get(name, "").strip()) not in ("", model.id):
            lines.append(f"{name}={value}")
    return lines


def write_env(lines: Sequence[str], path: Path) -> None:
    """Put settings into a file .env: each in the place of its last value, else at the end; what
    else the file holds stays. Raises `DownloadFailed`."""
    try:
        text = path.read_text("utf-8") if path.exists() else ""
        for line in lines:
            name = line.partition("=")[0]
            present = re.compile(rf"^(export )?{name}=.*$", re.MULTILINE)
            if present.search(text):
                text = present.sub(lambda _, line=line: line, text)
            else:
                text += ("" if text.endswith("\n") or not text else "\n") + line + "\n"
        growing = path.with_name(f"{path.name}.new")
        # It may hold keys: nobody else may read it, unless that was so before.
        growing.touch(mode=0o600)
        growing.write_text(text, "utf-8")
        if path.exists():
            os.chmod(growing, path.stat().st_mode & 0o777)
        growing.replace(path)
    except (OSError, UnicodeDecodeError) as exc:
        raise DownloadFailed(f"{path} cannot be written: {exc}") from exc
