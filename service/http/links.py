"""Addresses in answers; they lead back to this service, below the path under which it was
called."""

from uuid import UUID

from aiohttp import web

from ..settings import SETTINGS


def base(request: web.Request) -> str:
    """Return the base path where the request came in under it, else an empty text. A base path may
    be called like a route, so the rest of the path has to match a route as well."""
    base_path = request.app[SETTINGS].base_path
    resource = request.match_info.route.resource
    path = resource.canonical if resource else ""
    if not base_path or not path.startswith(f"{base_path}/"):
        return ""
    rest = path.removeprefix(base_path)
    return base_path if any(r.canonical == rest for r in request.app.router.resources()) else ""


def socket(request: web.Request, interview_id: UUID) -> str:
    """Return the path of the interview's socket. It is relative to the host: the client knows by
    which name it has reached it."""
    return f"{base(request)}/ws/interview/{interview_id}"


def recording(request: web.Request, interview_id: UUID, number: int) -> str:
    return f"{base(request)}/interviews/{interview_id}/recordings/{number}"


def pages(request: web.Request, interview_id: UUID) -> dict[str, str]:
    """Return the addresses of the candidate's page and the report. People pass these on, so they
    contain the public address where it is known."""
    front = request.app[SETTINGS].public_url.rstrip("/") or base(request)
    return {
        "page_url": f"{front}/?interview={interview_id}",
        "report_url": f"{front}/interviews/{interview_id}/report",
    }
