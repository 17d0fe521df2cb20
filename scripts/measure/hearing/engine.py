"""The engines that are measured: a recognizer of the manifest, with other settings if wanted, and
an end-of-turn model, in virtual time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from models import registry
from models.contracts import (
    EndOfTurn,
    EndOfTurnStream,
    Samples,
    SentenceEnd,
    Transcriber,
    Transcript,
    TranscriptStream,
)
from models.device import Machine
from models.errors import EngineError
from models.manifest import EndOfTurn as EndOfTurnModel
from models.manifest import LanguageModel, Located, Recognizer, find

from ..virtual_time import Work

NONE = "none"


def located(name: str, models_dir: Path, changes: Mapping[str, Any]) -> Located[Recognizer]:
    """Find the recognizer; `changes` replace settings of its manifest entry. Raises
    `EngineError`."""
    found = find(name, Recognizer, models_dir)
    settings = {**found.model.settings, **changes}
    try:
        return Located(msgspec.structs.replace(found.model, settings=settings), found.weights)
    except msgspec.ValidationError as exc:
        raise EngineError(f"these are no settings of {name}: {exc}") from exc


def end_of_turn(name: str, models_dir: Path) -> EndOfTurn | None:
    """Load the end-of-turn model with this id; None for "none"."""
    if name == NONE:
        return None
    model = find(name, EndOfTurnModel, models_dir)
    loaded: EndOfTurn = registry.engine(model.model.engine).load(model, Machine())
    return loaded


def sentence_end(name: str, models_dir: Path) -> SentenceEnd | None:
    """Load the language model with this id to judge sentences; None for "none"."""
    if name == NONE:
        return None
    model = find(name, LanguageModel, models_dir)
    loaded = registry.engine(model.model.engine).load(model, Machine())
    assert isinstance(loaded, SentenceEnd)
    return loaded


@dataclass(frozen=True, slots=True)
class Ears:
    """The engines that a candidate meets."""

    transcriber: Transcriber
    judge: EndOfTurn | None


class TimedTranscriber:
    """A recognizer in virtual time."""

    def __init__(self, transcriber: Transcriber, work: Work, *, partials: bool = True) -> None:
        self._transcriber = transcriber
        self._work = work
        self._partials = partials

    @property
    def languages(self) -> tuple[str, ...]:
        return self._transcriber.languages

    @property
    def max_seconds(self) -> float:
        return self._transcriber.max_seconds

    def open(self, language: str, terms: Sequence[str] = ()) -> "_TimedStream":
        return _TimedStream(self._transcriber.open(language, terms), self._work, self._partials)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transcriber, name)


class _TimedStream:
    def __init__(self, stream: TranscriptStream, work: Work, partials: bool) -> None:
        self._stream = stream
        self._work = work
        self._partials = partials
        self._asked = 0
        """Partial transcripts that were asked for."""

    async def final(self, *args: Any, **options: Any) -> Transcript:
        return await self._work.do(self._stream.final(*args, **options))

    async def partial(self, *args: Any, **options: Any) -> Transcript | None:
        if not self._partials:
            return None
        self._asked += 1
        mine = self._asked
        await self._work.free()
        if mine != self._asked:
            return None  # a newer one took its place in the line
        return await self._work.do(self._stream.partial(*args, **options))

    def close(self) -> None:
        self._stream.close()


class TimedEndOfTurn:
    """An end-of-turn model in virtual time."""

    def __init__(self, model: EndOfTurn, work: Work) -> None:
        self._model = model
        self._work = work

    def open(self, language: str) -> "_TimedJudge":
        return _TimedJudge(self._model.open(language), self._work)


class _TimedJudge:
    def __init__(self, stream: EndOfTurnStream, work: Work) -> None:
        self._stream = stream
        self._work = work

    async def probability(self, audio: Samples) -> float:
        return await self._work.do(self._stream.probability(audio))

    def close(self) -> None:
        self._stream.close()
