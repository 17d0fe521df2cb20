"""How long the commit of a turn event takes: python -m scripts.measure.bench_store [--sessions 1 8]

SQLite on the disk of --folder, and Postgres with its usual durability where it is installed (a
cluster of our own in a temporary folder). Every session commits --events entries, one at a time,
with a pause as between the clauses of a reply; milliseconds as seen by the session.
"""

import argparse
import asyncio
import tempfile
import time
from pathlib import Path
from uuid import uuid4

from pipeline.journal import ClauseSaid
from scripts.measure.private_postgres import cluster, programs
from service.storage.database import Database, open_database
from service.storage.record import StoredRecord
from service.storage.tables import Interview

PAUSE = 0.02
"""Seconds between two commits of a session."""


async def converse(database: Database, events: int) -> list[float]:
    """The milliseconds of every commit of one session."""
    session_id = uuid4()
    async with database.write() as db:
        db.add(Interview(id=session_id))
    record = StoredRecord(database, session_id, 0)
    took = []
    for n in range(events):
        await asyncio.sleep(PAUSE)
        began = time.perf_counter()
        await record.append(ClauseSaid(n, "resp_1", "Thank you. What interests you about it?"))
        took.append((time.perf_counter() - began) * 1000)
    return took[events // 10 :]  # without the first, which open connections


async def measure(name: str, url: str, sessions: list[int], events: int) -> None:
    async with open_database(url) as database:
        for count in sessions:
            async with asyncio.TaskGroup() as tasks:
                running = [tasks.create_task(converse(database, events)) for _ in range(count)]
            took = sorted(ms for task in running for ms in task.result())
            p50, p99 = (took[int(len(took) * share)] for share in (0.5, 0.99))
            print(f"{name:10}{count:10}{p50:10.2f}{p99:10.2f}{took[-1]:10.2f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--sessions", type=int, nargs="+", default=[1, 8])
    parser.add_argument("--events", type=int, default=300, help="a session")
    parser.add_argument("--folder", type=Path, default=Path(), help="where the SQLite file lies")
    options = parser.parse_args()

    print(f"{'':10}{'sessions':>10}{'p50 ms':>10}{'p99 ms':>10}{'max ms':>10}")
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        url = f"sqlite:///{Path(folder).resolve()}/bench.db"
        asyncio.run(measure("SQLite", url, options.sessions, options.events))
    if installed := programs():
        with cluster(installed) as url:
            postgres = url.format(name="postgres")
            asyncio.run(measure("Postgres", postgres, options.sessions, options.events))
    else:
        print("Postgres is not installed: apt-get install postgresql")


if __name__ == "__main__":
    main()
