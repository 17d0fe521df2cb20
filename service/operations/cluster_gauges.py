"""Gauges of a cluster as one replica sees it; each replica's own are in `gauges`."""

from collections.abc import Iterator
from dataclasses import dataclass

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from ..cluster.census import Census
from ..cluster.sentinel import Sentinel


@dataclass(eq=False, slots=True)  # the registry hashes its collectors
class ClusterGauges(Collector):
    sentinel: Sentinel
    census: Census

    def collect(self) -> Iterator[Metric]:
        yield _gauge("leads", "1 on the replica that sweeps for all.", int(self.sentinel.leads))
        in_touch = self.sentinel.unbroken_since is not None
        yield _gauge("in_touch", "1 while this replica's heartbeats arrive.", int(in_touch))
        if (count := self.census.last) is None:
            return
        yield _gauge("replicas", "Replicas that are alive.", count.replicas)
        yield _gauge("slots", "Interviews that all of them may hold at once.", count.slots)
        yield _gauge("slots_used", "Places that are held, promised or kept.", count.used)
        yield _gauge("slots_free", "Places that may be taken.", count.free)
        yield _gauge("sessions_active", "Interviews that go on now.", count.held)


def _gauge(name: str, help_: str, value: float) -> Metric:
    return GaugeMetricFamily(f"vivavoce_cluster_{name}", help_, value)
