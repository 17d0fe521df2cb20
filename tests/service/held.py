"""An interview that was held: two questions asked, one answered."""

import asyncio
from typing import Any
from uuid import UUID, uuid4

import msgspec

from models.fake import ScriptedLlm
from pipeline.assessment.assessor import Assessor
from pipeline.interview.plan import Plan, Question
from pipeline.journal import (
    AnyEntry,
    CandidateSpoke,
    ClauseSaid,
    Connected,
    Disconnected,
    ReplyEnded,
    ReplyPlanned,
)
from service.storage import store
from service.storage.database import Database
from service.storage.tables import Interview
from service.times import utc_now

WHY, HOW = "Why do you want this job?", "How do you test your code?"
SAID = "I like to help people and I learn quickly."
PLAN = Plan((Question(WHY, category="motivation"), Question(HOW)), candidate="Maria Lopez")
ENTRIES: tuple[AnyEntry, ...] = (
    Connected(0),
    ReplyPlanned(100, "r1", "i1", "ask", "Next: …", 0),
    ClauseSaid(100, "r1", WHY),
    ReplyEnded(3000, "r1", "completed", WHY, ""),
    CandidateSpoke(60_000, "i2", SAID, 4000, 60_000),
    ReplyPlanned(60_500, "r2", "i3", "ask", "Next: …", 1),
    ClauseSaid(60_500, "r2", HOW),
    ReplyEnded(90_000, "r2", "completed", HOW, ""),
    Disconnected(120_000),
)


async def held(database: Database, entries: tuple[AnyEntry, ...] = ENTRIES) -> UUID:
    interview_id = uuid4()
    now = utc_now()
    async with database.write() as db:
        agenda = msgspec.to_builtins(PLAN)
        row = Interview(id=interview_id, agenda=agenda, status="in_progress", started_at=now)
        db.add(row)
        await db.flush()
        await store.append(db, interview_id, 0, entries)
    return interview_id


RATING = Assessor("some-model", "rating")
"""The form that `CountingLlm` fills in."""


class CountingLlm(ScriptedLlm):
    """Gives every answer 80 points for its first words."""

    def __init__(self) -> None:
        opinion = {
            "score": 80,
            "strengths": ["clear"],
            "improvements": ["give an example"],
            "evidence": "I like to help people",
        }
        super().__init__(filled=msgspec.json.encode(opinion).decode())
        self.fills = 0
        self.called = asyncio.Event()

    async def fill(self, *given: Any, **more: Any) -> str:
        self.fills += 1
        self.called.set()
        return await super().fill(*given, **more)
