"""Check at the start whether interviews can be held in a product's own tables: the columns exist,
the user may read and write them, and row-level security shows the rows."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import Connection, Executable, Table, false, inspect, select, text, update
from sqlalchemy.exc import ProgrammingError

from ..errors import ProductTablesUnusable
from .database_engine import reason
from .tables import AskedQuestion, Base, Interview

INTERVIEWS = Base.metadata.tables[Interview.__tablename__]
QUESTIONS = Base.metadata.tables[AskedQuestion.__tablename__]
WRITTEN = (
    "status", "started_at", "completed_at", "duration_minutes", "transcript", "ai_analysis",
    "overall_score", "skill_scores", "recommendations", "strengths", "areas_for_improvement",
    "updated_at",
)  # fmt: skip
"""Columns of an interview that are written when it is held."""
NEEDED: Mapping[tuple[str, str], Sequence[str]] = {
    (INTERVIEWS.name, "SELECT"): list(INTERVIEWS.c.keys()),
    (INTERVIEWS.name, "UPDATE"): WRITTEN,
    (QUESTIONS.name, "SELECT"): list(QUESTIONS.c.keys()),
    (QUESTIONS.name, "INSERT"): list(QUESTIONS.c.keys()),
    (QUESTIONS.name, "UPDATE"): list(QUESTIONS.c.keys()),
}
"""Columns that must be accessible, by table and privilege."""

_COMMANDS = {"SELECT": "r", "UPDATE": "w", "INSERT": "a"}
"""Letters for the commands in Postgres' catalogue of policies."""

_NOT_GRANTED = text(
    "SELECT name FROM unnest(CAST(:columns AS text[])) AS name"
    " WHERE NOT has_column_privilege(CAST(:table AS regclass), name, :privilege) LIMIT 1"
)
_ALLOWED = text(
    "SELECT NOT row_security_active(CAST(:table AS regclass)) OR EXISTS ("
    " SELECT FROM pg_policy, unnest(polroles) AS role"
    " WHERE polrelid = CAST(:table AS regclass) AND polpermissive"
    " AND CAST(polcmd AS text) IN ('*', :command)"
    " AND CASE WHEN role = 0 THEN true ELSE pg_has_role(role, 'USAGE') END)"  # 0 is PUBLIC
)
_SHOWN = text("SELECT EXISTS (SELECT FROM interview_sessions)")
_THERE = text("SELECT pg_stat_get_live_tuples(CAST('interview_sessions' AS regclass)) > 0")
"""Tells from the statistics, which row-level security does not filter, whether the table has
rows."""
_CHANGEABLE = text("SELECT id FROM interview_sessions LIMIT 1 FOR UPDATE SKIP LOCKED")
"""Selects a row that may be updated: FOR UPDATE applies the policies of UPDATE too, and SKIP LOCKED
waits for nobody."""


def check(connection: Connection) -> None:
    """Check the product's tables. Raises `ProductTablesUnusable`. Of policies that look at each row
    it can only tell whether they show any."""
    user = connection.scalar(text("SELECT current_user"))
    for table in (INTERVIEWS, QUESTIONS):
        _check_columns(connection, table)
    for (name, privilege), columns in NEEDED.items():
        given = {"table": name, "columns": list(columns), "privilege": privilege}
        if column := connection.scalar(_NOT_GRANTED, given):
            raise ProductTablesUnusable(
                f"The database user {user} may not {privilege} {name}.{column}; grant it, as with"
                f" GRANT {privilege} ON {name} TO {user}."
            )
        if not connection.scalar(_ALLOWED, {"table": name, "command": _COMMANDS[privilege]}):
            raise _hidden(name, user, f"no policy lets it {privilege}")
    _try(connection)
    if connection.scalar(_SHOWN):
        if connection.scalar(_CHANGEABLE) is None:
            raise _hidden(INTERVIEWS.name, user, "its policies let it UPDATE no row")
    elif connection.scalar(_THERE):
        raise _hidden(INTERVIEWS.name, user, "its policies show it no row")


def _check_columns(connection: Connection, table: Table) -> None:
    there = inspect(connection)
    if not there.has_table(table.name):
        raise ProductTablesUnusable(
            f"The database has interview_sessions but no {table.name}; add it, or give Vivavoce a"
            " database of its own."
        )
    found = {column["name"] for column in there.get_columns(table.name)}
    if missing := [column.name for column in table.c if column.name not in found]:
        raise ProductTablesUnusable(
            f"The table {table.name} of the database has no column {missing[0]}; add it, or give"
            " Vivavoce a database of its own."
        )


def _try(connection: Connection) -> None:
    """Read and write as an interview does, but no row, to see whether the columns have suitable
    types."""
    nothing = false()
    trials: tuple[Executable, ...] = (
        select(INTERVIEWS).where(INTERVIEWS.c.status == "in_progress", nothing),
        select(QUESTIONS).where(QUESTIONS.c.interview_session_id == UUID(int=0), nothing),
        update(INTERVIEWS).where(nothing).values(dict.fromkeys(WRITTEN)),
        update(QUESTIONS).where(nothing).values(dict.fromkeys(QUESTIONS.c.keys())),
    )
    try:
        for trial in trials:
            connection.execute(trial)
    except ProgrammingError as exc:
        raise ProductTablesUnusable(
            "The database has tables of its own for interviews that cannot be used"
            f" ({reason(exc)}); give Vivavoce a database of its own."
        ) from exc


def _hidden(name: str, user: str | None, why: str) -> ProductTablesUnusable:
    return ProductTablesUnusable(
        f"Row-level security keeps {name} from the database user {user} ({why}); use the table's"
        f" owner or a user with BYPASSRLS, or CREATE POLICY vivavoce ON {name} TO {user} USING"
        " (true) WITH CHECK (true)."
    )
