"""Make the files that nobody publishes from fetched ones, once, on the machine that runs them.

A derived file is as long as the manifest says; its hash depends on the library and the processor,
so the one that it had when it was made is kept beside those of the downloads, and `--verify`
compares it.
"""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from models import manifest
from models.errors import WeightsUnusable
from models.llama.trial import Trial, compare
from models.manifest import AnyModel, Derived, Manifest

from .fetching import remember
from .model_choice import whole
from .sources.transfer import Wanted

Compare = Callable[[Path, Path], Trial]
"""Tries an original and a converted file; see `models.llama.trial.compare`."""


def with_bases(models: Iterable[AnyModel], known: Manifest, models_dir: Path) -> list[AnyModel]:
    """The models, and those that the missing ones among them are made from."""
    by_id = {model.id: model for model in known.model}
    found = []
    for model in models:
        found.append(model)
        if model.derived and not whole(model, models_dir):
            found.append(by_id[model.derived.model])
    return found


def derive(
    models: Sequence[AnyModel], known: Manifest, models_dir: Path, tried: Compare = compare
) -> None:
    """Make what is missing, and try it beside its original. Raises `WeightsUnusable`."""
    by_id = {model.id: model for model in known.model}
    for model in models:
        if model.derived and not whole(model, models_dir):
            base = by_id[model.derived.model]
            _convert(base, model, model.derived, models_dir, tried)


def _convert(
    base: AnyModel, model: AnyModel, how: Derived, models_dir: Path, compared: Compare
) -> None:
    from models.llama.quantize import quantize

    (file,) = model.files
    source, target = models_dir / base.files[0].path, models_dir / file.path
    print(f"  {target.name}: is made from {source.name}, in a minute or less", flush=True)
    quantize(source, target, how.format)
    if (size := target.stat().st_size) != file.size:
        target.unlink()
        raise WeightsUnusable(
            f"{target} became {size} bytes long instead of {file.size}: the library writes another "
            f"format than the manifest expects; choose the model {base.id} itself"
        )
    tried = compared(source, target)
    if tried.objection:
        target.unlink()
        raise WeightsUnusable(f"{target.name} is not used: {tried.objection}")
    print(
        f"  {target.name}: replies {tried.faster:.1f} times as fast, and predicts the same word in"
        f" {tried.alike:.0%} of the cases",
        flush=True,
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
