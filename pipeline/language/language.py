"""A language as a conversation needs it: its word lists, sentences and patterns, as one value.

Data only; the modules that use a part explain it. Patterns that are matched against words expect
them in lower case without marks, as `matching.words` returns them.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from .grammar import NEVER, NO_GRAMMAR, Grammar, Want

Pattern = re.Pattern[str]
Patterns = tuple[Pattern, ...]
"""A pattern that nothing matches."""


@dataclass(frozen=True, slots=True)
class Backchannels:
    """Words said over a speaker by somebody who does not want the floor (`interruption.py`)."""

    words: frozenset[str]
    phrases: Pattern
    """Phrases of several words; at the end of a partial transcript their beginnings count too."""
    hums: Pattern
    """Whole words that are mere sounds, in all their spellings."""
    laughter: Pattern = re.compile(r"(?:h[aeou]+h*){2,}|(?:ha+)+h*|he+h+|lol|xd")
    """Whole words that stand for laughter."""
    grunts: Pattern = re.compile(r"u+r*gh+|a+r*gh+|h+m+|pf+t*|phew|ahem")
    """Words that by themselves are no answer, but a sound."""
    breaths: Pattern = re.compile(r"(?!)")
    """Phrases that a recognizer makes of a breath or of silence."""


@dataclass(frozen=True, slots=True)
class Intents:
    """Requests that candidates make instead of answering (`meaning.py`). A pattern is searched for
    in short lines only, which bounds the cost of its backtracking."""

    stop: Patterns
    skip: Patterns
    unknown: Patterns
    sound_check: Patterns
    repeat: Patterns
    wait: Patterns
    who_asks: Patterns = ()
    whether_recorded: Patterns = ()
    how_far: Patterns = ()
    who_decides: Patterns = ()
    other_language: Patterns = ()
    go_back: Patterns = ()
    must_answer: Patterns = ()
    how_to_stop: Patterns = ()
    type_instead: Patterns = ()
    greets: Patterns = ()


@dataclass(frozen=True, slots=True)
class Questions:
    """Patterns of questions (`meaning.py`, `asking.py`)."""

    asks: Pattern
    """Beginnings of a candidate's question when the recognizer writes no question mark."""
    question: Pattern
    """Beginnings of sentences that end in a question mark and really are questions. A recognizer
    also hears a question in a statement with a rising voice, and people ask themselves what they
    did then."""
    closed: Pattern
    """Beginnings of questions that "yes" or "no" answers, unless they match `invites`."""
    invites: Pattern
    tag: Pattern
    """Endings that look for agreement, not for an answer."""
    request: Pattern
    """Beginnings of questions that end in no question mark: "Tell me about …"."""
    number: Pattern = re.compile(r"(?!)")
    """Beginnings of questions that a number, a date or a name answers in full."""


@dataclass(frozen=True, slots=True)
class Answers:
    """Signs of how much an answer contains (`meaning.py`)."""

    hesitations: frozenset[str]
    yes_or_no: frozenset[str]
    fillers: frozenset[str]
    """Words that answer nothing, however many there are."""
    particular: Pattern
    """Signs that somebody becomes specific: a number, a name, an example or a reason."""


@dataclass(frozen=True, slots=True)
class Topics:
    """Words by which something that an answer names is told from the words around it
    (`interview/topics.py`). Words in no list may stand anywhere in a phrase."""

    determiners: frozenset[str] = frozenset()
    """Words that a phrase may begin with and not end with."""
    inner: frozenset[str] = frozenset()
    """Words that stand only between others."""
    breaks: frozenset[str] = frozenset()
    """Words that no phrase contains: pronouns, auxiliaries, conjunctions, adverbs."""
    before_verbs: frozenset[str] = frozenset()
    """Words after which a verb is to be expected, so that no phrase begins there unless with a
    determiner."""
    verbs: Pattern = NEVER
    """Words, as they are written, that look like verbs: a phrase neither begins nor ends with
    one."""
    vague: frozenset[str] = frozenset()
    """Words that name nothing by themselves."""
    subjects: tuple[frozenset[str], ...] = ()
    """Subjects that candidates ask about, each as the words for it."""
    wants: tuple[Want, ...] = ()
    """Forms of questions, with what a fact has to have to answer them."""
    asked: frozenset[str] = frozenset()
    """Words of a question that need not be in its answer."""
    closed: Pattern = NEVER
    """Beginnings of a candidate's questions that "yes" or "no" answers, of which a fact has to have
    more."""
    yours: Mapping[str, str] = field(default_factory=dict)
    """The candidate's word for what is theirs -> the interviewer's."""
    untouched: Pattern = NEVER
    """Words that an interviewer does not take up: verdicts, rough words, and what an employer must
    not go into (health, family plans, faith, origin)."""
    grammar: Grammar = NO_GRAMMAR
    """Grammar by which phrases are found, instead of by these lists, where there is one."""


@dataclass(frozen=True, slots=True)
class Manners:
    """Words that an interviewer does not say, whatever a language model writes
    (`interview/rules.py`). Patterns are for words in lower case without marks."""

    first_person: Pattern = NEVER
    """Words by which somebody speaks of themselves."""
    own: Pattern = NEVER
    """Phrases with such words that are an interviewer's: "I see"."""
    verdicts: Pattern = NEVER
    """Praise, blame and promises."""
    machine: Pattern = NEVER
    """Words of an assistant about itself, or of the prompt about the candidate."""


@dataclass(frozen=True, slots=True)
class Steering:
    """Words that address the reader of the answers, instead of answering (`injection.py`)."""

    phrases: Pattern
    labels: Pattern
    """Names of the prompt's own parts, with their colon."""
    kinds: Patterns
    """Four kinds of words: the reader addressed, the measure used, the grade wanted, the demand to
    give it."""


@dataclass(frozen=True, slots=True)
class Labels:
    """Labels that a language model writes in front of lines, with a colon (`llm_speech.py`)."""

    own: tuple[str, ...]
    """Labels for its own lines."""
    theirs: tuple[str, ...]
    """Labels for the user's lines."""
    notes: tuple[str, ...]
    directed: tuple[str, ...]
    """Continuations of the notes to the model after "Next: "; see `interview/wording.py`."""


@dataclass(frozen=True, slots=True)
class Directions:
    """The words of stage directions (`stage_directions.py`)."""

    verbs: frozenset[str]
    nouns: frozenset[str]
    before: frozenset[str]
    """Words in front of verb or noun, for who does it and how."""
    strict: frozenset[str]
    """Verbs that are also said aloud, so that they count only when followed by words of `does`."""
    does: Pattern
    voice: Pattern
    """Directions on how something is said, without a verb: "in a warm voice"."""
    voiced: frozenset[str]
    """First words of `voice`."""
    adverbs: tuple[str, ...]
    """Endings of words that say how something is done."""


@dataclass(frozen=True, slots=True)
class Variants:
    """Sentences that are said so often that there have to be many (`interview/variants.py`).
    `{topic}` is something that the candidate named, `{fact}` a sentence about the job."""

    leads: tuple[str, ...] = ()
    """Said at once after an answer, each about a second long."""
    considering: tuple[str, ...] = ()
    """Said at once after the candidate's own question, each about a second long."""
    acknowledgements: tuple[str, ...] = ()
    """Said where nothing in the answer is named."""
    settled: tuple[str, ...] = ()
    """Said after "I don't know" and the like."""
    noted: tuple[str, ...] = ()
    """Acknowledgements that name something."""
    more: tuple[str, ...] = ()
    """Follow-up questions about something."""
    ways: tuple[str, ...] = ()
    """Follow-up questions about what somebody does."""
    examples: tuple[str, ...] = ()
    """Follow-up questions about something in the plan's question, where the answer names
    nothing."""
    follow_ups: tuple[str, ...] = ()
    """Follow-up questions about the answer as a whole."""
    pass_ons: tuple[str, ...] = ()
    """Said instead of answering the candidate's question."""
    facts: tuple[str, ...] = ()
    """Said to answer it."""
    courtesies: Patterns = ()
    """Courtesies of which each is said only once in a reply: thanks, and that the interviewer has
    understood. For words in lower case without marks."""


NO_VARIANTS = Variants()


@dataclass(frozen=True, slots=True)
class Sentences:
    """Sentences said without a language model; `{name}` is ", Maria", or nothing."""

    greeting: str = ""
    hello: str = ""
    """Said to a candidate who greets, before the question; without it the question stands alone."""
    not_heard: str = ""
    repeat: str = ""
    hearing_you: str = ""
    take_your_time: str = ""
    still_there: str = ""
    move_on: str = ""
    welcome_back: str = ""
    goodbye: str = ""
    goodbye_again: str = ""
    """Said after a closing that the candidate interrupted."""
    out_of_time: str = ""
    stopping: str = ""
    nobody_there: str = ""
    advice: Mapping[str, str] = field(default_factory=dict)
    """Sentences about what keeps a candidate from being heard, by the values of
    `microphone.Trouble`."""
    sorry: str = ""
    """Said when the interviewer breaks in on a turn that does not end."""
    how_far: str = ""
    """Answered to whoever asks how many questions or how much time there is: with `{number}`,
    `{count}`, `{minutes}`."""
    unrecorded: str = ""
    """Answered to whoever asks whether a conversation is recorded that is not."""
    who_decides: str = ""
    """Answered to whoever asks who decides about them."""
    other_language: str = ""
    """Answered to whoever wants to speak another language, where that is understood."""
    go_back: str = ""
    """Answered to whoever wants to return to an earlier question."""
    must_answer: str = ""
    """Answered to whoever asks whether they have to answer."""
    how_to_stop: str = ""
    """Answered to whoever asks how the interview can be ended."""
    type_instead: str = ""
    """Answered to whoever asks whether they may type."""
    understood: str = ""
    """Shown to a candidate who speaks this language in an interview that is held in another."""
    variants: Variants = NO_VARIANTS


def bare(farewell: str, said: Sentences) -> Sentences:
    """Return the sentences of a language that has one farewell for every end, and otherwise words
    only for the beginning, the microphone and what there are variants of; what else must be said
    without a language model is the bare question."""
    return replace(
        said,
        goodbye=farewell,
        goodbye_again=farewell,
        out_of_time=farewell,
        stopping=farewell,
        nobody_there=farewell,
    )


# docs/decisions/042-language-is-a-value.md: no module has words of its own
@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Language:
    code: str
    """ISO 639-1."""
    name: str
    """Name used in the system prompt; empty where the prompt names none."""
    sentences: Sentences
    notices: Mapping[str, str]
    """The notices that the candidate has to be told, by the values of `Notice`."""
    backchannels: Backchannels
    unfinished: frozenset[str]
    """Words that need another one after them: no sentence ends with them (`completeness.py`)."""
    linking: frozenset[str]
    """Words before which a clause without a mark is best cut (`clauses.py`)."""
    intents: Intents
    questions: Questions
    answers: Answers
    topics: Topics
    manners: Manners
    steering: Steering
    labels: Labels
    directions: Directions

    def __repr__(self) -> str:
        return f"Language({self.code!r})"
