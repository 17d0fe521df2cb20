"""Which sources are asked, and in which order."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from .fetch import Source, Sources
from .hub import hub_of
from .index import Index
from .pip_settings import pip_settings
from .site import Folder, WebServer

USUAL = ("hub", "index")
WHEELS = "downloaded/wheels"
"""Where wheels lie, below the models folder, until they were read."""


def sources_of(names: Sequence[str], variables: Mapping[str, str], models_dir: Path) -> Sources:
    """The sources of these names: `hub`, `index`, the address of a web server or a folder. Each
    name may hold several, with commas between them; none are the usual ones."""
    split = [name.strip() for names_ in names for name in names_.split(",") if name.strip()]
    return Sources([_source(name, variables, models_dir) for name in split or USUAL])


def _source(name: str, variables: Mapping[str, str], models_dir: Path) -> Source:
    if name == "hub":
        return hub_of(variables)
    if name == "index":
        return Index(models_dir / WHEELS, pip_settings(variables))
    if name.startswith(("http://", "https://")):
        return WebServer(name.rstrip("/"))
    return Folder(Path(name).expanduser())
