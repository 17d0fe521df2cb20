import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.errors import BadRequest
from service.finalization.client_log import ClientLogReader, as_uuid

ID = "6f9619ff-8b86-d011-b42d-00c04fc964ff"


def read(body: bytes | dict[str, Any], size: int = 1000, **most: int) -> ClientLogReader:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    reader = ClientLogReader(**most)
    for start in range(0, len(data), size):
        reader.feed(data[start : start + size])
    reader.finish()
    return reader


@pytest.mark.parametrize("size", [1, 2, 7, 1000])
@pytest.mark.parametrize("name", ["interviewId", "interview_id", "interview_session_id"])
def test_id_and_messages_are_found_however_the_body_is_cut(size: int, name: str) -> None:
    messages = [
        {"type": "response.text.done", "timestamp": 1.5, "text": 'a "b" \\ é', "n": [None, {}]}
    ]
    reader = read({"other": [1, {"interviewId": "x"}], name: ID, "transcript": messages}, size)
    assert reader.interview_id == ID
    assert reader.entries == messages
    assert reader.complete
    assert (reader.audio_messages, reader.left_out) == (0, 0)


def test_the_id_may_come_after_the_log() -> None:
    assert read({"transcript": [{"type": "a"}], "interviewId": ID}).interview_id == ID


@pytest.mark.parametrize("characters", [4, 2_000, 13_000, 300_000])
@pytest.mark.parametrize("wrap", [lambda m: m, lambda m: {"type": "received", "data": m}])
def test_no_audio_is_kept(characters: int, wrap: Any) -> None:
    audio = {"type": "response.audio.delta", "timestamp": "t", "delta": "A" * characters}
    reader = read({"interviewId": ID, "transcript": [wrap(audio), {"type": "response.done"}]})
    assert reader.entries == [{"type": "response.done"}]
    assert reader.audio_messages == 1


def test_the_deltas_of_a_text_are_kept() -> None:
    message = {"type": "response.text.delta", "delta": "Hello there"}
    assert read({"interviewId": ID, "transcript": [message]}).entries == [message]


def test_a_log_beyond_the_bounds_is_counted_not_kept() -> None:
    messages = [{"type": "a", "n": n} for n in range(5)]
    body = {"interviewId": ID, "transcript": messages}
    reader = read(body, most_entries=3)
    assert (reader.entries, reader.left_out) == (messages[:3], 2)
    reader = read(body, most_entries=3, most_bytes=40)
    assert (reader.entries, reader.left_out) == (messages[:2], 3)


def test_a_message_that_is_too_large_is_left_out_and_the_next_is_kept() -> None:
    large = {"type": "a", "items": ["x" * 1000] * 100}
    reader = read({"interviewId": ID, "transcript": [large, 5, {"type": "b"}]})
    assert (reader.entries, reader.left_out) == ([{"type": "b"}], 2)


@pytest.mark.parametrize(
    "body",
    [
        b"", b"[]", b"5", b"{", b'{"interviewId"', b'{"a":}', b"{}x", b"{}{}", b'{"a":"\xff"}',
        b'{"a":1' + b"0" * 5000 + b"}", b'{"a":' + b"[" * 100 + b"]" * 100 + b"}", b'{"a":NaN}',
    ],
)  # fmt: skip
def test_what_is_not_a_json_object_is_refused(body: bytes) -> None:
    with pytest.raises(BadRequest):
        read(body)


@pytest.mark.parametrize("size", [1, 500, 1000, 1023, 10_000])
@pytest.mark.parametrize(
    "digits", ["1" * 4301, "-" + "9" * 9000, "1." + "0" * 5000, "1e" + "0" * 5000]
)
def test_a_number_without_an_end_is_refused_however_it_comes(size: int, digits: str) -> None:
    with pytest.raises(BadRequest):
        read(b'{"a":' + digits.encode() + b"}", size)


def test_what_came_before_a_break_is_known() -> None:
    reader = ClientLogReader()
    reader.feed(b'{"interviewId":"' + ID.encode() + b'","transcript":[{"type":"a"},{"ty')
    with pytest.raises(BadRequest):
        reader.finish()
    assert (reader.interview_id, reader.entries, reader.complete) == (ID, [{"type": "a"}], False)


def test_only_a_uuid_is_an_id() -> None:
    assert str(as_uuid(ID)) == ID
    assert as_uuid("x") is as_uuid(None) is as_uuid("") is None


@pytest.mark.parametrize("size", [1, 2, 7, 1000])
@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("9223372036854775807", 2**63 - 1),
        ("-9223372036854775808", -(2**63)),
        ("9223372036854775808", "9223372036854775808"),
        ("-9223372036854775809", "-9223372036854775809"),
        ("1" * 900, "1" * 900),
        ("1.5e3", 1500.0),
        ("1e400", "1E+400"),
        ("-1e400", "-1E+400"),
        ("1e-400", 0.0),
        ("1e99999999999999999999", "NaN"),
        (r'"\ud83d smile"', "\ufffd smile"),
        (r'"\ude00 smile"', "\ufffd smile"),
        (r'"\uDE00\uD83D"', "\ufffd\ufffd"),
        (r'"\ud83d\ude00\\ud83d"', "\U0001f600\\ud83d"),
        (r'{"\ude00": 1}', {"\ufffd": 1}),
        ("[" * 20 + "]" * 20, json.loads("[" * 20 + "]" * 20)),
    ],
)
def test_whatever_is_json_is_read(size: int, written: str, kept: Any) -> None:
    body = '{"interviewId":"%s","transcript":[{"type":"note","x":%s}]}' % (ID, written)  # noqa: UP031
    json.loads(body)
    for mark in (b"", b"\xef\xbb\xbf"):
        reader = read(mark + body.encode(), size)
        assert (reader.interview_id, reader.complete) == (ID, True)
        assert reader.entries == [{"type": "note", "x": kept}]


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
        | st.text(st.characters(), max_size=20),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=9), inner),
        max_leaves=20,
    ),
    st.integers(1, 40),
    st.booleans(),
)  # fmt: skip
def test_any_json_gives_its_id(value: Any, size: int, ascii_only: bool) -> None:
    body = json.dumps({"a": value, "transcript": [{"x": value}], "interviewId": ID})
    if not ascii_only:
        body = json.dumps(json.loads(body), ensure_ascii=False)
    reader = read(body.encode(errors="replace"), size)
    assert (reader.interview_id, reader.complete) == (ID, True)


def test_of_several_names_the_one_that_has_an_id_counts() -> None:
    for body in (
        {"session_id": "tab-1", "interviewId": ID},
        {"interviewId": ID, "session_id": "1"},
    ):
        assert read({**body, "interview_id": None}).interview_id == ID
