"""Plans for interviews that bring no questions of their own. Pure."""

import re

from ..errors import PlanInvalid
from .plan import NAME_CHARACTERS, UNNAMED_JOB, Plan, Question, one_line, summary, validated

DEFAULT_TYPE = "role_assessment"
TITLE_WORDS = 8
"""A first line with more words than this is not taken for a job title."""


def default_plan(
    interview_type: str | None = None,
    *,
    candidate: str = "",
    job_title: str = "",
    job_summary: str = "",
    candidate_summary: str = "",
    minutes: int = 30,
) -> Plan:
    """Return the plan for a type of interview; None means a role assessment. It sets no language.

    Raises `PlanInvalid` for a type that is not in `TYPES`.
    """
    questions = _QUESTIONS.get(interview_type or DEFAULT_TYPE)
    if questions is None:
        raise PlanInvalid(
            f"interview_type: must be one of {', '.join(TYPES)}; change it or give questions"
        )
    title = one_line(job_title)[:NAME_CHARACTERS] or UNNAMED_JOB
    plan = Plan(
        questions,
        candidate=one_line(candidate)[:NAME_CHARACTERS],
        job_title=title,
        job_summary=job_summary,
        candidate_summary=candidate_summary,
        minutes=minutes,
        any_language=True,
    )
    return validated(plan)


def plan_from_texts(job_description: str, resume_text: str, candidate_name: str = "") -> Plan:
    """Return a role assessment for a job known only by its advertisement."""
    return default_plan(
        candidate=candidate_name,
        job_title=job_title_of(job_description),
        job_summary=summary(job_description),
        candidate_summary=summary(resume_text),
    )


def job_title_of(job_description: str) -> str:
    """Return the title if the first line plainly is one, else an empty string: a wrong title would
    be spoken."""
    lines = (line.strip(" \t#*_-–—•:") for line in job_description.splitlines())
    first = one_line(next((line for line in lines if line), ""))
    named = re.match(r"(?i)(?:job title|title|position|role|job)\s*[:–-]\s*(.+)", first)
    hiring = re.match(
        r"(?i)(?:we are|we're|now) (?:hiring|looking for)(?: an?| our next)? (.+)", first
    )
    found = named or hiring
    title = (found[1] if found else first).strip(" *_#.!")
    title = re.split(r"\s+(?:to join|who|for our|with)\b|[,(|]", title)[0].strip()
    is_sentence = not found and bool(
        re.search(r"[.!?:;]$|\b(?:is|are|we|you|our|will)\b", first, re.I)
    )
    if is_sentence or not 0 < len(title.split()) <= TITLE_WORDS or len(title) > 60:
        return ""
    return title


_MOTIVATION = (
    "Gives reasons that fit this job and company; refers to own experience; says what they "
    "want to do next."
)
_EXAMPLE = "Describes one specific situation; says what they did themselves; states the result."

_QUESTIONS: dict[str, tuple[Question, ...]] = {
    "role_assessment": (
        Question(
            "Please tell me about your background and the work you have done most recently.",
            0,
            "Names recent roles and main tasks; shows how they lead to this job.",
            "experience",
        ),
        Question("What interests you about this role?", 1, _MOTIVATION, "motivation"),
        Question(
            "Tell me about a piece of work that you are proud of. What was your part in it?",
            2,
            _EXAMPLE,
            "experience",
        ),
        Question(
            "Describe a difficult problem that you had to solve. How did you go about it?",
            2,
            "Explains the problem; describes the steps taken and why; states the result "
            "and what was learned.",
            "problem solving",
        ),
        Question(
            "Tell me about a time when you disagreed with a colleague. What happened?",
            1,
            "Describes a real disagreement; listens to the other view; finds a solution "
            "and keeps the relationship.",
            "teamwork",
        ),
        Question(
            "Which of your skills would help you most in this role?",
            1,
            "Names a skill that the job needs; gives an example of using it; is honest about gaps.",
            "skills",
        ),
    ),
    "promotion": (
        Question(
            "How has your work changed since you started in your present position?",
            1,
            "Describes growth in tasks and responsibility, with examples.",
            "experience",
        ),
        Question(
            "Which result of yours in the last year mattered most to the company?",
            2,
            "Names one result; says what they did themselves; gives a number or another "
            "visible effect.",
            "results",
        ),
        Question("Why do you want to take on this role?", 1, _MOTIVATION, "motivation"),
        Question(
            "Tell me about a time when you led others or took responsibility without "
            "being asked to.",
            2,
            _EXAMPLE,
            "leadership",
        ),
        Question(
            "What would you do in your first three months in the new position?",
            1,
            "Has concrete first steps; listens before changing things; sets goals that "
            "can be checked.",
            "planning",
        ),
        Question(
            "What will be hardest for you in the new position, and what support would you need?",
            1,
            "Names a real difficulty; has a plan for it; asks for specific support.",
            "self-assessment",
        ),
    ),
    "performance_review": (
        Question(
            "Looking back at this period, what are you most satisfied with?",
            1,
            "Names specific results and their effect.",
            "results",
        ),
        Question(
            "Which of your goals did you reach, and which ones did you not reach?",
            2,
            "Goes through the goals one by one; gives reasons; is honest about what is missing.",
            "goals",
        ),
        Question(
            "Tell me about a situation in this period that did not go as you wanted. "
            "What did you change afterwards?",
            2,
            "Describes one situation; takes responsibility; names what was changed.",
            "learning",
        ),
        Question(
            "How well does the work with your team and your manager go?",
            1,
            "Gives examples of cooperation; names what could be better in a constructive way.",
            "teamwork",
        ),
        Question(
            "What would help you to do your work better?",
            1,
            "Names specific and realistic measures.",
            "working conditions",
        ),
        Question(
            "What do you want to achieve and to learn in the coming period?",
            1,
            "Sets concrete goals that can be checked; names something to learn and how.",
            "goals",
        ),
    ),
    "skill_evaluation": (
        Question(
            "Which skills do you use most in your daily work?",
            1,
            "Names specific skills, tools or methods, with time and frequency of use.",
            "skills",
        ),
        Question(
            "Describe a task where you used your most important skill.",
            2,
            "Describes one real task; the steps are in order and technically sound; "
            "names the result.",
            "practice",
        ),
        Question(
            "How do you make sure that your work is correct?",
            1,
            "Names specific checks or tests and when they are done; gives an example of "
            "a mistake that was found.",
            "quality",
        ),
        Question(
            "Tell me about a task that was too difficult for you at first. How did you "
            "get it done?",
            1,
            "Describes one task; says how they learned or got help; states the result.",
            "problem solving",
        ),
        Question(
            "How would you explain an important idea of your field to somebody who is new to it?",
            1,
            "Explains in plain words; uses an example or comparison; the explanation is correct.",
            "understanding",
        ),
        Question(
            "What have you learned in the last year, and what do you want to learn next?",
            1,
            "Names something learned and how it is used; names a next step and a reason.",
            "learning",
        ),
    ),
}
TYPES = tuple(_QUESTIONS)
