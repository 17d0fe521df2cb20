"""Read the log that a client posts when it finalizes: an id, and every message it received, with
the audio. The audio is dropped as it is read; memory stays flat however long the interview was."""

import decimal
from typing import Any
from uuid import UUID

import ijson
import msgspec

from ..errors import BadRequest
from ..json_text import BOM, in_range
from .long_strings import LongStrings

ID_NAMES = frozenset({"interviewId", "interview_id", "interview_session_id", "session_id"})
LONGEST_STRING = 8 * 1024
"""Longest string in bytes; no message but audio has longer ones."""
LARGEST_ENTRY = 64 * 1024
"""Size of the largest message that is kept, in bytes, approximately."""
MOST_ENTRIES = 5_000
"""Messages of a log that are kept."""
MOST_BYTES = 2 * 1024 * 1024
"""Bytes of all kept entries together, as JSON. Entries beyond these bounds are counted, not
kept."""
DEEPEST = 32
"""Levels of nesting in the body; deeper JSON is refused."""
_ANY_EXPONENT = decimal.Context(traps=[])
"""A context in which numbers with a huge exponent do not raise: the parser reads numbers as
Decimal."""
_AUDIO_TYPES = frozenset(
    {"response.audio.delta", "response.output_audio.delta", "audio", "input_audio_buffer.append"}
)
_CLOSING = frozenset({"end_map", "end_array"})
_OPENING = frozenset({"start_map", "start_array"})


class ClientLogReader:
    """An incremental reader of the body; its fields say what was found so far."""

    def __init__(self, *, most_entries: int = MOST_ENTRIES, most_bytes: int = MOST_BYTES) -> None:
        self._most = most_entries, most_bytes
        self.interview_id: str | None = None
        self.entries: list[Any] = []
        self.received_bytes = 0
        self.audio_messages = 0
        self.left_out = 0
        self.complete = False
        self._kept_bytes = 0
        self._shorten = LongStrings(LONGEST_STRING)
        self._walk = _Walk(self)
        self._parser = ijson.basic_parse_coro(self._walk, use_float=False)
        self._start: bytes | None = b""
        """The first bytes, held back as long as they may be a byte order mark."""

    def feed(self, data: bytes) -> None:
        """Parse the next piece of the body. Raises `BadRequest` where the body stops being JSON."""
        self.received_bytes += len(data)
        self._parse(self._shorten.feed(self._unmarked(data)))

    def finish(self) -> None:
        """Finish at the end of the body. Raises `BadRequest` when the JSON is incomplete."""
        try:
            self._parser.close()
        except (ijson.JSONError, ValueError) as exc:
            raise BadRequest("The body ends before its JSON does.") from exc
        self.complete = True

    def entry(self, message: Any) -> None:
        """Add a whole message of the log, or count it where the log is full."""
        if _is_audio(message):
            self.audio_messages += 1
            return
        size = len(msgspec.json.encode(message))
        entries, kept_bytes = self._most
        if len(self.entries) < entries and self._kept_bytes + size <= kept_bytes:
            self._kept_bytes += size
            self.entries.append(message)
        else:
            self.left_out += 1

    def _unmarked(self, data: bytes) -> bytes:
        """Return the data without the byte order mark that some programs put before JSON."""
        if self._start is None:
            return data
        self._start += data
        if len(self._start) < len(BOM) and BOM.startswith(self._start):
            return b""
        data, self._start = self._start.removeprefix(BOM), None
        return data

    def _parse(self, data: bytes) -> None:
        if not data:
            return
        try:
            with decimal.localcontext(_ANY_EXPONENT):
                self._parser.send(data)
        except (ijson.JSONError, ValueError, StopIteration) as exc:
            raise BadRequest("The body is not valid JSON.") from exc


class _Walk:
    """The walk through the body along the parser's events; it builds one message of the log at a
    time."""

    def __init__(self, reader: ClientLogReader) -> None:
        self._reader = reader
        self._depth = 0
        self._key = ""
        self._builder: ijson.ObjectBuilder | None = None
        self._size = 0

    def send(self, parsed: tuple[str, Any]) -> None:
        event, value = parsed
        if self._depth == 0 and event != "start_map":
            raise BadRequest("The body must be a JSON object.")
        if event in _OPENING:
            self._open(event)
        elif self._depth == 1:
            self._field(event, value)
        if self._depth == 2 and event not in _OPENING | _CLOSING and self._in_log:
            self._reader.left_out += 1  # a bare value is no message
        if self._builder is not None:
            self._build(event, value)
        if event in _CLOSING:
            self._close()

    @property
    def _in_log(self) -> bool:
        return self._key == "transcript"

    def _open(self, event: str) -> None:
        if self._depth == 2 and self._in_log and event == "start_map":
            self._builder = ijson.ObjectBuilder()
            self._size = 0
        self._depth += 1
        if self._depth > DEEPEST:
            raise BadRequest("The body is nested too deeply.")

    def _close(self) -> None:
        self._depth -= 1
        if self._depth == 2 and self._builder is not None:
            if self._size <= LARGEST_ENTRY:
                self._reader.entry(self._builder.value)
            else:
                self._reader.left_out += 1
            self._builder = None

    def _field(self, event: str, value: Any) -> None:
        if event == "map_key":
            self._key = value
        elif event == "string" and self._key in ID_NAMES and not as_uuid(self._reader.interview_id):
            self._reader.interview_id = value  # of several names, the one that has an id
        elif event in ("number", "boolean") and self._key in ID_NAMES:
            self._reader.interview_id = self._reader.interview_id or str(value)

    def _build(self, event: str, value: Any) -> None:
        assert self._builder is not None
        self._size += len(value) + 16 if isinstance(value, str) else 16
        if self._size <= LARGEST_ENTRY:
            self._builder.event(event, in_range(value) if event == "number" else value)


def _is_audio(message: Any) -> bool:
    """Return whether the message is audio, of either direction; some clients put the message itself
    under `data`."""
    inner = message.get("data")
    kinds = (message.get("type"), inner.get("type") if isinstance(inner, dict) else None)
    return any(isinstance(kind, str) and kind in _AUDIO_TYPES for kind in kinds)


def as_uuid(text: str | None) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return None
