"""Word requests for servers and chat templates that do not take everything. Pure."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from ..contracts import Message

Format = Literal["json_schema", "json_object", "text"]
FORMATS: tuple[Format, ...] = ("json_schema", "json_object", "text")


def without_notes(messages: Sequence[Message]) -> list[Message]:
    """Rewrite a conversation for a template that takes a system message only at the start, and then
    user and assistant in turn: each note is joined to the user message before it."""
    merged: list[Message] = []
    for index, message in enumerate(messages):
        role = "user" if message.role == "system" and index else message.role
        if merged and merged[-1].role == role:
            between = "\n\n" if role == "user" else " "
            merged[-1] = Message(role, merged[-1].content + between + message.content)
        else:
            merged.append(Message(role, message.content))
    return merged


def in_words(messages: Sequence[Message], schema: Mapping[str, Any]) -> list[Message]:
    """Rewrite a request for a server that takes no schema: the schema goes into the first
    message."""
    wish = f"Answer with one JSON object of this JSON schema and nothing else: {json.dumps(schema)}"
    first, *others = messages
    return [Message(first.role, f"{first.content}\n\n{wish}"), *others]


def response_format(format: Format, schema: Mapping[str, Any]) -> dict[str, Any]:
    match format:
        case "json_schema":
            form = {"name": "form", "schema": dict(schema), "strict": True}
            return {"response_format": {"type": "json_schema", "json_schema": form}}
        case "json_object":
            return {"response_format": {"type": "json_object"}}
        case "text":
            return {}


def has_notes(messages: Sequence[Message]) -> bool:
    return any(message.role == "system" for message in messages[1:])
