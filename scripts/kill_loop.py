"""Kill the server again and again while interviews go on, and look for what was lost:

    nice .venv/bin/python -m scripts.kill_loop --interviews 30 --at-once 4
    nice .venv/bin/python -m scripts.kill_loop --interviews 30 --at-once 4 --database postgres

A server of its own, with the starter models, is killed with SIGKILL at random moments and started
again, over and over; every second kill (--in-answers) waits until somebody is in the middle of an
answer. The candidates speak in real time; after a close with 1006 they connect to the
same session again, as the browser does (here until the server is back). At the end everything that
they were told is looked up in the database (scripts/measure/kill_check.py). It exits with 1 on any
fault.
"""

import argparse
import asyncio
import contextlib
import itertools
import json
import random
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import aiohttp

from pipeline.interview.plan import Plan, Question
from service.storage import store
from service.storage.agenda import to_agenda
from service.storage.database import Database, open_database
from service.storage.tables import Interview

from .measure.candidate import (
    CHUNK_SECONDS,
    Candidate,
    InterviewFailed,
    Spoken,
    Utterance,
    finalize,
    in_starter_voice,
    interview,
)
from .measure.kill_check import BEGAN, TURN, CutOff, Seen, faults
from .measure.private_postgres import cluster, programs
from .measure.server import PRODUCT, ServerFailed, free_port, launch, wait_until_ready

PLAN = Plan(
    questions=(
        Question("Please tell me about your work.", follow_ups=0),
        Question("How do you test your code?", follow_ups=1),
        Question("Why do you want this job?", follow_ups=0),
    ),
    candidate="Maria",
    job_title="Software Engineer",
)
ANSWERS = (
    "I have worked as a software engineer for six years, mostly on web services in Python and then"
    " I moved to a new company, because I wanted to learn more about the web and I like to work"
    " with people.",
    "I like to write tests first, because they show me early what the code should do and in my last"
    " role I was responsible for the search feature and I worked with three other people on the"
    " same project.",
    "I would like to work with people who care about quality and who help each other because I have"
    " five years of experience with Python and I would like to learn more about large systems and"
    " about people.",
)
"""Each takes a quarter of a minute, without a pause that would end the turn."""
IN_THE_MIDDLE = 3.0
"""Seconds into an answer from which a kill is in the middle of it."""
RETRY_SECONDS = 2.0
"""Between two tries to connect, as in the browser; here as often as the restart takes."""
GIVE_UP_SECONDS = 900.0
"""For a whole interview with all its interruptions."""
GAP = (0.2, 1.8)
"""Each kill comes after a random share, within these, of --every seconds of a ready server."""


@dataclass(slots=True)
class Held:
    """One interview as its candidate saw it."""

    id: UUID = field(default_factory=uuid4)
    connections: list[Candidate] = field(default_factory=list)
    answers: list[tuple[Candidate, Utterance, Spoken]] = field(default_factory=list)
    """What was said, each in its connection."""
    finalized: bool = False
    gave_up: str = ""

    @property
    def seen(self) -> Seen:
        messages = [m for connection in self.connections for _, m in connection.messages]
        return Seen(messages, self.finalized, list(filter(None, map(cut_off, self.answers))))

    @property
    def in_the_middle(self) -> bool:
        """Whether the candidate has been speaking for a while."""
        if not self.answers:
            return False
        connection, utterance, spoken = self.answers[-1]
        now = asyncio.get_running_loop().time()
        lasts = IN_THE_MIDDLE < now - spoken.began < length(utterance)
        return lasts and spoken.began > 0 and not closed_at(connection)

    @property
    def ended(self) -> bool:
        return any(connection.ended for connection in self.connections)


def length(utterance: Utterance) -> float:
    """Seconds from its first voice to its last."""
    return (utterance.last_voiced - utterance.first_voiced + 1) * CHUNK_SECONDS


def closed_at(connection: Candidate) -> float:
    """When the connection broke; 0 while it is there."""
    return next((at for at, m in reversed(connection.messages) if m["type"] == "closed"), 0.0)


def cut_off(answer: tuple[Candidate, Utterance, Spoken]) -> CutOff | None:
    """The answer, if the connection broke before it was told to be complete."""
    connection, utterance, spoken = answer
    closed, began = closed_at(connection), spoken.began
    since = [m for at, m in connection.messages if at > began]
    items = [m["item_id"] for m in since if m["type"] == BEGAN]
    told = [m["item_id"] for m in since if m["type"] == TURN]
    if not began or not closed or (spoken.ended and items and items[-1] in told):
        return None
    said = min(spoken.ended or closed, closed) - began
    return CutOff(utterance.text, length(utterance), said, tuple(items))


# The server


class Victim:
    """A server that is killed and started again on the same port and database."""

    def __init__(self, settings: dict[str, str], folder: str) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.kills = 0
        self.restarts: list[float] = []
        """Seconds until it was ready again."""
        self._settings = settings
        self._folder = folder
        self._child: subprocess.Popen[bytes] | None = None

    async def start(self) -> None:
        self._child = launch(PRODUCT, self._settings, self.port, self._folder)
        took = await asyncio.to_thread(wait_until_ready, self._child, self.url, self._folder)
        self.restarts.append(took)

    def kill(self) -> None:
        if self._child:
            self._child.kill()
            self._child.wait()

    async def suffer(self, options: argparse.Namespace, in_the_middle: Callable[[], bool]) -> None:
        """Be killed and started again, until cancelled."""
        moments = random.Random(options.seed)
        while True:
            await asyncio.sleep(options.every * moments.uniform(*GAP))
            wait = moments.random() < options.in_answers
            while wait and not in_the_middle():  # noqa: ASYNC110 -- it is the candidates' business
                await asyncio.sleep(0.1)
            self.kill()
            self.kills += 1
            await self.start()


# The candidates


async def hold(candidate: Candidate, held: Held, answers: Iterator[Utterance]) -> None:
    """Listen, answer, and so on to the end. Raises `InterviewFailed` when the connection breaks."""
    await candidate.until(lambda: candidate.replies and candidate.replies[0].end)
    while not candidate.ended:
        answer = next(answers)
        spoken = candidate.say(answer)
        held.answers.append((candidate, answer, spoken))
        await candidate.until(lambda s=spoken: candidate.answer_to(s) or candidate.ended)
        await candidate.until(lambda: all(r.end for r in candidate.replies) or candidate.ended)


async def attend(
    http: aiohttp.ClientSession, url: str, held: Held, answers: Iterator[Utterance]
) -> None:
    """One interview, however often the connection breaks, and its end."""
    clock = asyncio.get_running_loop().time
    until = clock() + GIVE_UP_SECONDS
    while clock() < until:
        try:
            if not held.ended:
                async with interview(http, url, str(held.id)) as candidate:
                    held.connections.append(candidate)
                    await hold(candidate, held, answers)
            await finalize(http, url, str(held.id), held.connections[-1])
            held.finalized = True
            return
        except InterviewFailed as exc:
            held.gave_up = str(exc)
        except aiohttp.ClientError as exc:
            held.gave_up = repr(exc)
        await asyncio.sleep(RETRY_SECONDS)


async def run(options: argparse.Namespace, url: str, folder: str) -> tuple[Victim, list[Held]]:
    """All interviews, and the server's sufferings meanwhile."""
    settings = {
        "DATABASE_URL": url,
        "MAX_SESSIONS": str(options.interviews),
        "AUTOCREATE_INTERVIEWS": "false",
    }
    victim = Victim(settings, folder)
    all_held = [Held() for _ in range(options.interviews)]
    speech = await in_starter_voice(*ANSWERS)
    free = asyncio.Semaphore(options.at_once)

    async def one(http: aiohttp.ClientSession, n: int, held: Held) -> None:
        async with free:
            await attend(http, victim.url, held, itertools.cycle(speech[n % 3 :] + speech[: n % 3]))
            print(".", end="", file=sys.stderr, flush=True)

    try:
        await victim.start()
        await add_interviews(url, all_held)
        async with aiohttp.ClientSession() as http, asyncio.TaskGroup() as tasks:
            middle = partial(any_in_the_middle, all_held)
            suffering = tasks.create_task(victim.suffer(options, middle))
            async with asyncio.TaskGroup() as candidates:
                for n, held in enumerate(all_held):
                    candidates.create_task(one(http, n, held))
            suffering.cancel()
    finally:
        victim.kill()
        print(file=sys.stderr)
    return victim, all_held


def any_in_the_middle(all_held: list[Held]) -> bool:
    return any(held.in_the_middle for held in all_held)


# The database


async def add_interviews(url: str, all_held: list[Held]) -> None:
    async with open_database(url) as database, database.write() as db:
        db.add_all(Interview(id=held.id, agenda=to_agenda(PLAN)) for held in all_held)


async def judged(database: Database, held: Held) -> tuple[list[str], list[float]]:
    """What is wrong with one interview, by its record, and what was lost of each answer that a kill
    cut off, seconds."""
    async with database.read() as db:
        rows = await store.events(db, held.id)
        row = await store.interview(db, held.id)
    entries = [store.decode(r) for r in rows]
    seen = held.seen
    found = faults(PLAN, seen, [r.seq for r in rows], entries)
    if held.finalized and (row is None or row.status != "completed" or not row.ai_analysis):
        found.append("unfinished: the result is not in the table")
    if found and held.gave_up and not held.finalized:
        found.append(f"the candidate's last error: {held.gave_up}")
    return found, [each.lost(entries) for each in seen.cut_off]


async def verdict(url: str, victim: Victim, all_held: list[Held]) -> dict[str, Any]:
    async with open_database(url) as database:
        results = {str(held.id): await judged(database, held) for held in all_held}
    wrong = {held: found for held, (found, _) in results.items()}
    cut = sorted(seconds for _, lost in results.values() for seconds in lost)
    kinds = Counter(fault.partition(":")[0] for found in wrong.values() for fault in found)
    restarts = victim.restarts[1:] or [0.0]
    return {
        "interviews": len(all_held),
        "finished": sum(held.ended and held.finalized for held in all_held),
        "kills": victim.kills,
        "reconnects": sum(max(0, len(held.connections) - 1) for held in all_held),
        "turns_told": sum(len(held.seen.turns) for held in all_held),
        "clauses_heard": sum(len(c) for held in all_held for c in held.seen.clauses.values()),
        "cut_off": len(cut),
        "cut_off_lost_s_median": round(cut[len(cut) // 2], 1) if cut else 0.0,
        "cut_off_lost_s_max": round(max(cut, default=0.0), 1),
        "lost": kinds["lost"],
        "duplicated": kinds["duplicate"],
        "restart_s_max": round(max(restarts), 1),
        "faults": {held: found for held, found in wrong.items() if found},
    }


@contextlib.contextmanager
def database(kind: str, folder: str) -> Iterator[str]:
    """URL of a new database."""
    if kind == "sqlite":
        yield f"sqlite+aiosqlite:///{folder}/vivavoce.db"
    elif installed := programs():
        with cluster(installed) as url:
            yield url.format(name="postgres")
    else:
        sys.exit("kill_loop.py: Postgres is not installed: apt-get install postgresql")


parser = argparse.ArgumentParser(
    description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
)
parser.add_argument("--interviews", type=int, default=30)
parser.add_argument("--at-once", type=int, default=4)
parser.add_argument("--every", type=float, default=15.0, metavar="SECONDS", help="mean, of a kill")
parser.add_argument(
    "--in-answers", type=float, default=0.5, metavar="SHARE", help="of the kills, in an answer"
)
parser.add_argument("--database", choices=["sqlite", "postgres"], default="sqlite")
parser.add_argument("--seed", type=int, default=1, help="of the moments")
parser.add_argument("--folder", type=Path, default=Path(), help="where the SQLite file lies")
parser.add_argument("--json", action="store_true", help="print one JSON object")


def main() -> None:
    options = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="kill-loop-", dir=options.folder.resolve()) as folder,
        database(options.database, folder) as url,
    ):
        try:
            victim, all_held = asyncio.run(run(options, url, folder))
        except ServerFailed as exc:
            sys.exit(f"kill_loop.py: {exc}")
        result = {"database": options.database, **asyncio.run(verdict(url, victim, all_held))}
    if options.json:
        print(json.dumps(result, indent=2))
    else:
        for name, value in result.items():
            if name != "faults":
                print(f"{name.replace('_', ' '):<24}{value:>10}")
        for held, found in result["faults"].items():
            for fault in found:
                print(f"{held}  {fault}")
    sys.exit(bool(result["faults"]))


if __name__ == "__main__":
    main()
