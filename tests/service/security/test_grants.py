from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.security.grants import SECONDS, Grants

MINE = uuid4()


@given(st.text())
def test_who_it_was_given_to_may_use_it_for_its_interview_only(who: str) -> None:
    grants = Grants()
    grant = grants.issue(who, MINE)
    assert grants.holder(grant, MINE) == who
    assert grants.holder(grant, uuid4()) is None
    assert grant.replace("-", "").replace("_", "").isalnum()


def test_it_ends() -> None:
    now = [1000.0]
    grants = Grants(clock=lambda: now[0])
    grant = grants.issue("key:jo", MINE)
    now[0] += SECONDS - 1
    assert grants.holder(grant, MINE) == "key:jo"
    now[0] += 1
    assert grants.holder(grant, MINE) is None


def test_another_process_does_not_know_it() -> None:
    assert Grants().holder(Grants().issue("key:jo", MINE), MINE) is None


def test_a_process_with_the_same_secret_knows_it() -> None:
    grant = Grants("s" * 32).issue("key:jo", MINE)
    assert Grants("s" * 32).holder(grant, MINE) == "key:jo"
    assert Grants("t" * 32).holder(grant, MINE) is None


@pytest.mark.parametrize("grant", ["", "x", "=", "ä", "A" * 43, "A" * 400, "AAAA.BBBB"])
def test_what_is_no_grant_opens_nothing(grant: str) -> None:
    assert Grants().holder(grant, MINE) is None


@given(st.integers(0, 60), st.sampled_from("Aa0-_"))
def test_a_letter_that_is_changed_makes_it_invalid(place: int, letter: str) -> None:
    grants = Grants()
    grant = grants.issue("key:jo", MINE)
    changed = grant[:place] + letter + grant[place + 1 :]
    assert (grants.holder(changed, MINE) is None) == (changed != grant)
