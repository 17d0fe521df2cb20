"""What an interview is to cover. Values only; `interviewer.py` decides what happens next."""

import msgspec


class Question(msgspec.Struct, frozen=True):
    text: str
    follow_ups: int = 1
    """How many follow-up questions may be asked about the answer, 0..3."""
    rubric: str = ""
    """What a good answer contains, for the assessment."""
    category: str = "general"


class Plan(msgspec.Struct, frozen=True):
    questions: tuple[Question, ...]
    candidate: str = "the candidate"
    interviewer: str = "Alex"
    job_title: str = "the open position"
    job_summary: str = ""
    candidate_summary: str = ""
    minutes: int = 30
    language: str = "en"
    """ISO 639-1."""
