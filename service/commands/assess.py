"""`vivavoce assess`: assess finished interviews again, with the language model of the settings."""

import sys
import time
from uuid import UUID

from models import load
from pipeline.assessment.assess import Assessment

from ..cluster.neighbours import require_unheld
from ..engine_config import assessor, chosen_models
from ..errors import ServiceError
from ..finalization.punctual import Punctual
from ..finalization.reassess import assess_again
from ..scores.review import assessment_of
from ..security import audit
from ..settings import Settings
from ..storage.database import open_database

SECONDS = 1800.0
"""Seconds that the model may take for one interview; nobody waits for a response here."""


async def run(settings: Settings, *, interviews: list[UUID]) -> int:
    """Assess the interviews. Exit status 1: not all that was asked for was assessed. Raises
    `StartError` and `EngineError`."""
    who, judge = audit.this_user(), assessor(settings)
    failed = 0
    async with (
        open_database(settings.database_url, upgrade=False) as database,
        load.language_model(chosen_models(settings)) as llm,
    ):
        for interview_id in interviews:
            punctual = Punctual(llm, time.monotonic() + SECONDS)
            try:
                await require_unheld(database, [interview_id])
                found = await assess_again(database, punctual, interview_id, judge, who)
            except ServiceError as exc:
                print(f"vivavoce: interview {interview_id}: {exc}", file=sys.stderr)
                failed += 1
            else:
                assessment = assessment_of(found)
                assert assessment is not None
                print(f"Interview {interview_id}: {_said(assessment)}")
    return 1 if failed else 0


def _said(assessment: Assessment) -> str:
    scored = sum(each.score is not None for each in assessment.answers)
    before = assessment.replaced[-1]
    return (
        f"{_score(assessment.overall_score)}, before {_score(before.overall_score)};"
        f" {scored} of {len(assessment.answers)} answers assessed by"
        f" {assessment.versions.model} ({assessment.versions.prompt})."
    )


def _score(score: int | None) -> str:
    return "not assessed" if score is None else f"{score} of 100"
