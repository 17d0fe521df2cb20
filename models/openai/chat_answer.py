"""Read the answers of an OpenAI-compatible server, whole or streamed. Pure."""

import json
from typing import Any, Literal

from ..errors import EngineError

Part = Literal["message", "delta"]
_REASONING = ("reasoning_content", "reasoning")


def decoded(data: bytes) -> Any:
    try:
        return json.loads(data)
    except ValueError as exc:
        raise EngineError("the model server sent something that is no JSON") from exc


def content(answer: Any, part: Part) -> str:
    """Return the text in an answer's `message` or a piece's `delta`; empty for pings and counts.
    Raises `EngineError` when the server sent an error instead."""
    if not isinstance(answer, dict) or answer.get("error") or answer.get("object") == "error":
        raise EngineError("the model server broke off with an error")
    if part == "message" and not answer.get("choices"):
        raise EngineError("the model server's answer has no text in the usual place")
    found = _part(answer, part).get("content")
    return _text(found)


def reasons(answer: Any, part: Part) -> bool:
    """Return True if it has reasoning in a field of its own, which is not read."""
    if not isinstance(answer, dict):
        return False
    found = _part(answer, part)
    return any(found.get(name) for name in _REASONING)


def _part(answer: dict[str, Any], part: Part) -> dict[str, Any]:
    choices = answer.get("choices") or [{}]
    try:
        found = choices[0].get(part) or {}
        found.items()
    except (LookupError, AttributeError, TypeError) as exc:
        raise EngineError("the model server's answer has no text in the usual place") from exc
    return dict(found)


def _text(found: Any) -> str:
    """Return the text of content that is a string, or a list of parts some of which are text."""
    if isinstance(found, list):
        return "".join(map(_text_of_part, found))
    return found if isinstance(found, str) else ""


def _text_of_part(part: Any) -> str:
    if isinstance(part, dict) and part.get("type", "text") in ("text", "output_text"):
        return _text(part.get("text"))
    return part if isinstance(part, str) else ""
