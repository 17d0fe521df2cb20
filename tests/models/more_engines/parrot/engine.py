"""The parrot hears one sentence, whatever is said. Its weights are that sentence."""

from models.contracts import Samples, Transcript
from models.device import Machine
from models.manifest import Located, Recognizer

from .settings import Settings


class Parrot:
    languages = ("en",)
    max_seconds = 10.0

    def __init__(self, sentence: str, sure: float) -> None:
        self.transcript = Transcript(sentence, "en", sure)
        self.closed = False

    def open(self, language: str, terms=()) -> "Parrot":
        return self

    async def final(self, audio: Samples, context: str = "") -> Transcript:
        return self.transcript

    async def partial(
        self, audio: Samples, context: str = "", *, urgent: bool = False
    ) -> Transcript | None:
        return None

    def close(self) -> None: ...

    async def aclose(self) -> None:
        self.closed = True


def load(located: Located[Recognizer], machine: Machine) -> Parrot:
    settings = located.model.settings_as(Settings)
    return Parrot((located.weights / "sentence.txt").read_text(), settings.sure)


def runs_on(machine: Machine) -> str:
    return f"perch of {machine.sessions}"
