"""Close and assess interviews to which nobody comes back, where many replicas hold them.

One replica, the leader, looks for all. Whoever was away itself must not judge who is dead: it looks
only when its own heartbeats have been unbroken for longer than any client's grace period, since
after an outage of the database all replicas look dead, and their clients could not come back.
"""

import asyncio
import logging
from collections.abc import Callable
from datetime import timedelta
from time import monotonic
from uuid import UUID

from ..admission.admission import Admission
from ..admission.leases import LeaseState
from ..cluster import dead
from ..errors import ServiceError
from ..observability import logs
from ..storage import connection_log, store
from ..storage.database import Database
from ..times import utc_now
from .abandoned import LOOK_SECONDS, close
from .closing import Finalizer
from .pending import PENDING

logger = logging.getLogger(__name__)

CLEAR_SECONDS = 60.0
"""Seconds between two removals of what nobody needs any more."""


# docs/decisions/062-late-judgement.md: who was away itself must not judge
class AbandonedInCluster:
    """The search for abandoned interviews, by a replica of which `may` says whether it looks for
    all now."""

    def __init__(
        self,
        database: Database,
        admission: Admission,
        finalizer: Finalizer,
        grace: float,
        may: Callable[[], bool],
    ) -> None:
        self._database = database
        self._admission = admission
        self._finalizer = finalizer
        self._patience = timedelta(seconds=grace)
        self._may = may
        self._to_clear = monotonic()
        self._known_dead: set[UUID] | None = None
        """Replicas whose sockets are marked as lost; None before this replica looks for all."""

    async def run(self, every: float = LOOK_SECONDS) -> None:
        """Look `every` so many seconds, until cancelled."""
        failing = logs.Seldom()
        while True:
            try:
                await self.look()
            except ServiceError as exc:
                if times := failing.times(monotonic()):
                    logger.warning(
                        "looking for abandoned interviews failed (%d times): %s", times, exc.code
                    )
            except Exception:  # a bug here must not end the running interviews
                logger.exception("a bug in looking for abandoned interviews")
            await asyncio.sleep(every)

    async def look(self) -> None:
        """Look once. Raises `DatabaseUnavailable`."""
        if self._may():
            await self._look_for_all()
        else:
            self._known_dead = None
        for interview_id in list(self._finalizer.owed):
            await close(self._finalizer, interview_id, "its assessment was broken off")

    async def _look_for_all(self) -> None:
        async with self._database.read() as db:
            found = await dead.find(db)
            unfinished = await store.unfinished_interviews(db)
            changed = self._known_dead is None or bool(found.replicas - self._known_dead)
            # whoever died, or led before, may have owed an assessment
            pending = await store.completed_without(db, PENDING) if changed else []
        if changed:
            await connection_log.mark_lost_of(self._database, found.replicas)
        for interview_id in pending:
            if not await self._admission.expects(interview_id):  # nobody is making it now
                self._finalizer.owed.add(interview_id)
        self._known_dead = found.replicas
        await self._clear()
        for session, state in found.sessions.items():
            if state == LeaseState.ENDING and self._may():
                await close(self._finalizer, session, "whoever finished it has died")
        now = utc_now()
        for each in unfinished:
            if not self._may():
                return
            silent = now - each.last_entry >= self._patience
            over = each.ended and each.id in found.sessions
            if over or ((silent or each.ended) and not await self._admission.expects(each.id)):
                await close(self._finalizer, each.id, f"no entry since {each.last_entry}")

    async def _clear(self) -> None:
        if monotonic() >= self._to_clear:
            async with self._database.write() as db:
                await dead.clear(db, self._patience.total_seconds() + CLEAR_SECONDS)
            self._to_clear = monotonic() + CLEAR_SECONDS
