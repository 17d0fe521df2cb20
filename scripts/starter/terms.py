"""Names, things and words that interviews are about, many of them made up on the spot.

A model that meets only known words learns them by heart; one that meets made-up words in every
document has to copy from what it reads, which is what an interviewer needs.
"""

import collections
import random
import re
from collections.abc import Callable, Sequence
from functools import wraps
from pathlib import Path

from scripts.starter import vocabulary
from scripts.starter.grammar import Grammar, read
from scripts.starter.language import is_clean
from scripts.starter.phrases import phrase, referred

TABLES = read(Path(__file__).with_name("dialogues.txt"))
MADE_UP = 0.25  # share of words that exist nowhere
FOREIGN = "José Zoë Łukasz Renée Björn Chloé Andrés Åsa Siân Jürgen Müller O'Brien".split()

_ONSETS = (
    "b c d f g h j k l m n p r s t v w z br cl cr dr fl gr kl pl pr sh sk sl st str th tr zh ch qu"
).split()
_VOWELS = "a e i o u ai ea ee io ou y".split()
_CODAS = ["", "", "", "", "n", "r", "s", "l", "x", "m", "t", "k", "nd", "rt", "st", "ng", "sh"]
_ENDINGS = [
    "",
    "",
    "",
    "ly",
    "ify",
    "io",
    "tek",
    "soft",
    "ware",
    "net",
    "ium",
    "ton",
    "berg",
    "ova",
]
_PRODUCTS = ["DB", "JS", "ML", "OS", "API", "Hub", "Flow", "Cloud", "2", "3.1", " Pro", "-X"]
_FUNCTION = frozenset(
    "that this with have from they were been their what when your which would there could about "
    "them then than some will just like into over very more also only".split()
)


def _clean(make: Callable[..., str]) -> Callable[..., str]:
    """The same, drawn again where chance put rough language together."""

    @wraps(make)
    def made(terms: "Terms", *numbers: int) -> str:
        while not is_clean(word := make(terms, *numbers)):
            pass
        return word

    return made


class Terms:
    """Draws terms with one random generator.

    lines: general sentences, for everyday words; pieces: word pieces of the tokenizer, put together
    to words so that every token is copied now and then (empty before there is a tokenizer).
    """

    def __init__(
        self, random_: random.Random, lines: Sequence[str], pieces: Sequence[str] = ()
    ) -> None:
        self.random, self.lines = random_, lines
        self._pieces = [p for p in pieces if re.fullmatch("[A-Za-z]{2,9}", p) and is_clean(p)]
        counts = collections.Counter(
            word for line in lines for word in re.findall("[a-z]{4,}", line)
        )
        self.frequency = counts
        self._content = sorted(w for w, n in counts.items() if n >= 2 and w not in _FUNCTION)
        self._rare = sorted(w for w, n in counts.items() if n == 1) or self._content
        self.theme: list[str] = []
        """Nouns that come again and again in one document, as they do in an interview about one
        job; a model that never met that would mix up what it copies."""
        made: dict[str, Callable[[], str]] = {
            "n": self.number,
            "city": lambda: self.name() if self.chance(0.3) else self.any("known city"),
            "organisation": self.organisation,
            "skill": self.skill,
            "thing": lambda: self.thing()[0],
            "matter": self.matter,
            "job": lambda: self.job().lower(),
            "word": self.word,
            "noun": self.noun,
            "first": self.first,
            "phrase": lambda: phrase(self)[0],
        }
        self.grammar = Grammar(TABLES, random_, made)

    def chance(self, share: float) -> bool:
        return self.random.random() < share

    def any(self, slot: str) -> str:
        return self.random.choice(TABLES[slot])

    def with_topic(self, slot: str, topic: str) -> str:
        """A frame of this slot with {X} standing for the topic, which is not expanded itself."""
        return self.grammar.filled(self.any(slot).replace("{X}", "\x01")).replace("\x01", topic)

    # Made up

    @_clean
    def syllables(self, fewest: int = 1, most: int = 3) -> str:
        return "".join(
            self.random.choice(_ONSETS) + self.random.choice(_VOWELS) + self.random.choice(_CODAS)
            for _ in range(self.random.randint(fewest, most))
        )

    @_clean
    def name(self) -> str:
        return (self.syllables(1, 2) + self.random.choice(_ENDINGS)).capitalize()

    @_clean
    def unknown(self) -> str:
        """A product, an acronym, a word of no language, or a figure."""
        draw = self.random.random()
        if draw < 0.35:
            return self.name()
        if draw < 0.5:
            return "".join(
                self.random.choices("ABCDEFGHIJKLMNOPRSTUVWXZ", k=self.random.randint(2, 4))
            )
        if draw < 0.6:
            return self.name() + self.random.choice(_PRODUCTS)
        if draw < 0.93:
            return self.syllables()
        return str(self.random.randint(1, 9999))

    @_clean
    def blend(self) -> str:
        """One to three pieces of the tokenizer in one word."""
        if not self._pieces:
            return self.syllables()
        if self.chance(0.3):
            return self.random.choice(self._pieces)
        count = self.random.choice([2, 2, 2, 3])
        word = "".join(self.random.choices(self._pieces, k=count))[:14].lower()
        return word.capitalize() if self.chance(0.15) else word

    # Ordinary, with some made up among them

    def word(self) -> str:
        draw = self.random.random()
        if draw < MADE_UP:
            return self.unknown()
        return self.blend() if draw < MADE_UP + 0.3 else self.random.choice(self._content)

    def noun(self) -> str:
        """One word for a thing, in lower case but for made-up names."""
        draw = self.random.random()
        if self.theme and draw < 0.15:
            return self.random.choice(self.theme)
        if draw < 0.4:
            return self.any("object")
        if draw < 0.75:
            return self.random.choice(self._content if draw < 0.55 else self._rare)
        return self.blend() if draw < 0.9 else self.syllables()

    def new_theme(self) -> None:
        """Other nouns to come again and again."""
        self.theme = []
        self.theme = [self.noun() for _ in range(self.random.randint(2, 6))]

    def number(self) -> str:
        if self.chance(0.55):
            return self.any("number word")
        return str(self.random.choice([2, 3, 5, 8, 10, 12, 20, 25, 40, 60, 100, 500, 1000]))

    def first(self) -> str:
        draw = self.random.random()
        if draw < 0.15:
            return self.blend().capitalize()
        if draw < 0.5:
            return self.name()
        names = FOREIGN if draw < 0.55 else vocabulary.FIRST_NAMES
        return self.random.choice(names)

    def full_name(self) -> str:
        first = self.first()
        if self.chance(0.6):
            return first
        last = self.name() if self.chance(0.4) else self.random.choice(vocabulary.LAST_NAMES)
        return f"{first} {last}"

    def job(self) -> str:
        draw = self.random.random()
        if draw < 0.12:
            field = self.unknown()
        elif draw < 0.24:
            field = self.blend()
        elif draw < 0.34:
            field = self.random.choice(self.theme or self._content)
        else:
            field = self.any("field")
        senior = self.any("seniority") + " " if self.chance(0.7) else ""
        title = f"{senior}{field} {self.any('occupation')}"
        return title if self.chance(0.5) else title.title()

    def skill(self) -> str:
        draw = self.random.random()
        if draw < 0.2:
            return self.unknown()
        if draw < 0.35:
            kind = self.random.choice(["planning", "testing", "design", "training", "control"])
            return f"{self.random.choice(self._content)} {kind}"
        return self.any("known skill")

    def organisation(self) -> str:
        draw = self.random.random()
        if draw < 0.45:
            return self.any("kind of organisation")
        name = self.name()
        return f"{name} {self.any('organisation ending')}" if draw > 0.7 else name

    def matter(self) -> str:
        """A noun phrase of two or three words, without an article."""
        draw, content = self.random.random(), self.random.choice(self._content)
        if self.theme and self.chance(0.3):
            content, draw = self.random.choice(self.theme), draw * 0.4
        if draw < 0.15:
            return f"{self.unknown()} {self.any('system')}"
        if draw < 0.27:
            return f"{content} {self.any('system')}"
        if draw < 0.4:
            return f"{self.any('area')} {content}"
        if draw < 0.45:
            return f"{self.any('quality')} {self.any('area')} {self.any('system')}"
        return f"{self.any('area')} {self.any('system')}"

    def thing(self, circumstances: float = 0.2) -> tuple[str, str]:
        """Something as a candidate says it, and how an interviewer refers to it."""
        matter = self.matter()
        article = self.random.choice(["a", "the", "the", "our", "my", "their", "a new", "a small"])
        said = self.grammar.filled(f"{article} {matter}")
        extra = " " + self.grammar.one("circumstance") if self.chance(circumstances) else ""
        return said + extra, f"{referred(article)} {matter}"
