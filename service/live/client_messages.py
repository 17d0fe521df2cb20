"""The messages that a client of `/ws/interview/{session_id}` sends, decoded and checked. Pure;
docs/protocol.md has an example of each."""

import msgspec

from ..json_text import repair
from .wire import BadMessage

MAX_AUDIO_FRAME = 256 * 1024
"""Largest client frame that is read, in bytes: 4 s of audio in base64."""
MAX_TEXT = 4_000
"""Most characters of a typed answer: about five minutes of talking."""


class Audio(msgspec.Struct, tag="audio"):
    audio: bytes
    """24 kHz mono PCM16, little-endian; base64 on the wire."""


class Ping(msgspec.Struct, tag="ping"):
    ts: int | float | str | None = None


class AudioEnd(msgspec.Struct, tag="audio_end"): ...


class Text(msgspec.Struct, tag="text"):
    content: str


class Mute(msgspec.Struct, tag="mute"):
    muted: bool


class EchoTest(msgspec.Struct, tag="echo_test"): ...


ClientMessage = Audio | Ping | AudioEnd | Text | Mute | EchoTest

_client: msgspec.json.Decoder[ClientMessage] = msgspec.json.Decoder(ClientMessage)
_WANTED = {
    "audio": "'audio' must be a string: base64 of 24 kHz mono PCM16, little-endian.",
    "ping": "'ts' must be a number, a string or null; it comes back in the pong.",
    "audio_end": "audio_end has no other fields.",
    "text": "'content' must be a string with the typed answer.",
    "mute": "'muted' must be true or false.",
    "echo_test": "echo_test has no other fields.",
}


def decode(frame: bytes) -> ClientMessage:
    """Decode one text frame into a typed message. Raises `BadMessage`; its sentence names field and
    fix."""
    if len(frame) > MAX_AUDIO_FRAME:
        raise BadMessage(
            "message_too_large",
            f"A message of {len(frame)} bytes was dropped; send audio in messages of at most"
            f" {MAX_AUDIO_FRAME} bytes, best 20 to 100 ms each.",
        )
    try:
        message = _decoded(frame)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise _explained(frame) from None
    if isinstance(message, Text):
        _check_text(message.content)
    return message


def _decoded(frame: bytes) -> ClientMessage:
    try:
        return _client.decode(frame)
    except msgspec.ValidationError:
        raise
    except msgspec.DecodeError:  # a lone surrogate: clients cut texts anywhere
        return _client.decode(repair(frame))


def _check_text(content: str) -> None:
    if not content.replace("\0", "").strip():  # NUL cannot be stored
        raise BadMessage("text_empty", "'content' is empty; write the answer into it.")
    if len(content) > MAX_TEXT:
        raise BadMessage(
            "text_too_long",
            f"'content' has {len(content)} characters; send at most {MAX_TEXT} at a time.",
        )


def _explained(frame: bytes) -> BadMessage:
    """Explain why the frame is not a message: decode it again without types, only in this case of
    failure."""
    try:
        message = msgspec.json.decode(frame)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return BadMessage(
            "malformed_json", "The message is not JSON; send one JSON object in a text frame."
        )
    if not isinstance(message, dict):
        return BadMessage("not_an_object", "The message is JSON, but not an object with a 'type'.")
    kind = message.get("type")
    if not isinstance(kind, str) or kind not in _WANTED:
        known = ", ".join(_WANTED)
        return BadMessage("unknown_type", f"'type' must be one of {known}.")
    if kind == "audio" and isinstance(message.get("audio"), str):
        return BadMessage("bad_base64", "'audio' is not base64 (RFC 4648, with padding).")
    return BadMessage("wrong_field", f"In a message of type {kind}, {_WANTED[kind]}")
