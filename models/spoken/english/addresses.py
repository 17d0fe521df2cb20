"""Write out e-mail and web addresses, file names and paths as people dictate them."""

import re

from ..rules import Rule, rule
from .numbers import code

_TOP = (
    "com|org|net|edu|gov|info|biz|io|ai|app|dev|co|me|eu|uk|us|de|fr|es|it|nl|pl|ch|at|be|se|no|ie|"
    "ca|au|in|jp|cn|br|tv|xyz|tech|cloud|online|site|example|test|local"
)
_FILE = (
    "py|js|ts|jsx|tsx|json|ya?ml|toml|md|txt|csv|pdf|docx?|xlsx?|pptx?|html?|css|scss|java|kt|go|rs|"
    "cpp|hpp|cs|rb|php|sh|sql|xml|ini|cfg|conf|log|env|lock|zip|gz|png|jpe?g|svg|gif|mp3|mp4|wav|ipynb"
)
_AS_A_WORD = frozenset(
    "com org net info app dev zip log env lock java local test example conf".split()
)
_SIGNS = {
    ".": "dot",
    "/": "slash",
    "-": "dash",
    "_": "underscore",
    "+": "plus",
    "@": "at",
    ":": "port",
    "~": "tilde",
    "%": "percent",
    "#": "hash",
    "&": "and",
    "=": "equals",
}
_PART = re.compile(r"[^\W\d_]+|\d+|[^\w\s]|_")


def _spelled(address: str, *, dashes: bool = True) -> str:
    parts = []
    for part in _PART.findall(address):
        if part.isdigit():
            parts.append(code(part))
        elif part[0].isalpha():
            parts.append(part)
        elif part in _SIGNS and (dashes or part not in "-_"):
            parts.append(_SIGNS[part])
    return " ".join(parts)


def _web(found: re.Match[str]) -> str:
    """Say host and path, without the query, which is for machines."""
    return f" {_spelled(re.split('[?#]', found['rest'])[0].rstrip('/'))} "


def _mail(found: re.Match[str]) -> str:
    return f" {_spelled(found[0].removeprefix('mailto:'))} "


def _file(found: re.Match[str]) -> str:
    stem, _, ending = found[0].rpartition(".")
    name = ending if len(ending) > 3 or ending in _AS_A_WORD else ending.upper()
    return f"{_spelled(stem, dashes=False)} dot {name}".lstrip()


def _bare(found: re.Match[str]) -> str:
    return _web(found) if found["rest"] != "localhost" else found[0]


_END = r"[^\s.,;:!?)\]}>\"'”’]"
ADDRESSES: tuple[Rule, ...] = (
    rule(r"(?:mailto:)?(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+", _mail),
    rule(rf"\b(?:https?|ftp|file)://(?:www\.)?(?P<rest>\S*{_END}/?)", _web, re.IGNORECASE),
    rule(rf"\bwww\.(?P<rest>\S*{_END}/?)", _web, re.IGNORECASE),
    rule(
        rf"(?<![\w.@-])(?P<rest>(?:localhost|(?:[a-z0-9](?:[\w-]*\w)?\.)+(?:{_TOP}))"
        rf"(?::\d+|(?=/)|(?![\w-]|\.\w))(?:/(?:\S*{_END})?)?)",
        _bare,
    ),
    rule(rf"(?<![\w.])(?:[\w-]+/)*[\w-]+(?:\.[\w-]+)*\.(?:{_FILE})(?![\w/]|\.\w)", _file),
    rule(
        r"(?<![\w/.:])(?:~|\.{1,2})?(?:/[\w.-]*\w)+/?(?!\w)",
        lambda m: f" {_spelled(m[0].rstrip('/'), dashes=False)} ",
    ),
    rule(r"(?<!\w)@(?=\w)", "at "),
    rule(r"_", " "),
)
