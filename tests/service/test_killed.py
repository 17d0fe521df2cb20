"""A service that is killed in the middle of a conversation, and started again."""

import asyncio
import base64
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID, uuid4

import aiohttp
import numpy as np
import pytest
from sqlalchemy import update

from models import fake
from models.contracts import SPEAKING_RATE
from pipeline.interview.interviewer import resume
from pipeline.interview.plan import Plan, Question
from pipeline.journal import AnyEntry, CandidateSpoke, Connected, ReplyPlanned
from service.storage import connection_log, store
from service.storage.agenda import to_agenda
from service.storage.database import Database
from service.storage.tables import Interview, TurnEvent
from service.times import utc_now

from .live.test_websocket import Client
from .process import Process

FIRST, SECOND = "What did you build?", "Who used it?"
PLAN = Plan((Question(FIRST, follow_ups=0), Question(SECOND, follow_ups=0)), candidate="Maria")
ANSWER = "I built a bridge over the river that half of the town uses every day."
CAPTION = "conversation.item.input_audio_transcription.delta"
TURN = "conversation.item.input_audio_transcription.completed"


@pytest.fixture
def service(database_url: str, tmp_path: Path) -> Iterator[Process]:
    made = Process(tmp_path, DATABASE_URL=database_url)
    yield made
    made.kill()


async def entries(database: Database, interview_id: UUID) -> list[AnyEntry]:
    async with database.read() as db:
        rows = await store.events(db, interview_id)
    assert [row.seq for row in rows] == list(range(1, len(rows) + 1))
    found = [store.decode(row) for row in rows]
    times = [entry.at_ms for entry in found]
    assert times == sorted(times)
    return found


async def test_the_conversation_goes_on_where_it_was(service: Process, database: Database) -> None:
    interview_id = uuid4()
    async with database.write() as db:
        db.add(Interview(id=interview_id, agenda=to_agenda(PLAN)))
    address = f"{service.url}/ws/interview/{interview_id}"

    async def heard(client: Client) -> str:
        await client.next("response.done")
        done = [e["text"] for e in client.got if e["type"] == "response.text.done"]
        return str(done[-1])

    async with aiohttp.ClientSession() as http:
        await service.start_up()
        client = Client(await http.ws_connect(address))
        await client.next("response.audio.delta")
        service.kill()  # in the middle of the greeting

        await service.start_up()
        client = Client(await http.ws_connect(address))
        assert FIRST in await heard(client)
        await client.send(type="text", content=ANSWER)
        turn = await client.next(TURN)
        service.kill()  # before a word of the reply

        await service.start_up()
        client = Client(await http.ws_connect(address))
        assert SECOND in await heard(client)
        await client.ws.close()

    found = await entries(database, interview_id)
    spoken = [entry for entry in found if isinstance(entry, CandidateSpoke)]
    assert [(entry.item, entry.text) for entry in spoken] == [(turn["item_id"], ANSWER)]
    acts = [entry.act for entry in found if isinstance(entry, ReplyPlanned)]
    assert acts.count("greet") == 1
    assert sum(isinstance(entry, Connected) for entry in found) == 3
    async with database.read() as db:
        sockets = await connection_log.connections(db, interview_id)
    assert [socket.ended for socket in sockets[:2]] == [connection_log.LOST] * 2


async def written_now(database: Database, interview_id: UUID) -> None:
    """As if the service had come back at once: a busy machine takes longer to start it than an
    answer counts as recorded."""
    async with database.write() as db:
        of_interview = TurnEvent.session_id == interview_id
        await db.execute(update(TurnEvent).where(of_interview).values(created_at=utc_now()))


async def speak(client: Client, seconds: float) -> None:
    """What the fakes understand as their answer, as fast as it may come."""
    pcm = np.full(SPEAKING_RATE // 10, fake.LOUDNESS, dtype="<i2").tobytes()
    message = {"type": "audio", "audio": base64.b64encode(pcm).decode()}
    for _ in range(round(10 * seconds)):
        await client.send(**message)
        await asyncio.sleep(0.07)


async def test_of_an_answer_that_a_kill_cut_off_the_captions_are_left(
    service: Process, database: Database
) -> None:
    interview_id = uuid4()
    async with database.write() as db:
        db.add(Interview(id=interview_id, agenda=to_agenda(PLAN)))
    address = f"{service.url}/ws/interview/{interview_id}"
    async with aiohttp.ClientSession() as http:
        await service.start_up()
        client = Client(await http.ws_connect(address))
        await client.next("response.done")
        async with asyncio.TaskGroup() as tasks:
            speaking = tasks.create_task(speak(client, 60))
            caption = await client.next(CAPTION)
            while not resume(PLAN, await entries(database, interview_id)).unanswered:  # noqa: ASYNC110
                await asyncio.sleep(0.1)
            service.kill()
            speaking.cancel()

        await service.start_up()
        await written_now(database, interview_id)
        client = Client(await http.ws_connect(address))
        await client.next("response.done")
        await client.ws.close()
        async with http.get(f"{service.url}/session/{interview_id}/transcript") as answer:
            lines = (await answer.json())["live_transcript"]
    texts = [event["text"] for event in client.got if event["type"] == "response.text.done"]
    assert SECOND in texts[0]
    assert [line["content"] for line in lines if line["speaker"] == "user"] == [caption["delta"]]
