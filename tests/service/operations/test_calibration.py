"""The arithmetic of calibration, with made-up measurements."""

import msgspec
import pytest

from service.operations.calibration import (
    ADDED_MS,
    Calibration,
    Machine,
    Samples,
    Step,
    capacity,
    counts,
    difference,
    fits,
    guess,
    percentile,
    shortfall,
    step_of,
    worth_repeating,
)

MACHINE = Machine("Xeon", 4, (), {"device": "auto"}, {"recognizer": "small 12ab"})
GB = 10**9


def step(interviews: int, added: float = 200.0, **more: float) -> Step:
    given = {"gap_p95_ms": 0.0, "lag_p99_ms": 5.0, "unanswered": 0, **more}
    return Step(
        interviews=interviews, answers=6, added_p50_ms=added / 2, added_p95_ms=added,
        gap_p95_ms=given["gap_p95_ms"], lag_p99_ms=given["lag_p99_ms"],
        unanswered=int(given["unanswered"]),
    )  # fmt: skip


def calibration(*steps: Step) -> Calibration:
    return Calibration("2026-11-23T12:00:00Z", "0.1.0", MACHINE, ADDED_MS, steps, {})


def test_the_most_interviews_that_went_well_are_admitted() -> None:
    found = calibration(step(1), step(2), step(4, 300), step(6, 950))
    told = capacity(None, found, MACHINE, 600, 4)
    assert told.places == 4
    assert told.said == "this machine: 4 interviews at p95 0.9 s"
    assert not told.warning


def test_a_single_interview_is_not_called_interviews() -> None:
    told = capacity(None, calibration(step(1), step(2, 2000)), MACHINE, 600, 4)
    assert told.said == "this machine: 1 interview at p95 0.8 s"


def test_a_machine_that_is_too_slow_for_one_interview_holds_one_and_says_so() -> None:
    told = capacity(None, calibration(step(1, 2300)), MACHINE, 600, 4)
    assert told.places == 1
    assert told.warning
    assert "p95 2.9 s, which is too slow" in told.said


def test_a_longer_endpoint_makes_replies_later_but_not_fewer() -> None:
    told = capacity(None, calibration(step(6, 300)), MACHINE, 1200, 4)
    assert told.said == "this machine: 6 interviews at p95 1.5 s"


def test_the_operators_number_wins() -> None:
    found = calibration(step(1), step(6, 300))
    fewer = capacity(3, found, MACHINE, 600, 4)
    assert fewer.places == 3
    assert not fewer.warning
    more = capacity(20, found, MACHINE, 600, 4)
    assert more.places == 20
    assert more.warning
    assert more.said == (
        "this machine: 20 interviews as set, but it was measured to hold 6 at p95 0.9 s"
    )


def test_without_a_calibration_a_guess_is_made_and_the_command_named() -> None:
    told = capacity(None, None, MACHINE, 600, 2)
    assert told.places == 2
    assert "2 interviews, a careful guess" in told.said
    assert "vivavoce calibrate" in told.said
    assert "as set" in capacity(7, None, MACHINE, 600, 2).said


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"processor": "Epyc"}, "another machine"),
        ({"cores": 8}, "another machine"),
        ({"gpus": ("L4",)}, "another machine"),
        ({"settings": {"device": "cpu"}}, "another device"),
        ({"models": {"recognizer": "small 99ff"}}, "other models"),
    ],
)
def test_a_calibration_of_something_else_is_not_used(changed: dict[str, object], why: str) -> None:
    now = msgspec.structs.replace(MACHINE, **changed)
    assert why in difference(MACHINE, now)
    told = capacity(None, calibration(step(6)), now, 600, 2)
    assert told.places == 2
    assert why in told.said
    assert "vivavoce calibrate" in told.said


@pytest.mark.parametrize(
    "bad",
    [
        step(8, ADDED_MS + 1),
        step(8, gap_p95_ms=501),
        step(8, lag_p99_ms=51),
        step(8, unanswered=1),
        msgspec.structs.replace(step(8), answers=0),
    ],
)
def test_replies_have_to_be_quick_whole_and_there(bad: Step) -> None:
    assert shortfall(bad, ADDED_MS)
    assert not shortfall(step(8), ADDED_MS)


def test_only_what_may_have_been_disturbed_is_measured_again() -> None:
    assert worth_repeating(step(8, 1000), ADDED_MS)
    assert worth_repeating(step(8, lag_p99_ms=80), ADDED_MS)
    assert not worth_repeating(step(8, 200), ADDED_MS)
    assert not worth_repeating(step(8, 2000), ADDED_MS)
    assert not worth_repeating(step(8, unanswered=1), ADDED_MS)


def test_measurements_of_the_same_number_are_put_together() -> None:
    once = Samples(2, (100.0, 900.0), (0.0,), (1.0,))
    again = Samples(2, (100.0, 100.0), (4.0,), (3.0,), unanswered=1)
    both = step_of(once + again)
    assert both.interviews == 2
    assert both.answers == 4
    assert both.added_p50_ms == 100.0
    assert 600 < both.added_p95_ms < 900
    assert both.unanswered == 1


def test_a_percentile_lies_between_two_values_in_proportion() -> None:
    values = [30.0, 10.0, 20.0, 40.0, 50.0]
    assert [percentile(values, share) for share in (0, 50, 90, 95, 100)] == [10, 30, 46, 48, 50]
    assert percentile([7.0], 95) == 7


def test_nothing_measured_is_summed_up_too() -> None:
    assert step_of(Samples(1, (), (), ())).answers == 0


def test_numbers_are_tried_up_to_the_limit_and_with_it() -> None:
    assert counts(1) == (1,)
    assert counts(5) == (1, 2, 4, 5)
    assert counts(8) == (1, 2, 4, 6, 8)


def test_more_interviews_are_tried_only_where_their_memory_is_free() -> None:
    taken = [(4, 3 * GB), (6, 4 * GB)]
    assert fits(8, taken, 2 * GB)
    assert not fits(12, taken, 3 * GB)
    assert fits(12, taken[:1], 0)  # nothing to reckon with yet


def test_a_guess_leaves_real_models_their_cores() -> None:
    assert guess(demonstration=True, gpu=False, cores=2) == 4
    assert guess(demonstration=False, gpu=True, cores=2) == 4
    assert [guess(demonstration=False, gpu=False, cores=n) for n in (1, 4, 8, 64)] == [1, 1, 2, 4]


def test_it_is_the_same_after_it_was_written_and_read() -> None:
    found = calibration(step(1), step(2, 300))
    assert msgspec.json.decode(msgspec.json.encode(found), type=Calibration) == found
