"""Write out dates, days and times of the day."""

import re

from ..rules import Rule, rule
from .numbers import _COUNTED, DASH, cardinal, digits, ordinal, year
from .words import MONTH_NUMBERS, MONTHS, WEEKDAYS

_MONTH = f"(?:{'|'.join(sorted({*MONTHS, *MONTHS.values()}, key=len, reverse=True))})"
_DAY = f"(?:{'|'.join(sorted({*WEEKDAYS, *WEEKDAYS.values()}, key=len, reverse=True))})"
_NTH = r"(?:st|nd|rd|th)?"
_YEAR = r"(?:,?\s(?P<year>1\d{3}|20\d\d)(?![\w/]|[.,:-]\d))"
_NOT_MORE = r"(?![\w:/%]|[.,]\d|-\d)"


def _named(month: str) -> str:
    return MONTHS.get(month, month)


def _ending(figure: str | None) -> str:
    return f", {year(int(figure))}" if figure else ""


def _full_year(figure: str) -> int:
    return int(figure) if len(figure) > 2 else int(figure) + (2000 if int(figure) < 50 else 1900)


def _date(day: int, month: int, written: str) -> str | None:
    if not (1 <= day <= 31 and 1 <= month <= 12):
        return None
    return f"{MONTH_NUMBERS[month - 1]} {ordinal(day)}, {year(_full_year(written))}"


def _iso(found: re.Match[str]) -> str:
    first, month, day = found[0].split(found["mark"])
    return _date(int(day), int(month), first) or found[0]


def _slashes(found: re.Match[str]) -> str:
    """Read a date with slashes; the month comes first, as in the United States, where that is
    possible."""
    first, second, last = found[0].split("/")
    a, b = int(first), int(second)
    return _date(b, a, last) or _date(a, b, last) or found[0]


def _dots(found: re.Match[str]) -> str:
    day, month, last = found[0].split(".")
    return _date(int(day), int(month), last) or found[0]


def _year_and_month(found: re.Match[str]) -> str:
    first, month = int(found["year"]), int(found["month"])
    if not 1 <= month <= 12 or (month > first % 100 and first >= 2000):
        return found[0]  # 2019-21
    return f"{MONTH_NUMBERS[month - 1]} {year(first)}"


def _days(first: str, last: str | None) -> str:
    return ordinal(int(first)) + (f" to {ordinal(int(last))}" if last else "")


def _valid(*days: str | None) -> bool:
    return all(1 <= int(day) <= 31 for day in days if day)


def _day_month(found: re.Match[str]) -> str:
    if not _valid(found["day"], found["until"]):
        return found[0]
    days = _days(found["day"], found["until"])
    return f"{found['the'] or 'the '}{days} of {_named(found['month'])}{_ending(found['year'])}"


def _month_day(found: re.Match[str]) -> str:
    if not _valid(found["day"], found["until"]) or _COUNTED.match(found.string, found.end()):
        return found[0]
    days = _days(found["day"], found["until"])
    return f"{_named(found['month'])} {days}{_ending(found['year'])}"


def _time(found: re.Match[str]) -> str:
    hour, minute, second = int(found["hour"]), found["minute"], found["second"]
    half = f" {found['half'].upper()}M" if found["half"] else ""
    if minute == "00" and not second:
        if half:
            return cardinal(str(hour)) + half
        return f"{cardinal(str(hour))} o'clock" if hour else "midnight"
    parts = [cardinal(str(hour))]
    for part in filter(None, (minute, second)):
        parts.append(f"oh {digits(part[1])}" if part[0] == "0" else cardinal(part))
    return " ".join(parts) + half


def _from_to(found: re.Match[str]) -> str:
    return (
        f"{found['first']} to {found['last']}" if re.search("[:amp]", found[0], re.I) else found[0]
    )


_CLOCK = r"\d{1,2}(?::[0-5]\d)?(?:\s?[ap]m\b)?"
TIMES: tuple[Rule, ...] = (
    rule(r"(?<=\d-\d\d)T(?=\d\d:\d\d)", " at "),
    rule(r"(?<=:\d\d)(?:\.\d+)?Z\b", " UTC"),
    rule(r"(?<![\w.-])\d{4}(?P<mark>[-/])\d{1,2}(?P=mark)\d{1,2}(?![\w/]|[-.]\d)", _iso),
    rule(r"(?<![\w./-])\d{1,2}/\d{1,2}/(?:\d{4}|\d\d)(?![\w/]|[-.]\d)", _slashes),
    rule(r"(?<![\w./-])\d{1,2}\.\d{1,2}\.(?:19|20)\d\d(?![\w/]|[-.]\d)", _dots),
    rule(r"(?<![\w./-])(?P<year>19\d\d|20\d\d)-(?P<month>\d\d)(?![\w/]|[-.]\d)", _year_and_month),
    rule(rf"(?<=\d){DASH}(?={_MONTH}\b)|(?<=\b\w\w\w){DASH}(?=(?:present|now|today)\b)", " to "),
    rule(
        rf"\b(?P<a>{_MONTH})\b\.?{DASH}(?P<b>{_MONTH})\b",
        lambda m: f"{_named(m['a'])} to {_named(m['b'])}",
    ),
    rule(
        rf"\b(?P<a>{_DAY})\b\.?{DASH}(?P<b>{_DAY})\b",
        lambda m: f"{WEEKDAYS.get(m['a'], m['a'])} to {WEEKDAYS.get(m['b'], m['b'])}",
    ),
    rule(
        rf"\b(?P<day>{'|'.join(WEEKDAYS)})\b\.?(?=,?\s(?:\d|{_MONTH}\b))",
        lambda m: WEEKDAYS[m["day"]],
    ),
    rule(
        rf"(?P<the>\b[Tt]he\s)?(?<![\w.,:/-])(?P<day>\d{{1,2}}){_NTH}(?:\s?[-–]\s?(?P<until>\d{{1,2}}){_NTH})?"
        rf"\s(?:of\s)?(?P<month>{_MONTH})\b\.?{_YEAR}?",
        _day_month,
    ),
    rule(
        rf"\b(?P<month>{_MONTH})\b\.?\s(?:the\s)?(?P<day>\d{{1,2}}){_NTH}(?:\s?[-–]\s?(?P<until>\d{{1,2}}){_NTH})?"
        rf"(?!\w){_YEAR}?{_NOT_MORE}",
        _month_day,
    ),
    rule(
        rf"\b(?P<month>{_MONTH})\b\.?,?\s(?P<year>1[1-9]\d\d|20\d\d){_NOT_MORE}",
        lambda m: f"{_named(m['month'])} {year(int(m['year']))}",
    ),
    rule(
        r"\b(Feb|Apr|Aug|Sept|Oct|Nov|Mon|Tues?|Weds|Thu|Thurs?|Fri)\b(?!\.)",
        lambda m: MONTHS.get(m[1]) or WEEKDAYS[m[1]],
    ),
    rule(
        rf"(?<![\w.,:/$€£-])(?P<first>{_CLOCK}){DASH}(?P<last>{_CLOCK})(?![\w/]|[:.,]\d|-\d)",
        _from_to,
        re.IGNORECASE,
    ),
    rule(
        r"(?<![\w.,:])(?P<hour>[01]?\d|2[0-4]):(?P<minute>[0-5]\d)(?::(?P<second>[0-5]\d))?(?![\d:])"
        r"(?:\s?(?P<half>[aApP])[mM]\b)?",
        _time,
    ),
    rule(
        r"(?<![\w.,:])(?P<hour>1?\d)(?P<minute>)(?P<second>)\s?(?P<half>[aApP])[mM]\b",
        lambda m: f"{cardinal(m['hour'])} {m['half'].upper()}M",
    ),
)
