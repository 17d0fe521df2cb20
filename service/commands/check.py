"""`vivavoce check`: find out, stage by stage, whether everything that interviews need is there."""

import sys

import msgspec

from ..errors import SettingInvalid
from ..operations.checkup import check
from ..operations.stages import Outcome, Stages
from ..settings import Settings

GREEN, RED, DIM, PLAIN = "\x1b[32m", "\x1b[31m", "\x1b[2m", "\x1b[0m"
COLOUR = {"ok": GREEN, "failed": RED, "skipped": DIM}


async def run(settings: Settings, *, json: bool) -> int:
    """Run the check. Exit status 1: something is not as it should be."""
    printer = _Silent() if json else _Lines()
    stages = Stages(printer.begun, printer.ended)
    await check(settings, stages)
    if json:
        _print_json(stages.outcomes)
    return 0 if stages.passed else 1


def report_refusal(exc: SettingInvalid, *, json: bool) -> int:
    """Report settings that are invalid, so that there is nothing to check; return the exit
    status."""
    outcome = Outcome("settings", "failed", 0.0, str(exc))
    if json:
        _print_json([outcome])
    else:
        _Lines().ended(outcome)
    return 1


class _Silent:
    def begun(self, name: str) -> None: ...

    def ended(self, outcome: Outcome) -> None: ...


class _Lines(_Silent):
    """A report of one line for each stage; on a terminal the stage in progress is shown."""

    def __init__(self) -> None:
        self._terminal = sys.stdout.isatty()

    def begun(self, name: str) -> None:
        if self._terminal:
            print(f"{name:<16}…", end="", flush=True)

    def ended(self, outcome: Outcome) -> None:
        status = f"{outcome.status:<8}"
        start = ""
        if self._terminal:
            status, start = f"{COLOUR[outcome.status]}{status}{PLAIN}", "\r"
        took = f"{outcome.seconds:6.2f} s" if outcome.status != "skipped" else " " * 8
        print(f"{start}{outcome.name:<16}{status}{took}  {outcome.said}", flush=True)


def _print_json(outcomes: list[Outcome]) -> None:
    ok = not any(outcome.status == "failed" for outcome in outcomes)
    print(msgspec.json.encode({"ok": ok, "stages": outcomes}).decode())
