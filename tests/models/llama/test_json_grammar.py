import pytest
from hypothesis import strategies as st

from models.llama.json_grammar import SchemaUnsupported, closing, grammar

ASSESSMENT = {
    "type": "object",
    "properties": {
        "score": {"type": "integer", "minimum": 0, "maximum": 3},
        "strengths": {"type": "array", "items": {"type": "string", "maxLength": 80}, "maxItems": 3},
        "level": {"enum": ["junior", "senior"]},
        "evidence": {"type": ["string", "null"]},
    },
}


def fits(value, schema):
    """A small judge of the schemas that these tests make."""
    match schema:
        case {"const": constant}:
            return value == constant
        case {"enum": choices}:
            return value in choices
        case {"anyOf": choices}:
            return any(fits(value, choice) for choice in choices)
        case {"type": list(kinds)}:
            return any(fits(value, {**schema, "type": kind}) for kind in kinds)
        case {"type": "object"}:
            members = schema.get("properties", {})
            return list(value) == list(members) and all(fits(value[k], members[k]) for k in members)
        case {"type": "array"}:
            most = schema.get("maxItems", 8)
            right = all(fits(item, schema["items"]) for item in value)
            return right and schema.get("minItems", 0) <= len(value) <= most
        case {"type": "string"}:
            most = schema.get("maxLength", 300)
            return isinstance(value, str) and schema.get("minLength", 0) <= len(value) <= most
        case {"type": "boolean"}:
            return isinstance(value, bool)
        case {"type": "null"}:
            return value is None
        case {"type": "integer"}:
            least, most = schema.get("minimum", -1e15), schema.get("maximum", 1e15)
            return type(value) is int and least <= value <= most
        case {"type": "number"}:
            return type(value) in (int, float)
    raise AssertionError(schema)


def scalars():
    return st.one_of(
        st.builds(lambda low, more: {"type": "string", "minLength": low, "maxLength": low + more},
                  st.integers(0, 3), st.integers(0, 12)),
        st.builds(lambda low, more: {"type": "integer", "minimum": low, "maximum": low + more},
                  st.integers(-3, 3), st.integers(0, 20)),
        st.sampled_from([{"type": "number"}, {"type": "boolean"}, {"type": ["null", "boolean"]},
                         {"type": "integer"}, {"type": "integer", "minimum": 0}]),
        st.lists(st.text(max_size=5), min_size=1, max_size=3).map(lambda v: {"enum": v}),
    )  # fmt: skip


def lists_of(items):
    sizes = st.tuples(st.integers(0, 2), st.integers(0, 3))
    return st.builds(
        lambda item, size: {
            "type": "array", "items": item, "minItems": size[0], "maxItems": sum(size)
        },
        items, sizes,
    )  # fmt: skip


def objects_of(members):
    names = st.text(min_size=1, max_size=6)
    return st.dictionaries(names, members, max_size=4).map(
        lambda properties: {"type": "object", "properties": properties}
    )


def schemas():
    return st.recursive(scalars(), lambda inner: lists_of(inner) | objects_of(inner), max_leaves=6)


def test_what_it_takes_to_close_counts_what_may_have_been_begun():
    item = {"enum": ["a", "a long word"]}
    assert closing(item) == len('"a long word"')
    assert closing({"type": "array", "items": item}) > len('"a long word"]')
    assert closing(ASSESSMENT) < 100


def test_a_form_is_written_member_by_member_as_json_dumps_writes_it():
    text = grammar(ASSESSMENT).splitlines()[0]
    assert text.startswith(r'root ::= "{" "\"score\"" ": " ("0" | "1" | "2" | "3") ", " ')
    assert text.endswith(r'"\"" char{0,300} "\"" | null) "}"'.replace(r'"\"" c', r'("\"" c'))


def test_what_has_no_bound_gets_one():
    unbounded = grammar({"type": "array", "items": {"type": "string"}}).splitlines()[0]
    assert "{0,7}" in unbounded
    assert "{0,300}" in unbounded


def test_a_reference_within_the_schema_is_followed():
    item = {"type": "object", "properties": {"x": {"type": "boolean"}}}
    schema = {"$defs": {"item": item}, "type": "array", "items": {"$ref": "#/$defs/item"}}
    assert grammar(schema) == grammar({"type": "array", "items": item})


@pytest.mark.parametrize(
    "schema",
    [
        {},
        {"type": "date"},
        {"$ref": "#/missing"},
        {"$ref": "#"},
        {"type": "string", "minLength": 5, "maxLength": 2},
        {"type": "integer", "minimum": 5},
        {"$defs": {"a": {"type": "array", "items": {"$ref": "#/$defs/a"}}}, "$ref": "#/$defs/a"},
    ],
)
def test_a_schema_that_no_grammar_is_made_of_is_refused(schema):
    with pytest.raises(SchemaUnsupported):
        grammar(schema)
