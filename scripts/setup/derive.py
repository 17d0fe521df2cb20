"""Make the files that nobody publishes from fetched ones, once, on the machine that runs them.

A derived file is as long as the manifest says; its hash depends on the library and the processor,
so the one that it had when it was made is kept beside those of the downloads, and `--verify`
compares it.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path

from models import manifest
from models.errors import WeightsUnusable
from models.manifest import AnyModel, Derived, Manifest

from .fetching import remember
from .model_choice import whole
from .sources.transfer import Wanted


def with_bases(models: Iterable[AnyModel], known: Manifest, models_dir: Path) -> list[AnyModel]:
    """The models, and those that the missing ones among them are made from."""
    by_id = {model.id: model for model in known.model}
    found = []
    for model in models:
        found.append(model)
        if model.derived and not whole(model, models_dir):
            found.append(by_id[model.derived.model])
    return found


def derive(models: Sequence[AnyModel], known: Manifest, models_dir: Path) -> None:
    """Make what is missing. Raises `WeightsUnusable`."""
    by_id = {model.id: model for model in known.model}
    for model in models:
        if model.derived and not whole(model, models_dir):
            _convert(by_id[model.derived.model], model, model.derived, models_dir)


def _convert(base: AnyModel, model: AnyModel, how: Derived, models_dir: Path) -> None:
    from models.llama.quantize import quantize

    (file,) = model.files
    source, target = models_dir / base.files[0].path, models_dir / file.path
    print(f"  {target.name}: made from {source.name}", flush=True)
    quantize(source, target, how.format)
    if (size := target.stat().st_size) != file.size:
        target.unlink()
        raise WeightsUnusable(
            f"{target} became {size} bytes long instead of {file.size}: the library writes another "
            f"format than the manifest expects; choose the model {base.id} itself"
        )
    remember({file.path: manifest.digest(target)}, models_dir)


def drop_bases(
    models: Sequence[AnyModel], fetched: Sequence[Wanted], known: Manifest, models_dir: Path
) -> None:
    """Remove files that were fetched only to make others from them."""
    bases = {model.derived.model for model in models if model.derived}
    bases -= {model.id for model in models}
    names = {file.path for model in known.model if model.id in bases for file in model.files}
    dropped = [file for file in fetched if file.path in names]
    for file in dropped:
        file.target.unlink(missing_ok=True)
    if dropped:
        remember({}, models_dir, forget=[file.path for file in dropped])


def instead(models: Sequence[AnyModel], known: Manifest) -> list[AnyModel]:
    """The models, with the originals in the place of those that cannot be made."""
    by_id = {model.id: model for model in known.model}
    return [by_id[model.derived.model] if model.derived else model for model in models]
