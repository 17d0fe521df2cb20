"""The plan of an interview, out of the row that the database has of it."""

import logging
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from pipeline.default_plans import TYPES, default_plan, job_title_of
from pipeline.errors import PlanInvalid
from pipeline.plan import (
    FOLLOW_UPS,
    MINUTES,
    NAME_CHARACTERS,
    QUESTIONS,
    RUBRIC_CHARACTERS,
    SUMMARY_CHARACTERS,
    Plan,
    Question,
    summary,
    validated,
)

from .candidate_query import Details
from .tables import Interview

logger = logging.getLogger(__name__)

_UNNAMED = Plan(())
UNKNOWN = Details()
_QUESTION_KEYS = ("text", "question", "question_text")
_TITLE_KEYS = ("title", "name", "section", "topic")
_LIST_KEYS = ("questions", "sections", "topics", "items", "agenda")
DEPTH = 6
"""Lists in objects in lists are looked into so far."""


def shown(plan: Plan) -> tuple[str, str]:
    """The candidate's name and the job's title for a page; the plan has words for the interviewer
    where they are not known."""
    candidate = "Candidate" if plan.candidate == _UNNAMED.candidate else plan.candidate
    job_title = "Interview" if plan.job_title == _UNNAMED.job_title else plan.job_title
    return candidate, job_title


def to_agenda(plan: Plan) -> dict[str, Any]:
    """What `agenda` holds of a plan that was made here."""
    return msgspec.to_builtins(plan)  # type: ignore[no-any-return]


def plan_of(interview: Interview, details: Details = UNKNOWN) -> Plan:
    """The plan that is kept of an interview which has begun. Else the one in `agenda`, or the
    questions listed there, or the usual plan for the type of interview; what `details` know is put
    in where the plan does not say it. An agenda that no interview can be held by is passed over,
    not an error: the candidate who has come is not the one who could repair it."""
    if interview.kept_plan and (plan := _whole(interview.kept_plan.plan)):
        return plan
    if plan := _whole(interview.agenda):
        return _completed(plan, details)
    usual = default_plan(
        interview.interview_type if interview.interview_type in TYPES else None,
        candidate=details.candidate_name,
        job_title=details.job_title or job_title_of(interview.job_requirements or ""),
        job_summary=_job(details) or summary(interview.job_requirements or ""),
        candidate_summary=_candidate(details),
        minutes=_minutes(interview),
    )
    listed = _usable(interview)
    return msgspec.structs.replace(usual, questions=listed) if listed else usual


def _whole(agenda: Any) -> Plan | None:
    """The plan, where it is one that was made here."""
    if not isinstance(agenda, dict) or not agenda.get("questions"):
        return None
    try:
        return validated(msgspec.convert(agenda, Plan))
    except (msgspec.ValidationError, PlanInvalid):
        return None


def _minutes(interview: Interview) -> int:
    planned = interview.duration_minutes
    return planned if planned and planned in MINUTES else _UNNAMED.minutes


def _completed(plan: Plan, details: Details) -> Plan:
    """Raises nothing: what is put in has been cut to fit."""
    known = default_plan(
        candidate=details.candidate_name,
        job_title=details.job_title,
        job_summary=_job(details),
        candidate_summary=_candidate(details),
    )
    missing = {
        field: getattr(known, field)
        for field in ("candidate", "job_title", "job_summary", "candidate_summary")
        if getattr(plan, field) == getattr(_UNNAMED, field)
    }
    return msgspec.structs.replace(plan, **missing)


def _candidate(details: Details) -> str:
    return _together(
        ("", details.candidate_summary),
        ("Position: ", details.candidate_position),
        ("Skills: ", details.candidate_skills),
    )


def _job(details: Details) -> str:
    return _together(("", details.job_summary), ("Required skills: ", details.required_skills))


def _together(*parts: tuple[str, str]) -> str:
    """The parts that are known as sentences. A long text comes first and is cut, so that the short
    ones after it still fit."""
    (_, text), *short = ((label, value.strip()) for label, value in parts)
    tail = " ".join(f"{label}{summary(value, 150)}." for label, value in short if value)
    return f"{summary(text, SUMMARY_CHARACTERS - len(tail) - 1)} {tail}".strip()


def _usable(interview: Interview) -> tuple[Question, ...]:
    """The questions in the agenda, as many as a plan takes, without those that cannot be asked."""
    agenda = interview.agenda
    if isinstance(agenda, str):  # JSON that was written into JSON as a text
        agenda = _decoded(agenda)
    usable: list[Question] = []
    for question in _questions(agenda) if isinstance(agenda, list | dict) else ():
        try:
            usable += validated(Plan((question,))).questions
        except PlanInvalid as exc:
            logger.warning("interview %s: a question is not used: %s", interview.id, exc)
    limit = QUESTIONS[-1]
    if len(usable) > limit:
        logger.warning("interview %s: only %d questions are used", interview.id, limit)
    return tuple(usable[:limit])


def _decoded(text: str) -> Any:
    try:
        return msgspec.json.decode(text)
    except msgspec.DecodeError:
        return None


def _questions(item: Any, category: str = "general", depth: int = 0) -> Iterator[Question]:
    """The questions in any JSON: texts in lists, objects that have a text, and objects with lists
    of those; what such an object is called is then the questions' category."""
    match item:
        case str() if item.strip():
            yield Question(item, category=category)
        case list() if depth < DEPTH:
            for inner in item:
                yield from _questions(inner, category, depth + 1)
        case dict() if text := _first(item, _QUESTION_KEYS):
            yield _question(text, item, category)
        case dict() if depth < DEPTH:
            title = _first(item, _TITLE_KEYS)[:NAME_CHARACTERS] or category
            for key in _LIST_KEYS:
                if isinstance(inner := item.get(key), list | dict):
                    yield from _questions(inner, title, depth + 1)


def _question(text: str, item: dict[str, Any], category: str) -> Question:
    """With what else the object says of it, where a plan can have that."""
    follow_ups = item.get("follow_ups")
    return Question(
        text,
        follow_ups if isinstance(follow_ups, int) and follow_ups in FOLLOW_UPS else 1,
        summary(_first(item, ("rubric",)), RUBRIC_CHARACTERS),
        _first(item, ("category",))[:NAME_CHARACTERS] or category,
    )


def _first(item: dict[str, Any], keys: Sequence[str]) -> str:
    """The first of these that is a text with something in it."""
    texts = (item.get(key) for key in keys)
    return next((text for text in texts if isinstance(text, str) and text.strip()), "")
