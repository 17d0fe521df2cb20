"""Interviews in a product's own Postgres tables, which stay as they are."""

import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID, uuid4

import asyncpg
import pytest

from models import fake
from scripts.measure.private_postgres import USER, programs
from service.errors import ProductTablesUnusable, SchemaBehind
from service.privacy.erasure import KEPT
from service.storage import schema
from service.storage.database import open_database, state_of, upgrade_database
from service.storage.database_engine import normalize

from ..conftest import Client, Serve, new_database
from ..held import SAID, CountingLlm
from ..live.test_websocket import Client as Candidate

MADE = (Path(__file__).parent / "product.sql").read_text()
INTERVIEW = UUID("00000000-0000-4000-8000-000000000004")
QUERY = """
-- What the site knows: note that a colon in a text needs a backslash
SELECT e.first_name || ' ' || e.last_name AS candidate_name,
       e.position AS candidate_position, e.skills AS candidate_skills,
       j.title AS job_title, j.summary AS job_summary, j.required_skills
  FROM interview_sessions AS s
  JOIN employees AS e ON e.id = s.employee_id
  JOIN job_descriptions AS j ON j.id = s.job_description_id
 WHERE s.id = :interview_id;
"""


class Product:
    """The product's database, and its owner's view of it."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._name = urlsplit(url).path.removeprefix("/")
        self._folder = parse_qs(urlsplit(url).query)["host"][0]

    async def run(self, statement: str) -> list[Any]:
        connection = await asyncpg.connect(user=USER, database=self._name, host=self._folder)
        try:
            return (
                list(await connection.fetch(statement))
                if ";" not in statement
                else [await connection.execute(statement)]
            )
        finally:
            await connection.close()

    def definition(self) -> str:
        """Everything in the product's schemas, as the database itself writes it down."""
        folder = programs()
        assert folder
        command = [str(folder / "pg_dump"), "--schema-only", "-U", USER, "-h", self._folder]
        command += ["-n", "public", "-n", "auth", self._name]
        made = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        # A number that is another every time stands in two lines of it.
        return "\n".join(line for line in made.splitlines() if "restrict" not in line)

    def as_user(self, user: str) -> str:
        return self.url.replace(f"{USER}@", f"{user}@")


@pytest.fixture
async def product(postgres: str) -> AsyncIterator[Product]:
    with new_database(postgres) as url:
        made = Product(url)
        await made.run(MADE)
        yield made


User = Callable[..., Awaitable[str]]


@pytest.fixture
def user(product: Product) -> User:
    """Make a database user that may do this, and get the URL as which it comes."""

    async def make(*grants: str, attributes: str = "") -> str:
        name = f"user_{uuid4().hex}"
        await product.run(f"CREATE ROLE {name} LOGIN {attributes};")
        database = urlsplit(product.url).path.removeprefix("/")
        await product.run(f"GRANT CREATE ON DATABASE {database} TO {name};")
        for grant in grants:
            await product.run(grant.format(user=name) + ";")
        return product.as_user(name)

    return make


GRANTS = (
    "GRANT SELECT, UPDATE ON interview_sessions TO {user}",
    "GRANT SELECT, INSERT, UPDATE ON interview_questions TO {user}",
    "GRANT SELECT ON employees, job_descriptions TO {user}",
)
POLICIES = (
    "CREATE POLICY vivavoce ON interview_sessions TO {user} USING (true) WITH CHECK (true)",
    "CREATE POLICY vivavoce ON interview_questions TO {user} USING (true) WITH CHECK (true)",
)


async def assessed(client: Client) -> Any:
    """One answer is given and assessed; the analysis."""
    talking = Candidate(await client.ws_connect(f"/ws/interview/{INTERVIEW}"))
    await talking.next("response.done")
    await talking.send(type="text", content=SAID)
    await talking.next("response.done")
    await talking.ws.close()
    body = {"interviewId": str(INTERVIEW), "transcript": []}
    async with client.post("/finalize-interview", json=body) as finalized:
        assert finalized.status == 200
        return (await finalized.json())["analysis"]


async def test_an_interview_is_held_in_the_products_tables_which_stay_as_they_are(
    product: Product, user: User, serve: Serve, tmp_path: Path
) -> None:
    url = await user(*GRANTS, *POLICIES)
    before = product.definition()
    query = tmp_path / "candidate.sql"
    query.write_text(QUERY)
    client = await serve(
        fake.engines(SAID, voice=fake.SteadyVoice(0.004), llm=CountingLlm()),
        database_url=url,
        autocreate_interviews=False,
        candidate_query_file=str(query),
    )
    started = await client.post("/start-database-interview", json={"interview_id": str(INTERVIEW)})
    answer = await started.json()
    assert started.status == 200
    assert (answer["candidate_name"], answer["job_title"]) == ("Maria Lopez", "Team lead")
    analysis = await assessed(client)

    (row,) = await product.run("SELECT * FROM interview_sessions")
    assert row["status"] == "completed"
    assert row["scheduled_at"] <= row["started_at"] <= row["completed_at"]
    assert row["updated_at"] > row["created_at"]
    assert row["overall_score"] == analysis["overall_score"] == 80
    assert row["strengths"] == analysis["strengths"]
    assert row["areas_for_improvement"] == ["give an example"]
    assert row["recommendations"] == analysis["recommendations"]
    assert SAID in row["transcript"]
    assert row["duration_minutes"] == 45
    questions = await product.run("SELECT * FROM interview_questions ORDER BY created_at")
    assert [question["question_text"] for question in questions] == [
        "A note of the recruiter",
        "What did you build last?",
        *["Why this role?"][: len(questions) - 2],
    ]
    assert questions[1]["question_category"] == "experience"
    assert questions[1]["employee_response"] == SAID
    assert questions[1]["response_score"] == 80
    assert product.definition() == before


async def test_all_that_is_ours_is_in_a_schema_of_its_own_and_holds_on_to_nothing(
    product: Product,
) -> None:
    await upgrade_database(normalize(product.url))
    ours = await product.run("SELECT tablename FROM pg_tables WHERE schemaname = 'vivavoce'")
    names = {row["tablename"] for row in ours}
    assert {"turn_events", "connections", "audit_log", schema.VERSION_TABLE} <= names
    assert not {"interview_sessions", "interview_questions"} & names
    assert await product.run(
        "SELECT conname FROM pg_constraint WHERE contype = 'f'"
        " AND connamespace = 'vivavoce'::regnamespace"
        " AND confrelid IN (SELECT oid FROM pg_class WHERE relnamespace = 'public'::regnamespace)"
    ) == []  # fmt: skip
    state = await state_of(normalize(product.url))
    assert state == schema.State(version=schema.newest(), product=True, adopting=False)


async def test_deleting_an_interview_takes_all_of_it_that_is_ours(
    product: Product, serve: Serve
) -> None:
    client = await serve(
        fake.engines(SAID, voice=fake.SteadyVoice(0.004)), database_url=product.url
    )
    talking = Candidate(await client.ws_connect(f"/ws/interview/{INTERVIEW}"))
    await talking.next("response.done")
    async with client.delete(f"/interviews/{INTERVIEW}") as deleted:
        assert deleted.status == 200
    await talking.ws.close()
    for table, column in (
        ("vivavoce.turn_events", "session_id"),
        ("vivavoce.kept_plans", "interview_session_id"),
        ("interview_sessions", "id"),
    ):
        assert await product.run(f"SELECT {column} FROM {table}") == []


async def test_where_a_row_may_not_be_deleted_what_is_ours_in_it_is(
    product: Product, user: User, serve: Serve
) -> None:
    client = await serve(
        fake.engines(SAID, voice=fake.SteadyVoice(0.004), llm=CountingLlm()),
        database_url=await user(*GRANTS, *POLICIES),
    )
    await assessed(client)
    tables = ("interview_sessions", "interview_questions", "vivavoce.turn_events")
    before = [str(await product.run(f"SELECT * FROM {table}")) for table in tables]
    assert all(SAID in rows for rows in before)
    async with client.delete(f"/interviews/{INTERVIEW}") as deleted:
        (erased,) = (await deleted.json())["receipt"]["interviews"]
    assert erased["not_reached"] == [KEPT.format(table) for table in tables[1::-1]]
    assert (erased["rows"]["interview_sessions"], erased["rows"]["connections"]) == (0, 1)
    after = [str(await product.run(f"SELECT * FROM {table}")) for table in tables]
    assert not any(SAID in rows for rows in after)
    assert "What did you build last?" in after[0]  # the agenda is the product's
    assert "A note of the recruiter" in after[1]


async def test_an_interview_that_the_products_rules_forbid_is_refused(
    product: Product, serve: Serve
) -> None:
    client = await serve(database_url=product.url)
    async with client.post("/start-interview", json={"job_description": "Nurse"}) as response:
        assert response.status == 409
    async with client.post("/interviews", json={}) as response:
        assert response.status == 409
        assert "product" in (await response.json())["detail"]
    unknown = {"interview_id": str(uuid4())}
    async with client.post("/start-database-interview", json=unknown) as response:
        assert response.status == 404


@pytest.mark.parametrize(
    ("grants", "told"),
    [
        ((), "may not SELECT interview_sessions.id; grant it, as with GRANT SELECT ON"),
        (
            ("GRANT SELECT ON interview_sessions TO {user}", *GRANTS[1:], *POLICIES),
            "may not UPDATE interview_sessions.status",
        ),
        ((GRANTS[0], *POLICIES), "may not SELECT interview_questions.id"),
        ((*GRANTS, POLICIES[0]), r"interview_questions .*no policy lets it INSERT"),
        (GRANTS, "interview_questions .*no policy lets it INSERT"),
        (
            (*GRANTS, POLICIES[1]),
            "interview_sessions .*its policies show it no row.*BYPASSRLS, or CREATE POLICY",
        ),
        (
            (*GRANTS, POLICIES[1], POLICIES[0].replace("TO", "FOR SELECT TO").split(" WITH")[0]),
            "interview_sessions .*its policies let it UPDATE no row",
        ),
    ],
)
async def test_a_user_that_may_too_little_is_told_at_the_start(
    product: Product, user: User, grants: tuple[str, ...], told: str
) -> None:
    url = await user(*grants)
    with pytest.raises(ProductTablesUnusable, match=told) as refused:
        async with open_database(url):
            pass
    assert "\n" not in str(refused.value)
    assert await product.run("SELECT 1 FROM pg_namespace WHERE nspname = 'vivavoce'") == []


@pytest.mark.parametrize("attributes", ["BYPASSRLS", "SUPERUSER"])
async def test_who_is_above_row_level_security_needs_no_policy(user: User, attributes: str) -> None:
    url = await user(*GRANTS, attributes=attributes)
    async with open_database(url):
        pass


async def test_a_table_without_rows_is_no_reason_to_refuse(product: Product, user: User) -> None:
    await product.run("TRUNCATE interview_sessions CASCADE;")
    async with open_database(await user(*GRANTS, POLICIES[1])):
        pass


@pytest.mark.parametrize(
    "change",
    [
        "ALTER TABLE interview_sessions DROP COLUMN strengths, ADD COLUMN strengths jsonb;",
        "ALTER TABLE interview_questions DROP COLUMN asked_at, ADD COLUMN asked_at bigint;",
        "ALTER TABLE interview_questions DROP COLUMN id, ADD COLUMN id bigserial PRIMARY KEY;",
        "CREATE TYPE states AS ENUM ('scheduled'); ALTER TABLE interview_sessions"
        " DROP COLUMN status, ADD COLUMN status states;",
    ],
)
async def test_a_column_of_another_type_is_found_out_at_the_start(
    product: Product, change: str
) -> None:
    await product.run(change)
    with pytest.raises(ProductTablesUnusable, match=r"cannot be used \((column|operator)"):
        async with open_database(product.url):
            pass


async def test_a_column_that_is_missing_is_named(product: Product) -> None:
    await product.run("ALTER TABLE interview_sessions DROP COLUMN agenda;")
    with pytest.raises(ProductTablesUnusable, match=r"interview_sessions .* no column agenda"):
        async with open_database(product.url):
            pass


async def test_a_user_who_may_not_make_the_schema_is_told_what_to_do(
    product: Product, user: User
) -> None:
    url = await user(*GRANTS, *POLICIES)
    name, database = urlsplit(url).username, urlsplit(url).path.removeprefix("/")
    await product.run(f"REVOKE CREATE ON DATABASE {database} FROM {name};")
    told = "could not be made .permission denied for database.*run `vivavoce db upgrade`"
    with pytest.raises(SchemaBehind, match=told):
        async with open_database(url):
            pass


async def test_the_users_of_an_upgrade_and_of_the_service_may_be_two(
    product: Product, user: User
) -> None:
    url = await user(*GRANTS, *POLICIES)
    with pytest.raises(SchemaBehind, match="vivavoce db upgrade"):
        async with open_database(url, upgrade=False):
            pass
    await upgrade_database(normalize(product.url))
    with pytest.raises(SchemaBehind, match="GRANT USAGE ON SCHEMA vivavoce"):
        async with open_database(url):
            pass
    name = urlsplit(url).username
    await product.run(
        f"GRANT USAGE ON SCHEMA vivavoce TO {name};"
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA vivavoce TO {name};"
        f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA vivavoce TO {name};"
    )
    async with open_database(url, upgrade=False):
        pass
