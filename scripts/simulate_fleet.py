"""Reckon where a fleet of replicas on one Postgres breaks first, beyond what one machine can show:

    .venv/bin/python scripts/simulate_fleet.py
    .venv/bin/python -m scripts.measure.database_costs > costs.json
    .venv/bin/python scripts/simulate_fleet.py --costs costs.json --replicas 50 --interviews 800

For each fleet it prints how full every shared resource is, what to change for those that are too
full, and how long the database takes (milliseconds, median and 99th percentile) for the entries of
an ordinary minute and for the claims when one replica dies, when all are restarted one after the
other, and when a load balancer's restart sends every client back at once. The costs were measured;
the queue is a simulation (scripts/measure/fleet_model.py says how it reckons).
"""

import argparse
import itertools
from pathlib import Path

import msgspec

from scripts.measure.fleet_model import (
    Costs,
    Fleet,
    Load,
    Waits,
    database,
    loads,
    returning,
    steady,
)  # fmt: skip

SECONDS = 20.0
"""Seconds that are simulated."""
FULL = 0.7
"""A resource that is fuller than this has no room for a bad minute."""
MOST = 10_000_000
"""Interviews; nothing is looked for beyond."""
FLEETS = ((10, 100), (100, 1_000), (1_000, 10_000))


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    made.add_argument("--replicas", type=int, help="with --interviews: this fleet alone")
    made.add_argument("--interviews", type=int, help="interviews at once")
    made.add_argument("--costs", type=Path, metavar="JSON", help="measured costs of the database")
    for name, default in (("database-cores", 8), ("max-connections", 500), ("llm-servers", 8)):
        made.add_argument(f"--{name}", type=int, default=default)
    made.add_argument("--balancer-gbit", type=float, default=10.0)
    return made


def main() -> None:
    options = parser().parse_args()
    if (options.replicas is None) != (options.interviews is None):
        raise SystemExit("Give both --replicas and --interviews, or neither.")
    costs = read(options.costs) if options.costs else Costs()
    sizes = [(options.replicas, options.interviews)] if options.replicas else FLEETS
    for replicas, interviews in sizes:
        if replicas < 1 or interviews < 1:
            raise SystemExit("--replicas and --interviews must be at least 1.")
        fleet = Fleet(
            replicas,
            interviews,
            database_cores=options.database_cores,
            max_connections=options.max_connections,
            balancer_gbit=options.balancer_gbit,
            llm_servers=options.llm_servers,
        )
        print("\n".join(report(fleet, costs)), end="\n\n")
    if options.replicas is None:
        print("\n".join(limits(costs)))


def read(path: Path) -> Costs:
    """Return the costs in a file; what it leaves out keeps its default."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Costs)
    except OSError as exc:
        raise SystemExit(f"{path} cannot be read: {exc.strerror}.") from None
    except msgspec.DecodeError as exc:
        raise SystemExit(f"{path} is not what database_costs prints: {exc}.") from None


def report(fleet: Fleet, costs: Costs) -> list[str]:
    """Return the lines about one fleet."""
    lines = [f"## {fleet.replicas:,} replicas, {fleet.interviews:,} interviews"]
    lines += ["", "| resource | taken | of it |", "|---|---|---|"]
    found = loads(fleet, costs)
    lines += [f"| {load.resource} | {load.share:.0%} | {load.detail} |" for load in found]
    lines += [f"- {load.resource}: {load.remedy}" for load in found if load.share > FULL]
    lines += ["", "| database | append p50 / p99 | claim p50 / p99 |", "|---|---|---|"]
    if found and _computing(found).share >= 1:
        return [*lines, "| it falls behind | for ever | for ever |"]
    for name, waits in events(fleet, costs):
        claim = "returning" if "returning" in waits.ms else "claim"
        cells = (
            f"{waits.quantile(what, 0.5):.1f} / {waits.quantile(what, 0.99):.1f}"
            for what in ("append", claim)
        )
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return lines


def events(fleet: Fleet, costs: Costs) -> list[tuple[str, Waits]]:
    """Simulate an ordinary time and three bad moments."""
    each = -(-fleet.interviews // fleet.replicas)
    restart = 5.0 * SECONDS / fleet.replicas  # one replica after the other, in about 100 s
    others = max(1, fleet.replicas - 1)
    rolling = itertools.chain.from_iterable(
        returning(each, others, costs, n * restart, seed=n) for n in range(int(SECONDS / restart))
    )
    cases = {
        "ordinary": iter(()),
        "a replica dies": returning(each, others, costs, SECONDS / 2),
        "restart of all in 100 s": rolling,
        "all come back at once": returning(fleet.interviews, fleet.replicas, costs, SECONDS / 2),
    }
    return [
        (
            name,
            database(
                itertools.chain(steady(fleet, costs, SECONDS), more),
                fleet.database_cores,
                costs,
            ),
        )
        for name, more in cases.items()
    ]


def limits(costs: Costs) -> list[str]:
    """Return how many interviews each resource carries, with ten of them a replica."""
    lines = ["## Where it breaks first, with 10 interviews a replica", ""]
    lines += ["| resource | interviews until it is full | then |", "|---|---|---|"]
    rows: list[tuple[int, Load]] = []
    for load in loads(_fleet(1_000), costs):
        rows.append((_most(load.resource, costs), load))
    for most, load in sorted(rows, key=lambda row: row[0]):
        until = f"{most:,}" if most < MOST - 10 else "grows with the replicas"
        lines.append(f"| {load.resource} | {until} | {load.remedy} |")
    return lines


def _fleet(interviews: int) -> Fleet:
    return Fleet(max(1, interviews // 10), interviews)


def _most(resource: str, costs: Costs) -> int:
    """Return the largest number of interviews, in tens, at which a resource is not full."""
    low, high = 0, MOST
    while high - low > 10:
        middle = (low + high) // 20 * 10
        share = next(x.share for x in loads(_fleet(middle), costs) if x.resource == resource)
        low, high = (middle, high) if share < 1 else (low, middle)
    return low


def _computing(found: list[Load]) -> Load:
    return next(load for load in found if load.resource == "database: computing")


if __name__ == "__main__":
    main()
