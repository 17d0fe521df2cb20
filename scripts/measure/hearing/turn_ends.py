"""How soon the ends of turns are noticed, and how many pauses are taken for one. Pure.

A way to decide gives each pause a delay: the silence after which the turn would be over. Pauses in
mid-turn that last longer than that are false cut-offs; at the end of a turn the delay is what
people wait for. The ways are compared at the same mean delay.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product

import numpy as np

from pipeline.conversation.completeness import Signs
from pipeline.conversation.endpointing import EndpointingPolicy, samples
from pipeline.language.asking import Asked

LENGTHS = (0.4, 0.8, 1.2, 1.6)
"""Seconds for which each pause in mid-turn is tried."""
NOTICED = 0.06
"""Seconds of voice after a pause that keep the turn from ending."""
ADDED = (0.3, 0.6)
"""Mean delays at which the ways are compared, in seconds."""
JUDGED = "rules and model"
"""The product's way with the model of the sound."""
READ = "with sentences"
"""The product's way with a language model as well."""
CUT = (0.05, 0.1)
"""Shares of false cut-offs at which they are."""


@dataclass(frozen=True, slots=True)
class Pause:
    """A pause in a recording, as voice activity, recognizer and end-of-turn model judge it."""

    file: str
    kind: str
    """mid (inside a clause), clause (at the end of one), end (of the turn), or natural: made by the
    speaker."""
    lag: float
    """Seconds from the real end of the voice to the one that was noticed."""
    text: str
    probability: float | None
    """The model's, of the turn up to the end of the voice; None without a model."""
    after_silence: float | None
    """The model's, with 0.2 s of the silence after it, as it is usually asked."""
    confidence: float = 0.0
    """The recognizer's in the text; 0 if it gives none."""
    length: float = 0.0
    """Seconds that a natural pause lasted."""
    sentence: float | None = None
    """A language model's probability that a sentence ends with the text; None without one."""
    sentence_asked: float | None = None
    """The same, of an answer to the kind of question."""
    asked: Asked = Asked.NOTHING
    """The kind of question that the recording may be the answer to."""


Way = Callable[[Pause], float]
"""Seconds of silence, from the end of the voice as it was noticed, that end the turn."""


def silence(delay: float) -> Way:
    return lambda pause: delay


def bare_model(threshold: float, short: float, long: float) -> Way:
    return lambda pause: short if (pause.after_silence or 0.0) >= threshold else long


def product_way(
    policy: EndpointingPolicy, *, model: bool, sentence: bool = False, question: bool = False
) -> Way:
    """Return the product's way: by the words alone, with the model of the sound, and with a
    language model that is asked where the others do not tell; and with the kind of question, which
    an interview always knows."""

    def way(pause: Pause) -> float:
        rule = replace(policy, asked=pause.asked) if question else policy
        signs = Signs(pause.text, pause.probability if model else None, pause.confidence)
        if sentence and rule.unsure(signs):
            read = pause.sentence_asked if question else pause.sentence
            signs = replace(signs, sentence=read)
        return rule.delay(signs) / samples(1000)

    return way


def ways(*, model: bool = True, sentence: bool = False) -> dict[str, list[Way]]:
    """Return the ways that are compared, each with many settings: with a `model` of the sound those
    that ask it, with a `sentence` also that of a language model."""
    short, long = np.arange(0.2, 1.6, 0.05), np.arange(0.6, 3.1, 0.2)
    policies = [
        EndpointingPolicy(round(a * 16_000), round(b * 16_000))
        for a, b in product(short, long)
        if a <= b
    ]
    marks = (0.05, 0.09, 0.15, 0.21, 0.3, 0.5, 0.7, 0.9, 0.95, 0.98)
    found = {"silence alone": [silence(d) for d in np.arange(0.2, 3.0, 0.02)]}
    if model:
        found["bare model"] = [bare_model(*p) for p in product(marks, short, long)]
    found["rules"] = [product_way(policy, model=False) for policy in policies]
    if model:
        found[JUDGED] = [product_way(policy, model=True) for policy in policies]
    if sentence:
        read = [product_way(policy, model=True, sentence=True) for policy in policies]
        found[READ] = read
    return found


def cut_off(way: Way, pauses: Sequence[Pause], length: float, kind: str) -> float:
    """Return the share of the pauses of this kind and length that the way takes for an end."""
    found = [p.lag + way(p) < length + NOTICED for p in pauses if p.kind == kind]
    return sum(found) / len(found) if found else float("nan")


def cut_off_natural(way: Way, pauses: Sequence[Pause]) -> tuple[int, int]:
    """Return how many natural pauses the way takes for an end, and of how many."""
    found = [p.lag + way(p) < p.length + NOTICED for p in pauses if p.kind == "natural"]
    return sum(found), len(found)


def delays(way: Way, pauses: Sequence[Pause]) -> list[float]:
    """Return the seconds from the real end of each turn to the moment when it is over."""
    return [p.lag + way(p) for p in pauses if p.kind == "end"]


@dataclass(frozen=True, slots=True)
class Point:
    """One setting of a way."""

    delay: float
    """Mean."""
    cut: float
    """Share of false cut-offs, over pauses of all `LENGTHS`."""


def points(settings: Sequence[Way], pauses: Sequence[Pause]) -> Iterator[Point]:
    inside = [p for p in pauses if p.kind in ("mid", "clause")]
    lengths = np.array(LENGTHS)[:, None] + NOTICED
    for way in settings:
        needed = np.array([p.lag + way(p) for p in inside])
        cut = float((needed < lengths).mean()) if inside else np.nan
        yield Point(float(np.mean(delays(way, pauses))), cut)


def fewest_cut(of: Sequence[Point], delay: float) -> float:
    """Return the smallest share of false cut-offs at this mean delay at most."""
    return min((p.cut for p in of if p.delay <= delay), default=float("nan"))


def soonest(of: Sequence[Point], cut: float) -> float:
    """Return the smallest mean delay with this share of false cut-offs at most."""
    return min((p.delay for p in of if p.cut <= cut), default=float("nan"))


def _pair(mid: float, clause: float) -> str:
    return f"{_figure(100 * mid, 4)} /{_figure(100 * clause, 3)} %"


def _figure(value: float, width: int, digits: int = 0) -> str:
    """Return a number, or a dash where there is nothing to reckon it from."""
    return f"{'–':>{width}}" if np.isnan(value) else f"{value:{width}.{digits}f}"


def table(pauses: Sequence[Pause]) -> str:
    """Return the figures of the product as it is set, and of all ways at the same mean delay."""
    lines = [f"{'':<18} " + " ".join(f"{n:>11}" for n in (*LENGTHS, "p50 / p90", "natural"))]
    model = any(pause.probability is not None for pause in pauses)
    sentence = any(pause.sentence is not None for pause in pauses)
    usual = EndpointingPolicy()
    as_set = {"rules": product_way(usual, model=False)}
    if model:
        as_set[JUDGED] = product_way(usual, model=True)
    if sentence:
        as_set[READ] = product_way(usual, model=True, sentence=True)
    if any(pause.asked is not Asked.NOTHING for pause in pauses):
        as_set["and question"] = product_way(usual, model=True, sentence=True, question=True)
    for name, way in as_set.items():
        cells = [_pair(*(cut_off(way, pauses, n, k) for k in ("mid", "clause"))) for n in LENGTHS]
        half, most = np.quantile(delays(way, pauses), (0.5, 0.9))
        cut, of_natural = cut_off_natural(way, pauses)
        lines.append(
            f"{name:<18} {' '.join(cells)} {half:.2f} / {most:.2f} {cut:4d} of {of_natural}"
        )
    lines.append(f"{'':<18} cut at 300, 600 ms · ms at 5, 10 % cut")
    for name, settings in ways(model=model, sentence=sentence).items():
        of = list(points(settings, pauses))
        cuts = " ".join(f"{_figure(100 * fewest_cut(of, d), 5, 1)} %" for d in ADDED)
        times = " ".join(f"{_figure(1000 * soonest(of, c), 5)} ms" for c in CUT)
        lines.append(f"{name:<18} {cuts} · {times}")
    return "\n".join(lines)
