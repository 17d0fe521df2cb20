"""A check in stages: each passes, fails with one sentence, or is skipped because of another."""

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Literal

from models.errors import EngineError
from pipeline.errors import PipelineError

from ..errors import ServiceError, StartError

Status = Literal["ok", "failed", "skipped"]


class StageFailed(StartError):
    """A stage found something that is not as it should be; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Outcome:
    name: str
    status: Status
    seconds: float
    said: str


class Stages:
    """A runner of stages in order, which calls `begun` and `ended` for each, so that progress can
    be shown."""

    def __init__(self, begun: Callable[[str], None], ended: Callable[[Outcome], None]) -> None:
        self.outcomes: list[Outcome] = []
        self._begun = begun
        self._ended = ended

    @property
    def passed(self) -> bool:
        return not any(outcome.status == "failed" for outcome in self.outcomes)

    async def run(
        self, name: str, work: Callable[[], Awaitable[str]], after: tuple[str, ...] = ()
    ) -> None:
        """Run one stage. `work` returns a sentence about its success, and fails with an error of
        this program or of the system; any other exception is a bug. The stage is skipped when one
        of the stages in `after` did not pass."""
        bad = [each.name for each in self.outcomes if each.name in after and each.status != "ok"]
        if bad:
            self._end(Outcome(name, "skipped", 0.0, f"needs: {bad[0]}"))
            return
        self._begun(name)
        began = time.perf_counter()
        status: Status = "ok"
        try:
            said = await work()
        except (StartError, ServiceError, EngineError, PipelineError, OSError) as exc:
            said, status = str(exc), "failed"
        self._end(Outcome(name, status, time.perf_counter() - began, said))

    def _end(self, outcome: Outcome) -> None:
        self.outcomes.append(outcome)
        self._ended(outcome)
