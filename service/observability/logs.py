"""The format of the log: an entry is a line with ids, and never holds what somebody said.

Two rules keep content out. Libraries may log nothing below a warning: at debug level SQLite's
driver writes every value that it stores. And a traceback shows where an error arose and its type,
but not its message, which for a database error, for instance, is the row.
"""

import asyncio
import errno
import logging
import traceback
from collections.abc import Hashable, Iterator, Mapping
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any, Literal

from pythonjsonlogger.json import JsonFormatter

REQUEST: ContextVar[str] = ContextVar("REQUEST", default="")
"""The id of the request that is being answered; tasks started for it inherit this."""
SESSION: ContextVar[str] = ContextVar("SESSION", default="")
"""The id of the interview that is being worked on; inherited likewise."""

OURS = ("vivavoce", "service", "pipeline", "models")
"""Loggers that may log below the level of a warning."""

Form = Literal["text", "json"]
Level = Literal["debug", "info", "warning", "error"]

logger = logging.getLogger(__name__)


def configure(level: Level, form: Form) -> None:
    """Write everything that is logged, and Python's warnings, to standard error."""
    handler = logging.StreamHandler()
    handler.addFilter(with_ids)
    handler.setFormatter(JsonLines() if form == "json" else TextLines())
    chosen = logging.getLevelNamesMapping()[level.upper()]
    logging.basicConfig(handlers=[handler], level=max(chosen, logging.WARNING), force=True)
    for name in OURS:
        logging.getLogger(name).setLevel(chosen)
    logging.captureWarnings(True)


def say(form: Form, line: str) -> None:
    """Tell the operator how the start goes; where the log is for programs, as an entry in it."""
    if form == "json":
        logging.getLogger("vivavoce").info(line)
    else:
        print(line, flush=True)  # noqa: T201


def with_ids(record: logging.LogRecord) -> bool:
    """Attach the request's and the interview's id to the record; a logging filter that lets every
    record pass."""
    record.ids = {
        name: id_
        for name, id_ in (("request_id", REQUEST.get()), ("session_id", SESSION.get()))
        if id_
    }
    return True


class TextLines(logging.Formatter):
    """A formatter for people: time, level, logger, message, ids."""

    def format(self, record: logging.LogRecord) -> str:
        ids = "".join(f" {name}={id_}" for name, id_ in _ids(record).items())
        line = f"{_when(record)} {record.levelname} {record.name} {record.getMessage()}{ids}"
        if record.exc_info and (error := record.exc_info[1]):
            line = "\n".join((line, *trace_lines(error)))
        return line


class JsonLines(JsonFormatter):
    """A formatter for programs: the same as one JSON object. An entry may bring more `fields`;
    extra attributes that libraries add are left out."""

    def format(self, record: logging.LogRecord) -> str:
        entry: dict[str, Any] = {
            "timestamp": _when(record),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **_ids(record),
            **getattr(record, "fields", {}),
        }
        if record.exc_info and (error := record.exc_info[1]):
            entry["exception"] = "\n".join(trace_lines(error))
        return self.serialize_log_record(entry)


def trace_lines(error: BaseException, seen: frozenset[int] = frozenset()) -> Iterator[str]:
    """Yield the lines of a traceback without the messages of the errors in it."""
    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    seen |= {id(error)}
    if before is not None and id(before) not in seen:
        yield from trace_lines(before, seen)
        yield "and then:"
    yield "Traceback (most recent call last):"
    yield from "".join(traceback.format_tb(error.__traceback__)).splitlines()
    yield _kind(error)
    if isinstance(error, BaseExceptionGroup):
        for each in error.exceptions:
            yield from (f"  | {line}" for line in trace_lines(each, seen))


class Seldom:
    """A rate limit for repeated log entries: the first is logged at once, then one a minute."""

    def __init__(self, seconds: float = 60.0) -> None:
        self._seconds = seconds
        self._next = float("-inf")
        self._times = 0

    def times(self, now: float) -> int:
        """Record another occurrence. Return how often it occurred since it was last logged, or 0
        when it must not be logged now."""
        self._times += 1
        if now < self._next:
            return 0
        self._next = now + self._seconds
        times, self._times = self._times, 0
        return times


class Unhandled:
    """An exception handler for the event loop that logs each kind of failed callback once a minute.
    The loop's own message would show the callback's arguments, and a machine that has run out of
    something makes the same callback fail thousands of times a second."""

    KINDS = 100

    def __init__(self) -> None:
        self._seen: dict[Hashable, Seldom] = {}

    def __call__(self, loop: asyncio.AbstractEventLoop, context: Mapping[str, Any]) -> None:
        error = context.get("exception")
        if len(self._seen) >= self.KINDS:
            self._seen.clear()
        seldom = self._seen.setdefault(_place(error), Seldom())
        if not (times := seldom.times(loop.time())):
            return
        again = f" ({times} times)" if times > 1 else ""
        if isinstance(error, OSError) and error.errno in _USED_UP:
            logger.error("no connection can be taken: %s%s", _kind(error), again)
        else:
            logger.error("something failed that nobody waits for%s", again, exc_info=error)


_USED_UP = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})
"""Errors of accept() when the process or the machine has run out of files or memory."""


def _place(error: BaseException | None) -> Hashable:
    """Return the type of an error and where it arose."""
    trace = traceback.extract_tb(error.__traceback__)[-1:] if error else []
    where = [(frame.filename, frame.lineno) for frame in trace]
    return type(error), getattr(error, "errno", None), *where


def _kind(error: BaseException) -> str:
    kind = f"{type(error).__module__}.{type(error).__qualname__}".removeprefix("builtins.")
    if isinstance(error, OSError) and error.strerror:
        return f"{kind}: {error.strerror}"  # the system's own text; it names no file
    return kind


def _ids(record: logging.LogRecord) -> dict[str, str]:
    return getattr(record, "ids", {})


def _when(record: logging.LogRecord) -> str:
    """Return the time of the record in ISO 8601, in UTC, to the millisecond."""
    moment = datetime.fromtimestamp(record.created, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"
