"""The placeholder analysis of an interview that is over and being assessed. Pure."""

from collections.abc import Mapping
from typing import Any

PENDING = "pending"
"""The score of such an analysis: a number would be read as a result."""


def pending() -> dict[str, Any]:
    """Return the analysis that is stored until the assessment is made."""
    return {
        "summary": "The interview is over; its assessment is being made.",
        "score": PENDING,
        "job_fit": "Being assessed",
        "strengths": [],
        "weaknesses": [],
        "recommendations": [],
        "skills_assessment": {"agenda_modules": {}},
        "module_performance": {},
        "assessment_fairness": {"notes": ""},
        "fairness_adjustments": [],
    }


def is_pending(analysis: Mapping[str, Any] | None) -> bool:
    """Return whether the assessment is still to be made, or was broken off."""
    return isinstance(analysis, Mapping) and analysis.get("score") == PENDING
