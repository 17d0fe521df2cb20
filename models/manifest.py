"""The manifest of known models: their descriptions, the locations of their files, their settings.

`manifest.toml` names every file with its size and SHA-256. Starter weights lie in this package, all
others below the models folder. Hashes are as `sha256sum` prints them. After the starter weights are
retrained, `python -m models.manifest refresh` writes the sizes and hashes of the files that are
there, and `python -m models.manifest verify` compares them.
"""

import hashlib
import re
import sys
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any, Generic, Literal, TypeVar, cast

import msgspec

from .contracts import Form
from .errors import EngineError, ModelUnknown, WeightsMissing, WeightsUnusable
from .files import Derived, Package
from .files import File as File

PACKAGE = Path(__file__).parent
MANIFEST = PACKAGE / "manifest.toml"


AssessmentForm = Literal["answers", "sentences", "rating"]
"""`answers`: to judge a whole answer by each criterion, in one form. `sentences`: whether one
sentence meets one criterion, for small models. `rating`: to write a score, remarks and a quotation,
for a model that was trained to."""

S = TypeVar("S", bound=msgspec.Struct)


class Model(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind"):
    id: str
    source: str
    """The repository, or the program that made the file."""
    revision: str
    """Commit of the repository."""
    licence: str
    """SPDX identifier."""
    languages: tuple[str, ...]
    """ISO 639-1 codes; empty when not known."""
    files: tuple[File, ...]
    hub: bool = True
    """False for a model whose files are not in that repository, only in the packages."""
    packages: tuple[Package, ...] = ()
    """Wheels of a package index that hold the files, too."""
    derived: Derived | None = None
    """Set for a model that nobody publishes: the set-up makes its file from another model's."""
    condition: str = ""
    """Condition of the licence that has to be accepted before use: what it forbids or leaves
    open."""
    demonstration: bool = False
    """True for a model that shows how everything works, but is not good enough for real
    interviews."""
    shipped: bool = False
    """True for the starter weights, which lie in this package."""
    engine: str = ""
    """Name of the engine's folder in this package; see registry.py."""
    settings: dict[str, Any] = {}
    """Settings of this model for its engine, under the names of the engine's `Settings`."""

    @property
    def size(self) -> int:
        """Return the bytes of all files."""
        return sum(file.size for file in self.files)

    def root(self, models_dir: Path) -> Path:
        return PACKAGE if self.shipped else models_dir

    def __post_init__(self) -> None:
        known = {package.name for package in self.packages}
        for part in (part for file in self.files for part in file.parts):
            if part.package not in known:
                raise ValueError(f"{self.id} has no package {part.package}")
        if self.settings:
            self.settings_as(_settings_of(self.engine))

    def settings_as(self, kind: type[S]) -> S:
        """Return `settings` as the engine's own type."""
        return msgspec.convert(self.settings, kind)


def _settings_of(engine: str) -> type[msgspec.Struct]:
    """Return the class `Settings` of an engine's folder, without importing the engine's library."""
    module = f"{__package__}.{engine}.settings"
    try:
        return cast(type[msgspec.Struct], import_module(module).Settings)
    except ModuleNotFoundError as exc:
        raise ValueError(f"{module} is missing: the engine {engine!r} has no settings") from exc


class Recognizer(Model, frozen=True, tag="stt"):
    """A recognizer. The engine is given the folder of the first file; an operator's own model is in
    CTranslate2 format."""

    engine: str = "whisper"


class LanguageModel(Model, frozen=True, tag="llm"):
    """A language model. The engine is given the first file; an operator's own model is a GGUF
    file."""

    engine: str = "llama"
    billions: float = 0.0
    """Parameters in billions; 0 when not known."""
    form: Form = "tasks"
    """Form in which the model takes part in an interview; see `pipeline/interview/llm_part.py`."""
    assessment: AssessmentForm = "answers"
    """Form in which the model assesses an answer; see `pipeline/assessment/judgement.py`."""
    cache: int = 0
    """Bytes of memory for each token of a conversation: keys and values of all layers in 16 bits,
    from the published shape of the model; 0 when not known."""


class Voice(Model, frozen=True, tag="tts"):
    """A voice. The engine is given the first file; an operator's own voice is a Piper ONNX file
    with its JSON beside it."""

    engine: str = "piper"


class EndOfTurn(Model, frozen=True, tag="end_of_turn"):
    """A model that judges whether a turn is over. The engine is given the first file; an operator's
    own model is an ONNX file."""

    engine: str = "end_of_turn"


AnyModel = Recognizer | LanguageModel | Voice | EndOfTurn
M = TypeVar("M", Recognizer, LanguageModel, Voice, EndOfTurn)

_SUFFIX = {Recognizer: "", LanguageModel: ".gguf", Voice: ".onnx", EndOfTurn: ".onnx"}
"""Suffix of the path that an engine is given; a recognizer's is a folder."""
_NAME = {
    Recognizer: "recognizer",
    LanguageModel: "language model",
    Voice: "voice",
    EndOfTurn: "end-of-turn model",
}
_FORM = {
    Recognizer: "a folder in CTranslate2 format, with a model.bin",
    LanguageModel: "a file that ends in .gguf",
    Voice: "a file that ends in .onnx",
    EndOfTurn: "a file that ends in .onnx",
}


class Profile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A set of models that go together on a machine of some size."""

    id: str
    gpu: bool
    memory: int
    """Memory in MB, of the GPU or else of the machine, that it is made for."""
    cores: int
    sessions: int
    """Interviews at once that fit into that memory; calibration finds how many of them are fast
    enough."""
    recognizers: tuple[str, ...]
    """Ids of recognizers; the first that knows the language is taken."""
    language_models: tuple[str, ...]


class Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    model: tuple[AnyModel, ...]
    profile: tuple[Profile, ...] = ()

    def __post_init__(self) -> None:
        ids = [model.id for model in self.model]
        if len(set(ids)) < len(ids):
            raise ValueError("two models have the same id")
        for profile in self.profile:
            for name in (*profile.recognizers, *profile.language_models):
                if name not in ids:
                    raise ValueError(f"the profile {profile.id} names {name}, which is no model")
        for model in self.model:
            if model.derived and model.derived.model not in ids:
                raise ValueError(
                    f"{model.id} is made from {model.derived.model}, which is no model"
                )


@dataclass(frozen=True, slots=True)
class Located(Generic[M]):
    """A model whose files are on this machine."""

    model: M
    weights: Path
    """The path that the engine loads: a folder for a recognizer, else a file."""


@dataclass(frozen=True, slots=True)
class Server:
    """An OpenAI-compatible server that runs the language model."""

    base_url: str
    """Base URL, including /v1."""
    model: str
    """The server's name for the model."""
    api_key: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Pool:
    """Engine servers that run the recognizer, the voice and the end-of-turn model."""

    urls: tuple[str, ...]
    """Base URLs; one may stand for several servers behind a balancer."""
    key: str = field(default="", repr=False)
    fall_back: bool = False
    """True: the chosen models are loaded here too, and work while no server answers."""


def read(path: Path = MANIFEST) -> Manifest:
    """Read the manifest. Raises `WeightsUnusable` when it is damaged."""
    try:
        return msgspec.toml.decode(path.read_bytes(), type=Manifest)
    except (msgspec.DecodeError, OSError) as exc:
        raise WeightsUnusable(f"{path} cannot be used: {exc}") from exc


def find(
    name: str, kind: type[M], models_dir: Path, manifest: Manifest | None = None
) -> Located[M]:
    """Find the model with that id, or at that path inside `models_dir`, and check the sizes of its
    files.

    Raises `ModelUnknown`, `WeightsMissing`, `WeightsUnusable`.
    """
    known = (manifest or read()).model
    for model in known:
        if isinstance(model, kind) and model.id == name:
            check(model, models_dir)
            first = model.root(models_dir) / model.files[0].path
            return Located(model, first if _SUFFIX[kind] else first.parent)
    if (weights := _inside(name, kind, models_dir)) is not None:
        return Located(_own(name, kind), weights)
    ids = ", ".join(model.id for model in known if isinstance(model, kind))
    raise ModelUnknown(
        f"there is no {_NAME[kind]} {name!r}: choose one of {ids}, "
        f"or a path inside the models folder {models_dir}"
    )


def engine_of(name: str, kind: type[M], manifest: Manifest | None = None) -> str:
    """Return the name of the engine that runs the model with that id, even if its files are
    missing; for any other name, the engine of an operator's own models."""
    known = (manifest or read()).model
    ids = {model.id: model for model in known if isinstance(model, kind)}
    return ids.get(name, _own(name, kind)).engine


def _own(name: str, kind: type[M]) -> M:
    return kind(name, "", "", "", (), ())


def check(model: AnyModel, models_dir: Path) -> None:
    """Check that all files are there with the right size, which is quick. Raises `WeightsMissing`,
    `WeightsUnusable`."""
    for file in model.files:
        path = model.root(models_dir) / file.path
        if not path.is_file():
            raise WeightsMissing(f"{path} of the model {model.id} is not there: {_remedy(model)}")
        if (size := path.stat().st_size) != file.size:
            raise WeightsUnusable(
                f"{path} of the model {model.id} has {size} bytes instead of {file.size}: "
                f"{_remedy(model)}"
            )


def verify(model: AnyModel, models_dir: Path) -> None:
    """Check like `check`, but read every byte of all files. Blocks."""
    check(model, models_dir)
    for file in model.files:
        path = model.root(models_dir) / file.path
        if file.sha256 and digest(path) != file.sha256:
            raise WeightsUnusable(f"{path} of the model {model.id} is damaged: {_remedy(model)}")


def fingerprint(located: Located[M]) -> str:
    """Return a fingerprint that changes with the weights, without reading them: for a known model
    the hashes of its files, for any other the size and time of its own."""
    if located.model.files:
        parts = [f"{file.path} {file.size} {file.sha256}" for file in located.model.files]
    else:
        path = located.weights
        own = sorted(path.iterdir()) if path.is_dir() else [path]
        parts = [f"{p.name} {p.stat().st_size} {p.stat().st_mtime_ns}" for p in own if p.is_file()]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def digest(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def refreshed(text: str, root: Path) -> str:
    """Return the text of a manifest with new sizes and hashes for those of its files that lie below
    `root`. Everything else stays, comments too."""

    def entry(found: re.Match[str]) -> str:
        path = root / found["path"]
        if not path.is_file():
            return found[0]
        return f'path = "{found["path"]}", size = {path.stat().st_size}, sha256 = "{digest(path)}"'

    return _FILE.sub(entry, text)


_FILE = re.compile(r'path = "(?P<path>[^"]+)", size = \d+, sha256 = "[0-9a-f]*"')


def _inside(name: str, kind: type[M], models_dir: Path) -> Path | None:
    """Return the path of `name` below `models_dir`; None when there is nothing or it is outside."""
    root = models_dir.resolve()
    path = (root / name).resolve()
    if not path.is_relative_to(root) or path == root or not path.exists():
        return None
    wanted = path / "model.bin" if kind is Recognizer else path
    if not wanted.is_file() or wanted.suffix != (_SUFFIX[kind] or ".bin"):
        raise WeightsUnusable(f"{path} is no {_NAME[kind]}, which would be {_FORM[kind]}")
    return path


def _remedy(model: AnyModel) -> str:
    if model.shipped:
        return "install Vivavoce again, or, if you trained it: python -m models.manifest refresh"
    return f"run scripts/download_models.py {model.id}"


def main(arguments: list[str]) -> int:
    match arguments:
        case ["refresh"]:
            MANIFEST.write_text(refreshed(MANIFEST.read_text(), PACKAGE))
        case ["verify"]:
            for model in read().model:
                if model.shipped:
                    verify(model, PACKAGE)
        case _:
            sys.stderr.write("usage: python -m models.manifest refresh|verify\n")
            return 2
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except EngineError as exc:
        sys.exit(str(exc))
