"""Interviews that nobody comes back to are closed and assessed by themselves."""

import asyncio
import logging
from datetime import datetime, timedelta
from uuid import UUID

from ..admission import Admission
from ..errors import ServiceError, ShuttingDown
from ..operations import logs
from ..storage import connection_log, store
from ..storage.database import Database
from ..times import utc_now
from .closing import Finalizer

logger = logging.getLogger(__name__)

LOOK_SECONDS = 5.0
"""Between two looks for them."""
LONGEST_TURN = timedelta(minutes=10)
"""For so long a conversation may go on without a new entry in its record: one long answer."""


async def close_abandoned(
    database: Database, admission: Admission, finalizer: Finalizer, grace: float
) -> None:
    """Finish every interview whose client did not come back within `grace` seconds; runs until
    cancelled. Interviews that went on when the service was stopped or killed have that time from
    now on: when their last word was said, the record does not know."""
    patience = timedelta(seconds=grace)
    start = utc_now()
    restarted = True
    while True:
        try:
            if restarted:
                await connection_log.lost(database, before=start)
            async with database.read() as db:
                unfinished = await store.unfinished(db)
            now = utc_now()
            for interview_id, last_entry in unfinished:
                if restarted and now - last_entry < patience + LONGEST_TURN:
                    admission.keep(interview_id)
            restarted = False
            for interview_id, last_entry in unfinished:
                if now - last_entry >= patience and not admission.expects(interview_id):
                    await _close(finalizer, interview_id, last_entry)
        except ServiceError as exc:
            logger.warning("looking for abandoned interviews failed: %s", exc.code)
        except Exception:  # a mistake here must not end the interviews that go on
            logger.exception("a bug in looking for abandoned interviews")
        await asyncio.sleep(LOOK_SECONDS)


async def _close(finalizer: Finalizer, interview_id: UUID, last_entry: datetime) -> None:
    logs.SESSION.set(str(interview_id))
    logger.info("the interview is finished: no entry since %s", last_entry)
    try:
        await finalizer.finalize(interview_id)
    except ShuttingDown:
        logger.info("the interview is left to the next start")
    except Exception:  # one that cannot be finished must not keep the others from it
        logger.exception("the interview could not be finished")
    finally:
        logs.SESSION.set("")
