"""A report and its exports: what the score rests on, and what a person says of it."""

import csv
import io
import re
from typing import Any
from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models import fake
from pipeline.journal import CandidateSpoke
from service.reports.exports import safe
from service.scores.review import mark_quotes
from service.storage.database import DATABASE
from service.storage.tables import Interview

from ..browser import needs_chromium, visiting
from ..conftest import Client, Serve
from ..held import ENTRIES, SAID, WHY, CountingLlm, held

HOSTILE = "<script>alert(1)</script> & \"quoted\", I like to help people, '=1+1'."


async def finished(client: Client, said: str = SAID) -> UUID:
    entries = tuple(
        msgspec.structs.replace(entry, text=said) if isinstance(entry, CandidateSpoke) else entry
        for entry in ENTRIES
    )
    interview_id = await held(client.app[DATABASE], entries)
    async with client.post("/finalize-interview", json={"interviewId": str(interview_id)}) as done:
        assert done.status == 200
    return interview_id


async def judge(client: Client, interview_id: object, question: object, **body: Any) -> Any:
    given = {"score": 60, "reason": "No example.", "by": "Jo Weber", **body}
    path = f"/interviews/{interview_id}/scores/{question}"
    async with client.put(path, json=given) as response:
        return response.status, await response.json()


async def text_of(client: Client, path: str) -> str:
    async with client.get(path) as response:
        assert response.status == 200
        return await response.text()


async def with_opinions(serve: Serve) -> Client:
    return await serve(fake.engines(llm=CountingLlm()))


async def test_a_persons_score_stands_beside_the_machines(serve: Serve) -> None:
    client = await with_opinions(serve)
    interview_id = await finished(client)
    assert (await judge(client, interview_id, 0))[0] == 200
    status, last = await judge(client, interview_id, 0, score=65)
    assert (status, last["machine_score"], last["overall_score"]) == (200, 80, 80)
    assert last["reviewed"]["overall_score"] == 65
    assert last["reviewed"]["skill_scores"] == {"motivation": 65}
    assert [each["score"] for each in last["reviewed"]["history"]] == [60, 65]
    async with client.app[DATABASE].read() as db:
        row = await db.get_one(Interview, interview_id)
    assert row.overall_score == 80
    assert row.ai_analysis is not None
    assert row.ai_analysis["answers"][0]["score"] == 80


async def test_a_person_may_judge_what_the_machine_could_not(serve: Serve) -> None:
    client = await with_opinions(serve)
    interview_id = await finished(client)
    status, answer = await judge(client, interview_id, 1, score=40)
    assert (status, answer["machine_score"], answer["overall_score"]) == (200, None, 80)
    assert answer["reviewed"]["overall_score"] == 60


@pytest.mark.parametrize(
    ("question", "body", "status"),
    [
        (0, {"score": 101}, 422),
        (0, {"score": None}, 422),
        (0, {"reason": " \n"}, 422),
        (0, {"by": ""}, 422),
        (2, {}, 404),
        ("-1", {}, 404),
        ("x", {}, 404),
    ],
)
async def test_a_judgement_needs_a_score_a_reason_a_name_and_a_question(
    serve: Serve, question: object, body: dict[str, Any], status: int
) -> None:
    client = await with_opinions(serve)
    interview_id = await finished(client)
    assert (await judge(client, interview_id, question, **body))[0] == status


async def test_there_is_nothing_to_judge_before_the_end(serve: Serve) -> None:
    client = await serve()
    status, answer = await judge(client, await held(client.app[DATABASE]), 0)
    assert (status, answer["code"]) == (409, "not_assessed")


async def test_the_report_shows_each_score_with_the_words_that_it_rests_on(serve: Serve) -> None:
    client = await with_opinions(serve)
    interview_id = await finished(client)
    await judge(client, interview_id, 0)
    page = await text_of(client, f"/interviews/{interview_id}/report")
    assert page.count("<mark>I like to help people</mark>") == 2  # by the score, and as it was said
    assert "at 0:04 in the transcript" in page
    assert "Not assessed:<br>the question was not answered" in page
    for shown in ("Maria Lopez", WHY, "No example.", "Jo Weber", ">80<", ">60<", "answers-3"):
        assert shown in page


async def test_the_report_of_an_interview_that_goes_on_has_the_transcript(serve: Serve) -> None:
    client = await serve()
    page = await text_of(client, f"/interviews/{await held(client.app[DATABASE])}/report")
    assert "not been assessed yet" in page
    assert SAID in page


async def test_what_was_said_is_text_in_the_page_and_cannot_act(serve: Serve) -> None:
    client = await with_opinions(serve)
    interview_id = await finished(client, HOSTILE)
    await judge(client, interview_id, 0, reason="<img src=x onerror=alert(1)>")
    async with client.get(f"/interviews/{interview_id}/report") as response:
        page = await response.text()
        policy = response.headers["Content-Security-Policy"]
        assert response.headers["Cache-Control"] == "no-store"
    assert "<script" not in page
    assert "<img src=x" not in page
    assert "&lt;script&gt;" in page
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert not re.search(r"\sstyle=|\son\w+=\"", page)


async def test_the_json_export_has_everything(serve: Serve) -> None:
    client = await with_opinions(serve)
    interview_id = await finished(client)
    await judge(client, interview_id, 0)
    async with client.get(f"/interviews/{interview_id}/export.json") as response:
        assert "attachment" in response.headers["Content-Disposition"]
        whole = await response.json()
    assert whole["analysis"]["answers"][0]["evidence"] == ["I like to help people"]
    assert whole["reviewed"]["scores"]["0"]["score"] == 60
    assert SAID in [line["content"] for line in whole["transcript"]]
    assert whole["plan"]["candidate"] == "Maria Lopez"


async def test_the_csv_export_is_a_line_per_question_and_no_formula(serve: Serve) -> None:
    client = await with_opinions(serve)
    interview_id = await finished(client, f'=HYPERLINK("x"), {SAID}\r\nAnd "more".')
    await judge(client, interview_id, 0, reason="@SUM(A1)")
    raw = await text_of(client, f"/interviews/{interview_id}/export.csv")
    assert raw.replace("\r\n", "").count("\r") == 0
    first, second = csv.DictReader(io.StringIO(raw, newline=""))
    assert (first["score"], first["override"], first["override_reason"]) == (
        "80",
        "60",
        "'@SUM(A1)",
    )
    assert first["answer"].startswith("'=HYPERLINK")
    assert (second["score"], second["reason"]) == ("", "not_answered")


@given(st.text())
def test_no_text_begins_like_a_formula_in_a_table(text: str) -> None:
    shown = safe(text)
    assert shown.strip()[:1] not in ("=", "+", "-", "@")
    assert "\r" not in shown
    assert "\t" not in shown


def test_a_quotation_is_found_whatever_its_case_and_marks() -> None:
    text = "Well, it’s the Queue: I moved it."
    assert mark_quotes(text, ["it's the queue i moved"]) == [
        ("Well, ", False),
        ("it’s the Queue: I moved", True),
        (" it.", False),
    ]
    assert mark_quotes(text, ["the que"]) == [(text, False)]
    assert mark_quotes("我用Python写网站。", ["Python写"]) == [
        ("我用", False),
        ("Python写", True),
        ("网站。", False),
    ]
    assert mark_quotes("one two three", ["two three", "one two"]) == [
        ("one two", True),
        (" three", False),
    ]
    assert mark_quotes(text, ["", "…"]) == [(text, False)]


async def test_a_report_that_the_products_page_asks_for_has_both_scores(serve: Serve) -> None:
    client = await with_opinions(serve)
    interview_id = await finished(client)
    await judge(client, interview_id, 0)
    body = {"interviewId": str(interview_id)}
    async with client.post("/get-interview-report", json=body) as response:
        answer = await response.json()
    assert (answer["ai_score"], answer["reviewed"]["overall_score"]) == (80, 60)


@needs_chromium
async def test_a_browser_shows_the_report_without_a_complaint(serve: Serve) -> None:
    client = await with_opinions(serve)
    interview_id = await finished(client)
    async with visiting("/dev/null") as visitor:
        await visitor.page.goto(str(client.make_url(f"/interviews/{interview_id}/report")))
        await visitor.page.get_by_role("link", name="at 0:04 in the transcript").click()
        assert await visitor.page.locator("li:target mark").inner_text() == "I like to help people"
        assert visitor.complaints == []
