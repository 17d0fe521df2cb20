"""The plan of an interview: what it is to cover. Values only; `interviewer.py` decides what happens
next."""

import re

import msgspec

from ..errors import PlanInvalid

QUESTIONS = range(1, 31)
QUESTION_CHARACTERS = 500
FOLLOW_UPS = range(4)
MINUTES = range(1, 181)
PATIENCE = (0.5, 3.0)
RUBRIC_CHARACTERS = 1000
NAME_CHARACTERS = 120
"""Maximum length of names, titles and categories."""
SUMMARY_CHARACTERS = 600
"""Maximum length of what the LLM is told about the job and about the candidate; a small model's
context also has to hold the whole interview."""


UNNAMED_CANDIDATE = "the candidate"
UNNAMED_JOB = "the open position"


class Question(msgspec.Struct, frozen=True):
    text: str
    follow_ups: int = 1
    """Maximum number of follow-up questions about the answer, 0..3."""
    rubric: str = ""
    """The rubric: what a good answer contains, for the assessment."""
    category: str = "general"


class Plan(msgspec.Struct, frozen=True):
    questions: tuple[Question, ...]
    candidate: str = UNNAMED_CANDIDATE
    interviewer: str = "Alex"
    job_title: str = UNNAMED_JOB
    job_summary: str = ""
    candidate_summary: str = ""
    minutes: int = 30
    language: str = "en"
    """ISO 639-1 code."""
    any_language: bool = False
    """True if nobody has set the language: the interviewer speaks the above, and the candidate is
    understood in the language that they speak, if the recognizer can tell which."""
    shares: tuple[int, ...] = ()
    """Relative shares of the time for the questions, on any scale; empty means equal shares."""
    patience: float = 1.0
    """Factor on the pauses that the candidate may make within an answer, 0.5..3."""


def validated(plan: Plan) -> Plan:
    """Return the plan with tidied white space, or raise `PlanInvalid`, which says what to change.

    Summaries are cut to `SUMMARY_CHARACTERS`; everything else that is too long is refused.
    """
    _require(
        len(plan.questions) in QUESTIONS,
        "questions",
        "have 1 to 30 questions",
        "add or remove",
    )
    _require(plan.minutes in MINUTES, "minutes", "be 1 to 180", "change it")
    if not re.fullmatch("[a-z]{2}", plan.language):
        raise PlanInvalid(
            f"language: {plan.language[:20]!r} is not an ISO 639-1 code; "
            "give two small letters, such as 'en'"
        )
    least, most = PATIENCE
    if not least <= plan.patience <= most:
        raise PlanInvalid(f"patience: must be a number from {least:g} to {most:g}; change it")
    return Plan(
        questions=tuple(_question(n, q) for n, q in enumerate(plan.questions)),
        candidate=_line("candidate", plan.candidate) or UNNAMED_CANDIDATE,
        interviewer=_line("interviewer", plan.interviewer) or "Alex",
        job_title=_line("job_title", plan.job_title) or UNNAMED_JOB,
        job_summary=summary(plan.job_summary),
        candidate_summary=summary(plan.candidate_summary),
        minutes=plan.minutes,
        language=plan.language,
        any_language=plan.any_language,
        shares=plan.shares if _fits(plan) else (),
        patience=plan.patience,
    )


def _fits(plan: Plan) -> bool:
    return len(plan.shares) == len(plan.questions) and min(plan.shares) > 0


def one_line(text: str) -> str:
    """Replace every run of white space and control characters by one space. A line break in outside
    text could look like a line of the prompt."""
    return " ".join(re.sub(r"[\x00-\x1f\x7f\u0085\u2028\u2029]", " ", text).split())


def summary(text: str, limit: int = SUMMARY_CHARACTERS) -> str:
    """Cut a text to one line of at most `limit` characters, after a sentence if that keeps half of
    them, else after a word."""
    line = one_line(text)
    if len(line) <= limit:
        return line
    head = line[: limit + 1]
    ends = [m.end() for m in re.finditer(r"[.!?](?= )", head)]
    if ends and ends[-1] > limit // 2:
        return head[: ends[-1]]
    return head[: max(head.rfind(" "), 0) or limit].rstrip()


def _question(number: int, question: Question) -> Question:
    where = f"questions[{number}]"
    text = one_line(question.text)
    _require(any(map(str.isalnum, text)), f"{where}.text", "have a word", "write the question")
    _within(f"{where}.text", text, QUESTION_CHARACTERS)
    _require(question.follow_ups in FOLLOW_UPS, f"{where}.follow_ups", "be 0 to 3", "change it")
    rubric = one_line(question.rubric)
    _within(f"{where}.rubric", rubric, RUBRIC_CHARACTERS)
    category = _line(f"{where}.category", question.category) or "general"
    return Question(text, question.follow_ups, rubric, category)


def _line(field: str, text: str) -> str:
    line = one_line(text)
    _within(field, line, NAME_CHARACTERS)
    return line


def _within(field: str, text: str, limit: int) -> None:
    _require(len(text) <= limit, field, f"have at most {limit} characters", "shorten it")


def _require(met: bool, field: str, rule: str, fix: str) -> None:
    if not met:
        raise PlanInvalid(f"{field}: must {rule}; {fix}")
