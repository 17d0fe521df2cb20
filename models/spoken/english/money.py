"""Write out amounts: of money, of a unit, in percent."""

import re

from ..rules import Rule, rule
from .numbers import ALONE, DASH, FIGURE, SCALE, cardinal, scaled
from .units import CURRENCIES, PER, UNITS

_MONEY = (
    r"(?:\d{1,3}(?:,\d{3})+(?!\d)(?:\.\d+)?|\d{1,3}(?:\.\d{3})+(?:,\d\d)?(?!\d)|"
    r"\d+,\d\d?(?!\d)|\d+(?:\.\d+)?)"
)
_SIGN = r"(?:(?:US|CA|AU|NZ|HK|[ACSR])?\$|[€£¥₹₽₩₺₴₪₿])"
_CODE = "(?:" + "|".join(code for code in CURRENCIES if code.isalpha()) + r")\b"
_PER = rf"(?:\s?(?:/|per\s|p\.)\s?(?P<per>{'|'.join(sorted(PER, key=len, reverse=True))})\b)?"
_UNIT = "|".join(sorted(map(re.escape, UNITS), key=len, reverse=True))
_NOUN = re.compile(
    r"\s(?!(?:in|to|for|per|and|or|a|an|is|was|of|on|at|by|if|as|the|from|with|when|that|than)\b)[a-z]{3}"
)
_ARTICLE = re.compile(r"\b[Aa]n?\s$")


def _before_a_noun(found: re.Match[str]) -> bool:
    """Say an amount in front of a noun, as in "a five dollar note"."""
    before, after = found.string[: found.start()], found.string[found.end() :]
    return bool(_ARTICLE.search(before) and _NOUN.match(after))


def _per(found: re.Match[str]) -> str:
    return f" per {PER[found['per']]}" if found["per"] else ""


def _figure(written: str) -> str:
    """Rewrite a number the English way, with a dot before the decimals and no other separator."""
    if re.search(r",\d\d?$", written):
        return written.replace(".", "").replace(",", ".")
    if re.fullmatch(r"\d{1,3}(?:\.\d{3})+", written):
        return written.replace(".", "")
    return written.replace(",", "")


def _money(found: re.Match[str]) -> str:
    currency = found["currency"].strip()
    one, many, cents = CURRENCIES["$" if "$" in currency else currency]
    low, high = _figure(found["low"]), found["high"] and _figure(found["high"])
    scale, scale2 = found["scale"], found["scale2"]
    whole, _, decimals = low.partition(".")
    if high:
        said = f"{scaled(low, scale)} to {scaled(high, scale2)} {many}"
    elif len(decimals) == 2 and not scale and cents:
        parts = [f"{cardinal(whole)} {one if whole == '1' else many}"] if int(whole) else []
        if int(decimals):
            parts.append(f"{cardinal(str(int(decimals)))} {cents[decimals != '01']}")
        said = " and ".join(parts) or f"zero {many}"
    else:
        alone = low == "1" and not scale
        said = f"{scaled(low, scale)} {one if alone or _before_a_noun(found) else many}"
    return said + _per(found)


def _unit(found: re.Match[str]) -> str:
    one, many = UNITS[found["unit"]]
    low, high = found["low"], found["high"]
    singular = (low == "1" and not high) or _before_a_noun(found) or "-" in found["join"]
    number = f"{cardinal(low)} to {cardinal(high)}" if high else cardinal(low)
    return f"{number} {one if singular else many}{_per(found)}"


def _amount(sign: str) -> str:
    return (
        rf"(?P<low>{_MONEY})(?P<scale>{SCALE}?)(?:(?:{DASH}|\sto\s){sign}(?P<high>{_MONEY})"
        rf"(?P<scale2>{SCALE}?))?"
    )


AMOUNTS: tuple[Rule, ...] = (
    rule(
        rf"(?<![A-Za-z])(?P<currency>{_SIGN}|{_CODE})\s?"
        rf"{_amount(f'(?:{_SIGN}|{_CODE})?')}(?!\w|,\d){_PER}",
        _money,
    ),
    rule(rf"{ALONE}{_amount('')}\s?(?P<currency>{_CODE}|[€£¥₹₽₩₺₴₪₿]|\$(?!\d)){_PER}", _money),
    rule(
        rf"{ALONE}(?<![/])(?P<low>{FIGURE})(?:{DASH}(?P<high>{FIGURE}))?(?P<join>[\s-]?)"
        rf"(?P<unit>{_UNIT})(?![\w°]){_PER}",
        _unit,
    ),
)
