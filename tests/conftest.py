"""What must hold before the first library is loaded."""

import os

import pytest
from hypothesis import HealthCheck, settings

from models import ENVIRONMENT

for name, value in ENVIRONMENT.items():  # as the service does
    os.environ.setdefault(name, value)

# No property fails because a machine is slow, and nearly the same examples are tried everywhere, so
# that a run says something about the code alone. (Numbers in the modules that happen to be loaded
# are among those that Hypothesis tries.) `--hypothesis-profile=default` looks for new ones.
settings.register_profile(
    "everywhere", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("everywhere")

LONGEST = (
    "tests/test_interview.py",
    "tests/test_leaving.py",
    "tests/service/commands/test_calibrate.py",
    "tests/service/page/test_page.py",
    "tests/service/page/test_breaks.py",
    "tests/service/page/test_microphone.py",
    "tests/service/page/test_ending.py",
    "tests/scripts/test_talk.py",
    "tests/test_air_gap.py",
    "tests/service/commands/test_check.py",
    "tests/scripts/test_bench.py",
    "tests/service/live/test_websocket.py",
)
"""They hold interviews in real time, for half a minute and more: begun last, one of them would run
alone at the end. Processes take whole files, in this order."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    ranks = {name: rank for rank, name in enumerate(LONGEST)}
    items.sort(key=lambda item: ranks.get(item.nodeid.partition("::")[0], len(ranks)))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say which tests did not run for want of real weights; `-q` hides why a test was skipped."""
    skipped = terminalreporter.stats.get("skipped", [])
    # a module that is skipped whole has a report without keywords
    missing = [each for each in skipped if "real_weights" in getattr(each, "keywords", ())]
    if missing:
        reasons = sorted({each.longrepr[2].removeprefix("Skipped: ") for each in missing})
        terminalreporter.section(f"{len(missing)} tests with real weights did not run")
        for reason in reasons:
            terminalreporter.write_line(reason)
