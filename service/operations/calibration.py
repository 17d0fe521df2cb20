"""The number of interviews that a machine was measured to hold at once, and the capacity that
follows. Pure.

`vivavoce calibrate` makes the measurement; the start of the service uses it, if it was made with
the same machine, models and settings.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from ..settings import GUESSED

COUNTS = (1, 2, 4, 6, 8, 12, 16, 24, 32, 48, 64)
"""Numbers of simultaneous interviews that are tried, one after the other."""
# docs/decisions/022-capacity-by-interviews.md: what the machine adds, not the endpoint's pause
ADDED_MS = 900
"""The most added latency, in milliseconds, in the slowest of twenty replies. With the usual
endpoint delay of 600 ms a reply then begins 1.5 s after the last word: slower than people among
themselves, and not yet felt as a fault."""
GAP_MS = 500
"""The longest gap inside a reply, in milliseconds (95th percentile), while its next clause is
synthesized; a longer one would not pass for a pause of speech."""
LAG_MS = 50
"""The most lag of the event loop, in milliseconds (99th percentile); it carries the audio of all
interviews."""
HOPELESS = 2
"""A measurement that misses the target by this factor is not repeated."""


class Machine(msgspec.Struct, frozen=True):
    """The machine and models that a calibration is valid for."""

    processor: str
    cores: int
    gpus: tuple[str, ...]
    settings: dict[str, str]
    """Device, number format and threads, as they are set."""
    models: dict[str, str]
    """Id and fingerprint of the recognizer, the language model and the voice."""


class Samples(msgspec.Struct, frozen=True):
    """Measurements with one number of simultaneous interviews; times in milliseconds."""

    interviews: int
    added: tuple[float, ...]
    """Added latency of each reply: from the moment at which an answer was taken to its first
    sound."""
    gaps: tuple[float, ...]
    """Longest gap inside each reply: the silence because its audio came too late."""
    lag: tuple[float, ...]
    unanswered: int = 0
    """Answers that got no reply, or whose reply ended with an error."""

    def __add__(self, other: "Samples") -> "Samples":
        return Samples(
            self.interviews,
            self.added + other.added,
            self.gaps + other.gaps,
            self.lag + other.lag,
            self.unanswered + other.unanswered,
        )


class Step(msgspec.Struct, frozen=True):
    """The summary of one number of simultaneous interviews."""

    interviews: int
    answers: int
    added_p50_ms: float
    added_p95_ms: float
    gap_p95_ms: float
    lag_p99_ms: float
    unanswered: int = 0


class Calibration(msgspec.Struct, frozen=True):
    """A calibration, as stored in `calibration.json`."""

    made_at: str
    """Time of the measurement, ISO 8601."""
    version: str
    machine: Machine
    target_ms: float
    """The most added latency that was allowed."""
    steps: tuple[Step, ...]
    """Steps with growing numbers of interviews; the last may be one that was too many."""
    speeds: dict[str, float]
    """Speed of each engine by itself; for people to read."""

    @property
    def best(self) -> Step:
        """Return the step with the most interviews that met the targets, or else the first step."""
        passed = [step for step in self.steps if not shortfall(step, self.target_ms)]
        return passed[-1] if passed else self.steps[0]


def step_of(samples: Samples) -> Step:
    return Step(
        interviews=samples.interviews,
        answers=len(samples.added),
        added_p50_ms=percentile(samples.added, 50),
        added_p95_ms=percentile(samples.added, 95),
        gap_p95_ms=percentile(samples.gaps, 95),
        lag_p99_ms=percentile(samples.lag, 99),
        unanswered=samples.unanswered,
    )


def percentile(values: Sequence[float], share: float) -> float:
    """Return a percentile, interpolated between two values and rounded to a tenth; 0 for no
    values."""
    if not values:
        return 0.0
    ordered = sorted(values)
    below, part = divmod((len(ordered) - 1) * share / 100, 1)
    low, high = ordered[int(below)], ordered[min(int(below) + 1, len(ordered) - 1)]
    return round(low + part * (high - low), 1)


def shortfall(step: Step, target_ms: float) -> str:
    """Return which target this step misses, in words; empty when it meets all."""
    if step.unanswered or not step.answers:
        return "answers were left without a reply"
    if step.added_p95_ms > target_ms:
        return f"replies take {seconds(step.added_p95_ms)} longer than the silence waited for"
    if step.gap_p95_ms > GAP_MS:
        return f"replies are broken by silences of {seconds(step.gap_p95_ms)}"
    if step.lag_p99_ms > LAG_MS:
        return f"messages wait {step.lag_p99_ms:.0f} ms for the event loop"
    return ""


def worth_repeating(step: Step, target_ms: float) -> bool:
    """Return whether a step that fell short may have been disturbed by something else."""
    return (
        bool(shortfall(step, target_ms))
        and not step.unanswered
        and step.added_p95_ms <= HOPELESS * target_ms
    )


def counts(limit: int) -> tuple[int, ...]:
    """Return the numbers of interviews to try, up to and including `limit`."""
    return (*(count for count in COUNTS if count < limit), limit)


def fits(following: int, memory: Sequence[tuple[int, int]], available: float) -> bool:
    """Return whether `following` interviews will fit into memory, extrapolated from smaller
    numbers: `memory` has pairs of interviews and bytes. `available` is the memory still free with
    the last of them."""
    if len(memory) < 2:
        return True
    (fewer, before), (more, after) = memory[-2:]
    each = max(0, after - before) / max(1, more - fewer)
    return each * (following - more) <= 0.8 * available


@dataclass(frozen=True, slots=True)
class Capacity:
    """The number of interviews held at once, and a sentence about it for the operator."""

    places: int
    said: str
    warning: bool = False


def capacity(
    wanted: int | None, found: Calibration | None, machine: Machine, endpoint_ms: int, guess: int
) -> Capacity:
    """Decide on the capacity. `wanted` is the operator's number, which wins; `guess` is used
    without a calibration."""
    outdated = difference(found.machine, machine) if found else "it was not measured"
    if found is None or outdated:
        again = f"{outdated}: `vivavoce calibrate` finds out how many it holds"
        if wanted:
            return Capacity(wanted, f"this machine: {interviews(wanted)} as set; {again}")
        return Capacity(guess, f"this machine: {interviews(guess)}, a careful guess; {again}")
    best = found.best
    pace = f"p95 {seconds(endpoint_ms + best.added_p95_ms)}"
    if wanted is None:
        missed = shortfall(best, found.target_ms)
        slow = (
            f", which is too slow ({missed}): smaller models or a faster machine" if missed else ""
        )
        said = f"this machine: {interviews(best.interviews)} at {pace}{slow}"
        return Capacity(best.interviews, said, bool(missed))
    measured = f"it was measured to hold {best.interviews} at {pace}"
    if wanted > best.interviews:
        said = f"this machine: {interviews(wanted)} as set, but {measured}"
        return Capacity(wanted, said, warning=True)
    return Capacity(wanted, f"this machine: {interviews(wanted)} as set; {measured}")


# docs/decisions/023-calibration-fingerprint.md: a wrong number is paid by candidates
def difference(measured: Machine, now: Machine) -> str:
    """Return why a calibration of `measured` is not valid for `now`; empty when it is."""
    if measured.models != now.models:
        return "it was measured with other models"
    if measured.settings != now.settings:
        return "it was measured with another device or number of threads"
    if measured != now:
        return "another machine was measured"
    return ""


CORES_EACH = 4
"""Cores for one interview with models for real use, without a GPU and without a calibration."""


def guess(*, demonstration: bool, gpu: bool, cores: int) -> int:
    """Return how many interviews are admitted where nothing was measured."""
    if demonstration or gpu:
        return GUESSED
    return min(GUESSED, max(1, cores // CORES_EACH))


def interviews(count: int) -> str:
    return "1 interview" if count == 1 else f"{count} interviews"


def seconds(ms: float) -> str:
    return f"{ms / 1000:.1f} s"
