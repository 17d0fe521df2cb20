"""Delete data whose retention has ended, at the start and a few times a day."""

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from ..admission.admission import Admission
from ..errors import DatabaseUnavailable, ServiceError
from ..recording import recordings
from ..security import audit
from ..settings import Settings
from ..storage import store
from ..storage.database import Database
from . import retention
from .periodic import always, repeat
from .retention import WHO, DataClass

logger = logging.getLogger(__name__)

SWEEP_SECONDS = 6 * 3600.0
"""Seconds between two sweeps."""


@dataclass(frozen=True, slots=True)
class Days:
    """Days for which each class of data is kept; a class that is missing here is kept for ever."""

    of: Mapping[DataClass, int] = field(default_factory=dict)
    audit_log: int = 0
    """Days for the audit log; 0: for ever."""

    @property
    def any(self) -> bool:
        return bool(self.of or self.audit_log)


def retention_days(settings: Settings) -> Days:
    given: dict[DataClass, int] = {
        "audio": settings.retention_audio_days,
        "transcript": settings.retention_transcript_days,
        "assessment": settings.retention_assessment_days,
    }
    return Days({name: days for name, days in given.items() if days}, settings.retention_audit_days)


class Sweeper:
    """The deletion of data that is too old, an interview at a time, but of none that goes on."""

    def __init__(
        self,
        database: Database,
        admission: Admission,
        days: Days,
        recordings_dir: Path,
        *,
        batch: int = retention.BATCH,
        audit_batch: int = retention.AUDIT_BATCH,
    ) -> None:
        self._batch = batch
        self._audit_batch = audit_batch
        self._database = database
        self._admission = admission
        self._days = days
        self._recordings_dir = recordings_dir
        self._to_rewrite = False
        """True if the database's file may still hold data that was deleted from it."""

    async def run(self, every: float = SWEEP_SECONDS, *, may: Callable[[], bool] = always) -> None:
        """Sweep `every` so many seconds while this process `may`, until cancelled."""
        if self._days.any:
            await repeat(self.sweep, every, "deleting what is too old", logger, may)

    async def sweep(self, now: datetime) -> None:
        """Sweep once. Raises `DatabaseUnavailable` and, where the recordings cannot be seen,
        `RecordingsUnavailable`; the next sweep continues."""
        for data_class, days in self._days.of.items():
            before = now - timedelta(days=days)
            if data_class == "audio":
                await self._forget_recordings(before)
            else:
                await self._forget_rows(data_class, before)
        if self._days.audit_log:
            await self._forget_audit_entries(now - timedelta(days=self._days.audit_log))
        if self._to_rewrite and not self._admission.live:  # all writers wait for the rewrite
            await self._database.rewrite()
            self._to_rewrite = False

    async def _forget_rows(self, data_class: DataClass, before: datetime) -> None:
        last: UUID | None = None
        while True:
            async with self._database.read() as db:
                found = await retention.due(db, data_class, before, last, self._batch)
            for interview_id in found:
                with _apart(interview_id):
                    await self._forget(interview_id, data_class)
            if not found:
                return
            last = found[-1]

    async def _forget(self, interview_id: UUID, data_class: DataClass) -> None:
        async with self._database.write() as db:
            if await self._admission.expects(interview_id):
                return
            if (counts := await retention.forget(db, interview_id, data_class)) is None:
                return
            told = ", ".join(f"{table} {count}" for table, count in counts.items())
            audit.note_by(db, WHO, "retention", interview_id, f"{data_class}: {told}")
        self._to_rewrite = True
        logger.info("retention: interview %s: %s: %s", interview_id, data_class, told)

    async def _forget_recordings(self, before: datetime) -> None:
        for interview_id, written in (await recordings.last_written(self._recordings_dir)).items():
            with _apart(interview_id):
                await self._forget_recording(interview_id, written, before)

    async def _forget_recording(
        self, interview_id: UUID, written: datetime, before: datetime
    ) -> None:
        """Delete a recording that is too old. Files go first: what is noted as deleted is gone."""
        async with self._database.read() as db:
            interview = await store.interview(db, interview_id)
        ended = interview.completed_at if interview else None
        if (ended or written) >= before or await self._admission.expects(interview_id):
            return
        files = await recordings.erase(self._recordings_dir, interview_id)
        async with self._database.write() as db:
            await retention.forget(db, interview_id, "audio")
            told = f"audio: files {len(files)}"
            audit.note_by(db, WHO, "retention", interview_id, told)
        logger.info("retention: interview %s: %s", interview_id, told)

    async def _forget_audit_entries(self, before: datetime) -> None:
        count = self._audit_batch
        while count == self._audit_batch:
            async with self._database.write() as db:
                count = await retention.forget_audit_entries(db, before, self._audit_batch)
                if count:
                    audit.note_by(db, WHO, "retention", None, f"audit_log: {count}")
            self._to_rewrite = self._to_rewrite or count > 0


@contextmanager
def _apart(interview_id: UUID) -> Iterator[None]:
    """Keep a failure with one interview from holding up the others, unless the database is away."""
    try:
        yield
    except DatabaseUnavailable:
        raise
    except ServiceError as exc:
        logger.warning("retention: interview %s: %s", interview_id, exc.code)
    except Exception:
        logger.exception("retention: a bug in deleting what is too old of %s", interview_id)
