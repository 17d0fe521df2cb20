"""What the downloader prints: all models, what it would do, what it has done."""

from collections.abc import Sequence
from pathlib import Path

from models.manifest import AnyModel, EndOfTurn, LanguageModel, Manifest, Recognizer, Voice

from . import model_choice
from .fetching import missing
from .model_choice import amount, whole


def _languages(model: AnyModel) -> str:
    return " ".join(model.languages) if len(model.languages) <= 2 else f"{len(model.languages)}"


def listing(known: Manifest, models_dir: Path) -> str:
    """All models by kind, then the profiles."""
    lines = []
    for kind, title in (
        (Recognizer, "Recognizers"),
        (LanguageModel, "Language models"),
        (Voice, "Voices"),
        (EndOfTurn, "Judges of the end of a turn"),
    ):
        lines.append(f"\n{title:<29}{'size':>9}  {'CPU':>8}  {'GPU':>8}  languages  licence")
        for model in known.model:
            if isinstance(model, kind) and not model.shipped:
                lines.append(_line(model, models_dir))
    lines.append("\nProfiles (--profile), here for English")
    for profile in known.profile:
        models = model_choice.models_of(profile, known, "en")
        takes = model_choice.memory_of(models, gpu=profile.gpu, sessions=profile.sessions)
        lines.append(
            f"{profile.id:<12}{', '.join(m.id for m in models)}: {amount(takes)} of "
            f"{'GPU ' if profile.gpu else ''}memory with {profile.sessions} interviews"
        )
    lines.append(
        "\nCPU and GPU: memory with one interview. +: is here. *: a condition has to be accepted "
        "(--accept-licence).\nhub: a hash is published nowhere else, so the file is verified "
        "against the hub at download.\nmade: here, from another model's file. &: a package index "
        "has the same bytes."
    )
    for condition in dict.fromkeys(m.condition for m in known.model if m.condition):
        ids = ", ".join(m.id for m in known.model if m.condition == condition)
        lines.append(f"* {ids}: {condition}")
    return "\n".join(lines).lstrip("\n")


def _line(model: AnyModel, models_dir: Path) -> str:
    here = "+" if whole(model, models_dir) else " "
    on_cpu, on_gpu = (model_choice.memory(model, gpu=gpu, sessions=1) for gpu in (False, True))
    marks = ("*" if model.condition else "") + ("&" if model.packages else "")
    if model.derived:
        marks += " made"
    elif not all(file.sha256 for file in model.files):
        marks += " hub"
    return (
        f"{here} {model.id:<27}{amount(model.size):>9}  {amount(on_cpu):>8}  "
        f"{amount(on_gpu) if on_gpu else '':>8}  {_languages(model):<9}  {model.licence}{marks}"
    )


def plan(models: Sequence[AnyModel], models_dir: Path, sources: Sequence[str]) -> str:
    """What a download would do."""
    files = missing(models, models_dir)
    lines = []
    for model in models:
        lines.append(f"{model.id}: {model.licence}, {model.source} at {model.revision}")
        for file in model.files:
            there = models_dir / file.path not in {wanted.target for wanted in files}
            check = f"sha256 {file.sha256}" if file.sha256 else "verified against the hub"
            how = "is here" if there else "download"
            if model.derived:
                check = f"made from {model.derived.model}"
                how = "is here" if whole(model, models_dir) else "make"
            lines.append(
                f"  {how:<8} {amount(file.size):>8}  {model.root(models_dir) / file.path}  {check}"
            )
    total = amount(sum(file.size for file in files))
    return "\n".join([*lines, f"{len(files)} files, {total}, from {' or '.join(sources)}"])
