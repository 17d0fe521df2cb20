"""The model behind `simulate_fleet.py`: what a fleet asks of each shared resource, and how long its
statements wait for the database. Pure; a seed makes it repeatable.

The database is a queue before some cores: a transaction computes there, then waits for the log's
next flush, which takes one time for all that wait (group commit). Everything else is counted:
connections, bytes at the load balancer, tokens of the language model pool, cores of recognizers.
"""

import heapq
import random
from collections.abc import Iterator
from dataclasses import dataclass, field

import msgspec


class Costs(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What one of each thing costs. Milliseconds of a core of the database server unless the name
    says otherwise: `scripts.measure.database_costs` measured them (Postgres 15, AMD EPYC)."""

    append: float = 0.17
    claim: float = 1.2
    heartbeat: float = 0.17
    sweep: float = 1.0
    sweep_replica: float = 0.01
    """For each replica beside the leader's own statements."""
    notify: float = 0.12
    notify_listener: float = 0.009
    """For each connection that listens: Postgres wakes them all."""
    claim_lock: float = 4.7
    """Milliseconds for which a claim locks its replica's row, most of it on the way to and fro."""
    flush: float = 0.25
    """Milliseconds of the disk for one flush of the log, however many commits it holds."""
    connection_mb: float = 1.9
    """Memory of an idle connection."""
    connections: int = 6
    """Connections that a replica keeps open: its pool at work, and the sentinel's."""
    appends_minute: float = 50.0
    """Journal entries of an interview; `scripts/kill_loop.py` writes 54 to 58 a minute."""
    interview_minutes: float = 20.0
    audio_kb: float = 64.0
    """Kilobytes a second and direction of an interview's audio."""
    replies_minute: float = 4.0
    reply_tokens: float = 30.0
    pool_tokens: float = 1100.0
    """Tokens a second of one language model server (docs/performance.md, 7B on an H100)."""
    recognizer_cores: float = 0.06
    """Cores of an interview: recognizer, voice and end of turn (docs/performance.md)."""


@dataclass(frozen=True, slots=True)
class Fleet:
    replicas: int
    interviews: int
    database_cores: int = 8
    database_gb: float = 32.0
    max_connections: int = 500
    balancer_gbit: float = 10.0
    llm_servers: int = 8
    cores_a_replica: int = 2


@dataclass(frozen=True, slots=True)
class Load:
    """How much of a resource the fleet takes: `share` 1.0 is all of it."""

    resource: str
    share: float
    detail: str
    remedy: str


def loads(fleet: Fleet, costs: Costs) -> list[Load]:
    """Return what a fleet at work takes of each resource, the fullest first."""
    appends = fleet.interviews * costs.appends_minute / 60
    claims = fleet.interviews / (costs.interview_minutes * 60)
    beats = fleet.replicas / HEARTBEAT
    sweeps = (costs.sweep + costs.sweep_replica * fleet.replicas) / SWEEP
    yields = claims * YIELDS * (costs.notify + costs.notify_listener * fleet.replicas)
    busy = appends * costs.append + claims * costs.claim + beats * costs.heartbeat + sweeps + yields
    connections = fleet.replicas * costs.connections
    memory = connections * costs.connection_mb / 1024
    gbit = fleet.interviews * costs.audio_kb * 8 / 1e6
    tokens = fleet.interviews * costs.replies_minute / 60 * costs.reply_tokens
    cores = fleet.interviews * costs.recognizer_cores
    found = [
        Load(
            "database: computing",
            busy / 1000 / fleet.database_cores,
            f"{appends:,.0f} appends/s, {beats:,.0f} heartbeats/s, {claims:,.1f} claims/s",
            "a database for each group of replicas (tenants, regions), or a larger server",
        ),
        Load(
            "database: connections",
            connections / fleet.max_connections,
            f"{connections:,} of {fleet.max_connections:,}",
            "larger replicas (more slots each), a smaller pool, a higher max_connections",
        ),
        Load(
            "database: memory of connections",
            memory / (fleet.database_gb / 2),
            f"{memory:,.1f} GB of {fleet.database_gb / 2:,.0f} (half of the server's)",
            "larger replicas, or more memory",
        ),
        Load(
            "load balancer: network",
            gbit / fleet.balancer_gbit,
            f"{gbit:,.2f} Gbit/s in each direction",
            "several balancers behind one name (DNS, anycast)",
        ),
        Load(
            "language model pool",
            tokens / (fleet.llm_servers * costs.pool_tokens),
            f"{tokens:,.0f} tokens/s",
            f"{-(-tokens // costs.pool_tokens):,.0f} servers, or local models in the replicas",
        ),
        Load(
            "replicas: cores for speech",
            cores / (fleet.replicas * fleet.cores_a_replica),
            f"{cores:,.0f} of {fleet.replicas * fleet.cores_a_replica:,}",
            "fewer slots a replica, or engines in a pool",
        ),
    ]
    return sorted(found, key=lambda load: -load.share)


HEARTBEAT = 2.0
"""Seconds between two heartbeats of a replica."""
SWEEP = 5.0
"""Seconds between two sweeps of the leader."""
YIELDS = 0.05
"""Share of claims that ask another replica to let go: second tabs, broken networks."""
RETRY = 0.2
"""Seconds within which clients come back after a close."""


@dataclass(order=True, slots=True)
class _Arrival:
    at: float
    number: int
    what: str = field(compare=False)
    cost: float = field(compare=False)
    """Seconds of a core."""
    replica: int | None = field(default=None, compare=False)
    """Whose row it locks: claims of one replica happen one after the other."""
    asked: float = field(init=False, compare=False)

    def __post_init__(self) -> None:
        self.asked = self.at


@dataclass(slots=True)
class Waits:
    """Milliseconds from each statement's arrival to its commit, by its kind."""

    ms: dict[str, list[float]] = field(default_factory=dict)

    def quantile(self, what: str, share: float) -> float:
        """Return a quantile of one kind; 0 where there was none."""
        found = sorted(self.ms.get(what, ()))
        return found[min(len(found) - 1, int(len(found) * share))] if found else 0.0


def steady(fleet: Fleet, costs: Costs, seconds: float, seed: int = 1) -> Iterator[_Arrival]:
    """Yield what replicas and interviews ask of the database, in no order."""
    dice = random.Random(seed)
    number = 0

    def poisson(rate: float, what: str, ms: float) -> Iterator[_Arrival]:
        nonlocal number
        at = 0.0
        while rate > 0 and (at := at + dice.expovariate(rate)) < seconds:
            number += 1
            yield _Arrival(at, number, what, dice.expovariate(1000 / ms))

    yield from poisson(fleet.interviews * costs.appends_minute / 60, "append", costs.append)
    claims = fleet.interviews / (costs.interview_minutes * 60)
    yield from poisson(claims, "claim", costs.claim)
    asking = costs.notify + costs.notify_listener * fleet.replicas
    yield from poisson(claims * YIELDS, "notify", asking)
    for _ in range(fleet.replicas):
        at = dice.uniform(0, HEARTBEAT)
        while at < seconds:
            number += 1
            yield _Arrival(at, number, "heartbeat", dice.expovariate(1000 / costs.heartbeat))
            at += HEARTBEAT


def returning(
    interviews: int, replicas: int, costs: Costs, at: float, seed: int = 2
) -> Iterator[_Arrival]:
    """Yield the claims of clients that come back within `RETRY` seconds from `at`, to so many
    replicas in turn."""
    dice = random.Random(seed)
    for n in range(interviews):
        when, cost = at + dice.uniform(0, RETRY), dice.expovariate(1000 / costs.claim)
        yield _Arrival(when, 10**9 + n, "returning", cost, n % replicas)


def database(arrivals: Iterator[_Arrival], cores: int, costs: Costs) -> Waits:
    """Serve the arrivals in order on so many cores, commit each with the next flush of the log, and
    return how long each took. A claim waits for the one before it at its replica."""
    free = [0.0] * cores
    unlocked: dict[int, float] = {}
    computed: list[tuple[float, _Arrival]] = []
    for arrival in sorted(_locked(sorted(arrivals), unlocked, costs.claim_lock / 1000)):
        begins = max(arrival.at, heapq.heappop(free))
        done = begins + arrival.cost
        heapq.heappush(free, done)
        computed.append((done, arrival))
    computed.sort(key=lambda pair: pair[0])
    waits = Waits()
    flushed = began = 0.0
    for done, arrival in computed:
        if done > began:  # it missed the flush that has begun, so the next one takes it
            began = max(done, flushed)
            flushed = began + costs.flush / 1000
        waits.ms.setdefault(arrival.what, []).append((flushed - arrival.asked) * 1000)
    return waits


def _locked(
    arrivals: list[_Arrival], unlocked: dict[int, float], seconds: float
) -> Iterator[_Arrival]:
    """Put off each claim until its replica's row is free; the row is locked for so many seconds."""
    for arrival in arrivals:
        if arrival.replica is not None:
            arrival.at = max(arrival.at, unlocked.get(arrival.replica, 0.0))
            unlocked[arrival.replica] = arrival.at + seconds
        yield arrival
