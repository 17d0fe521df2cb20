"""Make the plan of an interview from its database row."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any

import msgspec

from pipeline.errors import PlanInvalid
from pipeline.interview.default_plans import TYPES, default_plan, job_title_of
from pipeline.interview.plan import (
    MINUTES,
    PATIENCE,
    QUESTION_CHARACTERS,
    QUESTIONS,
    RUBRIC_CHARACTERS,
    SUMMARY_CHARACTERS,
    Plan,
    Question,
    summary,
    validated,
)

from .candidate_query import Details
from .listed_questions import questions_in
from .modules import Module, module, modules_in, unwrap
from .tables import Interview

_UNNAMED = Plan(())
ANY_LANGUAGE = "auto"
"""Value of `language` that leaves it open, as leaving it out does."""
UNKNOWN = Details()
MOST = QUESTIONS[-1]
_LIMITS = f"1 to {QUESTION_CHARACTERS} characters, with a word in them"
_USUAL = "There is nothing to ask in the agenda, so the usual questions are asked."


def display_names(plan: Plan) -> tuple[str, str]:
    """Return the candidate's name and the job's title for a page."""
    candidate, job_title = known_names(plan)
    return candidate or "Candidate", job_title or "Interview"


def known_names(plan: Plan) -> tuple[str | None, str | None]:
    """Return the candidate's name and the job's title where they are known, else None; the plan has
    other words in their place, for the interviewer to say."""
    candidate = None if plan.candidate == _UNNAMED.candidate else plan.candidate
    job_title = None if plan.job_title == _UNNAMED.job_title else plan.job_title
    return candidate, job_title


def to_agenda(plan: Plan) -> dict[str, Any]:
    """Return the JSON value under which `agenda` stores a plan that was made here."""
    return msgspec.to_builtins(plan)  # type: ignore[no-any-return]


def plan_of(interview: Interview, details: Details = UNKNOWN) -> Plan:
    """Return the interview's plan: the one kept since it began, else the one in `agenda`, the
    questions listed there, or the usual plan for the type of interview; `details` fill in what the
    plan leaves open. An agenda by which no interview can be held is passed over, not an error: the
    candidate who has come is not the one who could repair it."""
    if interview.kept_plan and (plan := _stored_plan(interview.kept_plan.plan)):
        return plan
    agenda = unwrap(interview.agenda)
    if plan := _stored_plan(agenda):
        return _complete(plan, details)
    found = _read(agenda)
    usual = default_plan(
        interview.interview_type if interview.interview_type in TYPES else None,
        candidate=details.candidate_name,
        job_title=details.job_title or job_title_of(interview.job_requirements or ""),
        job_summary=_job(details) or summary(interview.job_requirements or ""),
        candidate_summary=_candidate(details),
        minutes=found.minutes or _minutes(interview),
    )
    usual = msgspec.structs.replace(usual, patience=_patience(agenda))
    if not found.questions:
        return usual
    return msgspec.structs.replace(usual, questions=found.questions, shares=found.shares)


def _patience(agenda: Any) -> float:
    """Return the patience that an agenda asks for, within its limits."""
    wanted = agenda.get("patience") if isinstance(agenda, dict) else None
    if isinstance(wanted, bool) or not isinstance(wanted, int | float) or not isfinite(wanted):
        return _UNNAMED.patience
    return float(min(max(wanted, PATIENCE[0]), PATIENCE[1]))


def _stored_plan(agenda: Any) -> Plan | None:
    """Return the agenda as a plan if it was made here, else None."""
    if not isinstance(agenda, dict) or not agenda.get("questions") or "modules" in agenda:
        return None
    try:
        return validated(msgspec.convert(_with_language(agenda), Plan))
    except (msgspec.ValidationError, PlanInvalid):
        return None


def _with_language(agenda: dict[str, Any]) -> dict[str, Any]:
    """Return the agenda with the language that the interviewer speaks where it is left open."""
    if agenda.get("language", ANY_LANGUAGE) != ANY_LANGUAGE:
        return agenda
    return agenda | {"language": _UNNAMED.language, "any_language": True}


def _minutes(interview: Interview) -> int:
    planned = interview.duration_minutes
    return planned if planned and planned in MINUTES else _UNNAMED.minutes


def _complete(plan: Plan, details: Details) -> Plan:
    """Return the plan with the details that it lacks. Raises nothing: the details have been cut to
    fit."""
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
    """Join the known parts as sentences. A long text comes first and is cut, so that the short ones
    after it still fit."""
    (_, text), *short = ((label, value.strip()) for label, value in parts)
    tail = " ".join(f"{label}{summary(value, 150)}." for label, value in short if value)
    return f"{summary(text, SUMMARY_CHARACTERS - len(tail) - 1)} {tail}".strip()


@dataclass(frozen=True, slots=True)
class Read:
    """The usable part of an agenda."""

    questions: tuple[Question, ...] = ()
    shares: tuple[int, ...] = ()
    """Seconds allotted to each question; empty where the agenda does not say."""
    minutes: int | None = None
    notes: tuple[str, ...] = ()
    """Notes about what could not be used, in sentences that repeat nothing of the agenda."""


def agenda_problem(interview: Interview) -> str | None:
    """Explain which part of the agenda could not be used, and why; None when all of it is used."""
    agenda = unwrap(interview.agenda)
    if agenda in (None, "", [], {}) or _stored_plan(agenda):
        return None
    return " ".join(_read(agenda).notes) or None


def _read(agenda: Any) -> Read:
    """Return the agenda's questions, as many as a plan takes, without those that cannot be
    asked."""
    if (found := modules_in(agenda)) is not None:
        return _of_modules(*found)
    usable: list[Question] = []
    unusable = 0
    for question in questions_in(agenda, Question("")) if isinstance(agenda, list | dict) else ():
        usable += (kept := _askable(question))
        unusable += not kept
    notes = []
    if unusable:
        notes.append(f"{_number(unusable, 'question')} cannot be asked: {_LIMITS}.")
    if not usable:
        notes.append(_USUAL)
    if (over := len(usable) - MOST) > 0:
        notes.append(f"{_number(over, 'question')} left out: a plan has {MOST} at most.")
    return Read(tuple(usable[:MOST]), notes=tuple(notes))


def _of_modules(items: Sequence[Any], total: float | None) -> Read:
    made = [module(item, number) for number, item in enumerate(items, 1)]
    modules: list[Module] = []
    asked: list[list[Question]] = []
    unusable = 0
    for each in filter(None, made):
        questions = [kept for question in each.questions for kept in _askable(question)]
        unusable += len(each.questions) - len(questions)
        if questions:
            modules.append(each)
            asked.append(questions)
    counts = _shared_out([len(questions) for questions in asked], MOST)
    seconds = _seconds(modules)
    shares = [
        max(round(length / n), 1)
        for length, n in zip(seconds, counts, strict=True)
        for _ in range(n)
    ]
    wanted = total or sum(each.minutes or 0 for each in modules)
    left_out = sum(map(len, asked)) - sum(counts)
    more = (
        (f"{_number(unusable, 'question')} cannot be asked: {_LIMITS}.", unusable),
        (f"{_number(left_out, 'question')} left out: a plan has {MOST} at most.", left_out),
        (f"The time is cut to {MINUTES[-1]} minutes.", wanted > MINUTES[-1]),
        (_USUAL, not modules),
    )
    told = _module_notes(modules, len(made) - len(modules), counts.count(0))
    return Read(
        tuple(q for questions, n in zip(asked, counts, strict=True) for q in questions[:n]),
        tuple(shares) if any(each.minutes for each in modules) else (),
        min(max(round(wanted), 1), MINUTES[-1]) if wanted else None,
        (*told, *(note for note, holds in more if holds)),
    )


def _module_notes(modules: Sequence[Module], unusable: int, left_out: int) -> list[str]:
    notes = (
        (unusable, "{} cannot be used: a title, topics or questions are missing."),
        (left_out, f"{{}} left out: a plan has {MOST} questions at most."),
        (
            sum(each.rubric_cut for each in modules),
            f"{{}} with criteria cut to {RUBRIC_CHARACTERS} characters.",
        ),
    )
    return [note.format(_number(count, "module")) for count, note in notes if count]


def _seconds(modules: Sequence[Module]) -> list[float]:
    """Return the seconds of each module; one that does not say gets the average of the others."""
    given = [each.minutes for each in modules if each.minutes]
    average = sum(given) / len(given) if given else 1.0
    return [(each.minutes or average) * 60 for each in modules]


def _shared_out(wanted: Sequence[int], most: int) -> list[int]:
    """Divide `most` places among the modules, in turn, so that none goes without before others have
    two; return the number for each."""
    given = [0] * len(wanted)
    for turn in range(max(wanted, default=0)):
        for n, number in enumerate(wanted):
            if turn < number and sum(given) < most:
                given[n] += 1
    return given


def _askable(question: Question) -> tuple[Question, ...]:
    try:
        return validated(Plan((question,))).questions
    except PlanInvalid:
        return ()


def _number(count: int, thing: str) -> str:
    return f"{count} {thing}" if count == 1 else f"{count} {thing}s"
