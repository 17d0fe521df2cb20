"""Which models an operator has chosen, where their files are, and which device each computes on.
`load.py` makes engines of them."""

from dataclasses import dataclass, field
from pathlib import Path

from . import manifest, registry
from .contracts import VadKind
from .device import Machine
from .manifest import LanguageModel, Located, Manifest, Pool, Recognizer, Server


@dataclass(frozen=True, slots=True)
class Choice:
    """An operator's choice of models: ids of the manifest, or paths inside `models_dir`."""

    models_dir: Path = Path("models")
    recognizer: str = "starter-recognizer"
    language_model: str | Server = "starter-interviewer"
    voice: str = "starter-voice"
    end_of_turn: str = ""
    """Empty: the rules judge the end of a turn without a model."""
    vad: VadKind = "both"
    machine: Machine = field(default_factory=Machine)
    pool: Pool | None = None
    """Engine servers in the place of recognizer, voice and end of turn."""

    @property
    def local(self) -> bool:
        """Return whether recognizer, voice and end of turn are needed on this machine."""
        return self.pool is None or self.pool.fall_back


@dataclass(frozen=True, slots=True)
class Chosen:
    """The chosen models, whose files are on this machine. Without a recognizer and a voice they are
    those of the pool."""

    recognizer: Located[Recognizer] | None
    language_model: Located[LanguageModel] | Server
    voice: Located[manifest.Voice] | None
    end_of_turn: Located[manifest.EndOfTurn] | None = None
    pool: Pool | None = None

    @property
    def demonstrations(self) -> tuple[str, ...]:
        """Return the ids of those that are not good enough for real interviews."""
        parts = (self.recognizer, self.language_model, self.voice)
        models = [part.model for part in parts if isinstance(part, Located)]
        return tuple(model.id for model in models if model.demonstration)

    @property
    def only_demonstrations(self) -> bool:
        """Return True if nothing that was chosen is good enough for real interviews."""
        return len(self.demonstrations) == 3

    @property
    def fingerprints(self) -> dict[str, str]:
        """Return the name and fingerprint of each model."""
        llm = self.language_model
        prints = {
            "recognizer": self._fingerprint(self.recognizer),
            "language model": f"{llm.base_url} {llm.model}"
            if isinstance(llm, Server)
            else _fingerprint(llm),
            "voice": self._fingerprint(self.voice),
        }
        if self.end_of_turn:
            prints["end of turn"] = self._fingerprint(self.end_of_turn)
        return prints

    def _fingerprint(self, located: Located[manifest.M] | None) -> str:
        """Return a model's fingerprint; where engine servers do its work, their addresses."""
        if self.pool:
            return " ".join(self.pool.urls)
        assert located
        return _fingerprint(located)


def _fingerprint(located: Located[manifest.M]) -> str:
    return f"{located.model.id} {manifest.fingerprint(located)}"


def locate(choice: Choice, known: Manifest | None = None) -> Chosen:
    """Find the chosen models; quick, since it looks at names and sizes only. `known` defaults to
    the package's manifest. Raises `ModelUnknown`, `WeightsMissing`, `WeightsUnusable`."""
    llm, folder = choice.language_model, choice.models_dir
    known = known or manifest.read()  # once: parsing it takes as long as opening the database
    local = choice.local
    return Chosen(
        manifest.find(choice.recognizer, Recognizer, folder, known) if local else None,
        llm if isinstance(llm, Server) else manifest.find(llm, LanguageModel, folder, known),
        manifest.find(choice.voice, manifest.Voice, folder, known) if local else None,
        manifest.find(choice.end_of_turn, manifest.EndOfTurn, folder, known)
        if local and choice.end_of_turn
        else None,
        choice.pool,
    )


def devices(choice: Choice, known: Manifest | None = None) -> dict[str, str]:
    """Return, in words, the device that each engine on this machine would compute on. The weights
    need not be there. Raises `DeviceUnavailable`, `WeightsUnusable`."""
    known = known or manifest.read()
    llm = choice.language_model
    engines: dict[str, str] = {}
    if choice.local:
        engines["recognizer"] = manifest.engine_of(choice.recognizer, Recognizer, known)
    if not isinstance(llm, Server):
        engines["language model"] = manifest.engine_of(llm, LanguageModel, known)
    if choice.local:
        engines["voice"] = manifest.engine_of(choice.voice, manifest.Voice, known)
    if choice.local and choice.end_of_turn:
        engines["end of turn"] = manifest.engine_of(choice.end_of_turn, manifest.EndOfTurn, known)
    return {part: registry.engine(name).runs_on(choice.machine) for part, name in engines.items()}
