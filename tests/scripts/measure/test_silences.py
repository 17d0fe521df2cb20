"""What a silence is counted from, and which mishap it is put down to."""

import pytest

from scripts.measure.attendance import PAGE, Held, page_waits
from scripts.measure.candidate import Candidate
from scripts.measure.mishaps import Happening
from scripts.measure.silences import silences, table


def connection(*messages):
    made = Candidate(None, ["silence"])
    made.messages = list(messages)
    return made


def word(at):
    return at, {"type": "response.created"}


def closed(at, code=1006):
    return at, {"type": "closed", "code": code}


def found(before, after, *happened, tries=(), refused=()):
    held = Held(client=PAGE, tries=list(tries), refused=list(refused))
    held.connections = [connection(*before), connection(*after)]
    return list(silences(held, happened))


def test_after_a_kill_it_lasts_from_the_kill_to_the_first_word():
    (one,) = found(
        [word(8.0), closed(10.1)],
        [(10.4, {"type": "pong"}), word(10.6)],
        Happening("kill", 10.0, 14.0),
        tries=[7.0, 10.2],
    )
    assert (one.kind, one.client) == ("kill", "page")
    assert one.whole == pytest.approx(0.6)
    assert one.reconnected == pytest.approx(0.4)


def test_of_a_replica_that_hangs_it_lasts_from_its_last_word():
    (one,) = found(
        [word(8.0), closed(18.0, None)], [word(19.5)], Happening("hang", 9.0, 20.0), tries=[18.1]
    )
    assert one.whole == pytest.approx(11.5)
    assert one.reconnected == pytest.approx(1.4)


def test_a_kill_outweighs_a_hang_that_goes_on_elsewhere():
    happened = Happening("kill", 10.0, 14.0), Happening("hang", 10.5, 16.0)
    (one,) = found([word(8.0), closed(10.6)], [word(11.0)], *happened)
    assert one.kind == "kill"


def test_a_newer_tab_breaks_nothing():
    assert found([word(8.0), closed(9.0, 4409)], [word(8.5)], Happening("kill", 8.9, 12.0)) == []


def test_a_break_without_a_cause_is_put_down_to_nothing():
    (one,) = found([word(8.0), closed(30.0)], [word(31.0)], Happening("kill", 10.0, 14.0))
    assert one.kind == "nothing"


def test_those_who_were_refused_stand_apart():
    (one,) = found(
        [word(8.0), closed(10.0)],
        [word(14.0)],
        Happening("kill", 10.0, 12.0),
        tries=[10.1, 13.0],
        refused=[11.0],
    )
    assert list(table([one])) == ["kill, page, refused at first"]


def test_the_candidates_of_the_kill_loop_come_back_as_the_page_does():
    assert 0 <= page_waits(0) <= 0.2
    assert 1.2 <= page_waits(400) <= 2.0
