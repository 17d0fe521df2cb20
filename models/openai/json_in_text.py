"""Find the JSON object in a language model's text, among code fences, reasoning, sentences before
or after it, and a byte order mark. Pure."""

import json
import re
from collections.abc import Mapping
from typing import Any

_TRIES = 200
"""Opening braces that are tried; a text with more contains no form."""
_REASONED = re.compile(
    r".*(?:</(?:\w+:)?(?:think|thinking|thought|reasoning|reflection)>|\[/THINK\]|◁/think▷"
    r"|<\|END_THINKING\|>|<\|channel\|>final[^{]*<\|message\|>)",
    re.DOTALL | re.IGNORECASE,
)
_REASONING = re.compile(
    r"</?(?:\w+:)?(?:think|thinking|thought|reasoning|reflection)\b|\[THINK\]|◁think▷"
    r"|<\|START_THINKING\|>|<\|channel\|>analysis",
    re.IGNORECASE,
)
_decoder = json.JSONDecoder(strict=False)


def json_in(text: str, schema: Mapping[str, Any]) -> str | None:
    """Return the JSON text for the schema: the last object that has all required keys, after any
    reasoning."""
    plain = text.strip("\ufeff \t\r\n")
    if _is_json(plain):
        return plain
    behind = _REASONED.sub("", plain, count=1)
    required = set(schema.get("required", ()))
    return next((part for part, keys in _objects(behind)[::-1] if required <= keys), None)


def has_reasoning(text: str) -> bool:
    """Return True if the model wrote out how it came to its answer."""
    return _REASONING.search(text) is not None


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _objects(text: str) -> list[tuple[str, set[str]]]:
    """Return the outermost objects, with their keys."""
    found = []
    at = text.find("{")
    for _ in range(_TRIES):
        if at < 0:
            break
        try:
            value, end = _decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            at = text.find("{", at + 1)
            continue
        found.append((json.dumps(value), set(value)))
        at = text.find("{", end)
    return found
