"""Write the result of an interview where it belongs: its row, and a row for each question."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid5

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from pipeline.assessment.assess import Assessment
from pipeline.assessment.transcript import answers
from pipeline.interview.plan import Plan

from ..reports.transcripts import Written, time_of_day
from ..scores.review import Review
from ..scores.window import analysis_of
from ..storage import store
from ..storage.tables import AskedQuestion, Interview


async def write_result(
    db: AsyncSession,
    interview: Interview,
    plan: Plan,
    written: Sequence[Written],
    assessment: Assessment,
    review: Review | None = None,
) -> dict[str, Any]:
    """Store the assessment, and what persons have made of it, and return the analysis."""
    analysis: dict[str, Any] = msgspec.to_builtins(assessment) | analysis_of(assessment, review)
    interview.ai_analysis = analysis
    interview.overall_score = assessment.overall_score
    interview.skill_scores = dict(assessment.skill_scores)
    interview.recommendations = assessment.recommendations
    interview.strengths = assessment.strengths
    interview.areas_for_improvement = assessment.areas_for_improvement
    await store.keep_questions(db, _question_rows(interview.id, plan, written, assessment))
    return analysis


def _question_rows(
    interview_id: UUID, plan: Plan, written: Sequence[Written], assessment: Assessment
) -> list[AskedQuestion]:
    """Return a row for each question that the candidate heard."""
    said = answers(plan, [entry for _, entry in written])
    return [
        AskedQuestion(
            id=uuid5(interview_id, f"question {judged.question}"),
            interview_session_id=interview_id,
            question_text=judged.text,
            question_category=judged.category,
            asked_at=time_of_day(written, judged.asked_ms),
            ai_response=said[judged.question].said,
            employee_response=judged.answer,
            response_score=judged.score,
            response_analysis=msgspec.to_builtins(judged),
        )
        for judged in assessment.answers
        if judged.asked_ms is not None
    ]
