"""The plan of an interview, out of the row that the database has of it."""

import logging
from typing import Any

import msgspec

from pipeline.default_plans import TYPES, default_plan, job_title_of
from pipeline.errors import PlanInvalid
from pipeline.plan import Plan, Question, summary, validated

from .tables import Interview

logger = logging.getLogger(__name__)

_UNNAMED = Plan(())
_QUESTION_KEYS = ("text", "question", "question_text")


def shown(plan: Plan) -> tuple[str, str]:
    """The candidate's name and the job's title for a page; the plan has words for the interviewer
    where they are not known."""
    candidate = "Candidate" if plan.candidate == _UNNAMED.candidate else plan.candidate
    job_title = "Interview" if plan.job_title == _UNNAMED.job_title else plan.job_title
    return candidate, job_title


def to_agenda(plan: Plan) -> dict[str, Any]:
    """What `agenda` holds of a plan that was made here."""
    return msgspec.to_builtins(plan)  # type: ignore[no-any-return]


def plan_of(interview: Interview) -> Plan:
    """The plan in `agenda`, or the questions listed there, or the usual plan for the type of
    interview. An agenda that no interview can be held by is passed over, not an error: the
    candidate who has come is not the one who could repair it."""
    agenda = interview.agenda
    if isinstance(agenda, dict) and agenda.get("questions"):
        try:
            return validated(msgspec.convert(agenda, Plan))
        except (msgspec.ValidationError, PlanInvalid):
            agenda = agenda["questions"]
    usual = default_plan(
        interview.interview_type if interview.interview_type in TYPES else None,
        job_title=job_title_of(interview.job_requirements or ""),
        job_summary=summary(interview.job_requirements or ""),
    )
    listed = tuple(q for q in map(_question, agenda) if q) if isinstance(agenda, list) else ()
    if not listed:
        return usual
    try:
        return validated(msgspec.structs.replace(usual, questions=listed))
    except PlanInvalid as exc:
        logger.warning("interview %s: agenda not used: %s", interview.id, exc)
        return usual


def _question(item: Any) -> Question | None:
    """One item of an agenda: a text, or an object that has one."""
    if isinstance(item, str):
        return Question(item) if item.strip() else None
    if isinstance(item, dict):
        text = next((item[key] for key in _QUESTION_KEYS if isinstance(item.get(key), str)), "")
        return Question(text) if text.strip() else None
    return None
