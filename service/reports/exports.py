"""An interview as a file: everything as JSON, the scores as CSV."""

import csv
import io
import re

import msgspec
from aiohttp import hdrs, web

from pipeline.assessment.assess import AnswerAssessment

from ..privacy import consent
from ..recording.playback import shown
from ..scores.review import Override
from ..times import iso, utc_now
from .report_data import Dossier, file_name, opened
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
    dossier = await opened(request, "export JSON")
    interview = dossier.interview
    whole = {
        "interview_id": interview.id,
        "exported_at": iso(utc_now()),
        "status": interview.status,
        "scheduled_at": interview.scheduled_at,
        "started_at": interview.started_at,
        "completed_at": interview.completed_at,
        "plan": dossier.plan,
        "transcript": dossier.lines,
        "recordings": [shown(request, interview.id, each) for each in dossier.recordings],
        "analysis": interview.ai_analysis,
        "reviewed": dossier.review,
        "notices": notices(dossier.written),
        "consents": [consent.shown(each) for each in dossier.consents],
        **dossier.deletions.shown(),
    }
    body = msgspec.json.format(msgspec.json.encode(whole))
    return _file(dossier, body, "json", "application/json")


async def as_csv(request: web.Request) -> web.Response:
    """One line for each question of the assessment; only the header where there is none, and a
    line that says so where it was deleted."""
    dossier = await opened(request, "export CSV")
    body = _table(dossier).encode()
    return _file(dossier, body, "csv", "text/csv", header="present")


def safe(text: str) -> str:
    """The text so that no spreadsheet takes it for a formula: what begins like one gets an
    apostrophe, which they show as text. Control characters but line breaks go."""
    shown = re.sub(r"[\x00-\x09\x0b-\x1f\x7f]", " ", text.replace("\r\n", "\n"))
    return f"'{shown}" if re.match(r"\s*[=+\-@|%＝＋－＠]", shown) else shown


def _table(dossier: Dossier) -> str:
    """RFC 4180: CRLF, quotation marks doubled. Numbers stand bare, text in quotation marks."""
    table = io.StringIO(newline="")
    writer = csv.writer(table, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    if gone := dossier.deletions.of("assessment"):
        writer.writerow([*[""] * REASON, gone, *[""] * (len(COLUMNS) - REASON - 1)])
    answers = dossier.assessment.answers if dossier.assessment else ()
    given = dossier.review.scores if dossier.review else {}
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


def _file(dossier: Dossier, body: bytes, ending: str, kind: str, **more: str) -> web.Response:
    parameters = "".join(f"; {name}={value}" for name, value in more.items())
    name = file_name(dossier.interview.id, ending)
    return web.Response(
        body=body,
        headers={
            hdrs.CONTENT_TYPE: f"{kind}; charset=utf-8{parameters}",
            hdrs.CONTENT_DISPOSITION: f'attachment; filename="{name}"',
            hdrs.CACHE_CONTROL: "no-store",
        },
    )
