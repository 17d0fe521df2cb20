"""Render the report of an interview as a page to read and to print: each score beside the words
that it rests on. No script runs in it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from urllib.parse import urlencode

from aiohttp import hdrs, web
from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from pipeline.assessment.assess import REASONS, AnswerAssessment
from pipeline.assessment.measures import Measures
from pipeline.assessment.transcript import Place
from pipeline.interview.notices import Notice
from pipeline.matching import quotes

from ..page import FOLDER
from ..recording.recordings import Recording
from ..scores.review import Override, Piece, mark_quotes
from ..security import access
from ..storage.agenda import display_names
from ..times import iso
from .report_data import ReportData, read_report_data
from .transcripts import Line, notices, time_of_day

POLICY = "; ".join(
    (
        "default-src 'none'",
        "style-src 'self'",
        "img-src 'self'",
        "media-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)
AROUND_MS = 300
"""Milliseconds that are played before and after a line: a word may begin before it is recognized as
speech."""
NOTICES = {
    Notice.AUTOMATED: "that the interviewer is automated",
    Notice.RECORDED: "that the conversation is recorded",
}
SPEAKERS = {"user": "Candidate", "assistant": "Interviewer", "system": ""}


@dataclass(frozen=True, slots=True)
class Said:
    """One line of the transcript."""

    anchor: str
    timestamp: str
    at: str
    """Minutes and seconds since the beginning."""
    speaker: str
    """Name of the speaker; empty for events around the conversation."""
    role: str
    pieces: Sequence[Piece]
    questions: Sequence[int]
    """Numbers, from 1, of the questions whose scores cite this line."""
    sound: str
    """Address of the line's stretch of the recording; empty where there is none."""


@dataclass(frozen=True, slots=True)
class Judged:
    """One question with the model's score, a person's, and the answer."""

    number: int
    """Number of the question, from 1, as people count."""
    answer: AnswerAssessment
    pieces: Sequence[Piece]
    in_transcript: str
    """Anchor of the line in which the answer begins; empty where it is not known."""
    at: str
    override: Override | None
    earlier: Sequence[Override]
    why_not: str


def routes() -> list[web.AbstractRouteDef]:
    return [web.get("/interviews/{id}/report", show_report)]


async def show_report(request: web.Request) -> web.Response:
    data = await read_report_data(request, "read report")
    return web.Response(
        text=render_report(data, access.grant(request, data.interview.id)),
        content_type="text/html",
        charset="utf-8",
        headers={
            "Content-Security-Policy": POLICY,
            "Cross-Origin-Resource-Policy": "same-origin",
            hdrs.CACHE_CONTROL: "no-store",
        },
    )


def render_report(data: ReportData, grant: str) -> str:
    """Return the page as HTML; `grant` lets its players ask for the recordings."""
    candidate, job_title = display_names(data.plan)
    assessment = data.assessment
    page: str = _template().render(
        interview=data.interview,
        language=data.plan.language,
        candidate=candidate,
        job_title=job_title,
        assessment=assessment,
        review=data.review,
        questions=_judged_answers(data),
        transcript=_said(data, grant),
        deletions=data.deletions,
        consents=data.consents,
        notices=[(NOTICES[each.notice], each.heard_at) for each in notices(data.written)],
        recordings=[(address(each, grant), _clock(each.seconds)) for each in data.recordings],
        measures=_measures(assessment.measures) if assessment else (),
    )
    return page


@cache
def _template() -> Template:
    environment = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["moment"] = _moment
    return environment.get_template("report.jinja")


def _moment(at: datetime) -> str:
    return f"{at.day} {at:%B %Y, %H:%M} UTC"


def _judged_answers(data: ReportData) -> list[Judged]:
    judged = []
    history = data.review.history if data.review else []
    for answer in data.assessment.answers if data.assessment else ():
        given = [each for each in history if each.question == answer.question]
        line = _line_of(data, answer)
        judged.append(
            Judged(
                number=answer.question + 1,
                answer=answer,
                pieces=mark_quotes(answer.answer, answer.evidence),
                in_transcript="" if line is None else f"line-{line}",
                at="" if line is None else _since_start(data.lines, data.lines[line]),
                override=given[-1] if given else None,
                earlier=given[:-1],
                why_not=REASONS.get(answer.reason, ""),
            )
        )
    return judged


def _line_of(data: ReportData, answer: AnswerAssessment) -> int | None:
    """Return the index of the line in which the answer begins; None where it is not known."""
    if answer.answered_ms is None or not data.written:
        return None
    try:
        began = iso(time_of_day(data.written, answer.answered_ms))
    except OverflowError:  # the time was not written here but by another program
        return None
    return next(
        (
            n
            for n, line in enumerate(data.lines)
            if line.speaker == "user" and line.timestamp == began
        ),
        None,
    )


def _said(data: ReportData, grant: str) -> list[Said]:
    heard = {recording.number: recording for recording in data.recordings}
    answers = data.assessment.answers if data.assessment else []
    cited = [(answer.question + 1, quote) for answer in answers for quote in answer.evidence]
    said = []
    for n, (line, place) in enumerate(zip(data.lines, data.places, strict=True)):
        here = [
            (q, text) for q, text in cited if line.speaker == "user" and quotes(text, line.content)
        ]
        said.append(
            Said(
                anchor=f"line-{n}",
                timestamp=line.timestamp,
                at=_since_start(data.lines, line),
                speaker=SPEAKERS[line.speaker],
                role=line.speaker,
                pieces=mark_quotes(line.content, [text for _, text in here]),
                questions=sorted({question for question, _ in here}),
                sound=stretch(heard.get(place.recording), place, grant) if place else "",
            )
        )
    return said


def address(recording: Recording, grant: str) -> str:
    """Return the recording's address, relative to the report."""
    query = f"?{urlencode({access.GRANT: grant})}" if grant else ""
    return f"recordings/{recording.number}{query}"


def stretch(recording: Recording | None, place: Place, grant: str) -> str:
    """Return the address with the times at which to begin and to stop (W3C Media Fragments); empty
    where the recording is gone or had broken off by then."""
    if recording is None or place.start_ms >= recording.seconds * 1000:
        return ""
    start = max(0, place.start_ms - AROUND_MS)
    end = place.end_ms + AROUND_MS
    return f"{address(recording, grant)}#t={start / 1000:.2f},{end / 1000:.2f}"


def _since_start(lines: Sequence[Line], line: Line) -> str:
    first, this = (datetime.fromisoformat(each.timestamp) for each in (lines[0], line))
    seconds = max(int((this - first).total_seconds()), 0)
    return f"{seconds // 60}:{seconds % 60:02}"


def _measures(measured: Measures) -> list[tuple[str, str]]:
    """Describe the measures in words; those that counted nothing are left out."""
    share = measured.candidate_share
    found: list[tuple[str, float | str | None, str]] = [
        ("Duration", _clock(measured.duration_s), ""),
        ("Candidate spoke", _clock(measured.candidate_talk_s), ""),
        ("Interviewer spoke", _clock(measured.interviewer_talk_s), ""),
        ("Candidate's share of the talk", None if share is None else round(share * 100), " %"),
        ("Candidate's words", measured.candidate_words, ""),
        ("Words per minute", measured.words_per_minute, ""),
        ("Words per answer, on average", measured.average_answer_words, ""),
        ("Questions asked", f"{measured.questions_asked} of {measured.questions_planned}", ""),
        ("Questions answered", measured.questions_answered, ""),
        ("Follow-up questions", measured.follow_ups_asked, ""),
        ("Turns not understood", measured.unclear_turns, ""),
        ("Typical time before an answer", measured.median_response_s, " s"),
        ("Longest time before an answer", measured.longest_response_s, " s"),
        ("Longest pause", measured.longest_pause_s, " s"),
        ("Interruptions by the candidate", measured.interruptions, ""),
    ]
    return [(name, f"{value}{unit}") for name, value, unit in found if value is not None]


def _clock(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02} min"
