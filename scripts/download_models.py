"""Fetch models for real interviews, as models/manifest.toml names them:

    .venv/bin/python scripts/download_models.py --list
    .venv/bin/python scripts/download_models.py --profile auto --language en
    .venv/bin/python scripts/download_models.py whisper-small.en qwen2.5-1.5b en_US-john-medium
    .venv/bin/python scripts/download_models.py --verify
    .venv/bin/python scripts/download_models.py --profile cpu --bundle /media/stick

They come from huggingface.co, or from the mirror that HF_ENDPOINT names; what was interrupted goes
on where it ended. At the end it prints the settings that select them. --bundle packs them together
with all Python packages for a machine without a network: make install-bundle BUNDLE=… there.
"""

import argparse
import os
import shutil
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from setup import model_choice
from setup.hub_download import DownloadFailed, Hub, Wanted
from setup.model_choice import MB, NoChoice
from tqdm import tqdm

from models import manifest
from models.errors import EngineError
from models.manifest import AnyModel, LanguageModel, Manifest, Profile, Recognizer, Voice
from service import env_file
from service.errors import SettingInvalid

ENDPOINT = "https://huggingface.co"
MARGIN = 200 * MB
"""Left free on the disk."""
PREFIX = "VIVAVOCE_"
SUMS = "downloaded/SHA256SUMS"
"""Hashes of what was downloaded, in the models folder: sha256sum -c reads it, too."""

parser = argparse.ArgumentParser(
    description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
)
parser.add_argument("ids", nargs="*", metavar="ID", help="models of the manifest")
parser.add_argument("--profile", help="models for a machine: auto, or one that --list names")
parser.add_argument("--language", default="en", help="of the interviews, for --profile")
parser.add_argument("--list", action="store_true", help="all models and profiles")
parser.add_argument("--dry-run", action="store_true", help="say what would be done")
parser.add_argument("--verify", action="store_true", help="read all that is there and compare it")
parser.add_argument("--accept-licence", action="store_true", help="also what has a condition")
parser.add_argument("--models-dir", type=Path, help="instead of VIVAVOCE_MODELS_DIR")
parser.add_argument("--bundle", type=Path, metavar="DIR", help="make an archive there as well")


class Bars:
    """A bar for each file on a terminal; else a line when it is there."""

    def __init__(self) -> None:
        self._bars: dict[str, tqdm] = {}

    def began(self, wanted: Wanted, already: int) -> None:
        self._bars[wanted.name] = tqdm(
            desc=wanted.target.name[-40:],
            total=wanted.size,
            initial=already,
            unit="B",
            unit_scale=True,
            leave=False,
            disable=None,  # where nobody looks at it
        )

    def grew(self, wanted: Wanted, by: int) -> None:
        self._bars[wanted.name].update(by)

    def ended(self, wanted: Wanted) -> None:
        self._bars.pop(wanted.name).close()
        tqdm.write(f"  {wanted.target.name}: {_amount(wanted.size)}")


def chosen(
    known: Manifest, ids: Sequence[str], profile: str | None, language: str
) -> tuple[list[AnyModel], Profile | None]:
    """What the arguments name. Raises `NoChoice`."""
    by_id = {model.id: model for model in known.model if not model.demonstration}
    if unknown := [name for name in ids if name not in by_id]:
        raise NoChoice(f"there is no model {unknown[0]!r} to download: see --list")
    models, found = [by_id[name] for name in ids], None
    if profile == "auto":
        found = model_choice.profile_for(model_choice.machine(), known.profile)
    elif profile:
        found = next((p for p in known.profile if p.id == profile), None)
        if found is None:
            names = ", ".join(p.id for p in known.profile)
            raise NoChoice(f"there is no profile {profile!r}: choose auto or one of {names}")
    if found:
        models += model_choice.models_of(found, known, language)
    return list({model.id: model for model in models}.values()), found


def refused(models: Iterable[AnyModel]) -> str:
    """Which of them must be accepted first; empty: none."""
    lines = [f"  {m.id} ({m.licence}): {m.condition}" for m in models if m.condition]
    return "\n".join(lines)


def missing(models: Iterable[AnyModel], models_dir: Path) -> list[Wanted]:
    """The files that are not there, or not with the right size."""
    wanted = []
    for model in models:
        for file in model.files:
            target = models_dir / file.path
            if not target.is_file() or target.stat().st_size != file.size:
                wanted.append(
                    Wanted(model.source, model.revision, file.name, target, file.size, file.sha256)
                )
    return wanted


def no_room(files: Sequence[Wanted], models_dir: Path, free: Callable[[Path], int]) -> str:
    """The sentence that says so; empty: there is enough."""
    parts = {part for f in files for part in f.target.parent.glob(f"{f.target.name}.*.part")}
    needed = sum(file.size for file in files) - sum(part.stat().st_size for part in parts)
    place = next(path for path in (models_dir, *models_dir.parents) if path.exists())
    if (there := free(place)) >= needed + MARGIN:
        return ""
    return (
        f"{_amount(needed)} are to be downloaded to {models_dir}, and {_amount(there)} are free "
        "there: choose another folder (--models-dir) or smaller models"
    )


def download(
    models: Sequence[AnyModel],
    models_dir: Path,
    hub: Hub,
    free: Callable[[Path], int] = lambda path: shutil.disk_usage(path).free,
) -> None:
    """Raises `DownloadFailed`."""
    files = missing(models, models_dir)
    if sentence := no_room(files, models_dir, free):
        raise DownloadFailed(sentence)
    if files:
        found = hub.fetch_all(files, Bars())
        remember(
            {str(path.relative_to(models_dir)): sha for path, sha in found.items()}, models_dir
        )


def remembered(models_dir: Path) -> dict[str, str]:
    """Hashes by path that earlier downloads wrote down."""
    path = models_dir / SUMS
    lines = path.read_text().splitlines() if path.exists() else []
    return {name: sha for sha, _, name in (line.partition("  ") for line in lines)}


def remember(hashes: dict[str, str], models_dir: Path) -> None:
    every = remembered(models_dir) | hashes
    path = models_dir / SUMS
    path.parent.mkdir(parents=True, exist_ok=True)
    path.with_suffix(".new").write_text("".join(f"{every[n]}  {n}\n" for n in sorted(every)))
    path.with_suffix(".new").replace(path)


def damaged(models: Iterable[AnyModel], models_dir: Path) -> list[str]:
    """Read all files of the models that are there at all; a sentence for each that is not right."""
    known = remembered(models_dir)
    wrong = []
    for model in there(models, models_dir):
        for file in model.files:
            path, expected = models_dir / file.path, file.sha256 or known.get(file.path, "")
            if not path.is_file():
                wrong.append(f"{path} of {model.id} is missing")
            elif path.stat().st_size != file.size or (
                expected and manifest.digest(path) != expected
            ):
                wrong.append(f"{path} of {model.id} is damaged: remove it and download it again")
    return wrong


def there(models: Iterable[AnyModel], models_dir: Path) -> list[AnyModel]:
    """Those of which at least one file is there."""
    return [
        model for model in models if any((models_dir / file.path).exists() for file in model.files)
    ]


# What it prints


def _amount(size: int) -> str:
    for unit, factor in (("GB", 1e9), ("MB", 1e6)):
        if size >= factor:
            return f"{size / factor:.1f} {unit}"
    return f"{size / 1e3:.1f} kB"


def _languages(model: AnyModel) -> str:
    return " ".join(model.languages) if len(model.languages) <= 2 else f"{len(model.languages)}"


def listing(known: Manifest, models_dir: Path) -> str:
    """All models by kind, then the profiles."""
    lines = []
    for kind, title in (
        (Recognizer, "Recognizers"),
        (LanguageModel, "Language models"),
        (Voice, "Voices"),
    ):
        lines.append(f"\n{title:<29}{'size':>9}  {'CPU':>8}  {'GPU':>8}  languages  licence")
        for model in known.model:
            if isinstance(model, kind) and not model.demonstration:
                lines.append(_line(model, models_dir))
    lines.append("\nProfiles (--profile), here for English")
    for profile in known.profile:
        models = model_choice.models_of(profile, known, "en")
        takes = model_choice.memory_of(models, gpu=profile.gpu, sessions=profile.sessions)
        lines.append(
            f"{profile.id:<12}{', '.join(m.id for m in models)}: {_amount(takes)} of "
            f"{'GPU ' if profile.gpu else ''}memory with {profile.sessions} interviews"
        )
    lines.append(
        "\nCPU and GPU: memory with one interview. +: is here. *: a condition has to be accepted "
        "(--accept-licence).\nhub: a hash is published nowhere else, so the file is verified "
        "against the hub at download."
    )
    for condition in dict.fromkeys(m.condition for m in known.model if m.condition):
        ids = ", ".join(m.id for m in known.model if m.condition == condition)
        lines.append(f"* {ids}: {condition}")
    return "\n".join(lines).lstrip("\n")


def _line(model: AnyModel, models_dir: Path) -> str:
    here = "+" if not missing([model], models_dir) else " "
    on_cpu, on_gpu = (model_choice.memory(model, gpu=gpu, sessions=1) for gpu in (False, True))
    marks = ("*" if model.condition else "") + (
        "" if all(file.sha256 for file in model.files) else " hub"
    )
    return (
        f"{here} {model.id:<27}{_amount(model.size):>9}  {_amount(on_cpu):>8}  "
        f"{_amount(on_gpu) if on_gpu else '':>8}  {_languages(model):<9}  {model.licence}{marks}"
    )


def verified(known: Manifest, models_dir: Path) -> str:
    """Which models were found to be right. Raises `DownloadFailed` when there is none."""
    found = [model for model in there(known.model, models_dir) if not model.demonstration]
    if not found:
        raise DownloadFailed(
            f"Nothing is downloaded in {models_dir.absolute()}, so there is nothing to verify;"
            " --list shows what there is, --models-dir names another folder."
        )
    sums = remembered(models_dir)
    unknown = [
        model.id
        for model in found
        if not all(file.sha256 or file.path in sums for file in model.files)
    ]
    told = f"All that is here is right: {', '.join(model.id for model in found)}."
    if unknown:
        told += f" Of {', '.join(unknown)} only the sizes are known: they were not downloaded here."
    return told


def plan(models: Sequence[AnyModel], models_dir: Path, endpoint: str) -> str:
    """What a download would do."""
    files = missing(models, models_dir)
    lines = []
    for model in models:
        lines.append(f"{model.id}: {model.licence}, {model.source} at {model.revision}")
        for file in model.files:
            there = models_dir / file.path not in {wanted.target for wanted in files}
            check = f"sha256 {file.sha256}" if file.sha256 else "verified against the hub"
            lines.append(
                f"  {'is here' if there else 'download':<8} {_amount(file.size):>8}  "
                f"{models_dir / file.path}  {check}"
            )
    total = _amount(sum(file.size for file in files))
    return "\n".join([*lines, f"{len(files)} files, {total}, from {endpoint}"])


def ending(models: Sequence[AnyModel], models_dir: Path) -> str:
    lines = "\n".join(model_choice.settings(models, models_dir))
    return (
        f"These settings, in .env, select them:\n\n{lines}\n\nThen `vivavoce check` tries them, and"
        " `vivavoce calibrate` measures how many interviews at once this machine holds."
    )


def run(options: argparse.Namespace) -> None:
    """Raises `DownloadFailed`, `NoChoice`, `EngineError`, `SettingInvalid`."""
    known = manifest.read()
    configured = env_file.variables(Path(".env"), PREFIX) | os.environ
    models_dir = options.models_dir or Path(configured.get("VIVAVOCE_MODELS_DIR") or "models")
    endpoint = (configured.get("HF_ENDPOINT") or ENDPOINT).rstrip("/")
    if options.list:
        print(listing(known, models_dir))
        return
    if options.verify:
        if wrong := damaged(known.model, models_dir):
            raise DownloadFailed("\n".join(wrong))
        print(verified(known, models_dir))
        return
    models, _ = chosen(known, options.ids, options.profile, options.language)
    if not models:
        raise NoChoice("name models, or a profile such as --profile auto; --list shows all")
    print(plan(models, models_dir, endpoint))
    if (conditions := refused(models)) and not options.accept_licence:
        raise NoChoice(f"--accept-licence is needed for\n{conditions}")
    if not options.dry_run:
        download(models, models_dir, Hub(endpoint))
        if options.bundle:
            from setup import model_bundle

            print(f"\n{model_bundle.make(models, models_dir, options.bundle)}")
    print(f"\n{ending(models, models_dir)}")


def main() -> None:
    try:
        run(parser.parse_args())
    except (DownloadFailed, NoChoice, EngineError, SettingInvalid) as exc:
        sys.exit(f"\n{exc}")
    except KeyboardInterrupt:
        sys.exit("\nInterrupted; the same command goes on from here.")


if __name__ == "__main__":
    main()
