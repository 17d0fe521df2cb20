r"""Kill the server again and again while interviews go on, and look for what was lost:

    nice .venv/bin/python -m scripts.kill_loop --interviews 30 --at-once 4
    nice .venv/bin/python -m scripts.kill_loop --interviews 30 --at-once 4 --database postgres
    nice .venv/bin/python -m scripts.kill_loop --replicas 3 --behind nginx --events 200
    nice .venv/bin/python -m scripts.kill_loop --replicas 4 --behind haproxy --rolling --slots 3 \
        --at-once 9
    sudo .venv/bin/python -m scripts.kill_loop --replicas 3 --behind nginx --hosts --only cut \
        --events 5

A server of its own, with the starter models, is killed with SIGKILL at random moments and started
again, over and over; every second kill (--in-answers) waits until somebody is in the middle of an
answer. The candidates speak in real time; after a close with 1006 they connect to the
same session again, as the browser does (here until the server is back). At the end everything that
they were told is looked up in the database (scripts/measure/kill_check.py). It exits with 1 on any
fault.

With --replicas, several servers on one Postgres stand behind nginx or HAProxy, on the files in
deploy/. They are killed, hang (SIGSTOP) and are stopped and started again; candidates open newer
tabs at other replicas; Postgres crashes, and is away for a minute (--outages), in which a replica
dies and sockets break. With --hosts each replica is a machine of its own, and machines are cut off
from the network. Candidates come back as the page does, some (--products) as a front end that waits
for two seconds and gives up after one try. The engines are scripted ones, with --engines starter
the starter models, and with --engines real those of this installation, whose voice the candidates
speak with.
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
from functools import partial
from pathlib import Path
from typing import Any

import aiohttp

from pipeline.interview.plan import Plan, Question
from service.storage import store
from service.storage.agenda import to_agenda
from service.storage.database import Database, open_database
from service.storage.tables import Interview

from .measure.attendance import Attendance, Held
from .measure.balancers import BALANCERS
from .measure.candidate import in_starter_voice
from .measure.cluster_loop import ClusterLoop
from .measure.kill_check import faults
from .measure.mishaps import GAP, WEIGHTS
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
            answers = itertools.cycle(speech[n % 3 :] + speech[: n % 3])
            await Attendance(http, http, victim.url, held, answers).run()
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
several = parser.add_argument_group("several replicas")
several.add_argument("--replicas", type=int, default=0)
several.add_argument("--behind", choices=sorted(BALANCERS), default="nginx")
several.add_argument("--slots", type=int, default=6, help="sessions a replica may hold")
several.add_argument("--events", type=int, default=200, help="so many")
several.add_argument("--minutes", type=float, default=60.0, help="at most, for the events")
several.add_argument("--outages", type=int, default=0, help="of Postgres, of a minute each")
several.add_argument("--only", default="", metavar="KINDS", help=f"of {', '.join(WEIGHTS)}")
several.add_argument("--rolling", action="store_true", help="drain one after the other, once")
several.add_argument("--hosts", action="store_true", help="each on a machine of its own (root)")
several.add_argument("--products", type=float, default=0.25, metavar="SHARE", help="of the clients")
several.add_argument("--engines", choices=["fakes", "starter", "real"], default="fakes")


def main() -> None:
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="kill-loop-", dir=options.folder.resolve()) as folder:
        try:
            result = several_replicas(options, folder) if options.replicas else one(options, folder)
        except ServerFailed as exc:
            sys.exit(f"kill_loop.py: {exc}")
    if options.json:
        print(json.dumps(result, indent=2))
    else:
        show(result)
    sys.exit(bool(result["faults"] or result.get("over_admitted")))


def one(options: argparse.Namespace, folder: str) -> dict[str, Any]:
    with database(options.database, folder) as url:
        victim, all_held = asyncio.run(run(options, url, folder))
        return {"database": options.database, **asyncio.run(verdict(url, victim, all_held))}


def several_replicas(options: argparse.Namespace, folder: str) -> dict[str, Any]:
    return ClusterLoop(options, PLAN, ANSWERS).run(Path(folder))


def show(result: dict[str, Any]) -> None:
    for name, value in result.items():
        if name not in ("faults", "silences"):
            print(f"{name.replace('_', ' '):<24}{value!s:>10}")
    for name, row in result.get("silences", {}).items():
        print(f"{name:<44}" + "".join(f"  {what} {value}" for what, value in row.items()))
    for held, found in result["faults"].items():
        for fault in found:
            print(f"{held}  {fault}")


if __name__ == "__main__":
    main()
