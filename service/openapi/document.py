"""The REST calls as an OpenAPI 3.1 document, at `/openapi.json`.

Paths and methods come from the routes, bodies from the types that decode them, and whether a call
needs a key from the list of open handlers. Only what no code says is written here by hand: what a
call is for, and the form of its answer.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import msgspec
from aiohttp import web
from aiohttp.typedefs import Handler

from ..finalization import finalize
from ..http.interview_ref import InterviewRef
from ..http.web import answer
from ..interviews import crud, invitation, start
from ..live import websocket
from ..operations import probes, status
from ..privacy import consent
from ..recording import playback
from ..reports import exports, report_page, reports
from ..scores import scores
from . import answers as a

JSON = "application/json"
VERSION = "3.1.1"
SECURITY = {
    "token": {
        "type": "http",
        "scheme": "bearer",
        "description": "An API key or a JSON Web Token. Where no key is configured, programs on the"
        " server itself need none and others are not answered.",
    },
    "apiKey": {"type": "apiKey", "in": "header", "name": "X-API-Key", "description": "The same."},
    "password": {
        "type": "http",
        "scheme": "basic",
        "description": "Any name, with the key as the password.",
    },
}
NEEDED: list[dict[str, list[str]]] = [{name: []} for name in SECURITY]
"""The security requirement of closed calls: any one of these schemes."""


@dataclass(frozen=True, slots=True)
class Call:
    """A handler's entry in the document; `errors` are those beside the ones that follow from its
    kind."""

    summary: str
    answers: Any = None
    """The type of the answer; None for an answer that is not JSON."""
    takes: tuple[type[msgspec.Struct], ...] = ()
    """The types that decode the body; it has the form of one of them."""
    statuses: tuple[int, ...] = (200,)
    """HTTP statuses with this answer."""
    media: str = JSON
    query: Mapping[str, str] = field(default_factory=dict)
    """Query parameters, each with its purpose."""
    errors: tuple[int, ...] = ()
    security: list[dict[str, list[str]]] | None = None
    """The security requirement, where the list of open handlers does not tell all."""


class ClientLog(msgspec.Struct):
    """The end of an interview. It is read as a stream, because the log has all the audio that the
    client was sent; audio is dropped while it is read."""

    interviewId: str
    transcript: list[dict[str, Any]] = []
    """Every message that the client received, or nothing."""


CALLS: dict[Handler, Call] = {
    start.start_database_interview: Call(
        "Promise a place for an interview that is there", a.Started, (start.WantedSession,),
        errors=(403, 404, 409),
    ),
    start.start_interview: Call(
        "Promise a place for an interview that is there, or for one that is made here out of a job"
        " advertisement and a résumé",
        a.Started, (start.WantedSession, start.JobAndCandidate), errors=(403, 404, 409),
    ),
    start.prepare_interview_context: Call(
        "Whether an interview can be held", a.Prepared, (InterviewRef,),
        errors=(404, 409),
    ),
    invitation.show: Call(
        "What an interview is and whether it can start now; promises no place",
        invitation.Invitation,
    ),
    status.sessions: Call("The conversations that go on now", a.LiveSessions),
    status.health: Call("That the service answers, and how many places are free", a.Health),
    probes.livez: Call("That the process and its event loop live", a.Alive),
    probes.readyz: Call(
        "Whether interviews may begin here; 503 where not", a.Readiness, statuses=(200, 503)
    ),
    probes.metrics: Call(
        "Numbers for Prometheus", media="text/plain", security=[{}, *NEEDED], errors=(401, 403)
    ),
    consent.show: Call("What a candidate has to be asked to agree to", a.ConsentAsked),
    finalize.finalize_interview: Call(
        "End an interview and answer with its assessment, the same one however often it is asked",
        a.Finalized, (ClientLog,), errors=(404, 409, 410),
    ),
    finalize.assess_again: Call(
        "Assess a finished interview again and replace its assessment", a.Reassessed,
        errors=(409, 410),
    ),
    finalize.end_session: Call(
        "End a conversation, wherever it stands", a.Ended, errors=(404, 409, 410)
    ),
    websocket.hold_interview: Call(
        "Hold the interview over a WebSocket (docs/protocol.md)", statuses=(101,), media="",
        errors=(403,),
    ),
    crud.make: Call(
        "Make an interview", a.MadeInterview, (crud.Wanted,), (201,), errors=(409,)
    ),
    crud.list_page: Call(
        "Interviews, the newest first", a.Interviews, errors=(422,),
        query={
            "limit": "How many, up to 200; 50 without it.",
            "status": "Only those of this status.",
            "after": "The `next` of the page before.",
        },
    ),
    crud.show: Call("An interview with its plan and what came of it", a.ShownInterview),
    crud.remove: Call("Erase an interview with all that belongs to it", a.ErasedInterview),
    reports.session_transcript: Call("What was said", a.SessionTranscript),
    reports.live_transcript: Call("What was said so far", a.LiveTranscript),
    reports.interview_report: Call(
        "The result of an interview", a.InterviewReport, (InterviewRef,), errors=(404,)
    ),
    reports.report_by_path: Call("The result of an interview, by its address", a.ReportByPath),
    report_page.show_report: Call("The report as a page", media="text/html"),
    exports.as_json: Call("Everything about an interview in one file", a.Exported),
    exports.as_csv: Call("A line for each question", media="text/csv"),
    scores.override_score: Call(
        "Put a person's score beside the model's", a.ScoreGiven, (scores.Judgement,),
        errors=(409, 410),
    ),
    scores.audit_log: Call("Who has read or changed what of an interview", a.Audited),
    playback.list_recordings: Call("The recordings of an interview", a.Recordings),
    playback.play: Call(
        "The sound of one recording, whole or in parts (Range)",
        media="audio/ogg", statuses=(200, 206),
        query={"grant": "What a report's own player has instead of a key."}, errors=(416,),
        security=[{}, *NEEDED],
    ),
}  # fmt: skip


class Document:
    """The OpenAPI document for an application with these routes; routes that `CALLS` does not list
    are pages."""

    def __init__(
        self, routes: Iterable[web.AbstractRouteDef], base_path: str, open_: frozenset[Handler]
    ) -> None:
        self._routes = [
            route for route in routes if isinstance(route, web.RouteDef) and route.handler in CALLS
        ]
        self._base_path = base_path
        self._open = open_

    @cached_property
    def body(self) -> dict[str, Any]:
        """Return the document. It is made on the first request: the start has no time for it."""
        types = [kind for call in CALLS.values() for kind in (*call.takes, call.answers) if kind]
        refs, schemas = msgspec.json.schema_components(
            [*types, a.Error], ref_template="#/components/schemas/{name}"
        )
        found = dict(zip(types, refs, strict=False))
        paths: dict[str, dict[str, Any]] = {}
        for route in self._routes:
            operation = self._operation(route, CALLS[route.handler], found)
            paths.setdefault(route.path, {})[route.method.lower()] = operation
        servers = dict.fromkeys((self._base_path or "/", "/"))
        return {
            "openapi": VERSION,
            "info": {
                "title": "Vivavoce",
                "version": "1",
                "summary": "Spoken interviews on your own hardware",
            },
            "servers": [{"url": url} for url in servers],
            "paths": paths,
            "components": {
                "schemas": schemas,
                "responses": {"Error": _content("Refused, with the reason", JSON, refs[-1])},
                "securitySchemes": SECURITY,
            },
        }

    def _operation(
        self, route: web.RouteDef, call: Call, refs: Mapping[Any, dict[str, Any]]
    ) -> dict[str, Any]:
        closed = route.handler not in self._open
        names = re.findall(r"\{(\w+)\}", route.path)
        schema = refs[call.answers] if call.answers else {"type": "string"}
        said = _content(call.summary, call.media, schema)
        operation: dict[str, Any] = {
            "operationId": "_".join(re.findall(r"\w+", f"{route.method} {route.path}")).lower(),
            "summary": call.summary,
            "parameters": [
                *map(_in_path, names),
                *(_in_query(*each) for each in call.query.items()),
            ],
            "responses": {
                **{str(status): said for status in call.statuses},
                **_refusals(call, closed, names),
            },
            "security": call.security or (NEEDED if closed else []),
        }
        if call.takes:
            *others, last = [refs[kind] for kind in call.takes]
            content = {JSON: {"schema": {"anyOf": [*others, last]} if others else last}}
            operation["requestBody"] = {"required": True, "content": content}
        return operation


DOCUMENT = web.AppKey("DOCUMENT", Document)


def routes() -> list[web.AbstractRouteDef]:
    return [web.get("/openapi.json", show)]


async def show(request: web.Request) -> web.Response:
    return answer(request.app[DOCUMENT].body)


CALLS[show] = Call("This document", dict[str, Any])


def _refusals(call: Call, closed: bool, names: list[str]) -> dict[str, Any]:
    """Return the error answers that a caller has to expect, and a default for all others."""
    statuses = {*call.errors, *((401, 403) if closed else ()), *((404,) if names else ())}
    statuses |= {400, 408, 413, 422} if call.takes else set()
    expected = [*map(str, sorted(statuses)), "default"]
    return {status: {"$ref": "#/components/responses/Error"} for status in expected}


def _content(description: str, media: str, schema: dict[str, Any]) -> dict[str, Any]:
    said: dict[str, Any] = {"description": description}
    if media:
        said["content"] = {media: {"schema": schema}}
    return said


def _in_path(name: str) -> dict[str, Any]:
    number = name in ("number", "question")
    schema = {"type": "integer", "minimum": 0} if number else {"type": "string", "format": "uuid"}
    return {"name": name, "in": "path", "required": True, "schema": schema}


def _in_query(name: str, description: str) -> dict[str, Any]:
    schema = {"type": "integer"} if name == "limit" else {"type": "string"}
    return {"name": name, "in": "query", "description": description, "schema": schema}
