"""The transition table of the turn machine, made by trying every event in every state that can be
reached. `python -m tests.pipeline.conversation.transitions` writes it into docs/turns.md."""

from collections import deque
from collections.abc import Iterator
from copy import copy
from dataclasses import dataclass, field, fields, is_dataclass
from functools import cache
from pathlib import Path
from typing import get_args

from pipeline.conversation import events as e
from pipeline.conversation.completeness import looks_complete
from pipeline.conversation.endpointing import samples as ms
from pipeline.conversation.floor import Floor, Turn
from pipeline.conversation.interruption import interrupts
from pipeline.conversation.turn_steps import MAX_TRIES
from pipeline.conversation.turns import TurnTaking

PAGE = Path(__file__).parents[3] / "docs" / "turns.md"
BEGIN, END = "<!-- transitions: begin -->\n", "<!-- transitions: end -->\n"
STATES = tuple(state.__name__ for state in get_args(Floor))
EVENTS = tuple(event.__name__ for event in get_args(e.Event))
SAID = ("", "Yes.", "mm-hm", "I did that and", "wait a moment")
AFTER = ms(20), ms(1000)
LONG_AFTER = ms(250_000)

Outcomes = dict[tuple[str, str], dict[str, set[tuple[str, ...]]]]
"""By state and event: the states that may follow, each with the commands that are then given."""


@dataclass
class Behaviour:
    """What events do in which state. A pair of both that is in neither has no effect."""

    transitions: Outcomes = field(default_factory=dict)
    remembered: set[tuple[str, str]] = field(default_factory=set)
    """What shows its effect only in a later state."""

    def note(self, before: TurnTaking, event: e.Event, after: TurnTaking, did: list[str]) -> None:
        pair = _name(before.floor), _name(event)
        if did or after.floor != before.floor:
            outcomes = self.transitions.setdefault(pair, {}).setdefault(_name(after.floor), set())
            outcomes.add(tuple(dict.fromkeys(did)))
        elif vars(after) != vars(before):
            self.remembered.add(pair)


@cache
def behaviour() -> Behaviour:
    """Try every event in every state that differs from the others by more than numbers."""
    start = TurnTaking(over_at=ms(900_000))
    seen, waiting = {_shape(start)}, deque([(start, ms(10_000))])
    found = Behaviour()
    while waiting:
        turns, now = waiting.popleft()
        for event in _events(turns, now):
            after = copy(turns)
            found.note(turns, event, after, [_name(c) for c in after.handle(event)])
            if (shape := _shape(after)) not in seen:
                seen.add(shape)
                waiting.append((after, event.at))
    return found


def render(found: Behaviour) -> str:
    """A table for each state, and the events that it has no rule for."""
    return "\n".join(_section(state, found) for state in get_args(Floor))


def _section(state: type[Floor], found: Behaviour) -> str:
    name = state.__name__
    lines = [f"### {name}", "", " ".join((state.__doc__ or "").split()), ""]
    handled = [event for event in EVENTS if (name, event) in found.transitions]
    if handled:
        lines += ["| event | next state | commands |", "|---|---|---|"]
    for event in handled:
        outcomes = found.transitions[name, event]
        for following in sorted(outcomes, key=STATES.index):
            stays = "(the same)" if following == name else following
            lines.append(f"| {event} | {stays} | {_commands(outcomes[following])} |")
    lines += [""] if handled else []
    rest = [event for event in EVENTS if event not in handled]
    remembered = [event for event in rest if (name, event) in found.remembered]
    ignored = [event for event in rest if event not in remembered]
    lines += [f"Only remembered: {', '.join(remembered)}.", ""] if remembered else []
    lines += [f"Ignored: {', '.join(ignored)}.", ""] if ignored else []
    return "\n".join(lines)


def _commands(outcomes: set[tuple[str, ...]]) -> str:
    return " *or* ".join(", ".join(names) or "none" for names in sorted(outcomes))


def _events(turns: TurnTaking, now: int) -> Iterator[e.Event]:
    for at in (*(now + gap for gap in AFTER), now + LONG_AFTER):
        yield e.SessionStarted(at)
        yield e.PossibleSpeech(at, at - ms(60))
        yield e.PossibleSpeechEnded(at)
        yield e.SpeechBegan(at, at - ms(200))
        yield e.SpeechPaused(at, at - ms(200))
        yield e.AudioCommitted(at)
        yield e.Muted(at)
        yield e.Unmuted(at)
        yield e.AudioCleared(at)
        yield e.ReplyRequested(at)
        yield e.ReplyCancelled(at)
        yield e.TextTyped(at, "Hello.")
        yield e.UserLeft(at)
    due = max(now, turns.deadline or 0)
    for at in (due, due + ms(27_000), due + LONG_AFTER):
        yield e.DeadlineReached(at)
        yield e.DeadlineReached(at, ms(2000))
    turn = getattr(turns.floor, "turn", None)
    for said in SAID:
        for number in _numbers(turns):
            for at in (now + ms(20), now + ms(5000)):
                yield e.Transcribed(at, number, said)
                yield e.Transcribed(at, number, said, spare=False)
            for at in (now + ms(20), now + ms(6000)):
                start = getattr(turn, "start", 0)
                yield e.PartialTranscribed(at, number, said, start)
                yield e.PartialTranscribed(at, number, said, start, quieter_since=now)
                yield e.PartialTranscribed(at, number, said, start, quieter_since=now, alone=True)
    for generation in [p.generation for p in turn.parts] if turn else []:
        for probability in (0.0, 1.0):
            yield e.EndOfTurnJudged(now + ms(20), generation, probability)
            yield e.SentenceJudged(now + ms(20), generation, probability)
    for last in (False, True):
        yield e.ReplyFinished(now + ms(20), getattr(turns.floor, "reply", 0), last)


def _numbers(turns: TurnTaking) -> list[int]:
    """The turn that the state is about, and what is transcribed of it; 0 is none of these."""
    turn = getattr(turns.floor, "turn", None)
    return [0, turn.item, *(p.generation for p in turn.parts if p.text is None)] if turn else [0]


def _shape(turns: TurnTaking) -> object:
    """What of a state decides which rules apply, without its numbers and times."""
    flags = (turns._muted, turns._to_open, turns._started, turns._pause_left > 0)
    return _form(turns.floor), flags


def _form(value: object) -> object:
    match value:
        case Turn():
            known = value.text is not None
            return bool(value.parts), known, _words(value.text or ""), value.tries >= MAX_TRIES
        case str():
            return _words(value)
        case None | bool():
            return value
        case _ if is_dataclass(value):
            return _name(value), tuple(_form(getattr(value, f.name)) for f in fields(value))
    return bool(value)


def _words(text: str) -> tuple[bool, ...]:
    return bool(text), looks_complete(text), interrupts(text)


def _name(value: object) -> str:
    return type(value).__name__


def table() -> str:
    return f"{BEGIN}\n{render(behaviour())}\n{END}"


if __name__ == "__main__":
    page = PAGE.read_text()
    before, after = page.split(BEGIN)[0], page.split(END)[1]
    PAGE.write_text(before + table() + after)
