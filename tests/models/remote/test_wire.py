"""The messages of the wire."""

import msgspec
import numpy as np
import pytest

from models.end_of_turn import features
from models.errors import EngineBusy, EngineError, LanguageUnsupported
from models.remote import wire
from models.remote.link import Broken


def test_audio_comes_out_as_it_went_in():
    audio = np.array([0, 1, -1, 32767, -32768], dtype=np.int16)
    frame = wire.encode(wire.Final(1, 2, "en", ("Kafka",), "before", wire.pcm(audio)))
    request = wire.decode_request(frame)
    assert isinstance(request, wire.Final)
    assert (request.terms, request.context) == (("Kafka",), "before")
    heard = wire.samples(request.audio)
    assert heard.dtype == np.int16
    assert heard.tolist() == audio.tolist()


def test_a_frame_carries_audio_without_making_it_longer():
    audio = np.zeros(100_000, dtype=np.int16)
    assert len(wire.encode(wire.Judge(1, "en", wire.pcm(audio)))) < 200_100


@pytest.mark.parametrize(
    "frame",
    [
        b"",
        b"\x00",
        b"GET / HTTP/1.1",
        wire.encode(wire.Leaving()),
        wire.encode(wire.Judge(1, "", b""))[:-1],
    ],
)
def test_what_is_no_request_is_refused(frame):
    with pytest.raises(wire.NotOnTheWire):
        wire.decode_request(frame)


def test_what_is_no_answer_is_refused():
    with pytest.raises(wire.NotOnTheWire):
        wire.decode_answer(wire.encode(wire.Cancel(1)))


def test_half_a_sample_is_refused():
    with pytest.raises(wire.NotOnTheWire, match="even"):
        wire.samples(b"\x00\x01\x02")


def test_a_field_that_a_newer_side_added_is_ignored():
    class Newer(msgspec.Struct, tag="judged"):
        call: int
        probability: float
        words: str

    assert wire.decode_answer(wire.encode(Newer(1, 0.5, "yes"))) == wire.Judged(1, 0.5)


def test_an_older_server_says_nothing_of_the_language_that_is_spoken():
    class Older(msgspec.Struct, tag="heard"):
        call: int
        text: str
        language: str
        confidence: float
        usual: float

    answer = wire.decode_answer(wire.encode(Older(1, "Ja.", "en", 0.5, 0.1)))
    assert answer == wire.Heard(1, "Ja.", "en", 0.5, 0.1, {})
    newer = wire.Heard(1, "Ja.", "en", 0.5, 0.1, {"de": 0.9}, 0.2)
    assert wire.decode_answer(wire.encode(newer)) == newer


@pytest.mark.parametrize("kind", [EngineBusy, EngineError, LanguageUnsupported])
def test_an_error_comes_out_as_the_same_type(kind):
    error = wire.error_of(wire.Failed(1, kind.code, "so it was"))
    assert type(error) is kind
    assert str(error) == "so it was"


def test_an_error_of_an_unknown_code_is_an_engine_error():
    assert type(wire.error_of(wire.Failed(1, "new_code", ""))) is EngineError
    assert Broken.code == EngineError.code  # no answer ends a connection that is there


def test_a_judge_gets_all_that_it_hears():
    assert wire.JUDGED >= features.LENGTH
