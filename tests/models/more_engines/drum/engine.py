"""The drum beats once for every word. Its weights are one beat."""

import numpy as np

from models.contracts import Samples
from models.device import Machine
from models.manifest import Located, Voice


class Drum:
    def __init__(self, beat: Samples) -> None:
        self.beat = beat

    async def speak(self, text: str, *, ahead: bool = False) -> Samples:
        return np.tile(self.beat, len(text.split()))

    async def aclose(self) -> None: ...


def load(located: Located[Voice], machine: Machine) -> Drum:
    return Drum(np.frombuffer(located.weights.read_bytes(), np.int16))


def runs_on(machine: Machine) -> str:
    return "skin"
