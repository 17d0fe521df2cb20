"""Make a grammar (GBNF) from a JSON schema, so that a model can write only JSON that fits it. Pure.

Everything is bounded: an endless string or list would use up all tokens and leave an incomplete
text. The text is compact, as `json.dumps` writes it. Supported are the types, `properties` (all are
written, in their order), `items`, `enum`, `const`, `anyOf`/`oneOf`, local `$ref`,
`minLength`/`maxLength`, `minItems`/`maxItems`, and the limits of whole numbers: both, which are
listed one by one, or a `minimum` of 0.
"""

import json
from collections.abc import Mapping
from typing import Any

LONGEST_STRING = 300
"""Maximum characters of a string whose schema sets no limit."""
LONGEST_LIST = 8
"""Maximum items of a list whose schema sets no limit."""
_DEEPEST = 32
"""Levels of a schema that are followed, because a `$ref` may lead back to itself."""

_RULES = {
    "char": r'[^"\\\x7F\x00-\x1F] | "\\" ["\\/bfnrt]',
    "digits": "[0-9]{0,14}",
    "natural": '"0" | [1-9] digits',
    "integer": '"-"? natural',
    "number": 'integer ("." [0-9]{1,6})?',
    "boolean": '"true" | "false"',
    "null": '"null"',
}

Schema = Mapping[str, Any]


class SchemaUnsupported(ValueError):
    """The schema uses a feature that this module makes no grammar for."""


def grammar(schema: Schema) -> str:
    """Return the grammar of all texts that fit the schema; its first rule is `root`. Raises
    `SchemaUnsupported`."""
    rules = [f"root ::= {_expression(schema, schema, _DEEPEST)}"]
    rules += [f"{name} ::= {body}" for name, body in _RULES.items()]
    return "\n".join(rules)


def closing(schema: Schema) -> int:
    """Return how many tokens suffice to complete a text from any point within it: at most one per
    byte that is still needed."""
    return _sizes(schema, schema, _DEEPEST)[1]


def _resolved(schema: Schema, root: Schema, depth: int) -> Schema:
    if depth <= 0:
        raise SchemaUnsupported("the schema is nested too deeply, or refers to itself")
    reference = schema.get("$ref")
    if reference is None:
        return schema
    target: Any = root
    head, *path = str(reference).split("/")
    for step in path:
        target = target.get(step) if isinstance(target, Mapping) else None
    if head != "#" or not isinstance(target, Mapping):
        raise SchemaUnsupported(f"{reference} is not in the schema")
    return _resolved(target, root, depth - 1)


def _choices(schema: Schema) -> list[Schema] | None:
    """Return the alternatives of a schema that has any."""
    if "const" in schema:
        return [{"const": schema["const"]}]
    if "enum" in schema:
        return [{"const": value} for value in schema["enum"]]
    if isinstance(schema.get("type"), list):
        return [{**schema, "type": kind} for kind in schema["type"]]
    if schema.get("type") == "integer" and {"minimum", "maximum"} <= schema.keys():
        return [{"const": n} for n in range(schema["minimum"], schema["maximum"] + 1)]
    options = schema.get("anyOf") or schema.get("oneOf")
    return list(options) if options else None


def _literal(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _lengths(schema: Schema, kind: str, longest: int) -> tuple[int, int]:
    least = int(schema.get(f"min{kind}", 0))
    most = int(schema.get(f"max{kind}", max(least, longest)))
    if not 0 <= least <= most:
        raise SchemaUnsupported(f"min{kind} {least} and max{kind} {most} leave nothing")
    return least, most


def _expression(schema: Schema, root: Schema, depth: int) -> str:
    schema = _resolved(schema, root, depth)
    if "const" in schema:
        return _literal(schema["const"])
    if (choices := _choices(schema)) is not None:
        return "(" + " | ".join(_expression(c, root, depth - 1) for c in choices) + ")"
    match schema.get("type", "object" if "properties" in schema else None):
        case "object":
            return _object(schema, root, depth)
        case "array":
            return _array(schema, root, depth)
        case "string":
            least, most = _lengths(schema, "Length", LONGEST_STRING)
            return rf'"\"" char{{{least},{most}}} "\""'
        case "integer" if "minimum" in schema or "maximum" in schema:
            if schema.get("minimum") != 0:
                raise SchemaUnsupported("a whole number has both limits, or is at least 0")
            return "natural"
        case "integer" | "number" | "boolean" | "null" as kind:
            return str(kind)
        case kind:
            raise SchemaUnsupported(f"no grammar for the type {kind!r}")


def _object(schema: Schema, root: Schema, depth: int) -> str:
    members = [
        _literal(name) + r' ": " ' + _expression(value, root, depth - 1)
        for name, value in schema.get("properties", {}).items()
    ]
    return '"{" ' + ' ", " '.join(members) + ' "}"'


def _array(schema: Schema, root: Schema, depth: int) -> str:
    least, most = _lengths(schema, "Items", LONGEST_LIST)
    if most == 0:
        return '"[]"'
    item = _expression(schema.get("items", {"type": "string"}), root, depth - 1)
    more = f'{item} (", " {item}){{{max(least - 1, 0)},{most - 1}}}'
    return f'"[" {more} "]"' if least else f'"[" ({more})? "]"'


def _sizes(schema: Schema, root: Schema, depth: int) -> tuple[int, int]:
    """Return the bytes of the shortest text that fits, and the most that it takes to complete one
    from within."""
    schema = _resolved(schema, root, depth)
    if "const" in schema:
        size = len(json.dumps(schema["const"], ensure_ascii=False).encode())
        return size, size
    if (choices := _choices(schema)) is not None:
        sizes = [_sizes(choice, root, depth - 1) for choice in choices]
        return min(size for size, _ in sizes), max(end for _, end in sizes)
    match schema.get("type", "object"):
        case "object":
            members = schema.get("properties", {})
            sizes = [_sizes(value, root, depth - 1) for value in members.values()]
            size = 2 + sum(len(json.dumps(name)) + 4 for name in members)
            size += sum(size for size, _ in sizes)
            return size, size + max((end - size for size, end in sizes), default=0)
        case "array":
            least = _lengths(schema, "Items", LONGEST_LIST)[0]
            item, end = _sizes(schema.get("items", {"type": "string"}), root, depth - 1)
            size = 2 + least * (item + 2)
            return size, size + end + 2
        case "string":
            size = 2 + 4 * _lengths(schema, "Length", LONGEST_STRING)[0]  # UTF-8
            return size, size + 4
        case _:
            return 1, 5  # a digit; false
