"""A terminal for tests of what a person sees in one."""

import os

import pytest


def opened() -> tuple[int, int]:
    """Ours and the program's side of it; a test is skipped where there are none."""
    try:
        return os.openpty()
    except OSError as exc:
        pytest.skip(f"this system makes no terminals (is /dev/pts mounted?): {exc}")
