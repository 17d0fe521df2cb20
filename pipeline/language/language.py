"""What a language is to a conversation: its word lists, sentences and patterns, as one value.

Data only; the modules that use a part say what for. Patterns that are matched against words expect
them in lower case without marks, as `matching.words` returns them.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

Pattern = re.Pattern[str]
Patterns = tuple[Pattern, ...]


@dataclass(frozen=True, slots=True)
class Backchannels:
    """What is said over somebody who speaks without wanting the floor (`interruption.py`)."""

    words: frozenset[str]
    phrases: Pattern
    """Of several words; at the end of a partial transcript also their beginnings."""
    hums: Pattern
    """Whole words that are sounds, in all their spellings."""


@dataclass(frozen=True, slots=True)
class Intents:
    """What candidates ask for in place of an answer (`meaning.py`). A pattern is searched for in
    short lines only: that bounds what its backtracking costs."""

    stop: Patterns
    skip: Patterns
    unknown: Patterns
    sound_check: Patterns
    repeat: Patterns
    wait: Patterns


@dataclass(frozen=True, slots=True)
class Questions:
    """How questions sound (`meaning.py`)."""

    asks: Pattern
    """How a candidate's question begins when the recognizer writes no question mark."""
    question: Pattern
    """How a sentence begins that ends in a question mark and is a question. A recognizer also hears
    one in a statement with a rising voice, and people ask themselves what they did then."""
    closed: Pattern
    """How a question begins that "yes" or "no" answers, unless it is one of the next."""
    invites: Pattern
    tag: Pattern
    """Endings that look for agreement, not for an answer."""
    request: Pattern
    """How a question begins that ends in no question mark: "Tell me about …"."""


@dataclass(frozen=True, slots=True)
class Answers:
    """How much there is in an answer (`meaning.py`)."""

    hesitations: frozenset[str]
    yes_or_no: frozenset[str]
    fillers: frozenset[str]
    """Words that answer nothing, whatever their number."""
    particular: Pattern
    """What somebody says who becomes particular: a number, a name, an example or a reason."""


@dataclass(frozen=True, slots=True)
class Steering:
    """What is said to whoever reads the answers, instead of answering (`injection.py`)."""

    phrases: Pattern
    labels: Pattern
    """Names of the prompt's own parts, with their colon."""
    kinds: Patterns
    """Who is spoken to, what they measure with, how good it shall be, that they are to do it."""


@dataclass(frozen=True, slots=True)
class Labels:
    """What a language model writes in front of lines, with a colon (`llm_speech.py`)."""

    own: tuple[str, ...]
    """It speaks for itself."""
    theirs: tuple[str, ...]
    """It speaks for the user."""
    notes: tuple[str, ...]
    directed: tuple[str, ...]
    """How the notes to it go on behind "Next: ", see `interview/wording.py`."""


@dataclass(frozen=True, slots=True)
class Directions:
    """The words of stage directions (`stage_directions.py`)."""

    verbs: frozenset[str]
    nouns: frozenset[str]
    before: frozenset[str]
    """Who does it and how, in front of verb or noun."""
    strict: frozenset[str]
    """Verbs that are words to be said as well, unless they go on as in `does`."""
    does: Pattern
    voice: Pattern
    """How something is said, by itself: "in a warm voice"."""
    voiced: frozenset[str]
    """How `voice` begins."""
    adverbs: tuple[str, ...]
    """How words end that say how something is done."""


@dataclass(frozen=True, slots=True)
class Sentences:
    """What is said without a language model; `{name}` is ", Maria", or nothing."""

    greeting: str = ""
    thanks: str = ""
    follow_up: str = ""
    not_heard: str = ""
    repeat: str = ""
    hearing_you: str = ""
    take_your_time: str = ""
    still_there: str = ""
    pass_on: str = ""
    """In place of an answer to the candidate's question."""
    move_on: str = ""
    welcome_back: str = ""
    goodbye: str = ""
    goodbye_again: str = ""
    """After a closing that the candidate interrupted."""
    out_of_time: str = ""
    stopping: str = ""
    nobody_there: str = ""
    sorry: str = ""
    """Said when the interviewer breaks in on a turn that does not end."""


def bare(*, greeting: str, farewell: str, sorry: str) -> Sentences:
    """The sentences of a language that has words for the beginning and the end alone: what must be
    said without a language model is otherwise the bare question."""
    closing = ("goodbye", "goodbye_again", "out_of_time", "stopping", "nobody_there")
    return Sentences(greeting=greeting, sorry=sorry, **dict.fromkeys(closing, farewell))


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Language:
    code: str
    """ISO 639-1."""
    name: str
    """As the system prompt asks for it; empty where it does not."""
    sentences: Sentences
    notices: Mapping[str, str]
    """What the candidate has to be told, by the values of `Notice`."""
    backchannels: Backchannels
    unfinished: frozenset[str]
    """Words that want another one: no sentence ends with them (`endpointing.py`)."""
    linking: frozenset[str]
    """Words before which a clause that has no mark is best cut (`clauses.py`)."""
    intents: Intents
    questions: Questions
    answers: Answers
    steering: Steering
    labels: Labels
    directions: Directions

    def __repr__(self) -> str:
        return f"Language({self.code!r})"
