"""Decide on how many threads the next step of a language model is computed. Pure, apart from the
count of the other engines' threads.

The threads of a step meet hundreds of times. Where another program has taken a core from one of
them, the others wait for it each time, and a step that takes 10 ms on free cores takes a second; on
one thread it takes its share of the processor, and no more.
"""

from collections.abc import Callable

CROWDED = 5
"""A step on several threads that takes so many times the usual has waited for its threads."""
NOTICEABLE = 0.05
"""Seconds; quicker steps than this are not looked at, since one hiccup is a large part of them."""
DRIFT = 1.02
"""Growth of the usual time with each step, because conversations get longer."""
FIRST_REST, LONGEST_REST = 1.0, 30.0
"""Seconds on one thread before several are tried again; twice as many after each failure."""


class StepThreads:
    """The number of threads of each step, learnt from how long earlier ones took."""

    def __init__(self, free: Callable[[], int], begun: Callable[[], int] = lambda: 0) -> None:
        """`free` tells how many threads the other engines leave at this moment, `begun` how often
        one of them began to compute: a step that one came into says nothing about other
        programs."""
        self._free = free
        self._begun = begun
        self._begun_before = 0
        self._usual: dict[int, float] = {}
        """Seconds that a step of about so many rows takes, by the rows' binary digits."""
        self._crowded_until = 0.0
        self._rest = FIRST_REST

    def choose(self, rows: int, now: float) -> int:
        """Return the number for a step of so many rows. The first one of a size is computed on a
        single thread, which tells what is usual even where other programs are busy."""
        self._begun_before = self._begun()
        if now < self._crowded_until or rows.bit_length() not in self._usual:
            return 1
        return self._free()

    def took(self, rows: int, threads: int, seconds: float, now: float) -> None:
        size = rows.bit_length()
        usual = self._usual.get(size, seconds)
        self._usual[size] = min(usual * DRIFT, seconds)
        if threads == 1 or self._begun() != self._begun_before:
            return
        if seconds > max(NOTICEABLE, CROWDED * usual):
            self._crowded_until = now + self._rest
            self._rest = min(2 * self._rest, LONGEST_REST)
        elif now > self._crowded_until + self._rest:
            self._rest = FIRST_REST
