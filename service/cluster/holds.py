"""The queries for the holds of sessions, in the table `session_holds`. Each takes the session of
the database it works in; the caller owns the transaction. All times are the database's.

Who needs several locks takes that of the common cap first, then those of the replica's row and of
the hold's.
"""

import math
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import AsyncSession

from ..admission.leases import LeaseState
from .replica import ALIVE, ALIVE_SECONDS, LIVES

NOBODY = UUID(int=0)
"""The replica of a session that is kept for its client and has no place yet."""
STUCK_MS = 2000
"""Milliseconds that a replica may be silent inside a claim before Postgres ends the transaction:
one that hangs there must not keep its locks."""

_OCCUPIES = "(h.state = 'held' OR (h.state <> 'ending' AND h.until > clock_timestamp()))"
_OCCUPIED = (
    f"(SELECT count(*) FROM session_holds h WHERE h.replica = r.id AND {_OCCUPIES}"
    " AND h.session_id <> :session)"
)
CAP = "sessions"
"""Key in `cluster_settings` of the most sessions that all replicas hold together."""
_LOCK_CAP = text(
    f"SELECT value::int, set_config('idle_in_transaction_session_timeout', '{STUCK_MS}', true)"
    f" FROM cluster_settings WHERE key = '{CAP}' FOR NO KEY UPDATE"
)
_OTHERS = text(
    f"SELECT count(*) FROM session_holds h WHERE {_OCCUPIES} AND h.session_id <> :session"
)
_CAP_REACHED = text(
    f"SELECT value::int <= (SELECT count(*) FROM session_holds h WHERE {_OCCUPIES}"
    f" AND h.session_id <> :session) FROM cluster_settings WHERE key = '{CAP}'"
)
_SET_CAP = text(
    f"INSERT INTO cluster_settings (key, value) VALUES ('{CAP}', :value)"
    " ON CONFLICT (key) DO UPDATE SET value = excluded.value"
)
_REMOVE_CAP = text(f"DELETE FROM cluster_settings WHERE key = '{CAP}'")
_LATER = "clock_timestamp() + make_interval(secs => :seconds)"
# Larger than any epoch of a hold that was deleted, without a row that remembers it.
_NEW_EPOCH = "(extract(epoch FROM clock_timestamp()) * 1000000)::bigint"


@dataclass(frozen=True, slots=True)
class Hold:
    """The row of a session's hold, and what is known of the replica that has it."""

    replica: UUID
    epoch: int
    state: LeaseState
    seconds: float | None
    """Seconds until it lapses; None while its replica has it."""
    seen: float | None
    """Seconds since the last heartbeat of that replica, 0 for this one; None if it is unknown."""
    shows_life: bool
    """False if the replica's lock is gone: it has just died, or lost its connection."""

    @property
    def lapsed(self) -> bool:
        return self.seconds is not None and self.seconds <= 0

    @property
    def owned(self) -> bool:
        """Return whether a live replica has the session, and works on it."""
        at_work = self.state in (LeaseState.HELD, LeaseState.ENDING)
        alive = self.seen is not None and self.seen < ALIVE_SECONDS
        return at_work and alive and self.shows_life


_LOOK = (
    "SELECT h.replica, h.epoch, h.state,"
    " extract(epoch FROM h.until - clock_timestamp())::float8 AS seconds,"
    " extract(epoch FROM clock_timestamp() - r.seen_at)::float8 AS seen,"
    " CASE WHEN h.until IS NULL AND h.replica <> :me"
    f" THEN NOT pg_try_advisory_xact_lock_shared({LIVES}, r.lock_key) ELSE true END AS shows_life"
    " FROM session_holds h LEFT JOIN replicas r ON r.id = h.replica WHERE h.session_id = :session"
)
_LOOKS = text(_LOOK)
_LOOKS_LOCKED = text(f"{_LOOK} FOR UPDATE OF h")
_OWN = text(
    f"SELECT slots, draining, set_config('idle_in_transaction_session_timeout', '{STUCK_MS}', true)"
    " FROM replicas WHERE id = :me FOR NO KEY UPDATE"
)
_FREE = text(
    f"SELECT CASE WHEN r.draining THEN 0 ELSE r.slots - {_OCCUPIED} END FROM replicas r"
    " WHERE r.id = :me"
)
_ELSEWHERE = text(
    f"SELECT r.id FROM replicas r WHERE r.id <> :me AND NOT r.draining AND r.{ALIVE}"
    f" AND r.slots > {_OCCUPIED} ORDER BY r.slots - {_OCCUPIED} DESC LIMIT 1"
    " FOR NO KEY UPDATE OF r SKIP LOCKED"
)
_ROOM_ELSEWHERE = text(
    f"SELECT coalesce(sum(greatest(0, r.slots - {_OCCUPIED})), 0)::int FROM replicas r"
    f" WHERE r.id <> :me AND NOT r.draining AND r.{ALIVE}"
)
_UNTIL = f"CASE WHEN :seconds < 0 THEN NULL ELSE {_LATER} END"
_INSERT = text(
    "INSERT INTO session_holds (session_id, replica, epoch, state, until)"
    f" VALUES (:session, :replica, {_NEW_EPOCH}, :state, {_UNTIL})"
    " ON CONFLICT DO NOTHING RETURNING epoch"
)
_CHANGE = text(
    "UPDATE session_holds SET replica = :replica, state = :state,"
    f" epoch = greatest(epoch + 1, {_NEW_EPOCH}), until = {_UNTIL}"
    " WHERE session_id = :session RETURNING epoch"
)
_EXTEND = text(
    f"UPDATE session_holds SET until = greatest(until, {_LATER}) WHERE session_id = :session"
)
_MINE = "WHERE session_id = :session AND replica = :me AND epoch = :epoch"
_LET_GO = text(
    "UPDATE session_holds SET state = 'grace', replica = :replica,"
    f" until = {_LATER} {_MINE} RETURNING epoch"
)
_DELETE = text(f"DELETE FROM session_holds {_MINE} RETURNING epoch")
_ALL_OWN = text(
    "SELECT session_id, epoch, state FROM session_holds WHERE replica = :me"
    " AND (until IS NULL OR until > clock_timestamp())"
)
_DRAIN = text("UPDATE replicas SET draining = true WHERE id = :me")


async def look(db: AsyncSession, me: UUID, session: UUID, *, lock: bool = False) -> Hold | None:
    """Return the session's hold, if there is one; it may have lapsed."""
    query = _LOOKS_LOCKED if lock else _LOOKS
    row = (await db.execute(query, {"me": me, "session": session})).one_or_none()
    if row is None:
        return None
    replica, epoch, state, seconds, seen, shows_life = row
    own = replica == me
    return Hold(replica, epoch, LeaseState(state), seconds, 0.0 if own else seen, shows_life)


async def lock_own(db: AsyncSession, me: UUID) -> None:
    """Lock the row of this replica: places are counted and taken by one transaction at a time."""
    await db.execute(_OWN, {"me": me})


async def set_cap(db: AsyncSession, sessions: int | None) -> None:
    """Set how many sessions all replicas hold together at most; None takes the limit away."""
    if sessions is None:
        await db.execute(_REMOVE_CAP)
    else:
        await db.execute(_SET_CAP, {"value": str(sessions)})


# docs/decisions/061-common-cap.md: claims wait for each other only where there is a cap
async def left_of_cap(db: AsyncSession, session: UUID) -> float:
    """Return how many places the common cap leaves for the session, which may have one of them;
    infinite without a cap. Call it first in a transaction that gives a place away: others who do so
    wait for its end. A session that has its place keeps it, whatever the cap has become."""
    cap: int | None = await db.scalar(_LOCK_CAP)
    if cap is None:
        return math.inf
    # A statement of its own: it sees what was committed while the lock was waited for.
    return cap - (await db.scalar(_OTHERS, {"session": session}) or 0)


async def cap_is_reached(db: AsyncSession, session: UUID) -> bool:
    """Return whether the common cap leaves no place for the session. Nothing is locked: it tells
    people, and gives no place away."""
    return bool(await db.scalar(_CAP_REACHED, {"session": session}))


async def free(db: AsyncSession, me: UUID, session: UUID) -> int:
    """Return how many places the replica has for the session, which may have one of them; with the
    row of the replica locked. A replica that drains has none."""
    return await db.scalar(_FREE, {"me": me, "session": session}) or 0


async def with_room(db: AsyncSession, me: UUID, session: UUID) -> UUID | None:
    """Return another live replica that has a place free, its row locked; None if there is none that
    nobody is just counting."""
    given = {"me": me, "session": session}
    replica: UUID | None = await db.scalar(_ELSEWHERE, given)
    # Counted again, since others may have taken places before the row was locked.
    return replica if replica and await free(db, replica, session) > 0 else None


async def room_elsewhere(db: AsyncSession, me: UUID) -> int:
    """Return how many places other live replicas have free."""
    return await db.scalar(_ROOM_ELSEWHERE, {"me": me, "session": NOBODY}) or 0


async def put(
    db: AsyncSession,
    before: Hold | None,
    session: UUID,
    replica: UUID,
    state: LeaseState,
    seconds: float | None = None,
) -> int | None:
    """Give the session to a replica, for so many seconds or for as long as it lives; `before` is
    its hold, locked. Return the new epoch; None if somebody else was faster to give it away."""
    given: dict[str, Any] = {"session": session, "replica": replica, "state": state.value}
    given["seconds"] = -1.0 if seconds is None else float(seconds)
    epoch: int | None = await db.scalar(_CHANGE if before else _INSERT, given)
    return epoch


async def extend(db: AsyncSession, session: UUID, seconds: float) -> None:
    """Extend a promise or a grace period, whose row is locked."""
    await db.execute(_EXTEND, {"session": session, "seconds": float(seconds)})


async def let_go(
    db: AsyncSession,
    me: UUID,
    session: UUID,
    epoch: int,
    grace: float,
    there: UUID | None = None,
) -> bool:
    """Release a hold of this replica, and keep it for its client for `grace` seconds, here or at
    another replica whose row is locked; return whether it was still this replica's."""
    given: dict[str, Any] = {"me": me, "session": session, "epoch": epoch}
    statement: TextClause = _DELETE
    if grace > 0:
        statement = _LET_GO
        given |= {"seconds": float(grace), "replica": there or me}
    return await db.scalar(statement, given) is not None


async def all_own(db: AsyncSession, me: UUID) -> dict[UUID, tuple[int, LeaseState]]:
    """Return the epoch and the state of each session that this replica has, or keeps."""
    rows = await db.execute(_ALL_OWN, {"me": me})
    return {session: (epoch, LeaseState(state)) for session, epoch, state in rows}


async def drain(db: AsyncSession, me: UUID) -> None:
    """Mark this replica as one that takes no more sessions."""
    await db.execute(_DRAIN, {"me": me})
