"""Gauges of the present state, read when a monitoring system asks."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import get_args

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from models.contracts import Engines
from models.engine_state import EngineState, Watched
from pipeline.conversation.stats import ConversationStats, Engine, Wording

from ..admission.admission import Admission
from ..engines import EngineLoading

COMMON_FAILURES = ("engine_error", "engine_busy", "timeout")
"""Error codes that have a series from the start: Prometheus sees no increase in a series that did
not exist."""


def states(engines: Engines | None) -> dict[str, EngineState]:
    """Return the state of each engine that reports one; none while they are being loaded."""
    if engines is None:
        return {}
    named = {
        "recognizer": engines.transcriber,
        "language_model": engines.llm,
        "voice": engines.voice,
    }
    return {name: engine.state for name, engine in named.items() if isinstance(engine, Watched)}


@dataclass(eq=False, slots=True)  # the registry hashes its collectors
class Present(Collector):
    admission: Admission
    loading: EngineLoading
    all_stats: Iterable[ConversationStats]
    """Statistics of all conversations so far."""

    def collect(self) -> Iterator[Metric]:
        yield from self._places()
        yield from self._engines()
        yield from self._conversations()

    def _places(self) -> Iterator[Metric]:
        capacity, counts = self.admission.capacity, self.admission.capacity.counts
        yield _gauge("sessions_active", "Interviews that go on now.", len(self.admission.live))
        yield _gauge("slots", "Interviews that may go on at once.", capacity.slots)
        yield _gauge("slots_used", "Places that are held, promised or kept.", capacity.used)
        yield _gauge("draining", "1 while the service is about to stop.", int(capacity.closed))
        yield _counter("sessions_admitted", "Sessions that were given a place.", counts.admitted)
        refused = CounterMetricFamily(
            "vivavoce_sessions_refused", "Sessions that were not.", labels=["reason"]
        )
        refused.add_metric(["full"], counts.full)
        refused.add_metric(["stopping"], counts.stopping)
        yield refused

    def _engines(self) -> Iterator[Metric]:
        yield from engine_gauges(states(self.loading.engines))

    def _conversations(self) -> Iterator[Metric]:
        all_stats = list(self.all_stats)

        def total(name: str) -> int:
            return sum(getattr(stats, name) for stats in all_stats)

        yield _add_labels(
            CounterMetricFamily("vivavoce_turns", "Turns of candidates.", labels=["kind"]),
            {kind: total(kind) for kind in ("spoken", "typed")},
        )
        yield _counter("noises", "Turns that were announced and then were none.", total("noises"))
        yield _add_labels(
            CounterMetricFamily(
                "vivavoce_guesses",
                "Replies worked out while the candidate might have gone on.",
                labels=["outcome"],
            ),
            {"used": total("guesses_used"), "discarded": total("guesses_discarded")},
        )
        yield _add_labels(
            CounterMetricFamily(
                "vivavoce_replies_worded",
                "Replies that the language model had a part in, by whose words were said.",
                labels=["by"],
            ),
            {by: sum(stats.worded[by] for stats in all_stats) for by in get_args(Wording)},
        )
        yield _counter("reply_pauses", "Replies held up by voice over them.", total("pauses"))
        yield _counter("false_interruptions", "Those that went on again.", total("resumes"))
        yield _counter("interruptions", "Replies that were cut short.", total("interruptions"))
        failures = CounterMetricFamily(
            "vivavoce_engine_failures",
            "What engines could not do; the conversations went on without it.",
            labels=["engine", "code"],
        )
        begun = {(engine, code) for engine in get_args(Engine) for code in COMMON_FAILURES}
        for engine, code in begun.union(*(stats.failures for stats in all_stats)):
            count = sum(stats.failures[engine, code] for stats in all_stats)
            failures.add_metric([engine, code], count)
        yield failures


def engine_gauges(found: Mapping[str, EngineState]) -> Iterator[Metric]:
    """Yield the state of these engines."""
    for field, name, help_ in (
        ("works", "up", "Whether it works: its threads run, or a server answers for it."),
        ("waiting", "waiting", "Pieces of work that have not begun."),
        ("waiting_seconds", "waiting_seconds", "How long the oldest of them has waited."),
        ("working", "working", "Pieces of work under way."),
        ("working_seconds", "working_seconds", "How long it has been at its present step."),
    ):
        family = GaugeMetricFamily(f"vivavoce_engine_{name}", help_, labels=["engine"])
        yield _add_labels(family, {n: getattr(state, field) for n, state in found.items()})
    servers = GaugeMetricFamily(
        "vivavoce_engine_servers", "Servers that answer for it.", labels=["engine"]
    )
    elsewhere = {n: s.servers for n, s in found.items() if s.servers is not None}
    if elsewhere:
        yield _add_labels(servers, elsewhere)


def _gauge(name: str, help_: str, value: float) -> Metric:
    return GaugeMetricFamily(f"vivavoce_{name}", help_, value)


def _counter(name: str, help_: str, value: float) -> Metric:
    return CounterMetricFamily(f"vivavoce_{name}", help_, value)


def _add_labels(
    family: GaugeMetricFamily | CounterMetricFamily, values: Mapping[str, float]
) -> Metric:
    for label, value in values.items():
        family.add_metric([label], value)
    return family
