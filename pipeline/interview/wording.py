"""Word what lies between the interview's rules and the LLM: the prompts, and the sentences that are
said without an LLM. Pure.

The notes are for models that see the whole conversation (`dialogue.py`), and the journal keeps
them. The starter interviewer is trained on them letter for letter, though in interviews it has the
small tasks: whoever changes them changes its training.
"""

from collections.abc import Iterable

from ..conversation.microphone import Trouble
from ..language.known import language_of
from ..language.language import Sentences
from .injection import honest
from .names import name_of
from .notices import Notice
from .plan import UNNAMED_JOB, Plan, one_line

UNHEARD_TURN = "[inaudible]"
"""Placeholder in the dialogue for a turn of the candidate in which no word was understood."""

WAIT_NOTE = "Next: tell the candidate to take their time"
FOLLOW_UP_NOTE = "Next: ask a short follow-up about the last answer"
CLOSE_NOTE = "Next: close the interview"
ANSWER_AND_CLOSE_NOTE = "Next: answer the candidate's question briefly, then close the interview"


def system_prompt(plan: Plan) -> str:
    """Return the system prompt: who the LLM is and what the interview covers."""
    me, candidate, job = (one_line(x) for x in (plan.interviewer, plan.candidate, plan.job_title))
    language = language_of(plan.language)
    profile, _ = honest(one_line(plan.candidate_summary), language)
    lines = [
        f"You are {me}, a friendly interviewer. You are interviewing {candidate} for the role of "
        f"{job}. Speak in one or two short sentences and ask one question at a time.",
        *([f"Speak {language.name}."] if language.name else []),
        f"Job: {one_line(plan.job_summary) or 'No description was given.'}",
        f"Candidate: {profile or 'No profile was given.'}",
        "Questions:",
        *(f"{n}. {question_text(plan, n - 1)}" for n in range(1, len(plan.questions) + 1)),
    ]
    return "\n".join(lines)


def is_named(plan: Plan) -> bool:
    """Return True if candidate and job have names that can be said. Without them a small model
    greets "the candidate" of "the open position"; our own words avoid that."""
    return bool(name_of(plan.candidate).spoken) and plan.job_title != UNNAMED_JOB


def question_text(plan: Plan, index: int) -> str:
    return one_line(plan.questions[index].text)


def greet_note(plan: Plan, index: int) -> str:
    return f"Next: greet the candidate and ask {_numbered(plan, index)}"


def ask_note(plan: Plan, index: int) -> str:
    return f"Next: acknowledge the answer and ask {_numbered(plan, index)}"


def answer_note(plan: Plan, index: int, text: str = "") -> str:
    """Return the note for a reply to an answer. `text` is a pending follow-up that takes the place
    of the plan's question."""
    asked = f"question {index + 1}: {text}" if text else _numbered(plan, index)
    return f"Next: answer the candidate's question briefly, then ask {asked}"


def again_note(question: str) -> str:
    return f"Next: the answer was not heard, ask again: {question}"


def _numbered(plan: Plan, index: int) -> str:
    return f"question {index + 1}: {question_text(plan, index)}"


def sentences(plan: Plan) -> Sentences:
    """Return the sentences that are said without an LLM, in the interview's language."""
    return language_of(plan.language).sentences


def named(plan: Plan, sentence: str) -> str:
    """Fill the candidate's name into the sentence, where it is known."""
    spoken = name_of(plan.candidate).spoken
    return sentence.format(name=f", {spoken}" if spoken else "")


def advice(plan: Plan, troubles: Iterable[Trouble]) -> list[str]:
    """Return the sentences about what is wrong with the candidate's microphone, as far as the
    interview's language has them and the candidate can do something about it."""
    texts = sentences(plan).advice
    return [texts[each] for each in troubles if each in texts and each is not Trouble.RATE]


def notice(plan: Plan, what: Notice) -> str:
    """Return the words of a notice, in the interview's language if it has them, else in English."""
    return language_of(plan.language).notices[what]


def of_the_recording(plan: Plan, *, recorded: bool) -> str:
    """Return the answer to whoever asks whether the conversation is recorded."""
    return notice(plan, Notice.RECORDED) if recorded else sentences(plan).unrecorded


def how_far(plan: Plan, number: int, left_ms: int) -> str:
    """Return the answer to whoever asks how many questions, or how much time, there is."""
    minutes = max(2, round(left_ms / 60_000))
    text = sentences(plan).how_far
    return text.format(number=number, count=len(plan.questions), minutes=minutes)


def other_language(plan: Plan) -> str:
    """Return the answer to whoever wants to speak another language; empty if the interview's
    language has no words for it."""
    known = sentences(plan)
    follows = plan.any_language and known.other_language
    return follows or known.advice.get(Trouble.LANGUAGE, "")
