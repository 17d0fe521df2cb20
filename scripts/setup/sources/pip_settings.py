"""Learn from pip which package index this machine uses, and how."""

import contextlib
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass

USUAL = "https://pypi.org/simple"


@dataclass(frozen=True, slots=True)
class PipSettings:
    """What pip is set to, as far as a download needs it."""

    urls: tuple[str, ...] = (USUAL,)
    """The indexes, in the order in which they are asked."""
    certificates: str = ""
    proxy: str = ""
    off: bool = False
    """Whether pip may ask no index at all."""


def pip_settings(variables: Mapping[str, str]) -> PipSettings:
    """What pip says of its own settings, from files and variables; where there is no pip, its
    variables alone."""
    found = {
        name.removeprefix("PIP_").lower().replace("_", "-"): value
        for name, value in variables.items()
        if name.startswith("PIP_") and value  # pip ignores an empty one, too
    }
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "config", "list"]
    with contextlib.suppress(OSError, subprocess.TimeoutExpired):
        said = subprocess.run(
            command, capture_output=True, text=True, timeout=20, env={**os.environ, **variables}
        ).stdout
        found = _configured(said) | found
    named = (found.get("index-url", USUAL), *found.get("extra-index-url", "").split())
    urls = tuple(url for url in named if url.startswith(("http://", "https://")))
    return PipSettings(
        urls=urls,
        certificates=found.get("cert", ""),
        proxy=found.get("proxy", ""),
        off=not urls or found.get("no-index", "").lower() in {"1", "true", "yes", "on"},
    )


_SECTIONS = ("global", "install", "download")
"""Sections of pip's files that count for a download, those that win last."""


def _configured(said: str) -> dict[str, str]:
    """The settings of files, from the output of `pip config list`."""
    lines = re.findall(r"^(\w+)\.([\w-]+)='(.*)'$", said, re.MULTILINE)
    lines.sort(key=lambda line: _SECTIONS.index(line[0]) if line[0] in _SECTIONS else -1)
    return {
        name: value.replace("\\n", " ").strip()
        for section, name, value in lines
        if section in _SECTIONS
    }
