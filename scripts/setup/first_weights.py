"""Give this machine weights for real interviews, once: python -m scripts.setup.first_weights

`make run` calls it before each start. What suits the machine is fetched, verified and chosen by
default; after that it only looks whether all is there. Nothing that a setting names is fetched, and
nothing whose licence asks for a yes. Where no source answers within seconds, or with OFFLINE=1, it
says so in a sentence, and the service starts with the starter weights.
"""

import argparse
import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from models import fetched, manifest
from models.errors import EngineError, WeightsUnusable
from models.fetched import Fetched
from models.manifest import AnyModel, EndOfTurn, Manifest, Profile
from service import env_file
from service.errors import SettingInvalid

from .model_choice import (
    KINDS,
    MB,
    SETTINGS,
    MachineSize,
    NoChoice,
    amount,
    bound_voices,
    machine,
    memory_of,
    models_of,
    profile_of,
    whole,
)

if TYPE_CHECKING:  # when all is there, nothing of the network is needed, and the start is quicker
    from .sources.fetch import Sources
    from .sources.transfer import Wanted

PREFIX = "VIVAVOCE_"
YES = {"1", "true", "yes", "on"}
STARTERS = "The service starts with the starter weights, which are a demonstration"
BROKEN = "The weights that were chosen for this machine are not whole"

parser = argparse.ArgumentParser(
    description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
)
parser.add_argument("--profile", default="auto", help="auto: what suits this machine")


class Without(Exception):
    """Real weights cannot be had now; says why in a sentence."""


@dataclass(frozen=True, slots=True)
class Place:
    """What is decided about this machine."""

    known: Manifest
    variables: Mapping[str, str]
    models_dir: Path
    measured: Callable[[], MachineSize]
    """Measures it; that takes a moment, and is done for the first choice alone."""

    @property
    def open_kinds(self) -> list[type]:
        """The kinds of models that no setting names."""
        server = self.variables.get("VIVAVOCE_LLM_BASE_URL", "").strip()
        named = {kind for kind, name in SETTINGS.items() if self.variables.get(name, "").strip()}
        kinds = [k for k in KINDS if k not in named and not (server and "LLM" in SETTINGS[k])]
        return [*kinds, EndOfTurn] if kinds and EndOfTurn not in named else kinds

    @property
    def offline(self) -> bool:
        return self.variables.get("OFFLINE", "").lower() in YES

    def models(self, ids: Sequence[str]) -> list[AnyModel]:
        """The models of these ids, as far as this version knows them."""
        return [model for model in self.known.model if model.id in ids]


def main() -> None:
    given = parser.parse_args()
    try:
        set_up(given.profile)
    except Without as exc:
        print(exc, flush=True)
    except (SettingInvalid, NoChoice) as exc:
        sys.exit(f"\n{exc}")
    except KeyboardInterrupt:
        print(
            "\nInterrupted; the next make run goes on from here. OFFLINE=1 make run starts without"
            " real weights.",
            file=sys.stderr,
            flush=True,
        )
        os._exit(130)  # not waiting for a server that is silent


def set_up(
    profile: str,
    known: Callable[[], Manifest] = manifest.read,
    measured: Callable[[], MachineSize] = machine,
) -> None:
    """Raises `Without`, `SettingInvalid`, `NoChoice`."""
    variables = env_file.variables(Path(".env"), PREFIX) | os.environ
    models_dir = Path(variables.get("VIVAVOCE_MODELS_DIR", "").strip() or "models")
    try:
        place = Place(known(), variables, models_dir, measured)
        if not place.open_kinds:
            return
        record = fetched.read(models_dir)
        if record is None:
            first_choice(place, profile)
        else:
            repair(place, record)
    except EngineError as exc:
        raise Without(f"{exc}.") from exc


def first_choice(place: Place, name: str) -> None:
    """Choose for this machine and fetch it. Raises `Without`, `EngineError`."""
    from .fetching import missing
    from .sources.transfer import DownloadFailed

    size = place.measured()
    profile = profile_of(name, place.known, size)
    why = f"{profile.id}, for {size.cores} cores and {size.memory} MB"
    sources = _sources(place, missing(place.known.model, place.models_dir))
    models = chosen(place, profile, sources)
    takes, there = memory_of(models, gpu=profile.gpu, sessions=1), size.of(profile) * MB
    if name == "auto" and takes > there:
        raise Without(
            f"Weights for real interviews take {amount(takes)} of memory, and this machine has "
            f"{amount(there)}. {STARTERS}."
        )
    try:
        try:
            fetch(models, place, why, sources)
        except DownloadFailed as exc:
            # A hub may answer while what it refers to is closed: what others offer is enough then.
            others = sources.again()
            if others.away == sources.away or not others.answering:
                raise
            print(f"{exc}. Trying without {' and '.join(others.away)}.", flush=True)
            models = chosen(place, profile, others)
            fetch(models, place, why, others)
    except DownloadFailed as exc:
        raise Without(
            f"Real weights were not fetched: {exc}. {STARTERS}; the next make run tries again and"
            " goes on where this ended."
        ) from exc
    if told := bound_voices(models, place.known, "en"):
        print(f'{told}: make models ARGS="--accept-licence".', flush=True)


def chosen(place: Place, profile: Profile, sources: "Sources") -> list[AnyModel]:
    """The best models that the sources offer. Raises `Without`."""
    from .derive import with_bases
    from .fetching import missing

    def has(model: AnyModel) -> bool:
        needed = with_bases([model], place.known, place.models_dir)
        return sources.offer(missing(needed, place.models_dir))

    try:
        models = models_of(profile, place.known, "en", has=has, licences=False)
    except NoChoice as exc:
        raise Without(f"{exc}. {STARTERS}.") from exc
    models = [model for model in models if type(model) in place.open_kinds]
    if all(model.shipped for model in models):
        raise Without(f"{_nothing(place, sources)}. {STARTERS}; `make models` fetches real ones.")
    return models


def repair(place: Place, record: Fetched) -> None:
    """Fetch what is missing of the models that were chosen. Raises `Without`, `EngineError`."""
    chosen = [m for m in place.models(record.ids) if type(m) in place.open_kinds]
    if all(whole(model, place.models_dir) for model in chosen):
        return
    from .derive import with_bases
    from .fetching import missing
    from .sources.transfer import DownloadFailed

    files = missing(with_bases(chosen, place.known, place.models_dir), place.models_dir)
    sources = _sources(place, files)
    path = place.models_dir / fetched.NAME
    told = f"without {path}, which says what was chosen, the choice is made anew"
    if files and not sources.answering:
        raise Without(f"{BROKEN}. {_nothing(place, sources)}; {told}.")
    try:
        fetch(chosen, place, record.why, sources)
    except DownloadFailed as exc:
        raise Without(f"{BROKEN}: {exc}; {told}.") from exc


def fetch(models: Sequence[AnyModel], place: Place, why: str, sources: "Sources") -> None:
    """Fetch what is missing of these models, and choose them. Raises `DownloadFailed`,
    `EngineError`."""
    from .choice_record import keep
    from .derive import derive, drop_bases, instead, with_bases
    from .fetching import download, missing

    needed = with_bases(models, place.known, place.models_dir)
    files = missing(needed, place.models_dir)
    began = time.monotonic()
    if files:
        size = amount(sum(file.size for file in files))
        print(f"Fetching weights for real interviews ({why}), {size}, once:", flush=True)
        named = ", ".join(f"{model.id} ({model.licence})" for model in models)
        print(f"  {named}", flush=True)
    download(needed, place.models_dir, sources)
    try:
        derive(models, place.known, place.models_dir)
    except WeightsUnusable as exc:
        print(f"{exc}; the original runs in its place.", flush=True)
        models = instead(models, place.known)
    keep(models, place.models_dir, why)
    drop_bases(models, files, place.known, place.models_dir)
    if files:
        print(f"Fetched and verified in {time.monotonic() - began:.0f} s.", flush=True)


def _sources(place: Place, files: "Sequence[Wanted]") -> "Sources":
    """The sources, after asking which of them answer; none where there is to be no network."""
    from .sources.fetch import Sources
    from .sources.order import sources_of

    if place.offline:
        return Sources([])
    named = place.variables.get("VIVAVOCE_MODELS_SOURCE", "")
    sources = sources_of([named], place.variables, place.models_dir)
    sources.probe(files)
    return sources


def _nothing(place: Place, sources: "Sources") -> str:
    if place.offline:
        return "OFFLINE is set, so no weights are fetched"
    names = " and ".join(source.name for source in sources.sources)
    return f"No source of real weights can be reached just now ({names})"


if __name__ == "__main__":
    main()
