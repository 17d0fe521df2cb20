"""Kill the server again and again while interviews go on, and look for what was lost:

    nice .venv/bin/python -m scripts.kill_loop --interviews 30 --at-once 4
    nice .venv/bin/python -m scripts.kill_loop --interviews 30 --at-once 4 --database postgres

A server of its own, with the starter models, is killed with SIGKILL at random moments and started
again, over and over. The candidates speak in real time; after a close with 1006 they connect to the
same session again, as the browser does (here until the server is back). At the end everything that
they were told is looked up in the database (scripts/kill_check.py). It exits with 1 on any fault.
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
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import aiohttp

from pipeline.plan import Plan, Question
from service.storage import store
from service.storage.agenda import to_agenda
from service.storage.database import Database, opened
from service.storage.tables import Interview

from .candidate import (
    Candidate,
    InterviewFailed,
    Utterance,
    finalize,
    in_starter_voice,
    interview,
)
from .kill_check import Seen, faults
from .private_postgres import cluster, programs
from .server import PRODUCT, ServerFailed, free_port, launch, wait_until_ready

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
    "I have worked as a software engineer for six years, mostly on web services in Python.",
    "I like to write tests first, because they show me early what the code should do.",
    "I would like to work with people who care about quality and who help each other.",
)
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
    finalized: bool = False
    gave_up: str = ""

    @property
    def seen(self) -> Seen:
        messages = [m for connection in self.connections for _, m in connection.messages]
        return Seen(messages, self.finalized)

    @property
    def ended(self) -> bool:
        return any(connection.ended for connection in self.connections)


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

    async def suffer(self, every: float, moments: random.Random) -> None:
        """Be killed and started again, until cancelled."""
        while True:
            await asyncio.sleep(every * moments.uniform(*GAP))
            self.kill()
            self.kills += 1
            await self.start()


# The candidates


async def hold(candidate: Candidate, answers: Iterator[Utterance]) -> None:
    """Listen, answer, and so on to the end. Raises `InterviewFailed` when the connection breaks."""
    await candidate.until(lambda: candidate.replies and candidate.replies[0].end)
    while not candidate.ended:
        spoken = candidate.say(next(answers))
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
                    await hold(candidate, answers)
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
            suffering = tasks.create_task(victim.suffer(options.every, random.Random(options.seed)))
            async with asyncio.TaskGroup() as candidates:
                for n, held in enumerate(all_held):
                    candidates.create_task(one(http, n, held))
            suffering.cancel()
    finally:
        victim.kill()
        print(file=sys.stderr)
    return victim, all_held


# The database


async def add_interviews(url: str, all_held: list[Held]) -> None:
    async with opened(url) as database, database.write() as db:
        db.add_all(Interview(id=held.id, agenda=to_agenda(PLAN)) for held in all_held)


async def judged(database: Database, held: Held) -> list[str]:
    """What is wrong with one interview, by its record."""
    async with database.read() as db:
        rows = await store.events(db, held.id)
        row = await store.interview(db, held.id)
    found = faults(PLAN, held.seen, [r.seq for r in rows], [store.decoded(r) for r in rows])
    if held.finalized and (row is None or row.status != "completed" or not row.ai_analysis):
        found.append("unfinished: the result is not in the table")
    if found and held.gave_up and not held.finalized:
        found.append(f"the candidate's last error: {held.gave_up}")
    return found


async def verdict(url: str, victim: Victim, all_held: list[Held]) -> dict[str, Any]:
    async with opened(url) as database:
        wrong = {str(held.id): await judged(database, held) for held in all_held}
    kinds = Counter(fault.partition(":")[0] for found in wrong.values() for fault in found)
    restarts = victim.restarts[1:] or [0.0]
    return {
        "interviews": len(all_held),
        "finished": sum(held.ended and held.finalized for held in all_held),
        "kills": victim.kills,
        "reconnects": sum(max(0, len(held.connections) - 1) for held in all_held),
        "turns_told": sum(len(held.seen.turns) for held in all_held),
        "clauses_heard": sum(len(c) for held in all_held for c in held.seen.clauses.values()),
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
                print(f"{name.replace('_', ' '):<16}{value:>10}")
        for held, found in result["faults"].items():
            for fault in found:
                print(f"{held}  {fault}")
    sys.exit(bool(result["faults"]))


if __name__ == "__main__":
    main()
