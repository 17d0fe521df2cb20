"""What a monitoring system reads of a service that holds interviews."""

import asyncio
import re
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as openmetrics
from prometheus_client.parser import text_string_to_metric_families as plain

from models import fake
from models.engine_state import EngineState
from models.errors import EngineError
from pipeline.conversation.stats import ConversationStats
from service.admission.admission import ADMISSION
from service.observability.metrics import METRICS, Metrics

from ..conftest import Client, Serve
from ..live.test_websocket import ANSWER
from ..live.test_websocket import Client as Candidate

Samples = dict[str, float]
NOT_OURS = ("process_", "python_")
STAGES = {
    "voice_to_voice", "endpoint", "record", "after_commit", "llm_first_word", "llm_first_clause",
    "speech_first_clause",
}  # fmt: skip


async def scraped(client: Client) -> Samples:
    """Each sample by its name and labels, as they are written."""
    async with client.get("/metrics") as response:
        assert response.content_type == "text/plain"
        families = list(plain(await response.text()))
    return {
        sample.name + "".join(f"{{{name}={value}}}" for name, value in sample.labels.items()): (
            sample.value
        )
        for family in families
        for sample in family.samples
    }


async def connected(client: Client) -> tuple[str, Candidate]:
    session = str(uuid4())
    body = {"interview_id": session}
    async with client.post("/start-database-interview", json=body) as response:
        assert response.status == 200
    return session, Candidate(await client.ws_connect(f"/ws/interview/{session}"))


async def held(client: Client) -> str:
    """A greeting, a typed answer, the reply to it, and the end."""
    session, candidate = await connected(client)
    await candidate.next("response.done")
    await candidate.send(type="text", content=ANSWER)
    await candidate.next("response.done")
    async with client.post("/finalize-interview", json={"interviewId": session}) as response:
        assert response.status == 200
    await candidate.close_code()
    async with asyncio.timeout(20):
        while await live(client):
            pass
    return session


async def live(client: Client) -> int:
    async with client.get("/health") as response:
        sessions: int = (await response.json())["sessions"]
        return sessions


async def test_an_interview_leaves_its_numbers(serve: Serve) -> None:
    client = await serve(fake.engines(ANSWER, voice=fake.SteadyVoice(0.004)), max_sessions=3)
    await held(client)
    await held(client)
    told = await scraped(client)
    assert told["vivavoce_turns_total{kind=typed}"] == 2
    assert told["vivavoce_turns_total{kind=spoken}"] == 0
    for stage in STAGES:
        count = told[f"vivavoce_stage_seconds_count{{stage={stage}}}"]
        assert count >= 2, stage
    assert told["vivavoce_database_commit_seconds_count"] >= 8
    assert told["vivavoce_finalize_seconds_count"] == 2
    assert sum(v for k, v in told.items() if k.startswith("vivavoce_answers_assessed_total")) >= 2
    assert told["vivavoce_sessions_admitted_total"] == 2
    assert told["vivavoce_connections_closed_total{code=1000}"] == 2
    assert told["vivavoce_sessions_active"] == 0
    assert told["vivavoce_slots_used"] == 0
    assert told["vivavoce_slots"] == 3
    assert told["vivavoce_draining"] == 0


async def test_a_conversation_that_goes_on_counts_already_and_once(serve: Serve) -> None:
    client = await serve(fake.engines(ANSWER, voice=fake.SteadyVoice(0.004)))
    session, candidate = await connected(client)
    await candidate.next("response.done")
    await candidate.send(type="text", content=ANSWER)
    await candidate.next("response.done")
    told = await scraped(client)
    assert told["vivavoce_turns_total{kind=typed}"] == 1
    assert told["vivavoce_sessions_active"] == 1
    assert told["vivavoce_slots_used"] == 1
    await candidate.ws.close()
    async with client.delete(f"/session/{session}/end") as response:
        assert response.status == 200
    assert (await scraped(client))["vivavoce_turns_total{kind=typed}"] == 1


async def test_places_are_held_on_while_the_service_waits_for_interviews_to_end(
    serve: Serve,
) -> None:
    client = await serve()
    await connected(client)
    admission = client.app[ADMISSION]
    await admission.drain(0)
    told = await scraped(client)
    assert told["vivavoce_draining"] == 1
    assert told["vivavoce_sessions_active"] == 1
    assert told["vivavoce_slots_used"] == 1


async def test_refusals_and_errors_are_counted_by_their_codes(serve: Serve) -> None:
    client = await serve(max_sessions=1)
    await connected(client)
    for _ in range(2):
        async with client.post("/start-interview", json={"job_description": "x"}) as response:
            assert response.status == 503
    async with client.get("/Maria-Lopez") as response:
        assert response.status == 404
    told = await scraped(client)
    assert told["vivavoce_sessions_refused_total{reason=full}"] == 2
    assert told["vivavoce_errors_total{code=full}"] == 2
    assert told["vivavoce_errors_total{code=http_404}"] == 1


async def test_what_a_socket_refuses_is_counted_too(serve: Serve) -> None:
    client = await serve()
    _, candidate = await connected(client)
    await candidate.send(type="video")
    await candidate.next("error")
    assert (await scraped(client))["vivavoce_errors_total{code=unknown_type}"] == 1


async def test_an_engine_that_fails_is_counted_though_nobody_was_refused(serve: Serve) -> None:
    class Hoarse(fake.SteadyVoice):
        async def speak(self, text: str, *, ahead: bool = False) -> Any:
            raise EngineError("hoarse")

    client = await serve(fake.engines(voice=Hoarse()))
    _, candidate = await connected(client)
    await candidate.next("response.done")
    told = await scraped(client)
    assert told["vivavoce_engine_failures_total{code=engine_error}{engine=voice}"] >= 1


async def test_the_queue_of_an_engine_is_shown_as_it_is_now(serve: Serve) -> None:
    class Voice(fake.SteadyVoice):
        state = EngineState(True, waiting=3, waiting_seconds=1.5, working=2, working_seconds=0.5)

    told = await scraped(await serve(fake.engines(voice=Voice())))
    states = (k for k in told if k.startswith("vivavoce_engine_") and "_failures" not in k)
    shown = {name: told[name] for name in states}
    assert shown == {
        "vivavoce_engine_up{engine=voice}": 1,
        "vivavoce_engine_waiting{engine=voice}": 3,
        "vivavoce_engine_waiting_seconds{engine=voice}": 1.5,
        "vivavoce_engine_working{engine=voice}": 2,
        "vivavoce_engine_working_seconds{engine=voice}": 0.5,
    }


@pytest.mark.parametrize(
    ("state", "up", "servers"),
    [
        (EngineState(True, servers=2), 1, 2),
        (EngineState(True, servers=0), 1, 0),  # a local engine stands in
        (EngineState(True, fault="No engine server answers.", servers=0), 0, 0),
        (EngineState(False), 0, None),
    ],
)
async def test_an_engine_is_up_while_it_works_here_or_elsewhere(
    serve: Serve, state: EngineState, up: int, servers: int | None
) -> None:
    class Voice(fake.SteadyVoice):
        pass

    voice = Voice()
    voice.state = state  # type: ignore[attr-defined]
    told = await scraped(await serve(fake.engines(voice=voice)))
    assert told["vivavoce_engine_up{engine=voice}"] == up
    assert told.get("vivavoce_engine_servers{engine=voice}") == servers


async def test_the_process_and_what_runs_in_it_are_described(serve: Serve) -> None:
    told = await scraped(await serve(stt_model="my-recognizer"))
    assert told["process_resident_memory_bytes"] > 0
    assert any(name.startswith("vivavoce_build_info{python=3.") for name in told)
    assert any("{recognizer=my-recognizer}" in name for name in told)


async def test_openmetrics_is_spoken_to_whoever_asks_for_it(serve: Serve) -> None:
    client = await serve()
    accept = "application/openmetrics-text; version=1.0.0"
    async with client.get("/metrics", headers={"Accept": accept}) as response:
        assert response.content_type == "application/openmetrics-text"
        assert {family.name for family in openmetrics(await response.text())}


async def test_names_are_as_prometheus_wants_them_and_no_label_holds_an_id(serve: Serve) -> None:
    client = await serve(fake.engines(ANSWER, voice=fake.SteadyVoice(0.004)))
    session = await held(client)
    async with client.get("/metrics") as response:
        text = await response.text()
    assert session not in text
    assert "Python" not in text  # a word of the answer
    for family in plain(text):
        if family.name.startswith(NOT_OURS):
            continue
        assert re.fullmatch(r"vivavoce_[a-z_]+", family.name), family.name
        assert family.documentation.endswith("."), family.name
        assert not re.search(r"_(ms|millis|percent|minutes)", family.name)
        if family.type == "counter":
            assert {s.name for s in family.samples} <= {
                f"{family.name}_total",
                f"{family.name}_created",
            }
        if family.type == "histogram":
            assert family.name.endswith("_seconds"), family.name
        for sample in family.samples:
            for value in sample.labels.values():
                assert len(value) < 40, (family.name, value)
                assert not re.search(r"[0-9a-f]{8}", value), (family.name, value)


async def test_two_applications_in_a_process_have_their_own_numbers(serve: Serve) -> None:
    client, other = await serve(), await serve()
    async with client.get("/nothing"):
        pass
    assert "vivavoce_errors_total{code=http_404}" in await scraped(client)
    assert "vivavoce_errors_total{code=http_404}" not in await scraped(other)


def test_what_ended_conversations_counted_is_kept_in_one_place() -> None:
    metrics = Metrics()
    for _ in range(3):
        stats = ConversationStats(spoken=2, interruptions=1)
        stats.failed("voice", "engine_busy")
        with metrics.conversation(stats):
            assert len(metrics.all_stats) == 2
    (total,) = metrics.all_stats
    assert (total.spoken, total.interruptions, total.typed) == (6, 3, 0)
    assert total.failures == {("voice", "engine_busy"): 3}


def test_a_conversation_that_equals_another_is_not_taken_for_it() -> None:
    metrics = Metrics()
    with metrics.conversation(first := ConversationStats()):
        with metrics.conversation(ConversationStats()):
            pass
        first.spoken = 1
        assert [stats.spoken for stats in metrics.all_stats] == [0, 1]


def test_a_finalizing_that_fails_is_counted_by_the_error() -> None:
    metrics = Metrics()
    with pytest.raises(KeyError), metrics.finalizing():
        raise KeyError
    with pytest.raises(EngineError), metrics.finalizing():
        raise EngineError("no")
    assert failures(metrics) == {"internal_error": 1, "engine_error": 1}


def failures(metrics: Metrics) -> dict[str, float]:
    return {
        sample.labels["code"]: sample.value
        for sample in samples(metrics)
        if sample.name == "vivavoce_finalize_failures_total" and sample.value
    }


def samples(metrics: Metrics) -> Iterator[Any]:
    for family in metrics.registry.collect():
        yield from family.samples


async def test_the_event_loop_is_sampled_while_the_service_runs(serve: Serve) -> None:
    client = await serve()
    lag = client.app[METRICS].loop_lag
    seen: asyncio.Future[float] = asyncio.get_running_loop().create_future()
    observe = lag.observe

    def observed(seconds: float) -> None:
        observe(seconds)
        if not seen.done():
            seen.set_result(seconds)

    lag.observe = observed  # type: ignore[method-assign]
    assert await seen >= 0
