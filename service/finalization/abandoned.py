"""Close and assess the interviews to which nobody comes back, and those that were being finished
when the service was stopped."""

import asyncio
import logging
from datetime import timedelta
from time import monotonic
from uuid import UUID

from ..admission.admission import Admission
from ..cluster.neighbours import require_none
from ..errors import DatabaseUnavailable, ReplicasThere, ServiceError, ShuttingDown
from ..observability import logs
from ..storage import connection_log, store
from ..storage.database import Database
from ..times import utc_now
from .closing import Finalizer
from .pending import PENDING

logger = logging.getLogger(__name__)

LOOK_SECONDS = 5.0
"""Seconds between two searches for them."""
LONGEST_TURN = timedelta(minutes=10)
"""The longest time that a conversation may go on without a new journal entry: one long answer."""


async def close_abandoned(
    database: Database,
    admission: Admission,
    finalizer: Finalizer,
    grace: float,
    *,
    every: float = LOOK_SECONDS,
) -> None:
    """Finish every interview whose client did not come back within `grace` seconds; look `every`
    so many seconds, until cancelled. Interviews that were in progress when the service was
    stopped or killed have that time from now on: the journal does not know when their last word was
    said."""
    patience = timedelta(seconds=grace)
    start = utc_now()
    restarted = True
    failing = logs.Seldom()
    while True:
        try:
            if restarted:
                await connection_log.mark_lost(database, before=start)
            async with database.read() as db:
                unfinished = await store.unfinished_interviews(db)
                if restarted:
                    finalizer.owed |= set(await store.completed_without(db, PENDING))
            now = utc_now()
            for each in unfinished:
                recent = now - each.last_entry < patience + LONGEST_TURN
                # docs/decisions/019-grace-after-restart.md: a long answer leaves no entry
                if restarted and recent and not each.ended:
                    await admission.keep(each.id)
            restarted = False
            for each in unfinished:
                gone = now - each.last_entry >= patience and not await admission.expects(each.id)
                if gone or (each.ended and each.id not in admission.live):
                    await _finish(database, finalizer, each)
            for interview_id in list(finalizer.owed):
                await close(finalizer, interview_id, "its assessment was broken off")
        except (ServiceError, ReplicasThere) as exc:
            if times := failing.times(monotonic()):
                logger.warning(
                    "looking for abandoned interviews failed (%d times): %s", times, _reason(exc)
                )
        except Exception:  # a bug here must not end the running interviews
            logger.exception("a bug in looking for abandoned interviews")
        await asyncio.sleep(every)


async def _finish(database: Database, finalizer: Finalizer, interview: store.Unfinished) -> None:
    """Finish an interview, unless it may be that of a replica which started after this service.
    Raises `ReplicasThere` and `DatabaseUnavailable`."""
    await require_none(database)
    await close(finalizer, interview.id, f"no entry since {interview.last_entry}")


def _reason(failed: ServiceError | ReplicasThere) -> str:
    return failed.code if isinstance(failed, ServiceError) else str(failed)


async def close(finalizer: Finalizer, interview_id: UUID, why: str) -> None:
    """Finish an interview, for this reason. Raises `DatabaseUnavailable`; other failures are
    logged."""
    logs.SESSION.set(str(interview_id))
    logger.info("the interview is finished: %s", why)
    try:
        await finalizer.finish(interview_id)
    except ShuttingDown:
        logger.info("the interview is left to the next start")
    except DatabaseUnavailable:
        raise  # the others cannot be finished either
    except Exception:  # one failure must not keep the others from being finished
        logger.exception("the interview could not be finished")
    finally:
        logs.SESSION.set("")
