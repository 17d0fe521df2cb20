"""What JSON of other programs may be like, and our decoder refuses: a byte order mark, halves of
characters, numbers out of range. Pure."""

import json
import math
import re
from decimal import Decimal
from typing import Any

import msgspec

BOM = b"\xef\xbb\xbf"
LARGEST = 2**63
"""Whole numbers beyond this, on either side, are no numbers to most programs."""
_ESCAPE = re.compile(
    rb"\\(?:"
    rb"u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"  # both halves
    rb"|(u[dD][89a-fA-F][0-9a-fA-F]{2})"
    rb"|.)",
    re.DOTALL,
)


def repair(raw: bytes) -> bytes:
    """Without the mark, and with U+FFFD for each escape that is half of a character."""
    raw = raw.removeprefix(BOM)
    if b"\\ud" not in raw and b"\\uD" not in raw:
        return raw
    return _ESCAPE.sub(lambda found: rb"\ufffd" if found[1] else found[0], raw)


def in_range(number: int | Decimal) -> int | float | str:
    """The number as JSON readers share it, or as a text."""
    if isinstance(number, int):
        return number if -LARGEST <= number < LARGEST else str(number)
    value = float(number)
    return value if math.isfinite(value) else str(number)


def lenient(text: str | bytes) -> Any:
    """What is stored in a column of JSON, whoever wrote it. What cannot be read comes as a text:
    it is there, and nobody takes it for something else."""
    try:
        return msgspec.json.decode(text)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        pass
    raw = text.encode(errors="replace") if isinstance(text, str) else text
    try:
        return json.loads(
            repair(raw).decode(errors="replace"),
            parse_int=lambda digits: in_range(int(digits)) if len(digits) < 400 else digits,
            parse_float=lambda digits: in_range(Decimal(digits)),
            parse_constant=str,
        )
    except (ValueError, ArithmeticError, RecursionError):
        return raw.decode(errors="replace")
