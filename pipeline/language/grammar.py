"""Grammar of a language, as far as phrases are found by it. Data only.

The parts of speech are those of a tagger (`interview/parts_of_speech.py`). Each is one letter here,
so that patterns can be matched against the letters of a clause.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

Pattern = re.Pattern[str]
NEVER = re.compile(r"(?!)")


@dataclass(frozen=True, slots=True)
class Deeds:
    """Words by which candidates say what they do (`interview/doings.py`)."""

    doing: Pattern = NEVER
    """Letters from the pronoun to the verb, with the groups `aux` and `verb`."""
    own: frozenset[str] = frozenset()
    """Subjects by which candidates speak of themselves."""
    subjects: frozenset[str] = frozenset()
    """Subjects by which somebody speaks of anybody."""
    unsaid: frozenset[str] = frozenset()
    """Verbs by which somebody says what they think, not what they do."""
    states: frozenset[str] = frozenset()
    """Verbs for what somebody is rather than does."""
    general: frozenset[str] = frozenset()
    """Plain forms of verbs for what anybody says that they do: "try", "help"."""
    were: frozenset[str] = frozenset()
    """Auxiliaries in the past."""
    denials: frozenset[str] = frozenset()
    """Words that turn what follows into what somebody does not do."""
    do: frozenset[str] = frozenset()
    """Auxiliaries that are verbs by themselves."""
    would: frozenset[str] = frozenset()
    """Auxiliaries of intentions."""
    never: frozenset[str] = frozenset()
    """Adverbs that deny."""
    last: frozenset[str] = frozenset()
    """Adverbs that end no phrase."""
    complements: frozenset[str] = frozenset()
    """Words after which a clause says what a verb is about."""
    so: frozenset[str] = frozenset()
    """Words between two clauses that the tagger does not take for conjunctions."""
    you: Mapping[str, str] = field(default_factory=dict)
    """The candidate's words for themselves -> the interviewer's for them."""
    how: str = ""
    """Said before what the candidate does, in a question about it."""
    why: str = ""
    """Said before what the candidate likes, or does not do."""


@dataclass(frozen=True, slots=True)
class Naming:
    """Words of phrases that name something (`interview/noun_phrases.py`)."""

    phrase: Pattern = NEVER
    """Letters of a noun phrase."""
    attached: frozenset[str] = frozenset()
    """Prepositions after which a noun phrase may belong to the one before."""
    unnamed: frozenset[str] = frozenset()
    """Words that begin phrases of which nothing can be asked: "no", "enough"."""
    every: frozenset[str] = frozenset()
    """Determiners of everybody and everything."""
    theirs: frozenset[str] = frozenset()
    """Words for what belongs to others."""
    times: frozenset[str] = frozenset()
    """Nouns of times and measures."""
    introducing: frozenset[str] = frozenset()
    """Words by which somebody says what they are called."""
    numbers: frozenset[str] = frozenset()
    """Words for numbers from two on."""
    general: Pattern = NEVER
    """Nouns that any answer could have, whatever it is about."""
    idioms: Pattern = NEVER
    """Set phrases of candidates that name nothing: "go the extra mile"."""
    indefinite: frozenset[str] = frozenset()
    """Articles of what is spoken of for the first time."""
    definite: str = ""
    """The article of what is known."""
    bare: Pattern = NEVER
    """Letters of a phrase of one thing that has no article, unless it ends in `plural`."""
    plural: str = "s"
    being: Pattern = NEVER
    """Words at the end of a text after which somebody says what they are."""


@dataclass(frozen=True, slots=True)
class Grammar:
    """Parts of speech of a language, and the words that matter for its phrases."""

    model: str = ""
    """File of HanTa's with the language's words; empty if the language has none."""
    kinds: Mapping[str, str] = field(default_factory=dict)
    """Part of speech -> one letter."""
    noun: str = ""
    name: str = ""
    verb: str = ""
    """The letter of verbs in their plain form."""
    past: str = ""
    """The letter of verbs in the past."""
    participle: str = ""
    """The letter of participles."""
    present: frozenset[str] = frozenset()
    """The letters of verbs in the present, and of all auxiliaries."""
    hesitations: frozenset[str] = frozenset()
    """Words that are no part of a sentence."""
    naming: Naming = field(default_factory=Naming)
    deeds: Deeds = field(default_factory=Deeds)


NO_GRAMMAR = Grammar()


@dataclass(frozen=True, slots=True)
class Want:
    """A form of question, and what answers it (`interview/facts.py`)."""

    asks: Pattern
    needs: Pattern
    """Something that a sentence which answers it has."""
    enough: bool = False
    """True if such a sentence is about the question's subject for that alone."""
