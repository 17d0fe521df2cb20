"""Read the file `.env` in the current folder, or say why it cannot be used.

python-dotenv by itself skips what it cannot read, with a warning: a key that is meant to close a
door would then be missing without anybody's noticing.
"""

from collections.abc import Iterator
from io import StringIO
from pathlib import Path

from dotenv.parser import Binding, parse_stream

from .errors import SettingInvalid


def variables(path: Path, prefix: str) -> dict[str, str]:
    """Return the variables of the file; none where there is no such file. Values are taken as they
    are written, without expanding `${…}`.

    Raises `SettingInvalid`, which never shows the content of the line."""
    found: dict[str, str] = {}
    lines: dict[str, int] = {}
    for line, name, value in _set_in(path, prefix):
        if name.startswith(prefix) and found.get(name, value) != value:
            raise SettingInvalid(
                f"{name} is set twice in {path.absolute()}, in line {lines[name]} and in line"
                f" {line}; take one out."
            )
        found[name], lines[name] = value, line
    return found


def _set_in(path: Path, prefix: str) -> Iterator[tuple[int, str, str]]:
    """Yield line number, name and value."""
    for binding in parse_stream(StringIO(_text(path))):
        line = binding.original.line + _blank_before(binding)
        name = binding.key or ""
        without_value = binding.value is None and name.startswith(prefix)
        if binding.error or without_value or "\0" in binding.original.string:
            raise SettingInvalid(
                f"Line {line} of {path.absolute()} cannot be understood; write it as NAME=value,"
                " with both quotation marks if there is one, or put a # before it."
            )
        if name:
            yield line, name, binding.value or ""


def _blank_before(binding: Binding) -> int:
    """Count the blank lines that the parser includes at the beginning of a binding."""
    text = binding.original.string
    return len(text[: len(text) - len(text.lstrip())].splitlines())


def _text(path: Path) -> str:
    if not path.exists() or path.is_dir():  # a virtual environment may be named .env
        return ""
    try:
        return path.read_text("utf-8")
    except OSError as exc:
        raise SettingInvalid(
            f"{path.absolute()} cannot be read ({exc.strerror}); give it to this user (chown,"
            " chmod), or move it away."
        ) from exc
    except UnicodeDecodeError as exc:
        line = exc.object.count(b"\n", 0, exc.start) + 1
        raise SettingInvalid(
            f"{path.absolute()} is not UTF-8 in line {line}; save it as UTF-8."
        ) from exc
