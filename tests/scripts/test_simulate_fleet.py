"""The simulation of a fleet: its queue against what theory says, and what its program prints."""

import random
from pathlib import Path

import msgspec
import pytest

from scripts import simulate_fleet
from scripts.measure.fleet_model import Costs, Fleet, Waits, database, loads, returning, steady

NO_FLUSH = Costs(flush=0.0)


def mean(waits: Waits, what: str) -> float:
    found = waits.ms[what]
    return sum(found) / len(found)


def test_one_core_waits_as_long_as_theory_says() -> None:
    # M/M/1: a statement takes 1 / (served - asked for) on average.
    asked, served = 600.0, 1000.0
    costs = Costs(append=1000 / served, appends_minute=asked * 60, flush=0.0, claim=1e-6)
    waits = database(steady(Fleet(1, 1), costs, 200.0, seed=3), 1, costs)
    assert mean(waits, "append") == pytest.approx(1000 / (served - asked), rel=0.05)


def test_commits_share_a_flush_of_the_log() -> None:
    # Far more commits than flushes in a second: none waits for more than two flushes.
    costs = Costs(append=0.01, appends_minute=5000 * 60, flush=10.0)
    waits = database(steady(Fleet(1, 1), costs, 5.0), 4, costs)
    assert len(waits.ms["append"]) > 20_000
    assert max(waits.ms["append"]) < 21
    assert min(waits.ms["append"]) >= 10


def test_claims_at_one_replica_wait_for_each_other() -> None:
    costs = Costs(claim=0.001, claim_lock=50.0, flush=0.0)
    slowest = {
        replicas: database(returning(40, replicas, costs, 0.0), 8, costs).quantile("returning", 1)
        for replicas in (1, 40)
    }
    assert slowest[40] < 2
    assert 1700 < slowest[1] < 2000  # 40 x 50 ms, less those that came within 0.2 s


def test_a_seed_makes_it_repeatable() -> None:
    fleet = Fleet(10, 100)
    first, second, other = (
        database(steady(fleet, Costs(), 2.0, seed=seed), 2, Costs()).ms for seed in (7, 7, 8)
    )
    assert first == second
    assert first != other


def test_every_replica_beats_every_two_seconds() -> None:
    waits = database(steady(Fleet(30, 1), NO_FLUSH, 10.0), 2, NO_FLUSH)
    assert len(waits.ms["heartbeat"]) == 30 * 5


def test_what_is_taken_grows_with_the_fleet_and_the_fullest_is_named_first() -> None:
    dice = random.Random(1)
    for _ in range(20):
        replicas, interviews = dice.randint(1, 500), dice.randint(1, 5000)
        small = {load.resource: load.share for load in loads(Fleet(replicas, interviews), Costs())}
        found = loads(Fleet(2 * replicas, 2 * interviews), Costs())
        shares = [load.share for load in found]
        assert shares == sorted(shares, reverse=True)
        for load in found:
            if load.resource != "replicas: cores for speech":  # which brings its own
                assert load.share >= 1.99 * small[load.resource]


def test_a_replica_needs_connections_though_it_holds_nobody() -> None:
    by_name = {load.resource: load for load in loads(Fleet(100, 1), Costs(connections=6))}
    assert by_name["database: connections"].share == pytest.approx(1.2)


def test_the_report_says_what_is_too_full_and_what_to_do() -> None:
    text = "\n".join(simulate_fleet.report(Fleet(200, 100), Costs()))
    assert "database: connections | 240%" in text
    assert "- database: connections: larger replicas" in text
    assert "load balancer: network:" not in text  # it has room


def test_a_database_that_cannot_keep_up_is_said_to() -> None:
    text = "\n".join(simulate_fleet.report(Fleet(10, 100_000), Costs()))
    assert "falls behind" in text


def test_limits_are_where_a_resource_is_just_full(capsys: pytest.CaptureFixture[str]) -> None:
    costs = Costs(connections=5)
    lines = simulate_fleet.limits(costs)
    (row,) = [line for line in lines if "connections |" in line and "memory" not in line]
    most = int(row.split("|")[2].replace(",", ""))
    assert most == 990  # a hundred replicas have 500 connections, all that there are


def test_measured_costs_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "costs.json"
    file.write_bytes(msgspec.json.encode({"append": 0.5}))
    assert simulate_fleet.read(file) == Costs(append=0.5)
    file.write_text('{"apend": 0.5}')
    with pytest.raises(SystemExit, match="apend"):
        simulate_fleet.read(file)
    with pytest.raises(SystemExit, match="No such file"):
        simulate_fleet.read(tmp_path / "none.json")
