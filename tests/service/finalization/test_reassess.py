"""An interview is assessed again by request or by command; the earlier result leaves a trace."""

import asyncio
import os
import sys
from asyncio.subprocess import PIPE
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest
from sqlalchemy import select

from models import fake
from models.errors import EngineBusy
from pipeline.assessment.assessor import Assessor
from service.api_keys import hash_key
from service.privacy import retention
from service.privacy.retention import DataClass
from service.storage.database import DATABASE
from service.storage.tables import AskedQuestion, AuditEntry, Interview

from ..conftest import Client, Serve
from ..held import SAID, CountingLlm, held

ROOT = Path(__file__).parents[3]


class Changing(CountingLlm):
    """Gives the scores one after the other; None fails."""

    def __init__(self, *scores: int | None) -> None:
        super().__init__()
        self.scores = list(scores)

    async def fill(self, *given: Any, **more: Any) -> str:
        score = self.scores.pop(0) if len(self.scores) > 1 else self.scores[0]
        if score is None:
            raise EngineBusy("full")
        written = await super().fill(*given, **more)
        return msgspec.json.encode(msgspec.json.decode(written) | {"score": score}).decode()


class Slow(CountingLlm):
    """Takes its time, so that whoever asks at the same moment finds it at work."""

    async def fill(self, *given: Any, **more: Any) -> str:
        await asyncio.sleep(0.5)
        return await super().fill(*given, **more)


async def finished(client: Client) -> UUID:
    interview_id = await held(client.app[DATABASE])
    async with client.post("/finalize-interview", json={"interviewId": str(interview_id)}) as done:
        assert done.status == 200
    return interview_id


async def again(client: Client, interview_id: UUID) -> tuple[int, Any]:
    async with client.post(f"/interviews/{interview_id}/assessment") as response:
        return response.status, await response.json()


async def row(client: Client, interview_id: UUID) -> Interview:
    async with client.app[DATABASE].read() as db:
        return await db.get_one(Interview, interview_id)


async def test_the_new_result_replaces_the_old_one_everywhere(serve: Serve) -> None:
    client = await serve(fake.engines(llm=Changing(80, 60)))
    interview_id = await finished(client)
    status, answer = await again(client, interview_id)
    assert status == 200
    assert (answer["analysis"]["overall_score"], answer["analysis"]["score"]) == (60, 60)
    stored = await row(client, interview_id)
    assert (stored.status, stored.overall_score) == ("completed", 60)
    assert stored.ai_analysis == answer["analysis"]
    async with client.app[DATABASE].read() as db:
        scores = list(await db.scalars(select(AskedQuestion.response_score)))
    assert sorted(scores, key=str) == [60, None]


async def test_versions_and_score_of_what_was_replaced_are_kept(serve: Serve) -> None:
    client = await serve(fake.engines(llm=Changing(80, 60, 70)))
    interview_id = await finished(client)
    first = (await row(client, interview_id)).ai_analysis
    assert first is not None
    await again(client, interview_id)
    _, answer = await again(client, interview_id)
    kept = answer["analysis"]["replaced"]
    assert [each["overall_score"] for each in kept] == [80, 60]
    assert kept[0]["versions"] == first["versions"]
    async with client.app[DATABASE].read() as db:
        entries = list(
            await db.scalars(select(AuditEntry).where(AuditEntry.action == "assess again"))
        )
    assert [each.interview_id for each in entries] == [interview_id] * 2
    assert "starter-interviewer" in entries[0].detail
    async with client.get(f"/interviews/{interview_id}/report") as response:
        assert "before: 80 of 100, model starter-interviewer" in await response.text()


async def test_persons_scores_stay(serve: Serve) -> None:
    client = await serve(fake.engines(llm=Changing(80, 60)))
    interview_id = await finished(client)
    given = {"score": 90, "reason": "Clear.", "by": "Jo Weber"}
    async with client.put(f"/interviews/{interview_id}/scores/0", json=given) as response:
        assert response.status == 200
    _, answer = await again(client, interview_id)
    assert (answer["analysis"]["overall_score"], answer["analysis"]["score"]) == (60, 90)


async def test_a_model_that_fails_takes_nothing_away(serve: Serve) -> None:
    client = await serve(fake.engines(llm=Changing(80, None)))
    interview_id = await finished(client)
    before = (await row(client, interview_id)).ai_analysis
    status, answer = await again(client, interview_id)
    assert (status, answer["code"]) == (503, "assessment_failed")
    assert (await row(client, interview_id)).ai_analysis == before


async def test_what_the_model_failed_at_can_be_made_good(serve: Serve) -> None:
    client = await serve(fake.engines(llm=Changing(None, None, 70)))
    interview_id = await finished(client)
    assert (await row(client, interview_id)).overall_score is None
    assert (await again(client, interview_id))[1]["analysis"]["overall_score"] == 70


async def test_there_is_nothing_to_assess_again_before_the_end(serve: Serve) -> None:
    client = await serve(fake.engines(llm=CountingLlm()))
    status, answer = await again(client, await held(client.app[DATABASE]))
    assert (status, answer["code"]) == (409, "not_assessed")
    assert (await again(client, uuid4()))[0] == 404


async def test_of_an_interview_without_a_word_there_is_nothing_to_assess(serve: Serve) -> None:
    client = await serve(autocreate_interviews=True)
    interview_id = uuid4()
    body = {"interview_id": str(interview_id)}
    for path in ("/start-database-interview", "/finalize-interview"):
        async with client.post(path, json=body) as response:
            assert response.status == 200
    status, answer = await again(client, interview_id)
    assert (status, "Nothing was said" in answer["detail"]) == (409, True)


class Overtaken(CountingLlm):
    """Retention deletes a class of the interview's data while the second assessment is made."""

    def __init__(self, data_class: DataClass) -> None:
        super().__init__()
        self.data_class = data_class
        self.interview: tuple[Client, UUID] | None = None

    async def fill(self, *given: Any, **more: Any) -> str:
        if self.interview:
            await forget(*self.interview, self.data_class)
        return await super().fill(*given, **more)


async def forget(client: Client, interview_id: UUID, data_class: DataClass) -> None:
    async with client.app[DATABASE].write() as db:
        await retention.forget(db, interview_id, data_class)


@pytest.mark.parametrize("data_class", ["transcript", "assessment"])
async def test_what_retention_has_deleted_does_not_come_back(
    serve: Serve, data_class: DataClass
) -> None:
    llm = CountingLlm()
    client = await serve(fake.engines(llm=llm))
    interview_id = await finished(client)
    await forget(client, interview_id, data_class)
    fills = llm.fills
    status, answer = await again(client, interview_id)
    assert (status, answer["code"], llm.fills) == (410, "deleted_by_retention", fills)


@pytest.mark.parametrize("data_class", ["transcript", "assessment"])
async def test_what_retention_deletes_meanwhile_does_not_come_back(
    serve: Serve, data_class: DataClass
) -> None:
    llm = Overtaken(data_class)
    client = await serve(fake.engines(llm=llm))
    interview_id = await finished(client)
    llm.interview = client, interview_id
    status, answer = await again(client, interview_id)
    assert (status, answer["code"]) == (410, "deleted_by_retention")
    if data_class == "transcript":
        assert SAID not in str((await row(client, interview_id)).ai_analysis)


async def test_a_stranger_may_not(serve: Serve) -> None:
    client = await serve(fake.engines(llm=CountingLlm()), api_keys=(hash_key("k" * 40),))
    status, _ = await again(client, await finished(client))
    assert status == 401


async def test_two_who_ask_at_once_get_one_result(serve: Serve) -> None:
    llm = Slow()
    client = await serve(fake.engines(llm=llm))
    interview_id = await finished(client)
    before = llm.fills
    first, second = await asyncio.gather(again(client, interview_id), again(client, interview_id))
    assert first == second
    assert llm.fills - before == 1


async def command(folder: Path, url: str, *ids: object) -> tuple[int | None, str]:
    kept = {name: value for name, value in os.environ.items() if "VIVAVOCE_" not in name}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "service", "assess", *map(str, ids),
        stdout=PIPE, stderr=asyncio.subprocess.STDOUT, cwd=folder,
        env={**kept, "PYTHONPATH": str(ROOT), "VIVAVOCE_DATABASE_URL": url},
    )  # fmt: skip
    async with asyncio.timeout(120):
        said, _ = await process.communicate()
    return process.returncode, said.decode()


async def test_the_command_assesses_with_the_model_of_the_settings(
    serve: Serve, sqlite_url: str, tmp_path: Path
) -> None:
    client = await serve(fake.engines(llm=CountingLlm()))
    interview_id = await finished(client)
    status, said = await command(tmp_path, sqlite_url, interview_id, uuid4())
    assert status == 1, said
    assert f"Interview {interview_id}: " in said
    assert "before 80 of 100" in said
    assert "starter-interviewer" in said
    assert "was not found" in said


@pytest.mark.parametrize("form", ["rating", "answers", "sentences"])
def test_a_prompt_version_names_each_form(form: Any) -> None:
    assert Assessor(form=form).prompt_version.endswith(tuple("123456789"))
