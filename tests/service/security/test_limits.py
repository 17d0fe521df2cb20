"""What one client may send."""

from service.security.limits import Allowance


def test_the_stock_may_be_taken_at_once_and_no_more():
    allowance = Allowance(1.0, 10.0)
    assert allowance.take(6, 0.0)
    assert allowance.take(4, 0.0)
    assert not allowance.take(0.1, 0.0)


def test_the_stock_fills_up_with_time_to_its_limit():
    allowance = Allowance(2.0, 10.0)
    assert allowance.take(10, 0.0)
    assert not allowance.take(3, 1.0)
    assert allowance.take(3, 1.5)
    assert allowance.take(10, 100.0)
    assert not allowance.take(1, 100.0)


def test_what_is_refused_costs_nothing():
    allowance = Allowance(1.0, 5.0)
    assert not allowance.take(6, 0.0)
    assert allowance.take(5, 0.0)
