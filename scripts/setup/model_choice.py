"""Which models suit a machine, and how much of its memory they take."""

import math
import subprocess
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from models import device
from models.errors import WeightsMissing, WeightsUnusable
from models.llama.settings import Settings as LlamaSettings
from models.manifest import (
    AnyModel,
    EndOfTurn,
    LanguageModel,
    Manifest,
    Profile,
    Recognizer,
    Voice,
    check,
)

MB = 10**6
PROCESS = 250 * MB
"""The service itself, with all libraries loaded."""
GPU_CONTEXT = 500 * MB
"""What the CUDA driver takes for a process."""
ON_CPU = 0.9
"""Times its file: a recognizer's 16-bit weights become 8-bit ones on a CPU, and the conversion
leaves gaps in memory."""
RECOGNIZER_WORK = {False: 150 * MB, True: 500 * MB}
"""For what is computed, on a CPU and on a GPU, where eight requests go through at once."""
LANGUAGE_MODEL = {False: 1.5, True: 1.0}
"""Times its file: on a CPU most 4-bit weights are kept in a second order that is quicker."""
LANGUAGE_MODEL_WORK = {False: 150 * MB, True: 350 * MB}
"""Most of it scores of all words for a batch."""
VOICE_WORK = 5
"""A voice takes so many times its file while it speaks."""

KINDS = {
    Recognizer: "recognizer",
    LanguageModel: "language model",
    Voice: "voice",
}
"""The kinds of models without which there is no interview."""
SETTINGS = {
    Recognizer: "VIVAVOCE_STT_MODEL",
    LanguageModel: "VIVAVOCE_LLM_MODEL",
    Voice: "VIVAVOCE_TTS_VOICE",
    EndOfTurn: "VIVAVOCE_END_OF_TURN_MODEL",
}
Has = Callable[[AnyModel], bool]


def all_of_them(model: AnyModel) -> bool:
    return True


class NoChoice(Exception):
    """Nothing suits; says what does."""


@dataclass(frozen=True, slots=True)
class MachineSize:
    cores: int
    memory: int
    """MB that this process may use."""
    gpu_memory: int = 0
    """MB of the largest GPU; 0: none."""

    def of(self, profile: Profile) -> int:
        """MB of the memory that a profile speaks of."""
        return self.gpu_memory if profile.gpu else self.memory


def profile_for(machine: MachineSize, profiles: Sequence[Profile]) -> Profile:
    """The largest that fits; the smallest when none does."""
    for profile in sorted(profiles, key=lambda p: (p.gpu, p.memory), reverse=True):
        if machine.of(profile) >= profile.memory and machine.cores >= profile.cores:
            return profile
    return min(profiles, key=lambda p: (p.gpu, p.memory))


def profile_of(name: str, known: Manifest, size: MachineSize) -> Profile:
    """The profile of that name; `auto` is the one for a machine of this size. Raises `NoChoice`."""
    if name == "auto":
        return profile_for(size, known.profile)
    for profile in known.profile:
        if profile.id == name:
            return profile
    names = ", ".join(profile.id for profile in known.profile)
    raise NoChoice(f"there is no profile {name!r}: choose auto or one of {names}")


def amount(size: int) -> str:
    """Bytes, for people."""
    for unit, factor in (("GB", 1e9), ("MB", 1e6)):
        if size >= factor:
            return f"{size / factor:.1f} {unit}"
    return f"{size / 1e3:.1f} kB"


def models_of(
    profile: Profile,
    manifest: Manifest,
    language: str,
    *,
    has: Has = all_of_them,
    licences: bool = True,
) -> list[AnyModel]:
    """A recognizer, a language model and a voice for a language: of each the first that `has` says
    can be had, else the starter one, where it knows the language; and a judge of the end of turns,
    if one can be had. Without `licences` nothing that has a condition. Raises `NoChoice`."""
    by_id = {model.id: model for model in manifest.model}
    voices = [m for m in manifest.model if isinstance(m, Voice) and not m.demonstration]
    preferred = {
        Recognizer: [by_id[name] for name in profile.recognizers],
        LanguageModel: [by_id[name] for name in profile.language_models],
        Voice: sorted(voices, key=lambda voice: bool(voice.condition)),
    }
    needed = [
        _first(
            _fitting(models, language, KINDS[kind], profile),
            [m for m in manifest.model if m.shipped and language in m.languages],
            kind,
            has,
            licences=licences,
        )
        for kind, models in preferred.items()
    ]
    judges = (m for m in manifest.model if isinstance(m, EndOfTurn) and language in m.languages)
    return [*needed, *[judge for judge in judges if has(judge)][:1]]


def _fitting(
    models: Sequence[AnyModel], language: str, what: str, profile: Profile
) -> list[AnyModel]:
    if fitting := [model for model in models if language in model.languages]:
        return fitting
    known = sorted({code for model in models for code in model.languages})
    raise NoChoice(
        f"the profile {profile.id} has no {what} for {language!r}, only for {', '.join(known)}: "
        "name models by their ids instead (--list shows all)"
    )


def _first(
    fitting: Sequence[AnyModel],
    starters: Sequence[AnyModel],
    kind: type[AnyModel],
    has: Has,
    *,
    licences: bool,
) -> AnyModel:
    there = [model for model in fitting if has(model)]
    allowed = [model for model in there if licences or not model.condition]
    for model in (*allowed, *(starter for starter in starters if isinstance(starter, kind))):
        return model
    if there:
        raise NoChoice(f"--accept-licence is needed for one of\n{refused(there)}")
    names = ", ".join(model.id for model in fitting)
    raise NoChoice(f"none of {names} can be had from the sources that answer now")


def whole(model: AnyModel, models_dir: Path) -> bool:
    """Whether the files of a model are there, as long as they should be."""
    try:
        check(model, models_dir)
    except (WeightsMissing, WeightsUnusable):
        return False
    return True


def bound_voices(models: Sequence[AnyModel], manifest: Manifest, language: str) -> str:
    """Where only the starter voice could be had without a yes: what a yes would bring, from a
    package index."""
    if not any(isinstance(model, Voice) and model.shipped for model in models):
        return ""
    asking = ", ".join(
        model.id
        for model in manifest.model
        if isinstance(model, Voice)
        and model.condition
        and model.packages
        and language in model.languages
    )
    told = "The voice is the starter one: no free one could be had."
    return f"{told} With a yes to its licence: {asking}"


def refused(models: Iterable[AnyModel]) -> str:
    """Which of them must be accepted first; empty: none."""
    lines = [f"  {m.id} ({m.licence}): {m.condition}" for m in models if m.condition]
    return "\n".join(lines)


def memory(model: AnyModel, *, gpu: bool, sessions: int) -> int:
    """Bytes that a model takes, in the GPU or else in the machine, with `sessions` interviews at
    once. Reckoned from the files' sizes; the constants are from measurements (docs/models.md)."""
    match model:
        case Recognizer():
            weights = max(file.size for file in model.files)
            return round(weights * (1 if gpu else ON_CPU)) + RECOGNIZER_WORK[gpu]
        case LanguageModel():
            conversations = sessions * model.settings_as(LlamaSettings).context * model.cache
            weights = round(model.size * LANGUAGE_MODEL[gpu])
            return weights + conversations + LANGUAGE_MODEL_WORK[gpu]
        case EndOfTurn():
            return VOICE_WORK * model.size
        case Voice():
            return 0 if gpu else VOICE_WORK * model.size  # the CPU speaks


def memory_of(models: Sequence[AnyModel], *, gpu: bool, sessions: int) -> int:
    """The same of models together, with what the process takes."""
    own = GPU_CONTEXT if gpu else PROCESS
    return own + sum(memory(model, gpu=gpu, sessions=sessions) for model in models)


def settings(models: Sequence[AnyModel], models_dir: Path) -> list[str]:
    """The lines of .env that select these models; of several of a kind the first."""
    lines = {"VIVAVOCE_MODELS_DIR": str(models_dir)}
    for model in models:
        if name := SETTINGS.get(type(model)):
            lines.setdefault(name, model.id)
    return [f"{name}={value}" for name, value in lines.items()]


def machine() -> MachineSize:
    """This machine, or what of it the control group leaves."""
    return MachineSize(device.cores(), _memory(), _gpu_memory())


def _memory() -> int:
    lines = Path("/proc/meminfo").read_text().splitlines()
    total = next(int(line.split()[1]) * 1024 for line in lines if line.startswith("MemTotal:"))
    limits = [
        _limit(Path("/sys/fs/cgroup") / name)
        for name in ("memory.max", "memory/memory.limit_in_bytes")
    ]
    return int(min(total, *limits)) // MB


def _limit(path: Path) -> float:
    try:
        return float(path.read_text())
    except (OSError, ValueError):
        return math.inf


def _gpu_memory() -> int:
    command = ["nvidia-smi", "--query-gpu=memory.total", "--format=csv,noheader,nounits"]
    try:
        said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        return max((int(line) * 2**20 // MB for line in said.split()), default=0)
    except (OSError, ValueError, subprocess.CalledProcessError):
        return 0
