"""Finish an interview once: end its conversation, complete it, assess it, write the result where it
belongs.

It is completed in the database as soon as it is over; the assessment takes longer and follows.
"""

import asyncio
import time
from collections.abc import Sequence
from typing import Any, ClassVar
from uuid import UUID

import msgspec
from aiohttp import web

from models.contracts import Llm
from pipeline.assessment.assess import assess
from pipeline.assessment.assessor import UNKNOWN, Assessor

from ..admission.admission import Admission
from ..engines import EngineLoading
from ..errors import DeletedByRetention
from ..observability import logs
from ..observability.metrics import Metrics
from ..privacy import retention
from ..reports.transcripts import Written, lines, minutes
from ..storage import store
from ..storage.agenda import plan_of
from ..storage.database import Database
from ..storage.store import existing, over
from ..storage.tables import ClientLog, Interview
from ..times import utc_now
from .pending import is_pending, pending
from .punctual import Punctual
from .reassess import assess_again, times_replaced
from .results import write_result
from .shared_work import SharedWork

ASSESSMENT_SECONDS = 50.0
"""Seconds that the model may take for all answers together: proxies give up on a response after
60."""


class Finalizer:
    """The finalizer of interviews: each is finalized once, however many ask for it and whether or
    not they wait."""

    within: ClassVar[float] = ASSESSMENT_SECONDS

    def __init__(
        self,
        database: Database,
        admission: Admission,
        llm: Llm | EngineLoading,
        tasks: asyncio.TaskGroup,
        *,
        assessor: Assessor = UNKNOWN,
        metrics: Metrics | None = None,
    ) -> None:
        """Prepare to finalize. `llm` is the language model, or the engines that will include it;
        `assessor` says how it is asked."""
        self._metrics = metrics or Metrics()
        self._database = database
        self._admission = admission
        self._llm = llm
        self._assessor = assessor
        self._work: SharedWork[dict[str, Any]] = SharedWork(tasks)
        self.owed: set[UUID] = set()
        """Interviews that are completed and whose assessment is unfinished."""

    async def finalize(self, interview_id: UUID, log: ClientLog | None = None) -> dict[str, Any]:
        """Finalize the interview and return its analysis, the same one every time. The client's log
        is stored with it.

        Raises `InterviewUnknown`, `InterviewOver` (it was cancelled), `DeletedByRetention`,
        `DatabaseUnavailable`."""
        async with self._database.write() as db:
            interview = existing(await store.interview(db, interview_id, lock=True))
            deletions = await retention.deletions(db, interview_id)
            theirs = interview.status == "completed" and not await retention.is_held(
                db, interview_id
            )
            if log is not None and not theirs and not deletions.sentence("transcript"):
                await store.keep_log(db, log)
        if gone := deletions.sentence("assessment"):
            raise DeletedByRetention(gone)
        self._admission.dismiss(interview_id)
        if (done := _result(interview)) is not None:
            return done
        return await self.finish(interview_id)

    async def finish(self, interview_id: UUID) -> dict[str, Any]:
        """Return the analysis of an interview that is over, while its socket may linger. Raises as
        `finalize`."""
        return await self._work.once(interview_id, lambda: self._finish(interview_id))

    async def assess_again(self, interview_id: UUID, who: str) -> dict[str, Any]:
        """Assess an interview once more and return the analysis, which replaces the earlier one.
        `who` asked for it. Raises as `reassess.assess_again`, and `ShuttingDown`."""

        async def again() -> dict[str, Any]:
            before = await times_replaced(self._database, interview_id)
            llm = await self._load_llm()
            async with self._admission.ending(interview_id):
                if await times_replaced(self._database, interview_id) > before:
                    return await self._analysis(interview_id)  # another process was faster
                punctual = Punctual(llm, time.monotonic() + self.within)
                judge = self._assessor
                return await assess_again(self._database, punctual, interview_id, judge, who)

        return await self._work.once(("again", interview_id), again)

    def complete(self, interview_id: UUID) -> None:
        """Finish an interview that the interviewer has ended, without anybody waiting for it."""
        self._work.begin(interview_id, lambda: self._finish(interview_id))

    def break_off(self) -> None:
        """Stop assessing; the next start, or the next request for the result, assesses the
        interviews."""
        self._work.break_off()

    async def _load_llm(self) -> Llm:
        """Return the language model once it is loaded. Raises `ShuttingDown` when the service stops
        before."""
        return (await self._llm.wait()).llm if isinstance(self._llm, EngineLoading) else self._llm

    async def _finish(self, interview_id: UUID) -> dict[str, Any]:
        logs.SESSION.set(str(interview_id))  # a context variable: this is a task of its own
        with self._metrics.finalizing():
            analysis = await self._assess(interview_id)
        self.owed.discard(interview_id)
        return analysis

    async def _assess(self, interview_id: UUID) -> dict[str, Any]:
        llm = await self._load_llm()  # the last words cannot be transcribed before, either
        async with self._admission.ending(interview_id):
            async with self._database.write() as db:
                interview = existing(await store.interview(db, interview_id, lock=True))
                if (done := _result(interview)) is not None:
                    return done
                written = await store.entries(db, interview_id)
                # docs/decisions/015-complete-then-assess.md: the product reads it seconds later
                _complete(interview, written)
            try:
                return await self._write_assessment(llm, interview, written)
            except Exception:
                self.owed.add(interview_id)
                raise

    async def _analysis(self, interview_id: UUID) -> dict[str, Any]:
        async with self._database.read() as db:
            interview = existing(await store.interview(db, interview_id))
        return interview.ai_analysis or {}

    async def _write_assessment(
        self, llm: Llm, interview: Interview, written: Sequence[Written]
    ) -> dict[str, Any]:
        """Assess the interview and write the result."""
        plan = plan_of(interview)
        punctual = Punctual(llm, time.monotonic() + self.within)
        entries = [entry for _, entry in written]
        assessment = await assess(punctual, plan, entries, self._assessor)
        self._metrics.assessment(assessment)
        async with self._database.write() as db:
            row = existing(await store.interview(db, interview.id, lock=True))
            done = _result(row)  # another process may have been faster
            return await write_result(db, row, plan, written, assessment) if done is None else done


FINALIZER = web.AppKey("FINALIZER", Finalizer)


def _result(interview: Interview) -> dict[str, Any] | None:
    """Return the analysis of a completed interview; None when it is still to be made. An interview
    that another program has completed without an analysis has an empty one: that program's data
    stays."""
    if interview.status == "cancelled":
        raise over(interview)
    if interview.status != "completed" or is_pending(interview.ai_analysis):
        return None
    return interview.ai_analysis or {}


def _complete(interview: Interview, written: Sequence[Written]) -> None:
    """Write what is known of an interview as soon as it is over. One that was completed already is
    assessed again, since its assessment was broken off."""
    if interview.status == "completed":
        return
    interview.status = "completed"
    interview.completed_at = max(utc_now(), interview.started_at or utc_now())
    if interview.duration_minutes is None:  # otherwise it is the duration that the product planned
        interview.duration_minutes = round(minutes(written))
    interview.transcript = msgspec.to_builtins(lines(written))
    interview.ai_analysis = pending()
