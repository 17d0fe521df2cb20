"""Write English numerals in words, and find the numbers in a text."""

import re
from functools import cache, lru_cache

from unicode_rbnf import FormatPurpose, RbnfEngine

from ..rules import Rule, rule

FIGURE = r"(?:\d{1,3}(?:,\d{3})+(?!\d)(?:\.\d+)?|\d+(?:\.\d+)?)"
"""Pattern of a written number, such as 2,019 or 3.5."""
ALONE = r"(?<![\w.,])"
"""Lookbehind for a number that is not the end of something longer."""
DASH = r"\s?[-–—]\s?"
SCALES = {
    "k": "thousand",
    "K": "thousand",
    "m": "million",
    "M": "million",
    "mn": "million",
    "MM": "million",
    "bn": "billion",
    "b": "billion",
    "B": "billion",
    "tn": "trillion",
    "T": "trillion",
} | {word: word for word in "hundred thousand million billion trillion".split()}
SCALE = r"(?:\s?(?:hundred|thousand|million|billion|trillion|mn|MM|bn|tn|[kKmMbBT])\b)"
_MOST = 15
"""Digits of the largest number whose name people know."""
_DENOMINATORS = {2: ("half", "halves"), 4: ("quarter", "quarters")}


@cache
def _engine() -> RbnfEngine:
    return RbnfEngine.for_language("en")


@lru_cache(4096)
def _words(number: int, purpose: FormatPurpose) -> str:
    return _engine().format_number(number, purpose).text.replace("oh-", "oh ")


def cardinal(figure: str) -> str:
    """Return a number such as 2,019 or 3.5 in words. One with leading zeros is read as a code."""
    whole, _, decimals = figure.replace(",", "").partition(".")
    if len(whole) > _MOST or (len(whole) > 1 and whole[0] == "0"):
        said = digits(whole)
    else:
        said = _words(int(whole or "0"), FormatPurpose.CARDINAL)
    return f"{said} point {digits(decimals)}" if decimals else said


def ordinal(number: int) -> str:
    return _words(number, FormatPurpose.ORDINAL)


def year(number: int) -> str:
    return _words(number, FormatPurpose.YEAR)


def digits(figure: str) -> str:
    """Return the digits in words, one by one."""
    return " ".join(_words(int(c), FormatPurpose.CARDINAL) for c in figure if c.isdigit())


def code(figure: str) -> str:
    """Return a code in words: a short one as a number, a longer one digit by digit, as in a user
    name."""
    return cardinal(figure) if len(figure) < 3 and figure[0] != "0" else digits(figure)


def scaled(figure: str, scale: str | None) -> str:
    """Return a number with its scale in words: 3.5 and M give "three point five million"."""
    words = cardinal(figure)
    return f"{words} {SCALES[scale.strip()]}" if scale and scale.strip() else words


def plural(word: str) -> str:
    """Return the plural of a numeral, as in "the twenties"."""
    return (
        f"{word[:-1]}ies" if word.endswith("y") else f"{word}es" if word[-1] == "x" else f"{word}s"
    )


def fraction(above: int, below: int) -> str:
    one, many = _DENOMINATORS.get(below) or (ordinal(below), f"{ordinal(below)}s")
    return f"{cardinal(str(above))} {one if above == 1 else many}"


# Years

_IN_TIME = re.compile(
    r"\b(?:in|since|until|till|during|year|years|early|late|mid|spring|summer|autumn|fall|winter|"
    r"circa|Q[1-4])[\s-]$",
    re.IGNORECASE,
)
_COUNTED = re.compile(
    r"\s(?:(?!(?:was|is|has|does|as|this|its|plus|versus|us|always|towards|perhaps|besides|"
    r"sometimes|thus|across)\b)[a-z]+s|people|men|women|children|staff)\b"
)


def is_year(text: str, start: int, end: int) -> bool:
    """Return True if four digits without a comma are a year. They are after "in" or "since";
    otherwise they are a count if a plural follows; otherwise 1900 to 2099 are years."""
    if _IN_TIME.search(text[max(0, start - 10) : start]):
        return True
    return 1900 <= int(text[start:end]) < 2100 and not _COUNTED.match(text, end)


def _maybe_year(found: re.Match[str]) -> str:
    if is_year(found.string, *found.span()):
        return year(int(found[0]))
    return cardinal(found[0])


def _years(found: re.Match[str]) -> str:
    first, second = found["first"], found["second"]
    last = year(int(second)) if len(second) == 4 else cardinal(second.lstrip("0") or "0")
    if len(second) == 2 and second[0] == "0":
        last = f"oh {last}"
    return f"{year(int(first))} to {last}"


def _decade(found: re.Match[str]) -> str:
    return plural(year(int(found["of"])) if len(found["of"]) == 4 else cardinal(found["of"]))


# Other numbers


def _fraction(found: re.Match[str]) -> str:
    above, below = int(found["above"]), int(found["below"])
    whole = found["whole"]
    if below == 0 or below > 100:
        said = f"{cardinal(str(above))} over {cardinal(str(below))}"
    elif above == below:
        said = f"{cardinal(str(above))} out of {cardinal(str(below))}"
    elif above > below:
        said = f"{cardinal(str(above))} over {cardinal(str(below))}"
    elif whole and above == 1:
        said = "a half" if below == 2 else f"a {fraction(1, below).partition(' ')[2]}"
    else:
        said = fraction(above, below)
    return f"{cardinal(whole.strip())} and {said}" if whole else said


def _version(found: re.Match[str]) -> str:
    before = "version " if found["v"] else ""
    first, *rest = found["parts"].split(".")
    parts = [f"oh {cardinal(p[1:])}" if len(p) == 2 and p[0] == "0" else cardinal(p) for p in rest]
    return before + " point ".join([cardinal(first), *parts])


def _range(found: re.Match[str]) -> str:
    low, high = found["low"], found["high"]
    minus = " - " in found[0] and float(low.replace(",", "")) > float(high.replace(",", ""))
    scale, other = found["scale"], found["scale2"]
    if minus:
        return f"{scaled(low, scale)} minus {scaled(high, other)}"
    return f"{scaled(low, scale)} to {scaled(high, other)}"


def _number(found: re.Match[str]) -> str:
    figure = found["figure"]
    if len(figure) >= 7 and figure.isdigit() and not figure.endswith("000"):
        return digits(figure)  # nobody says millions that are written without a comma
    return scaled(figure, found["scale"])


_ID_WORDS = (
    r"tickets?|orders?|invoice|case|account|code|pin|passcode|zip|postcode|badge|id|reference|ref|"
    r"rfc|serial|tracking|confirmation|passport|licen[cs]e|extension|ext|flight|bug|issue|pr|"
    r"employee|customer|candidate|member|number|no"
)


def _identifier(found: re.Match[str]) -> str:
    if _COUNTED.match(found.string, found.end()):
        return found[0]
    return found["word"] + digits(found["figure"])


IDENTIFIERS: tuple[Rule, ...] = (
    rule(
        rf"(?P<word>\b(?:{_ID_WORDS})\b\.?(?:\s(?:number|code|id|no\.?|is)\b\.?)?:?\s#?)"
        r"(?P<figure>\d{4,}|0\d+)(?![\w,]|[./:]\d|[-–]\d)",
        _identifier,
        re.IGNORECASE,
    ),
    rule(
        r"(?P<word>\b(?:HTTP|[Ee]rror|[Ss]tatus)(?:\s[Cc]ode)?\s)(?P<figure>\d0\d)\b(?<!00)",
        lambda m: m["word"] + digits(m["figure"]).replace("zero", "oh"),
    ),
)
YEARS: tuple[Rule, ...] = (
    rule(
        rf"{ALONE}(?P<first>1[1-9]\d\d|20\d\d){DASH}(?P<second>1[1-9]\d\d|20\d\d|\d\d)"
        r"(?![\w%]|[.,:/-]\d)",
        _years,
    ),
    rule(r"(?<![\w.,])['’]?(?P<of>1[1-9]\d0|20\d0|[2-9]0)['’]?s\b", _decade),
    rule(r"(?<!\w)['’](?P<of>\d\d)(?![\w])", lambda m: _short_year(m["of"])),
)
NUMBERS: tuple[Rule, ...] = (
    rule(r"\b(?P<v>v(?:er(?:sion)?)?\.?\s?)(?P<parts>\d+(?:\.\d+)*)\b", _version),
    rule(
        r"(?:(?<=\bPython\s)|(?<=\bNode\s)|(?<=\bJava\s)|(?<=\bPHP\s)|(?<=\bRuby\s)|(?<=\bGo\s)|"
        r"(?<=\bDjango\s)|(?<=\bUbuntu\s)|(?<=\bDebian\s)|(?<=\bRails\s)|(?<=\bversion\s)|"
        r"(?<=\brelease\s)|(?<=\bNET\s)|(?<=\bnet\s)|(?<=\bPython))(?P<v>)(?P<parts>\d+(?:\.\d+)+)\b",
        _version,
    ),
    rule(
        r"(?<![\w.,])\d{1,3}(?:\.\d{3}){2,}(?!\w|\.\d)", lambda m: cardinal(m[0].replace(".", ""))
    ),
    rule(r"(?<![\w.,])(?P<v>)(?P<parts>\d{1,6}(?:\.\d{1,6}){2,})(?!\w)", _version),
    rule(
        r"(?<![\w./])(?P<whole>\d+\s)?(?P<above>\d{1,3})[/⁄](?P<below>\d{1,3})(?![\w/]|\.\d)",
        _fraction,
    ),
    rule(
        r"(?<![\w.])(\d{1,3}(?:,\d{3})+|\d+)(?:st|nd|rd|th)\b",
        lambda m: ordinal(int(m[1].replace(",", ""))) if len(m[1]) <= 15 else digits(m[1]),
    ),
    rule(
        rf"{ALONE}(?P<low>{FIGURE})(?P<scale>{SCALE}?){DASH}(?P<high>{FIGURE})(?P<scale2>{SCALE}?)"
        r"(?![\w]|[,:/]\d|-\d)",
        _range,
    ),
    rule(r"(?<=\d)" + DASH + r"(?=(?:present|now|today|date)\b)", " to "),
    rule(rf"{ALONE}(?<![-–])(1[1-9]\d\d|20\d\d)(?![\w:/%]|[.,]\d|-\d|\s?[kKmMB]\b)", _maybe_year),
    rule(rf"(?<![\w.,)\d-])(?<![\w)]\s)[-−](?={FIGURE})", "minus "),
    rule(rf"{ALONE}({FIGURE})\s?x\b", lambda m: f"{cardinal(m[1])} times"),
    rule(rf"{ALONE}(?P<figure>{FIGURE})(?P<scale>{SCALE}?)(?!\w)", _number),
    rule(r"(?<![\w.,])(\d+),(\d{1,2})(?!\w|,\d)", lambda m: cardinal(f"{m[1]}.{m[2]}")),
    rule(r"(?<=[^\W\d_])-(?=\d)", " "),
    rule(r"(?<=[^\W\d_])(?=\d)|(?<=\d)(?=[^\W\d_])", " "),
    rule(rf"(?P<figure>{FIGURE})(?P<scale>)", _number),
    rule(r"\d+", lambda m: digits(m[0])),
)


def _short_year(figure: str) -> str:
    return f"oh {digits(figure[1])}" if figure[0] == "0" else cardinal(figure)
