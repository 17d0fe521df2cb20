"""`vivavoce calibrate`: measure how fast the engines are, and for how many interviews that is
enough."""

import os
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path

import msgspec

from models import device, load, speed
from models.choice import Choice, locate
from models.contracts import Engines
from models.contracts import Samples as Audio
from models.errors import EngineError
from pipeline.checks.load_test import as_heard, hold_interviews, spoken_lines
from pipeline.conversation.endpointing import EndpointingPolicy, samples
from pipeline.conversation.turn_steps import Tuning

from ..engine_config import chosen_models
from ..errors import StartError
from ..operations import calibration as arithmetic
from ..operations import capacity
from ..operations.calibration import ADDED_MS, Calibration, Samples, Step, interviews
from ..operations.running_instance import running
from ..settings import Settings

ALONE = 4
"""Interviews that the engines have room for while each is measured by itself."""
FEW, TURNS = 3, 2
"""Answers of each candidate: with one or two candidates, and with more."""
LEAST_ADDED_MS = 100
"""Fewest milliseconds of added latency that a target has to leave."""


class CannotCalibrate(StartError):
    """A measurement would be wrong, or would disturb somebody."""


async def run(settings: Settings, *, target: float | None, limit: int) -> int:
    """Calibrate this machine; return the exit status. Raises `StartError` and `EngineError`."""
    target_ms = _target(settings, target)
    chosen = locate(chosen_models(settings))
    await _require_undisturbed(settings)
    _writable(capacity.kept_at(settings))
    print("Measuring " + ", ".join(chosen.fingerprints.values()) + ".")
    print("It takes five to seven minutes, and nothing else should use this machine meanwhile.")
    speech, speeds = await _alone(settings)
    steps = await _measure_steps(settings, target_ms, limit, speech)
    found = Calibration(
        made_at=datetime.now(UTC).isoformat(timespec="seconds"),
        version=metadata.version("vivavoce"),
        machine=capacity.machine(settings, chosen),
        target_ms=target_ms,
        steps=tuple(steps),
        speeds={name: round(value, 1) for name, value in speeds.items()},
    )
    path = capacity.keep(settings, found)
    print(f"Written to {path}; the next start uses it.")
    print(capacity.session_capacity(settings, chosen).said)
    return 0


def _target(settings: Settings, target: float | None) -> float:
    """Return the most added latency allowed, in milliseconds."""
    if target is None:
        return ADDED_MS
    added = target * 1000 - settings.endpoint_ms
    if added < LEAST_ADDED_MS:
        raise CannotCalibrate(
            f"--target {target:g} leaves nothing beside the {settings.endpoint_ms} ms of silence"
            " that are waited for (VIVAVOCE_ENDPOINT_MS); choose a longer time."
        )
    return added


async def _require_undisturbed(settings: Settings) -> None:
    found = await running(settings)
    if found and found.interviews:
        raise CannotCalibrate(
            f"The Vivavoce at {found.url} holds {interviews(found.interviews)}, which this would"
            " disturb; start it again when they have ended."
        )
    busy = os.getloadavg()[0]
    if busy > device.cores() / 2:
        print(f"Other programs keep this machine busy (load {busy:.1f}): it will seem slower.")


def _writable(path: Path) -> None:
    """Check now, and not after minutes, that the file can be written. Raises `CannotCalibrate`."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=path.parent).close()
    except OSError as exc:
        raise CannotCalibrate(
            f"{path} cannot be written ({exc.strerror}); run this as the user of the service."
        ) from exc


def _choice(settings: Settings, places: int) -> Choice:
    return chosen_models(msgspec.structs.replace(settings, max_sessions=places))


async def _alone(settings: Settings) -> tuple[list[Audio], speed.Figures]:
    """Return the candidates' answers, in the voice of the interviewer, and each engine's own
    speed."""
    async with load.engines(_choice(settings, ALONE)) as engines:
        speech = await spoken_lines(engines.voice)
        language = engines.transcriber.languages[0]
        figures = await speed.recognizer(engines.transcriber, as_heard(speech), language)
        seconds = [figures[f"transcription_{n}_s_ms"] / 1000 for n in speed.SPEECH_SECONDS]
        together = figures[f"transcription_5_s_{speed.TOGETHER}_at_once_ms"] / 1000
        lengths = " / ".join(f"{n}" for n in speed.SPEECH_SECONDS)
        shown = " / ".join(f"{took:.2f}" for took in seconds)
        print(
            f"recognizer      {lengths} s of speech in {shown} s,"
            f" {speed.TOGETHER} times 5 s at once in {together:.2f} s"
        )
        figures |= await _language_model(engines)
        figures |= await speed.voice(engines.voice)
        print(
            f"voice           first clause in {figures['first_clause_ms'] / 1000:.2f} s,"
            f" {figures['speech_times_real_time']:.1f} times as fast as it is spoken"
        )
    return speech, figures


async def _language_model(engines: Engines) -> speed.Figures:
    figures = await speed.language_model(engines.llm)
    reads = figures.get("prompt_tokens_per_s")
    writes = [figures[f"tokens_per_s_{many}_at_once"] for many in speed.AT_ONCE]
    print(
        "language model  "
        + (f"reads {reads:.0f} tokens/s, " if reads else "")
        + f"first word in {figures['first_word_ms'] / 1000:.2f} s, writes "
        + " / ".join(f"{each:.0f}" for each in writes)
        + f" tokens/s in {' / '.join(map(str, speed.AT_ONCE))} interviews"
    )
    return figures


async def _measure_steps(
    settings: Settings, target_ms: float, limit: int, speech: Sequence[Audio]
) -> list[Step]:
    """Measure growing numbers of simultaneous interviews, until they are too many for the
    machine."""
    steps: list[Step] = []
    memory: list[tuple[int, int]] = []
    free = float("inf")
    for count in arithmetic.counts(limit):
        if not arithmetic.fits(count, memory, free):
            print(f"{interviews(count):<16}would not fit into the memory")
            break
        try:
            async with load.engines(_choice(settings, count)) as engines:
                step = await _step(settings, engines, count, target_ms, speech)
                memory.append((count, _memory()))
                free = device.free_memory()
        except EngineError as exc:
            if not steps:
                raise
            print(f"{interviews(count):<16}{exc}")
            break
        steps.append(step)
        if arithmetic.shortfall(step, target_ms):
            break
    return steps


async def _step(
    settings: Settings, engines: Engines, count: int, target_ms: float, speech: Sequence[Audio]
) -> Step:
    """Measure one number of interviews; twice, if the first measurement was not clear enough."""
    measured = await _load_test(settings, engines, count, speech)
    step = arithmetic.step_of(measured)
    if arithmetic.worth_repeating(step, target_ms):
        print(f"{_step_line(settings, step)}; once more, in case something disturbed it")
        measured += await _load_test(settings, engines, count, speech)
        step = arithmetic.step_of(measured)
    why = arithmetic.shortfall(step, target_ms)
    print(_step_line(settings, step) + (f": too many, {why}" if why else ""), flush=True)
    return step


async def _load_test(
    settings: Settings, engines: Engines, count: int, speech: Sequence[Audio]
) -> Samples:
    endpoint = EndpointingPolicy(samples(settings.endpoint_ms), samples(settings.endpoint_max_ms))
    turns = FEW if count <= 2 else TURNS
    figures = await hold_interviews(engines, count, turns, speech, Tuning(endpoint))
    return Samples(
        count, tuple(figures.added), tuple(figures.gaps), tuple(figures.lag), figures.unanswered
    )


def _step_line(settings: Settings, step: Step) -> str:
    added = max(
        0.0, step.added_p95_ms
    )  # a reply that is ready may begin within the pause's last ms
    reply = (settings.endpoint_ms + added) / 1000
    return (
        f"{interviews(step.interviews):<16}reply after {reply:.2f} s (p95 of {step.answers}),"
        f" of which {added / 1000:.2f} s are the machine's"
    )


def _memory() -> int:
    """Return the bytes that this process has in memory."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
