import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.errors import BadRequest
from service.finalization.long_strings import LEFT_OUT, LongStrings

LIMIT = 12

texts = st.text(st.sampled_from('a"\\é\n/u0😀'), max_size=30)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=20,
)


def through(data: bytes, size: int) -> bytes:
    strings = LongStrings(LIMIT)
    return b"".join(strings.feed(data[n : n + size]) for n in range(0, len(data), size))


def shortened(value: Any, ascii_only: bool) -> Any:
    match value:
        case str():
            raw = json.dumps(value, ensure_ascii=ascii_only).encode()[1:-1]
            return LEFT_OUT.decode() if len(raw) > LIMIT else value
        case dict():
            return [[shortened(k, ascii_only), shortened(v, ascii_only)] for k, v in value.items()]
        case list():
            return [shortened(item, ascii_only) for item in value]
    return value


@given(value=values, size=st.integers(1, 50), ascii_only=st.booleans())
def test_only_long_strings_change_wherever_the_text_is_cut(
    value: Any, size: int, ascii_only: bool
) -> None:
    passed = through(json.dumps(value, ensure_ascii=ascii_only).encode(), size)
    found = json.loads(passed, object_pairs_hook=lambda pairs: [list(pair) for pair in pairs])
    assert found == shortened(value, ascii_only)


def test_nothing_is_held_back_beyond_the_limit() -> None:
    strings = LongStrings(LIMIT)
    assert strings.feed(b'{"a":"') == b'{"a":"'
    for _ in range(1000):
        assert strings.feed(b"A" * 1000) == b""
    assert strings.feed(b'"}') == LEFT_OUT + b'"}'


def test_a_number_without_end_is_refused() -> None:
    with pytest.raises(BadRequest):
        through(b'{"a":' + b"1" * 100_000, 8192)


def test_spaces_without_end_are_none() -> None:
    assert json.loads(through(b'{"a":' + b" " * 100_000 + b"1}", 8192)) == {"a": 1}
