"""A product's front end holds interviews and shows their results, with a database of our own and
with the product's own tables."""

import asyncio
import json
import sqlite3
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import aiohttp
import pytest

from service.storage.database import open_database
from service.storage.database_engine import normalize
from service.storage.tables import Interview

from .conftest import new_database
from .front_end import Results, Window, shown
from .process import Process
from .storage.test_product_tables import INTERVIEW, MADE, Product

SERVER = (sys.executable, "-m", "tests.service.assessing_server")
FIRST, SECOND = "What did you build?", "Who used it?"
MODULES = {
    "total_duration_minutes": 4,
    "modules": [
        {
            "title": "Building things",
            "duration_minutes": 2,
            "objectives": ["Assess the candidate's knowledge of bridges"],
            "evaluation_criteria": ["Gives an example"],
            "topics": ["bridges"],
        },
        {"title": "Users", "duration_minutes": 2, "questions": [SECOND]},
    ],
}
SEEN_AFTER = 2.5
"""Seconds after the interviewer's last word the results are shown."""
COLUMNS = "status, ai_analysis, overall_score, started_at, completed_at"


class Site:
    """The database of a product's site, which its results window reads."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._product = None if url.startswith("sqlite") else Product(url)

    async def schedule(self, agenda: Any) -> str:
        """An interview by this agenda."""
        interview_id = uuid4()
        if self._product is None:
            async with open_database(normalize(self.url)) as database, database.write() as db:
                db.add(Interview(id=interview_id, agenda=agenda))
            return str(interview_id)
        await self._product.run(
            "INSERT INTO interview_sessions (id, employee_id, job_description_id, agenda)"
            f" SELECT '{interview_id}', employee_id, job_description_id,"
            f" $agenda${json.dumps(agenda)}$agenda$ FROM interview_sessions"
            f" WHERE id = '{INTERVIEW}'"
        )
        return str(interview_id)

    async def row(self, interview: str) -> dict[str, Any]:
        if self._product:
            (found,) = await self._product.run(
                f"SELECT {COLUMNS} FROM interview_sessions WHERE id = '{interview}'"
            )
        else:
            with sqlite3.connect(urlsplit(self.url).path.removeprefix("/")) as db:
                db.row_factory = sqlite3.Row
                (found,) = db.execute(
                    f"SELECT {COLUMNS} FROM interview_sessions WHERE id = ?",
                    (UUID(interview).hex,),
                )
            db.close()
        analysis = found["ai_analysis"]
        return dict(found) | {"ai_analysis": analysis and json.loads(analysis)}


@pytest.fixture(params=["sqlite", "product"])
async def site(request: pytest.FixtureRequest) -> AsyncIterator[Site]:
    if request.param == "sqlite":
        yield Site(request.getfixturevalue("sqlite_url"))
        return
    with new_database(request.getfixturevalue("postgres")) as url:
        await Product(url).run(MADE)
        yield Site(url)


@pytest.fixture
async def host(site: Site, tmp_path: Path) -> AsyncIterator[Process]:
    made = Process(tmp_path, DATABASE_URL=site.url, MAX_SESSIONS="1", GRACE_SECONDS="600")
    await made.start_up(SERVER)
    yield made
    made.kill()


async def free(http: aiohttp.ClientSession, host: Process) -> int:
    async with http.get(f"{host.url}/health") as answer:
        return int((await answer.json())["free"])


async def test_an_interview_is_held_over_a_reload_and_a_kill_and_its_results_are_true(
    site: Site, host: Process
) -> None:
    interview = await site.schedule(MODULES)
    async with aiohttp.ClientSession() as http:
        page = Window(http, host.url, interview)
        assert await page.start()
        assert "bridges" in await page.heard()
        page = await page.reload()
        assert await page.start()
        assert page.session == interview
        assert "bridges" in await page.heard()
        await page.say()
        assert SECOND in await page.heard()
        host.kill()
        await host.start_up(SERVER)
        assert SECOND in await page.heard()
        assert page.closed == [1006]
        await page.say()
        await page.heard()
        await page.ended.wait()
        await asyncio.sleep(SEEN_AFTER)
        being_made = Results(await site.row(interview))
        assert (being_made.score, being_made.job_fit) == ("pending/100", "Being assessed")
        assert await free(http, host) == 1
        host.kill()
        host.start(SERVER)
        found = await shown(lambda: site.row(interview), "80/100")
        await page.close()
    assert found.job_fit.startswith("Strong")
    assert found.strengths == ["clear"]
    assert found.weaknesses == ["give an example"]
    assert found.performance == {"Building things": 80, "Users": 80}
    assert [each["answered"] for each in found.modules.values()] == [1, 1]
    assert not page.alerts


async def test_retry_and_a_close_with_4000_go_on_in_the_same_interview(
    site: Site, host: Process
) -> None:
    interview = await site.schedule(MODULES)
    async with aiohttp.ClientSession() as http:
        page = Window(http, host.url, interview)
        assert await page.start()
        await page.heard()
        await page.say()
        assert SECOND in await page.heard()
        assert await page.start()  # Retry, while the socket is open
        assert page.session == interview
        assert SECOND in await page.heard()
        await page.cut(4000)
        assert page.session == interview
        assert SECOND in await page.heard()
        other = Window(http, host.url, await site.schedule(MODULES))
        assert not await other.start()
        assert "places are taken" in other.alerts[0]
        analysis = await page.leave()
        assert Results(await site.row(interview)).score == "80/100"
        assert await other.start()
        await other.close()
    assert analysis["module_performance"]["Building things"] == 80
    assert analysis["module_performance"]["Users"].startswith("not assessed: ")


async def test_who_said_nothing_is_shown_no_zero(site: Site, host: Process) -> None:
    interview = await site.schedule(MODULES)
    async with aiohttp.ClientSession() as http:
        page = Window(http, host.url, interview)
        assert await page.start()
        await page.heard()
        await page.leave()
    found = Results(await site.row(interview))
    assert (found.score, found.job_fit) == ("not assessed/100", "Not assessed")
    assert all(text.startswith("not assessed: ") for text in found.performance.values())
    assert {each["score"] for each in found.modules.values()} == {"not assessed"}
