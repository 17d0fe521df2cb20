"""Repair JSON of other programs that our decoder would refuse: a byte order mark, lone surrogates,
numbers out of range. Pure."""

import json
import math
import re
from decimal import Decimal
from typing import Any

import msgspec

BOM = b"\xef\xbb\xbf"
LARGEST = 2**63
"""Most programs cannot represent whole numbers beyond this, positive or negative."""
_ESCAPE = re.compile(
    rb"\\(?:"
    rb"u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"  # a surrogate pair
    rb"|(u[dD][89a-fA-F][0-9a-fA-F]{2})"
    rb"|.)",
    re.DOTALL,
)


def repair(raw: bytes) -> bytes:
    """Return the bytes without the byte order mark, and with U+FFFD for each escape of a lone
    surrogate."""
    raw = raw.removeprefix(BOM)
    if b"\\ud" not in raw and b"\\uD" not in raw:
        return raw
    return _ESCAPE.sub(lambda found: rb"\ufffd" if found[1] else found[0], raw)


def in_range(number: int | Decimal) -> int | float | str:
    """Return the number if every JSON reader can represent it, else its digits as a text."""
    if isinstance(number, int):
        return number if -LARGEST <= number < LARGEST else str(number)
    value = float(number)
    return value if math.isfinite(value) else str(number)


def lenient(text: str | bytes) -> Any:
    """Decode a stored JSON column, whoever wrote it. A value that is not JSON is returned as its
    text, so that it is kept and nobody mistakes it for something else."""
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
