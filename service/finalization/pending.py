"""The analysis of an interview that is over and being assessed. Pure."""

from collections.abc import Mapping
from typing import Any

PENDING = "pending"
"""What such an analysis has for a score: a number would be read as one."""


def pending() -> dict[str, Any]:
    """What stands in the place of the analysis until there is one."""
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
    """Whether the assessment is still to be made, or was broken off."""
    return isinstance(analysis, Mapping) and analysis.get("score") == PENDING
