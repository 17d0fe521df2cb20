"""The command line, and the only place that reads the environment."""

import argparse
import asyncio
import importlib
import logging
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from uuid import UUID

from models import ENVIRONMENT
from models.errors import EngineError
from models.worker import unfinished

from . import env_file
from .default_models import with_fetched
from .errors import SettingInvalid, StartError
from .observability import logs
from .settings import PREFIX, load

OFFLINE = {"HF_HUB_OFFLINE": "1", "HF_HUB_DISABLE_TELEMETRY": "1"}
"""Environment variables that keep libraries from looking for anything on the internet."""


def main() -> None:
    try:
        _run()
    except SystemExit as ended:
        if unfinished() and not isinstance(ended.code, str):
            # A stop while weights are being read need not wait until they are loaded.
            logging.shutdown()
            sys.stdout.flush()
            os._exit(ended.code or 0)
        raise


def _run() -> None:
    """Run the command; ends with `SystemExit`."""
    args = vars(parser().parse_args())
    command = args.pop("command") or "serve"
    for name, value in (ENVIRONMENT | OFFLINE).items():
        os.environ.setdefault(name, value)  # the operator's own wins
    # Imported only here, and only this command: it may import the engines' libraries.
    module = importlib.import_module(f".commands.{command}", __package__)
    try:
        try:
            settings = load(with_fetched(environment()))
        except SettingInvalid as exc:
            if command != "check":
                raise
            sys.exit(module.report_refusal(exc, **args))
        logs.configure(settings.log_level, settings.log_format)
        sys.exit(asyncio.run(module.run(settings, **args)))
    except (StartError, EngineError) as exc:
        print(f"vivavoce: {exc}", file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)


def parser() -> argparse.ArgumentParser:
    """Build the argument parser. A command is the module of its name in `commands`; its options are
    the arguments of its `run(settings, …)`, which returns the exit status, or None for 0."""
    made = argparse.ArgumentParser(
        prog="vivavoce", description="Spoken interviews on your own hardware.",
        epilog="Settings are VIVAVOCE_ variables, in the environment or in a file .env.",
    )  # fmt: skip
    commands = made.add_subparsers(dest="command", metavar="COMMAND")
    commands.add_parser("serve", help="hold interviews (what it does without a command)")
    commands.add_parser("engines", help="serve recognizer and voice to services on other machines")
    check = commands.add_parser(
        "check", help="whether settings, models, database and speech work; ends with 1 if not"
    )
    check.add_argument("--json", action="store_true", help="one JSON object, for programs")
    calibrate = commands.add_parser(
        "calibrate", help="measure how many interviews at once this machine holds"
    )
    calibrate.add_argument(
        "--target", type=float, metavar="SECONDS",
        help="from the last word of an answer to the reply, for 19 of 20 replies;"
        " default: the silence of VIVAVOCE_ENDPOINT_MS and 0.9 s",
    )  # fmt: skip
    calibrate.add_argument(
        "--limit", type=at_least_one, default=64, metavar="N", help="try no more at once than that"
    )
    db = commands.add_parser("db", help="the tables of the database: make, change or check them")
    db.add_argument(
        "action", choices=["upgrade", "check"], help="check ends with 1 if they are old"
    )
    assess = commands.add_parser(
        "assess", help="assess finished interviews again; ends with 1 if one could not be"
    )
    assess.add_argument("interviews", nargs="+", type=UUID, metavar="ID")
    _add_erase(commands.add_parser("erase", help="delete interviews for ever, with a receipt"))
    return made


def at_least_one(text: str) -> int:
    if (number := int(text)) < 1:
        raise ValueError
    return number


def _add_erase(erase: argparse.ArgumentParser) -> None:
    whose = erase.add_mutually_exclusive_group(required=True)
    whose.add_argument("--interview", type=UUID, metavar="ID")
    whose.add_argument("--candidate", metavar="NAME", help="or an employee's id; case is ignored")
    erase.add_argument("--dry-run", action="store_true", help="only list what would go")
    erase.add_argument("--yes", action="store_true", help="do not ask")
    erase.add_argument(
        "--receipt", type=Path, metavar="FILE", help="default: erasure-ID.json in this folder"
    )


def environment() -> Mapping[str, str]:
    """Return the variables of `.env` in the current folder and those of the environment, which win.

    Raises `SettingInvalid`."""
    return {**env_file.variables(Path(".env"), PREFIX), **os.environ}


if __name__ == "__main__":
    main()
