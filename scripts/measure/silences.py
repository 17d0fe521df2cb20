"""How long candidates heard nothing after each mishap. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from .attendance import Held, closed_at, closed_with
from .mishaps import Happening

STOOD_STILL = "machine stood still"
"""This machine did nothing for seconds; what broke then says nothing of the service."""
AFTER = {
    "hang": 2.0, "cut": 2.0, "drain": 1.0, "postgres": 10.0, "outage": 30.0,
    STOOD_STILL: 20.0,
}  # fmt: skip
"""Seconds after its end in which a connection may still break because of it."""
KILLED = 1.0
"""Seconds after a kill in which its connections break."""
NEWER_TAB = 4409


@dataclass(frozen=True, slots=True)
class Silence:
    """From the last word of one connection to the first of the next."""

    kind: str
    """What broke the connection."""
    client: str
    whole: float
    """Seconds from the mishap, or from the last word of a replica that went without one."""
    reconnected: float
    """Seconds of it from the first try to connect again."""
    refused: int
    """Tries that came to nothing."""


def silences(held: Held, happened: Sequence[Happening]) -> Iterator[Silence]:
    for before, after in zip(held.connections, held.connections[1:], strict=False):
        broken = closed_at(before)
        words = [at for at, message in after.messages if message["type"] not in ("pong", "closed")]
        if not broken or not words or closed_with(before) == NEWER_TAB:
            continue
        cause = blamed(broken, happened)
        last = max((at for at, m in before.messages if m["type"] != "closed"), default=broken)
        tries = [at for at in held.tries if broken <= at <= words[0]]
        began = {"kill": cause.began, "drain": broken}.get(cause.kind, last) if cause else broken
        yield Silence(
            cause.kind if cause else "nothing",
            held.client.name,
            words[0] - began,
            words[0] - (tries[0] if tries else broken),
            sum(broken <= at <= words[0] for at in held.refused),
        )


def blamed(moment: float, happened: Sequence[Happening]) -> Happening | None:
    """The newest mishap that can have broken a connection then."""
    possible = [
        each for each in happened
        if each.kind in AFTER and each.began <= moment <= each.ended + AFTER[each.kind]
    ]  # fmt: skip
    still = [each for each in possible if each.kind == STOOD_STILL]
    kills = [
        each for each in happened if each.kind == "kill" and 0 <= moment - each.began < KILLED
    ]  # fmt: skip
    return max(still or kills or possible, key=lambda each: each.began, default=None)


def quantile(values: Sequence[float], share: float) -> float:
    """The value that so large a share does not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0


def table(found: Sequence[Silence]) -> Mapping[str, Mapping[str, float]]:
    """By mishap and client, how many and how long. Those who were refused meanwhile, since the
    others were full or the database was away, stand apart."""
    rows: dict[str, list[Silence]] = {}
    for each in found:
        apart = ", refused at first" if each.refused else ""
        rows.setdefault(f"{each.kind}, {each.client}{apart}", []).append(each)
    return {
        name: {
            "times": len(each),
            "p50": round(quantile([s.whole for s in each], 0.5), 2),
            "p95": round(quantile([s.whole for s in each], 0.95), 2),
            "max": round(max(s.whole for s in each), 2),
            "reconnected_p50": round(quantile([s.reconnected for s in each], 0.5), 2),
            "reconnected_p95": round(quantile([s.reconnected for s in each], 0.95), 2),
        }
        for name, each in sorted(rows.items())
    }
