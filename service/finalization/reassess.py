"""Assess an interview again: with another model, after a failure, or when the prompt has changed.

The new result takes the place of the earlier one, of which the versions and the score are kept. The
scores that persons gave stay.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec

from models.contracts import Llm
from pipeline.assessment.assess import MODELS_FAULT, Assessment, Replaced, assess
from pipeline.assessment.assessor import Assessor

from ..errors import AssessmentFailed, DeletedByRetention, NotAssessed
from ..privacy import retention
from ..reports.transcripts import Written
from ..scores import overrides
from ..scores.review import assessment_of, make_review
from ..security import audit
from ..storage import store
from ..storage.agenda import plan_of
from ..storage.database import Database
from ..storage.store import existing
from ..storage.tables import Interview
from ..times import utc_now
from .results import write_result


async def times_replaced(database: Database, interview_id: UUID) -> int:
    """Return how many times the interview's assessment was replaced. Raises as `assess_again`."""
    async with database.read() as db:
        interview = existing(await store.interview(db, interview_id))
        written = await store.entries(db, interview_id)
        gone = await retention.deletions(db, interview_id)
    return len(_earlier(interview, written, gone).replaced)


async def assess_again(
    database: Database, llm: Llm, interview_id: UUID, assessor: Assessor, who: str
) -> dict[str, Any]:
    """Assess the interview and replace its analysis, which is returned; the audit log notes `who`
    asked for it.

    Raises `InterviewUnknown`, `NotAssessed` where there is nothing yet to be replaced,
    `DeletedByRetention`, `DatabaseUnavailable`, and `AssessmentFailed`, which changes nothing."""
    async with database.read() as db:
        interview = existing(await store.interview(db, interview_id))
        written = await store.entries(db, interview_id)
        gone = await retention.deletions(db, interview_id)
    earlier = _earlier(interview, written, gone)
    plan = plan_of(interview)
    found = await assess(llm, plan, [entry for _, entry in written], assessor)
    if _lost(earlier, found):
        raise AssessmentFailed(
            "The language model could not assess answers that it has assessed before; the earlier"
            " assessment stays. Try again, or see the log."
        )
    async with database.write() as db:
        row = existing(await store.interview(db, interview_id, lock=True))
        # retention may have deleted something while the model was reading it
        before = _earlier(row, written, await retention.deletions(db, interview_id))
        mark = Replaced(utc_now(), before.overall_score, before.versions)
        found = msgspec.structs.replace(found, replaced=[*before.replaced, mark])
        review = make_review(found, await overrides.history(db, interview_id))
        versions = f"{_stamp(before)} -> {_stamp(found)}"
        audit.note_by(db, who, "assess again", interview_id, versions)
        return await write_result(db, row, plan, written, found, review)


def _earlier(
    interview: Interview, written: Sequence[Written], gone: retention.Deletions
) -> Assessment:
    """Return the assessment that would be replaced. Raises `NotAssessed`, `DeletedByRetention`."""
    for kind in ("assessment", "transcript"):
        if sentence := gone.sentence(kind):
            raise DeletedByRetention(sentence)
    earlier = assessment_of(interview.ai_analysis)
    if earlier is None:
        raise NotAssessed("There is no assessment of this service yet; finish the interview first.")
    if not written:
        raise NotAssessed("Nothing was said in this interview, so there is nothing to assess.")
    return earlier


def _lost(earlier: Assessment, found: Assessment) -> bool:
    """Return True if the model has failed at answers and fewer have a score than before."""
    before, after = (
        sum(each.score is not None for each in assessment.answers)
        for assessment in (earlier, found)
    )
    return after < before and any(each.reason in MODELS_FAULT for each in found.answers)


def _stamp(assessment: Assessment) -> str:
    return f"{assessment.versions.model or 'not recorded'}, {assessment.versions.prompt}"
