"""What a product deletes in its own tables goes here too, and nothing else does."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import pytest

from service.admission.admission import Admission
from service.privacy.orphans import PATIENCE, Orphans
from service.privacy.sightings import InMemorySightings, StoredSightings
from service.security.audit import entries
from service.storage import store
from service.storage.database import Database, open_database
from service.times import utc_now

from ..held import ENTRIES, held
from ..mistaken import goes_on
from ..storage.test_product_tables import GRANTS, INTERVIEW, POLICIES, Product, User, product, user

__all__ = ["product", "user"]
NOW = utc_now()
LATER = NOW + PATIENCE


@pytest.fixture
async def database(product: Product) -> AsyncIterator[Database]:
    """With a record of the product's interview."""
    async with open_database(product.url) as database:
        async with database.write() as db:
            await store.append(db, INTERVIEW, 0, ENTRIES)
        yield database


def looker(database: Database, folder: Path, admission: Admission | None = None) -> Orphans:
    return Orphans(database, admission or Admission(4, 120.0), folder)


async def recorded(database: Database) -> int:
    async with database.read() as db:
        return len(await store.events(db, INTERVIEW))


async def test_what_an_interview_left_here_goes_half_a_day_after_it(
    database: Database, product: Product, tmp_path: Path
) -> None:
    recording = tmp_path / str(INTERVIEW) / "1.flac"
    recording.parent.mkdir()
    recording.write_bytes(b"fLaC")
    orphans = looker(database, tmp_path)
    await orphans.look(NOW - timedelta(days=3))
    await product.run("DELETE FROM interview_sessions;")
    await orphans.look(NOW)
    await orphans.look(LATER - timedelta(seconds=1))
    assert await recorded(database) == len(ENTRIES)
    await orphans.look(LATER)
    assert await recorded(database) == 0
    assert not recording.exists()
    async with database.read() as db:
        (entry,) = await entries(db, INTERVIEW)
    assert f"turn_events {len(ENTRIES)}" in entry.detail
    assert "files 1" in entry.detail


async def test_a_new_leader_goes_on_counting_where_the_old_one_stopped(
    database: Database, product: Product, tmp_path: Path
) -> None:
    def leader() -> Orphans:
        return Orphans(database, Admission(4, 120.0), tmp_path, StoredSightings(database))

    await product.run("DELETE FROM interview_sessions;")
    await leader().look(NOW)
    await leader().look(LATER - timedelta(seconds=1))
    assert await recorded(database) == len(ENTRIES)
    await leader().look(LATER)
    assert await recorded(database) == 0
    await leader().look(LATER)
    assert await StoredSightings(database).seen([], LATER) == {}


@pytest.mark.parametrize("stored", [False, True])
async def test_what_is_there_again_is_forgotten(database: Database, stored: bool) -> None:
    sightings = StoredSightings(database) if stored else InMemorySightings()
    one, other = uuid4(), uuid4()
    assert await sightings.seen([one], NOW) == {one: NOW}
    assert await sightings.seen([one, other], LATER) == {one: NOW, other: LATER}
    assert await sightings.seen([other], LATER) == {other: LATER}
    assert await sightings.seen([one], LATER) == {one: LATER}


async def test_an_interview_that_comes_back_from_a_backup_is_waited_for_anew(
    database: Database, product: Product, tmp_path: Path
) -> None:
    orphans = looker(database, tmp_path)
    await product.run("CREATE TABLE backup AS SELECT * FROM interview_sessions;")
    await product.run("DELETE FROM interview_sessions;")
    await orphans.look(NOW)
    await product.run("INSERT INTO interview_sessions SELECT * FROM backup;")
    await orphans.look(LATER)
    await product.run("DELETE FROM interview_sessions;")
    await orphans.look(LATER)
    assert await recorded(database) == len(ENTRIES)


async def test_a_conversation_that_goes_on_is_left_alone(
    database: Database, product: Product, tmp_path: Path
) -> None:
    admission = Admission(4, 120.0)
    orphans = looker(database, tmp_path, admission)
    await product.run("DELETE FROM interview_sessions;")
    await orphans.look(NOW)
    async with admission.seat(INTERVIEW):
        await orphans.look(LATER)
    assert await recorded(database) == len(ENTRIES)


async def test_what_a_policy_hides_does_not_count_as_deleted(
    database: Database, product: Product, user: User, tmp_path: Path
) -> None:
    url = await user(*GRANTS, *POLICIES)
    name = urlsplit(url).username
    await product.run(
        f"GRANT USAGE ON SCHEMA vivavoce TO {name};"
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA vivavoce TO {name};"
        f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA vivavoce TO {name};"
    )
    async with open_database(url) as of_user:
        orphans = looker(of_user, tmp_path)
        for policy in (f"USING (id <> '{INTERVIEW}')", "USING (true)"):
            await product.run(f"ALTER POLICY vivavoce ON interview_sessions {policy};")
            await orphans.look(NOW)
            await orphans.look(LATER)
            assert await recorded(database) == len(ENTRIES)
        await product.run("DELETE FROM interview_sessions;")
        await orphans.look(NOW)
        await orphans.look(LATER)
        assert await recorded(database) == 0


async def test_a_database_of_our_own_has_none(database_url: str, tmp_path: Path) -> None:
    async with open_database(database_url) as database:
        interview_id = await held(database)
        orphans = looker(database, tmp_path)
        await orphans.look(NOW)
        await orphans.look(LATER)
        async with database.read() as db:
            assert await store.events(db, interview_id)
            assert await store.events(db, uuid4()) == []


async def test_a_bug_while_it_looks_ends_nothing_else(tmp_path: Path) -> None:
    await goes_on(lambda database: looker(database, tmp_path).run(every=0.0))
