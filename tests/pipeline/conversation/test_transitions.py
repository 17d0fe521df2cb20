"""The turn machine does in every state what docs/turns.md says, and nothing else."""

from typing import get_args

from hypothesis import settings

from pipeline.conversation import commands as c

from .test_any_conversation import AnyConversation
from .transitions import EVENTS, PAGE, STATES, behaviour, table

REWRITE = "python -m tests.pipeline.conversation.transitions"


def test_the_table_in_the_docs_is_what_the_machine_does():
    made = table()
    assert made in PAGE.read_text(), f"docs/turns.md is out of date; {REWRITE} writes:\n{made}"


def test_every_state_is_reached_every_event_handled_and_every_command_given():
    found = behaviour().transitions
    assert {following for outcomes in found.values() for following in outcomes} == set(STATES)
    handled = {event for _, event in found} | {event for _, event in behaviour().remembered}
    assert handled == set(EVENTS)
    given = {
        name
        for outcomes in found.values()
        for many in outcomes.values()
        for one in many
        for name in one
    }
    assert given == {command.__name__ for command in get_args(c.Command)}


class NothingElse(AnyConversation):
    """Events in any order never change a state by a transition that the table does not have."""

    def happen(self, event):
        before = self.turns.floor
        super().happen(event)
        pair = type(before).__name__, type(event).__name__
        assert self.turns.floor == before or pair in behaviour().transitions


TestNothingElse = NothingElse.TestCase
TestNothingElse.settings = settings(deadline=None, max_examples=60, stateful_step_count=40)
