"""Exports of an interview: everything as JSON, the scores as CSV."""

import csv
import io
import re

import msgspec
from aiohttp import hdrs, web

from pipeline.assessment.assess import AnswerAssessment

from ..privacy import consent
from ..recording.playback import recording_fields
from ..scores.review import Override
from ..times import iso, utc_now
from .report_data import ReportData, file_name, read_report_data
from .transcripts import notices

COLUMNS = (
    "question", "category", "text", "status", "reason", "score", "override", "override_by",
    "override_reason", "evidence", "steering", "answer", "asked_s", "answered_s",
)  # fmt: skip
REASON = COLUMNS.index("reason")


def routes() -> list[web.AbstractRouteDef]:
    return [
        web.get("/interviews/{id}/export.json", as_json),
        web.get("/interviews/{id}/export.csv", as_csv),
    ]


async def as_json(request: web.Request) -> web.Response:
    data = await read_report_data(request, "export JSON")
    interview = data.interview
    whole = {
        "interview_id": interview.id,
        "exported_at": iso(utc_now()),
        "status": interview.status,
        "scheduled_at": interview.scheduled_at,
        "started_at": interview.started_at,
        "completed_at": interview.completed_at,
        "plan": data.plan,
        "transcript": data.lines,
        "recordings": [recording_fields(request, interview.id, each) for each in data.recordings],
        "analysis": interview.ai_analysis,
        "reviewed": data.review,
        "notices": notices(data.written),
        "consents": [consent.fields(each) for each in data.consents],
        **data.deletions.fields(),
    }
    body = msgspec.json.format(msgspec.json.encode(whole))
    return _file(data, body, "json", "application/json")


async def as_csv(request: web.Request) -> web.Response:
    """Answer with the scores as CSV, a line for each question of the assessment. Only the header
    where there is none, and a line that says so where it was deleted."""
    data = await read_report_data(request, "export CSV")
    body = _table(data).encode()
    return _file(data, body, "csv", "text/csv", header="present")


def safe(text: str) -> str:
    """Escape the text so that no spreadsheet takes it for a formula: text that begins like one gets
    an apostrophe, which spreadsheets show as text. Control characters except line breaks are
    removed."""
    shown = re.sub(r"[\x00-\x09\x0b-\x1f\x7f]", " ", text.replace("\r\n", "\n"))
    return f"'{shown}" if re.match(r"\s*[=+\-@|%＝＋－＠]", shown) else shown


def _table(data: ReportData) -> str:
    """Format the scores by RFC 4180: CRLF, quotation marks doubled. Numbers stand bare, text in
    quotation marks."""
    table = io.StringIO(newline="")
    writer = csv.writer(table, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    if gone := data.deletions.sentence("assessment"):
        writer.writerow([*[""] * REASON, gone, *[""] * (len(COLUMNS) - REASON - 1)])
    answers = data.assessment.answers if data.assessment else ()
    given = data.review.scores if data.review else {}
    for judged in answers:
        writer.writerow(
            safe(cell) if isinstance(cell, str) else cell
            for cell in _row(judged, given.get(str(judged.question)))
        )
    return table.getvalue()


def _row(judged: AnswerAssessment, given: Override | None) -> list[str | int | float]:
    return [
        judged.question,
        judged.category,
        judged.text,
        judged.status,
        judged.reason,
        "" if judged.score is None else judged.score,
        given.score if given else "",
        given.by if given else "",
        given.reason if given else "",
        " … ".join(judged.evidence),
        " … ".join(judged.steering),
        judged.answer,
        "" if judged.asked_ms is None else judged.asked_ms / 1000,
        "" if judged.answered_ms is None else judged.answered_ms / 1000,
    ]


def _file(data: ReportData, body: bytes, ending: str, kind: str, **more: str) -> web.Response:
    parameters = "".join(f"; {name}={value}" for name, value in more.items())
    name = file_name(data.interview.id, ending)
    return web.Response(
        body=body,
        headers={
            hdrs.CONTENT_TYPE: f"{kind}; charset=utf-8{parameters}",
            hdrs.CONTENT_DISPOSITION: f'attachment; filename="{name}"',
            hdrs.CACHE_CONTROL: "no-store",
        },
    )
