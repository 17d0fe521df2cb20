"""Remove long strings from a JSON text that arrives in pieces, in bounded memory.

A parser has to keep a whole string until it ends, and the audio in a client's log is nothing but
long strings; here they are gone before the parser sees them. Pure.
"""

import re

from ..errors import BadRequest
from ..json_text import repair

LEFT_OUT = b"[left out: too long]"
LONGEST_NUMBER = 1024
"""Bytes; no number or word of JSON is meant to be that long, and a parser would collect it."""
_ENDLESS = re.compile(rb"[^\s,:\[\]{}]{%d}" % LONGEST_NUMBER)
_NUMBER = b"0123456789+-.eE"
_QUOTE, _BACKSLASH = ord('"'), ord("\\")


class LongStrings:
    """A filter for JSON text: strings of more than `limit` bytes become `LEFT_OUT`, lone surrogates
    U+FFFD; everything else passes unchanged."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._string: bytearray | None = None
        """The bytes so far of the open string, unless it is too long already."""
        self._too_long = False
        self._number = 0
        """Length in bytes of the number with which the last piece ended."""
        self._escaped = False
        """True if the last piece ended with a backslash that escapes the next byte."""

    def feed(self, data: bytes) -> bytes:
        """Return the next piece, shortened; a string is held back until it has ended. Raises
        `BadRequest` for what cannot become JSON."""
        out = bytearray()
        at = 0
        while at < len(data):
            if self._string is None:
                at = self._outside(data, at, out)
            else:
                at = self._inside(data, at, self._string, out)
        return bytes(out)

    def _outside(self, data: bytes, at: int, out: bytearray) -> int:
        quote = data.find(b'"', at)
        end = len(data) if quote < 0 else quote + 1
        self._require_an_end(data[at:end])
        out += data[at:end]
        if quote >= 0:
            self._string = bytearray()
            self._too_long = False
        return end

    def _require_an_end(self, outside: bytes) -> None:
        """Raise `BadRequest` for a number that goes on and on, through however many pieces: the
        parser crashes on one of 4300 digits."""
        first = len(outside) - len(outside.lstrip(_NUMBER))
        endless = self._number + first >= LONGEST_NUMBER
        if endless or (len(outside) > LONGEST_NUMBER and _ENDLESS.search(outside)):
            raise BadRequest("The body is not valid JSON.")
        last = len(outside) - len(outside.rstrip(_NUMBER))
        self._number = self._number + last if last == len(outside) else last

    def _inside(self, data: bytes, at: int, string: bytearray, out: bytearray) -> int:
        quote = self._closing_quote(data, at)
        end = len(data) if quote < 0 else quote
        if len(string) + end - at > self._limit:
            self._too_long = True
            string.clear()
        if not self._too_long:
            string += data[at:end]
        if quote < 0:
            return end
        out += LEFT_OUT if self._too_long else repair(bytes(string))
        out.append(_QUOTE)
        self._string = None
        return end + 1

    def _closing_quote(self, data: bytes, at: int) -> int:
        """Return the index at which the open string ends, or -1 when it goes on after this
        piece."""
        start = at + self._escaped
        self._escaped = False
        quote = data.find(b'"', start)
        while quote >= 0:
            if _backslashes(data, start, quote) % 2 == 0:
                return quote
            start = quote + 1
            quote = data.find(b'"', start)
        self._escaped = _backslashes(data, start, len(data)) % 2 == 1
        return -1


def _backslashes(data: bytes, start: int, end: int) -> int:
    """Count the backslashes right before `end`, and not before `start`."""
    first = end
    while first > start and data[first - 1] == _BACKSLASH:
        first -= 1
    return end - first
