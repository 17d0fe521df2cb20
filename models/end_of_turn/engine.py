"""Smart Turn as an engine of this machine. See registry.py.

It always runs on one core: it has 8 million parameters, and the other engines need a GPU more.
"""

from typing import Any

from ..device import Machine
from ..manifest import Located
from .smart_turn import SmartTurn


def load(located: Located[Any], machine: Machine) -> SmartTurn:
    return SmartTurn.load(located.weights)


def runs_on(machine: Machine) -> str:
    return "cpu"
