from dataclasses import dataclass

from models.whisper.lines import FINAL_CAN_WAIT, Kind, Lines


@dataclass
class Job:
    asked: float


def lines(**asked):
    """Lines in which a job of each of these kinds waits since that time."""
    found = Lines()
    for name, at in asked.items():
        kind = Kind[name.upper()]
        if kind is Kind.FINAL:
            found.of(kind)["final"] = Job(at)
        else:
            found.add_partial(name, Job(at), kind)
    return found


def test_nothing_is_next_where_nothing_waits():
    assert Lines().next() is None


def test_a_look_goes_before_a_final_that_has_not_waited_long():
    assert lines(final=5.0, look=5.1, caption=4.0).next() is Kind.LOOK


def test_a_final_that_has_waited_goes_before_looks_that_came_later():
    assert lines(final=5.0, look=5.1 + FINAL_CAN_WAIT).next() is Kind.FINAL


def test_a_caption_waits_for_everything_else_however_long():
    assert lines(final=500.0, caption=1.0).next() is Kind.FINAL
    assert lines(look=500.0, caption=1.0).next() is Kind.LOOK
    assert lines(caption=1.0).next() is Kind.CAPTION


def test_a_newer_look_has_waited_as_long_as_the_one_that_it_replaces():
    waiting = lines(look=1.0)
    newer = Job(1.1)
    older = waiting.add_partial("look", newer, Kind.LOOK)
    assert (older.asked, newer.asked) == (1.0, 1.0)
    assert list(waiting.of(Kind.LOOK).values()) == [newer]


def test_a_newer_partial_of_another_kind_replaces_the_older_one_too():
    waiting = Lines()
    older = Job(1.0)
    waiting.add_partial("a", older, Kind.LOOK)
    assert waiting.add_partial("a", Job(2.0), Kind.CAPTION) is older
    assert (waiting.partials, waiting.sessions) == (1, ["a"])
    assert waiting.next() is Kind.CAPTION


def test_a_session_that_is_over_has_no_partial_waiting():
    waiting = lines(look=1.0, caption=1.0)
    assert waiting.drop("look").asked == 1.0
    assert waiting.drop("look") is None
    assert waiting.sessions == ["caption"]
