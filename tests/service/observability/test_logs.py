"""What the lines of the log are like, in either form."""

import asyncio
import errno
import json
import logging
import warnings
from collections.abc import Callable, Iterator

import pytest

from service.observability import logs

SECRET = "I was dismissed"
Written = Callable[[], str]
"""Takes what was written to the log so far."""


@pytest.fixture
def root() -> Iterator[None]:
    """Leaves everything as it was."""
    everything = [logging.getLogger(name) for name in ("", *logs.OURS)]
    before = [(each, each.level, each.handlers[:]) for each in everything]
    yield
    logs.REQUEST.set("")
    logs.SESSION.set("")
    logging.captureWarnings(False)
    for each, level, handlers in before:
        each.setLevel(level)
        each.handlers[:] = handlers


@pytest.fixture
def written(root: None, capsys: pytest.CaptureFixture[str]) -> Written:
    return lambda: capsys.readouterr().err


def failure() -> BaseException:
    """An error with a cause, both of which quote somebody."""
    try:
        try:
            raise KeyError(SECRET)
        except KeyError as exc:
            raise ExceptionGroup(
                SECRET, [ValueError(SECRET), OSError(28, "No space left")]
            ) from exc
    except ExceptionGroup as exc:
        return exc


def test_a_line_for_programs_is_one_object_with_time_ids_and_fields(written: Written) -> None:
    logs.configure("info", "json")
    logs.REQUEST.set("r1")
    logs.SESSION.set("s1")
    logging.getLogger("service.x").info("took %d ms\n", 3, extra={"fields": {"status": 200}})
    (line,) = written().splitlines()
    entry = json.loads(line)
    assert entry.pop("timestamp").endswith("Z")
    assert entry == {
        "level": "info",
        "logger": "service.x",
        "message": "took 3 ms\n",
        "request_id": "r1",
        "session_id": "s1",
        "status": 200,
    }


def test_a_line_for_people_has_the_ids_too(written: Written) -> None:
    logs.configure("info", "text")
    logs.REQUEST.set("r1")
    logging.getLogger("service.x").info("took %d ms", 3)
    when, _, rest = written().partition(" ")
    assert rest == "INFO service.x took 3 ms request_id=r1\n"
    assert when.endswith("Z")


def test_tasks_inherit_the_ids_and_other_tasks_have_their_own(written: Written) -> None:
    async def session(name: str) -> None:
        logs.SESSION.set(name)
        async with asyncio.TaskGroup() as tasks:
            for _ in range(2):
                tasks.create_task(deep_inside())

    async def deep_inside() -> None:
        await asyncio.sleep(0)
        logging.getLogger("pipeline").info("here")

    async def both() -> None:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(session("a"))
            tasks.create_task(session("b"))

    logs.configure("info", "json")
    asyncio.run(both())
    told = [json.loads(line)["session_id"] for line in written().splitlines()]
    assert sorted(told) == ["a", "a", "b", "b"]


@pytest.mark.parametrize("form", ["text", "json"])
def test_a_traceback_shows_where_and_what_kind_but_no_message(
    written: Written, form: logs.Form
) -> None:
    logs.configure("info", form)
    logging.getLogger("service").error("failed", exc_info=failure())
    said = written()
    assert SECRET not in said
    for told in ("KeyError", "ValueError", "OSError: No space left", "in failure", "and then:"):
        assert told in said


def test_a_callback_that_fails_is_told_without_its_arguments(written: Written) -> None:
    def fails(text: str) -> None:
        raise ValueError(text)

    async def main() -> None:
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(logs.Unhandled())
        loop.call_soon(fails, SECRET)
        await asyncio.sleep(0)

    logs.configure("debug", "text")
    asyncio.run(main())
    said = written()
    assert "ValueError" in said
    assert SECRET not in said


def test_what_fails_over_and_over_is_logged_once_with_its_number(written: Written) -> None:
    def nothing_left() -> None:
        raise OSError(errno.EMFILE, "Too many open files")

    def other() -> None:
        raise OSError(errno.ECONNRESET, "Connection reset by peer")

    async def main() -> None:
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(logs.Unhandled())
        for _ in range(500):
            loop.call_soon(nothing_left)
            loop.call_soon(other)
        await asyncio.sleep(0)

    logs.configure("info", "text")
    asyncio.run(main())
    said = written()
    assert said.count("Too many open files") == 1
    assert said.count("\nConnectionResetError: ") == 1
    assert "Traceback" not in said.partition("Too many open files")[0].splitlines()[-1]


def test_what_goes_on_is_told_every_minute_with_how_often_it_was() -> None:
    seldom = logs.Seldom(60.0)
    told = [seldom.times(now) for now in (0.0, 1.0, 59.9, 60.0, 61.0, 500.0)]
    assert told == [1, 0, 0, 3, 0, 2]


def test_libraries_may_warn_and_no_more_however_much_we_say(written: Written) -> None:
    logs.configure("debug", "text")
    for name in ("aiosqlite", "sqlalchemy.engine.Engine", "faster_whisper", "aiohttp.access"):
        assert not logging.getLogger(name).isEnabledFor(logging.INFO), name
    logging.getLogger("models.x").debug("ours")
    logging.getLogger("aiosqlite").warning("theirs")
    assert [line.split()[-1] for line in written().splitlines()] == ["ours", "theirs"]


def test_a_warning_of_python_is_a_line_of_the_log(written: Written) -> None:
    logs.configure("info", "json")
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(True)
        warnings.warn("old", stacklevel=1)
    assert json.loads(written())["logger"] == "py.warnings"


def test_only_errors_are_said_when_only_errors_are_wanted(written: Written) -> None:
    logs.configure("error", "text")
    logging.getLogger("service").warning("no")
    logging.getLogger("aiohttp.server").warning("no")
    assert not written()
