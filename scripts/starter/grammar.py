"""Random expansion of a grammar kept in a text file.

"= name" opens a slot, each line below it is one way to fill it. {name} is filled from that slot,
{Name} the same with a capital first, (a|b|) is one of the alternatives.
"""

import random
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

_CHOICE = re.compile(r"\(([^()]*\|[^()]*)\)")
_SLOT = re.compile(r"\{([^{}]+)\}")
_ARTICLE = re.compile(r"\b([Aa]) (?=[aeioAEIO]|u[^ns ]|un[^i]|hour|honest)")

Slots = dict[str, Sequence[str]]


def read(path: Path) -> Slots:
    """Slot -> its expansions."""
    slots: Slots = {}
    lines: list[str] = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("= "):
            lines = []
            slots[line[2:]] = lines
        elif line and not line.startswith("#"):
            lines.append(line)
    return slots


class Grammar:
    """Expands slots with one random generator; `made` fills slots that code makes up."""

    def __init__(
        self,
        slots: Slots,
        random_: random.Random,
        made: Mapping[str, Callable[[], str]] | None = None,
    ) -> None:
        self._slots, self._random, self._made = slots, random_, made or {}

    def one(self, slot: str) -> str:
        """One expansion of a slot, with "an" where it has to be."""
        return self.filled(self._any(slot))

    def filled(self, text: str) -> str:
        """The text with its slots and alternatives filled."""
        return _ARTICLE.sub(r"\1n ", self._filled(text))

    def _filled(self, text: str) -> str:
        while match := _CHOICE.search(text):
            chosen = self._random.choice(match[1].split("|"))
            text = text[: match.start()] + chosen + text[match.end() :]
        return _SLOT.sub(lambda slot: self._fill(slot[1]), text)

    def _fill(self, name: str) -> str:
        if name in self._slots or name in self._made:
            return self._filled(self._any(name))
        filled = self._filled(self._any(name[0].lower() + name[1:]))
        return filled[0].upper() + filled[1:]

    def _any(self, name: str) -> str:
        return self._made[name]() if name in self._made else self._random.choice(self._slots[name])


def sentence_case(text: str) -> str:
    """Capitals where a sentence begins, single spaces."""
    text = " ".join(text.split())
    return re.sub(r"(^|[.?!] )([a-z])", lambda match: match[1] + match[2].upper(), text)
