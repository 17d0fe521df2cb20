"""Find out whether connections to Postgres stay with one session of the server.

A pooler in transaction mode lends its sessions for one transaction at a time. What replicas need to
find each other does not survive that: notifications go to whoever has the session then, and
advisory locks stay with a session that serves others.
"""

import asyncio
from typing import Any
from uuid import uuid4

from sqlalchemy import URL, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from ..errors import PoolerUnsuitable
from .database_engine import connect, explain_errors

HEARD_SECONDS = 2.0
"""Seconds that a notification may take."""
LOST_STATE = {"26000", "42P05"}
"""SQLSTATEs of statements that another session had prepared."""


async def require_sessions(address: URL) -> None:
    """Require that each connection to this normalized URL is one session of Postgres. Raises
    `PoolerUnsuitable` and `DatabaseUnreachable`."""
    async with connect(address) as engine:
        with explain_errors(address):
            try:
                kept = await _keep_sessions(engine)
            except DBAPIError as exc:
                if getattr(exc.orig, "sqlstate", None) not in LOST_STATE:
                    raise
                kept = False
    if not kept:
        raise PoolerUnsuitable(
            "VIVAVOCE_DATABASE_URL leads through a pooler in transaction mode, by which replicas"
            " cannot find each other; give the address of Postgres itself, or of a pooler in"
            " session mode."
        )


async def _keep_sessions(engine: AsyncEngine) -> bool:
    """Use two connections in turns; return whether each kept a session of its own, and the one
    heard what it listens for."""
    heard = asyncio.Event()
    channel = f"vivavoce_probe_{uuid4().hex}"
    async with engine.connect() as one, engine.connect() as other:
        await one.execution_options(isolation_level="AUTOCOMMIT")
        driver: Any = (await one.get_raw_connection()).driver_connection
        await driver.add_listener(channel, lambda *_: heard.set())
        sessions = [await _session(one), await _session(one)]
        # within its transaction the other one has the session that the first has just given back
        async with other.begin():
            taken = await _session(other)
            sessions.append(await _session(one))
            await other.execute(text("SELECT pg_notify(:channel, '')"), {"channel": channel})
        if len({*sessions}) > 1 or taken in sessions:
            return False
        try:
            async with asyncio.timeout(HEARD_SECONDS):
                await heard.wait()
        except TimeoutError:
            return False
        await driver.execute("UNLISTEN *")
    return True


async def _session(connection: AsyncConnection) -> int:
    found: int = await connection.scalar(text("SELECT pg_backend_pid()"))
    return found
