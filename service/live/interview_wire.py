"""The wire of `/ws/interview/{session_id}`: JSON in text frames, and the codes with which its
sockets are closed. Pure; docs/protocol.md describes it."""

from collections.abc import Mapping
from typing import assert_never

from models.contracts import SPEAKING_RATE
from pipeline.conversation import input as asked
from pipeline.conversation import output

from .client_messages import Audio, AudioEnd, EchoTest, Mute, Ping, Text, decode
from .server_events import Pong, encode, event_ids, translate
from .wire import BadMessage, Close, Frame, Received, Why

LINGER_S = 20.0
"""Seconds that an ended interview waits for the client to close; it finalizes 2 s after the
event."""
ON_ITS_WAY_S = 0.25
"""Seconds for which audio may still be on its way. A client finalizes on a connection of its own:
what it sent over the socket just before may arrive so much later and still counts."""

NORMAL = 1000
ABUSE = 1008
"""The code of RFC 6455 for a client that breaks the rules of the service."""
RESUME = 1011
"""Close code after which clients reconnect. Clients of this protocol take any other code below 4000
for the end of the interview, and connect again to the same session after 1006 or 1011 only. So this
is also the code for a restart (for which 1012 would be more exact) and for a session that failed:
its journal is whole."""
NOT_FOUND = 4004
REPLACED = 4409
"""Codes from 4000 are the application's own; these end as HTTP's 404 and 409 do."""

CLOSES: Mapping[Why, Close] = {
    Why.CLIENT_LEFT: Close(NORMAL, ""),
    Why.COMPLETED: Close(NORMAL, "interview ended", LINGER_S),
    Why.REPLACED: Close(REPLACED, "continued in a newer connection"),
    Why.FINALIZED: Close(NORMAL, "interview finalized", ON_ITS_WAY_S),
    Why.SHUTDOWN: Close(RESUME, "service restarting"),
    Why.FAILED: Close(RESUME, "failed"),
    Why.BUG: Close(RESUME, "internal error"),
    Why.SLOW_CONSUMER: Close(RESUME, "slow consumer"),
    Why.ABUSE: Close(ABUSE, "too many bad messages"),
    Why.SESSION_UNKNOWN: Close(NOT_FOUND, "session not found"),
    Why.SESSION_OVER: Close(NORMAL, "interview over"),
    Why.CONSENT_MISSING: Close(NORMAL, "consent missing"),
}


class InterviewWire:
    input_rate = SPEAKING_RATE

    def __init__(self, closes: Mapping[Why, Close] = CLOSES) -> None:
        self._ids = event_ids()
        self._closes = closes

    def open(self) -> tuple[Frame, ...]:
        return ()

    def decode(self, frame: Frame) -> Received:
        if frame.binary:
            raise BadMessage("binary_frame", "Send JSON in text frames, not binary ones.")
        match decode(frame.data):
            case Ping(ts=ts):
                return Received(answer=(Frame(encode(Pong(next(self._ids), ts))),))
            case Audio(audio=pcm):
                return Received(asked.PushAudio(pcm))
            case AudioEnd():
                return Received(asked.CommitAudio())
            case Text(content=content):
                return Received(asked.PushText(content))
            case Mute(muted=muted):
                return Received(asked.Mute(muted))
            case EchoTest():
                return Received(asked.TestEcho())
            case message:
                assert_never(message)

    def encode(self, said: output.Output) -> list[Frame]:
        return [Frame(encode(event)) for event in translate(said, self._ids)]

    def close(self, why: Why) -> Close:
        return self._closes[why]
