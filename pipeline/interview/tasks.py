"""The small tasks that a language model has in an interview: name something of an answer, ask about
it, find the fact that answers a question. Pure.

Each has a fixed head, an instruction with examples, which `Llm.keep` holds in memory; the
candidate's words come last, as data. The model chooses, among phrases of the answer or facts about
the job, and the language's own sentences are put around its choice. So a small model cannot say
what nobody said, nor in the wrong voice.
"""

import re
from collections.abc import Sequence

from models.contracts import Form, Message

from ..conversation.agent import LlmTask
from ..language.known import language_of
from ..language.language import Language
from ..matching import joined, quotes, words
from .examples import ANSWERING, ASKING, NOTING
from .facts import facts_about
from .injection import without_steering
from .parts_of_speech import tokens_of
from .plan import Plan, one_line
from .topics import content, definite, done, particular, recent, topics, yours
from .variants import fitting, variant

NOTE_TOKENS = 24
QUESTION_TOKENS = 48
FACT_TOKENS = 150
"""Tokens of a sentence about the job. All but the first few are known without computing."""


def heads() -> tuple[tuple[Message, ...], ...]:
    """Return the heads of all tasks, for `Llm.keep`."""
    return NOTING, ASKING, ANSWERING


def anticipated(plan: Plan, partial: str) -> tuple[Message, ...]:
    """Return the messages of the task that an answer will most probably lead to, as far as they are
    known while it is being given."""
    return (*NOTING, *_heard(_honest(partial, language_of(plan.language))))


# docs/decisions/053-small-tasks.md: a small model chooses, it does not converse
def acknowledge(plan: Plan, answer: str, said_before: Sequence[str]) -> LlmTask | None:
    """Return the task of naming something of the answer, which a sentence of the language's own is
    put around. None if there is nothing to name. `said_before` are the interviewer's replies,
    oldest first."""
    language = language_of(plan.language)
    frames = language.sentences.variants.noted
    heard = _honest(answer, language)
    phrases = topics(heard, language)
    new = _new(phrases, plan, said_before)
    if not new or not frames:
        return None

    def check(text: str) -> str:
        if not _is_one(text, phrases, heard):
            return ""
        frame = variant(frames, said_before, _key(plan))
        return frame.format(topic=_spoken(text, heard, language))

    return LlmTask((*NOTING, *_heard(heard)), check, NOTE_TOKENS, new)


def follow_up(plan: Plan, answer: str, said_before: Sequence[str]) -> LlmTask | None:
    """Return the task of asking about something that the candidate names or does, in one of the
    language's own questions. None if there is nothing."""
    language = language_of(plan.language)
    heard = _honest(answer, language)
    many, key = language.sentences.variants, _key(plan)
    if ways := done(heard, language):
        asked, frame = list(ways), variant(many.ways, said_before, key)
    else:
        named = _new(particular(heard, language), plan, said_before)
        asked = [definite(_spoken(each, heard, language), heard, language) for each in named]
        frame = variant(many.more, said_before, key)
    if not asked:
        return None
    questions = tuple(frame.format(topic=each) for each in asked)

    def check(text: str) -> str:
        return next((each for each in questions if words(each) == words(text)), "")

    return LlmTask((*ASKING, *_heard(heard)), check, QUESTION_TOKENS, questions)


def answer_question(plan: Plan, asked: str, said_before: Sequence[str]) -> LlmTask | None:
    """Return the task of choosing the fact about the job that answers what the candidate asked.
    None if no fact is about that, or only one."""
    facts = facts_about(plan, asked)
    if len(facts) < 2:
        return None
    request = f"Facts:\n{' '.join(facts)}\nQuestion: {one_line(asked)}"

    def check(text: str) -> str:
        fact = next((each for each in facts if words(each) == words(text)), "")
        return _stated(plan, fact, said_before) if fact else ""

    return LlmTask((*ANSWERING, Message("user", request)), check, FACT_TOKENS, facts)


def planned_acknowledgement(
    plan: Plan, said_before: Sequence[str], *, settled: bool, closes: bool = False
) -> str:
    """Return what is said where nothing of an answer is named. `settled`: the candidate could or
    would not answer; `closes`: a goodbye follows."""
    known = language_of(plan.language).sentences
    many = known.variants
    variants = many.settled if settled else many.acknowledgements
    fit = fitting(variants, known.goodbye if closes else "", many.courtesies)
    return variant(fit, said_before, _key(plan))


def planned_follow_up(plan: Plan, question: str, said_before: Sequence[str]) -> str:
    """Return what is asked where an answer names nothing: about what the plan's question names, if
    anything, else about the answer as a whole."""
    language = language_of(plan.language)
    many = language.sentences.variants
    topic = fullest(topics(question, language), language) if many.examples else ""
    if topic:
        return variant(many.examples, said_before, _key(plan)).format(
            topic=_lower(topic, question, language)
        )
    return variant(many.follow_ups, said_before, _key(plan))


def planned_answer(plan: Plan, asked: str, said_before: Sequence[str]) -> str:
    """Return what is answered without a language model: the fact about the job that the question
    is about, or that it is passed on."""
    facts = facts_about(plan, asked)
    if len(facts) == 1:
        return _stated(plan, facts[0], said_before)
    many = language_of(plan.language).sentences.variants
    return variant(many.pass_ons, said_before, _key(plan))


def lead_in(
    plan: Plan, said_before: Sequence[str], *, form: Form = "tasks", closes: bool = False
) -> str:
    """Return the lead-in to a reply, a second of speech or so. It says no courtesy that follows in
    the acknowledgement, which a model in the dialogue form words as it likes, or in the goodbye
    that `closes` the interview."""
    known = language_of(plan.language).sentences
    many = known.variants
    if form == "dialogue":
        acknowledged = " ".join(many.leads)
    else:
        acknowledged = variant(many.noted, said_before, _key(plan))
    after = joined(acknowledged, known.goodbye if closes else "")
    return variant(fitting(many.leads, after, many.courtesies), said_before, _key(plan))


def considering(plan: Plan, said_before: Sequence[str]) -> str:
    """Return the lead-in to the answer to a question of the candidate."""
    many = language_of(plan.language).sentences.variants
    return variant(many.considering, said_before, _key(plan))


def fullest(phrases: Sequence[str], language: Language) -> str:
    """Return the phrase that most words belong to; of the answer's last ones, since they are what
    was just spoken of. Empty if there is none."""
    known = language.topics

    def weight(phrase: str) -> tuple[bool, int]:
        said = words(phrase)
        return said[0] in known.determiners, -abs(len(content(said, language)) - 2)

    return max(reversed(phrases), key=weight, default="")


def _new(phrases: Sequence[str], plan: Plan, said_before: Sequence[str]) -> tuple[str, ...]:
    """Return the phrases without the candidate's name, and without what the interviewer has taken
    up already, unless there is nothing else."""
    language = language_of(plan.language)
    name = content(words(plan.candidate), language)
    others = tuple(each for each in phrases if not name & set(words(each)))
    fresh = tuple(e for e in others if not any(quotes(yours(e, language), s) for s in said_before))
    return fresh or others


def _is_one(text: str, phrases: Sequence[str], answer: str) -> bool:
    """Return True if the text is one of the phrases; a server's model may write it otherwise."""
    said = words(text)
    return any(said == words(phrase) for phrase in phrases) and quotes(text, answer)


def _spoken(topic: str, answer: str, language: Language) -> str:
    """Return a phrase of the candidate's as it stands in a sentence of the interviewer's."""
    return yours(_lower(topic, answer, language), language)


def _lower(topic: str, text: str, language: Language) -> str:
    """Return a phrase of the text without the capital that only the beginning of a sentence gave
    it."""
    known, first = language.topics, topic.partition(" ")[0]
    plain = first.casefold() in known.determiners
    if known.grammar.model and not plain:
        begins = re.search(rf"(?:^|[.!?]\s+){re.escape(topic)}", text)
        kind = tokens_of(topic, known.grammar)[0].kind
        plain = bool(begins) and kind != known.grammar.name and first[1:].islower()
    return f"{topic[0].lower()}{topic[1:]}" if plain else topic


def _stated(plan: Plan, fact: str, said_before: Sequence[str]) -> str:
    many = language_of(plan.language).sentences.variants
    frame = variant(many.facts, said_before, _key(plan)) or "{fact}"
    return frame.replace("{fact}", fact)


def _heard(answer: str) -> tuple[Message, ...]:
    return (Message("user", recent(answer)),)


def _honest(answer: str, language: Language) -> str:
    """Return the answer without words for a machine, which would otherwise be taken up."""
    return without_steering(answer, language)[0]


def _key(plan: Plan) -> str:
    return plan.candidate
