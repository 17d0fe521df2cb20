"""Metrics of an engine server in the Prometheus format."""

from collections.abc import Iterator

from prometheus_client import CollectorRegistry, Counter, GCCollector, Histogram, ProcessCollector
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from models.remote.serving import EngineServer

from ..observability.metrics import BRIEF_BUCKETS
from ..operations.gauges import engine_gauges

CALL_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1, 1.5, 2, 3, 5, 10)
KINDS = ("final", "partial", "judge", "speak")


class EngineMetrics:
    """The metrics of one engine server."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._calls = Counter(
            "vivavoce_engine_calls",
            "Calls that ended, by what came of them: ok, cancelled, or the code of the error.",
            ["kind", "outcome"],
            registry=self.registry,
        )
        self._seconds = Histogram(
            "vivavoce_engine_call_seconds",
            "Calls from their arrival to their answer.",
            ["kind"],
            buckets=CALL_BUCKETS,
            registry=self.registry,
        )
        self.loop_lag = Histogram(
            "vivavoce_event_loop_lag_seconds",
            "How late the event loop is, four times a second.",
            buckets=BRIEF_BUCKETS,
            registry=self.registry,
        )
        for kind in KINDS:  # Prometheus sees no increase in a series that did not exist
            self._seconds.labels(kind)
            for outcome in ("ok", "engine_busy", "engine_error"):
                self._calls.labels(kind, outcome)
        ProcessCollector(registry=self.registry)
        GCCollector(registry=self.registry)

    def ended(self, kind: str, outcome: str, seconds: float) -> None:
        """Count a call that has ended."""
        self._calls.labels(kind, outcome).inc()
        if outcome == "ok":
            self._seconds.labels(kind).observe(seconds)

    def watch(self, server: EngineServer) -> None:
        """Publish the present state of this server, too."""
        self.registry.register(_Present(server))


class _Present(Collector):
    def __init__(self, server: EngineServer) -> None:
        self._server = server

    def collect(self) -> Iterator[Metric]:
        server = self._server
        yield from engine_gauges(server.served.states)
        for name, says, value in (
            ("connections", "Connections of services.", server.connections),
            ("calls_in_progress", "Calls that wait for an engine or its answer.", server.calls),
            ("depth", "Pieces of work that wait or are under way.", server.served.depth),
            ("draining", "1 while the server is about to stop.", int(server.leaving)),
        ):
            yield GaugeMetricFamily(f"vivavoce_engine_{name}", says, value)
