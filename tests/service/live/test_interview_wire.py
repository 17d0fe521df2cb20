"""The interview's wire: what is read, what is refused and why, and that its documentation tells
the truth."""

import json
import re
from contextlib import suppress
from pathlib import Path

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.conversation import output
from service.live import client_messages, connection, interview_wire, server_events
from service.live.client_messages import Audio, AudioEnd, EchoTest, Mute, Ping, Text, decode
from service.live.wire import BadMessage

DOCS = Path(__file__).parents[3] / "docs" / "protocol.md"


def examples(side):
    found = re.findall(rf"```json {side}\n(.*?)```", DOCS.read_text(), re.DOTALL)
    return [json.loads(text) for text in found]


def refused(frame):
    with pytest.raises(BadMessage) as caught:
        decode(frame)
    return caught.value.code


def translated(said):
    ids = (f"event_{n}" for n in range(1, 99))
    return [json.loads(server_events.encode(event)) for event in server_events.translate(said, ids)]


@pytest.mark.parametrize("example", examples("client"), ids=lambda example: example["type"])
def test_every_documented_client_message_is_understood(example):
    assert decode(json.dumps(example).encode()).__struct_config__.tag == example["type"]


def test_every_client_message_is_documented():
    kinds = {kind.__struct_config__.tag for kind in (Audio, Ping, AudioEnd, Text, Mute, EchoTest)}
    assert kinds == {example["type"] for example in examples("client")}


@pytest.mark.parametrize("example", examples("server"), ids=lambda example: example["type"])
def test_every_documented_server_event_has_exactly_the_fields_that_are_sent(example):
    event = msgspec.convert(example, server_events.ServerEvent)
    assert json.loads(server_events.encode(event)) == example


def test_every_server_event_is_documented():
    kinds = {kind.__struct_config__.tag for kind in server_events.ServerEvent.__args__}
    assert kinds == {example["type"] for example in examples("server")}


def test_every_code_of_a_refused_message_is_documented():
    modules = (client_messages, interview_wire, connection)
    source = "".join(Path(module.__file__).read_text() for module in modules)
    codes = re.findall(r'BadMessage\(\s*"(\w+)"', source)
    assert len(codes) >= 11
    documented = DOCS.read_text()
    assert [code for code in codes if f"`{code}`" not in documented] == []


def test_audio_comes_out_as_bytes_whatever_their_number():
    assert decode(b'{"type":"audio","audio":"AQID"}') == Audio(b"\x01\x02\x03")
    assert decode(b'{"type":"audio","audio":""}') == Audio(b"")


def test_a_ping_keeps_its_stamp_as_it_was():
    for ts in (1, 1.5, "abc", None):
        assert decode(json.dumps({"type": "ping", "ts": ts}).encode()) == Ping(ts)
    assert decode(b'{"type":"ping"}') == Ping(None)


def test_fields_that_nobody_asked_for_are_ignored():
    assert decode(b'{"type":"audio_end","event_id":"x","more":{"a":[1]}}') == AudioEnd()


def test_a_refusal_says_what_kind_of_mistake_it_was():
    assert refused(b"{") == "malformed_json"
    assert refused(b'\xff{"type":"ping"}') == "malformed_json"
    assert refused(b"[" * 100_000) == "malformed_json"
    assert refused(b"[]") == refused(b"3") == refused(b"null") == "not_an_object"
    assert refused(b"{}") == refused(b'{"type":"nope"}') == refused(b'{"type":7}') == "unknown_type"
    assert refused(b'{"type":"audio","audio":"A"}') == "bad_base64"
    assert refused(b'{"type":"audio","audio":"$$$$"}') == "bad_base64"
    assert refused(b'{"type":"audio"}') == refused(b'{"type":"audio","audio":1}') == "wrong_field"
    assert refused(b'{"type":"text","content":null}') == "wrong_field"
    assert refused(b'{"type":"mute"}') == refused(b'{"type":"mute","muted":"x"}') == "wrong_field"
    assert refused(b'{"type":"mute","muted":1}') == "wrong_field"
    assert refused(b'{"type":"text","content":" \\n"}') == "text_empty"
    assert refused(b'{"type":"text","content":"\\u0000 "}') == "text_empty"


def test_a_refusal_names_the_field_and_the_fix():
    with pytest.raises(BadMessage, match="'audio' must be a string: base64"):
        decode(b'{"type":"audio"}')


def test_text_and_frames_have_a_longest_length():
    long = "x" * client_messages.MAX_TEXT
    assert decode(json.dumps({"type": "text", "content": long}).encode()) == Text(long)
    assert refused(json.dumps({"type": "text", "content": long + "x"}).encode()) == "text_too_long"
    frame = b'{"type":"audio","audio":"%s"}' % (b"A" * (client_messages.MAX_AUDIO_FRAME - 26))
    assert len(frame) == client_messages.MAX_AUDIO_FRAME + 1
    assert refused(frame) == "message_too_large"


@given(
    st.binary()
    | st.recursive(st.none() | st.integers() | st.text(), st.lists).map(
        lambda value: json.dumps({"type": "audio", "audio": value}).encode()
    )
)
def test_no_frame_raises_anything_but_a_bad_message(frame):
    with suppress(BadMessage):
        decode(frame)


def test_audio_goes_out_little_endian():
    (event,) = translated(output.AudioDelta("r", "i", 0, np.array([1, -2], dtype=">i2")))
    assert event["delta"] == "AQD+/w=="


def test_a_completed_reply_is_closed_part_by_part():
    done = output.ResponseDone("r", "i", "completed", "Hello. How are you?", "", {"endpoint": 600})
    events = translated(done)
    assert [event["type"] for event in events] == [
        "response.audio.done",
        "response.audio_transcript.done",
        "response.text.done",
        "response.done",
    ]
    assert {event["response_id"] for event in events} == {"r"}
    assert events[1]["transcript"] == events[2]["text"] == "Hello. How are you?"
    assert events[3]["status"] == "completed"
    assert events[3]["timing"] == {"endpoint": 600}


def test_of_an_interrupted_reply_only_what_was_heard_is_its_text():
    events = translated(output.ResponseDone("r", "i", "cancelled", "Hello. How are you?", "Hello."))
    assert events[1]["transcript"] == events[2]["text"] == "Hello."
    assert events[3]["status"] == "cancelled"


def test_event_ids_differ_within_and_between_connections():
    first, second = server_events.event_ids(), server_events.event_ids()
    assert len({next(ids) for ids in (first, second) for _ in range(50)}) == 100


@pytest.mark.parametrize(
    ("content", "read"),
    [
        (r"cut \ud83d", "cut \ufffd"),
        (r"\ude00 here", "\ufffd here"),
        (r"\ud83d\ude00", "\U0001f600"),
    ],
)
def test_a_text_that_was_cut_within_a_character_is_an_answer_all_the_same(content, read):
    frame = b'{"type": "text", "content": "%s"}' % content.encode()
    assert decode(frame) == Text(read)


def test_a_change_of_language_is_told_with_a_sentence_for_the_candidate():
    (event,) = translated(output.LanguageChanged("i", "de", True, "Ich verstehe Sie."))
    assert event == {
        "type": "language.changed",
        "event_id": "event_1",
        "item_id": "i",
        "language": "de",
        "followed": True,
        "message": "Ich verstehe Sie.",
    }
