"""Find an engine by the name that the manifest gives it.

The name is that of a folder in this package with a module `engine`, which is what `Engine`
describes, and a module `settings` with a class `Settings` where the manifest may say something to
it. So a new recognizer, language model or voice takes a folder and an entry in the manifest.
"""

from importlib import import_module
from typing import Any, Protocol, cast

from .device import Machine
from .errors import WeightsUnusable

MODULE = "engine"


# docs/decisions/041-engine-is-a-folder.md: a second engine changes nothing else
class Engine(Protocol):
    """The module `engine` of an engine's folder. Importing it imports the engine's library, which
    takes time, so the thread that loads the weights does it."""

    def load(self, model: Any, machine: Machine) -> Any:
        """Load and warm up a model; return an engine with the contract of contracts.py and an
        `aclose`. `model` is a result of `manifest.find`, or the `Server` that runs the model.
        Blocks. Raises `WeightsMissing`, `WeightsUnusable`, `DeviceUnavailable`."""
        ...

    def runs_on(self, machine: Machine) -> str:
        """Return, in words for a person, the device that `load` would take. Raises
        `DeviceUnavailable`."""
        ...


def engine(name: str) -> Engine:
    """Import the engine of that name. Raises `WeightsUnusable` for a name that no folder has."""
    module = f"{__package__}.{name}.{MODULE}"
    try:
        return cast(Engine, import_module(module))
    except ModuleNotFoundError as exc:
        if exc.name and module.startswith(exc.name):
            raise WeightsUnusable(
                f"there is no engine {name!r}: models/{name}/{MODULE}.py is missing"
            ) from exc
        raise  # one of the engine's libraries
