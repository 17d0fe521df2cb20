"""The line about a request, and the number by which its lines are found."""

import logging
from typing import Any
from uuid import uuid4

import pytest

from service.http.access_log import REQUEST_ID

from ..conftest import Client, Serve


@pytest.fixture(autouse=True)
def at_info(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "service")


async def line(client: Client, caplog: pytest.LogCaptureFixture, path: str) -> dict[str, Any]:
    """What is logged for a GET."""
    caplog.clear()
    async with client.get(path):
        pass
    (record,) = [r for r in caplog.records if r.name == "service.http.access_log"]
    return {**vars(record)["fields"], "message": record.getMessage()}


async def test_the_route_is_named_and_neither_the_path_nor_the_query(
    serve: Serve, caplog: pytest.LogCaptureFixture
) -> None:
    client = await serve(base_path="/iv")
    session = str(uuid4())
    told = await line(client, caplog, f"/iv/session/{session}/transcript?name=Maria")
    assert told["route"] == "/iv/session/{id}/transcript"
    assert (told["method"], told["status"]) == ("GET", 404)
    assert told["bytes"] > 0
    assert told["duration_ms"] >= 0
    assert session not in str(told)
    assert "Maria" not in str(told)


async def test_an_address_that_leads_nowhere_is_not_repeated(
    serve: Serve, caplog: pytest.LogCaptureFixture
) -> None:
    told = await line(await serve(), caplog, "/Maria-Lopez")
    assert told["status"] == 404
    assert "Maria" not in str(told)


async def test_what_programs_ask_all_the_time_is_told_at_debug_level(
    serve: Serve, caplog: pytest.LogCaptureFixture
) -> None:
    client = await serve()
    with pytest.raises(ValueError, match="not enough values"):
        await line(client, caplog, "/health")
    caplog.set_level(logging.DEBUG, "service")
    assert (await line(client, caplog, "/health"))["route"] == "/health"


@pytest.mark.parametrize("given", ["", "two words", "x" * 65, "ümlaut"])
async def test_a_request_without_a_usable_number_is_given_one(serve: Serve, given: str) -> None:
    client = await serve()
    headers = {REQUEST_ID: given} if given else {}
    numbers = set()
    for _ in range(2):
        async with client.get("/health", headers=headers) as response:
            numbers.add(response.headers[REQUEST_ID])
    assert len(numbers) == 2
    assert given not in numbers


async def test_the_number_of_a_proxy_is_kept_also_on_errors_and_sockets(serve: Serve) -> None:
    client = await serve()
    headers = {REQUEST_ID: "edge-7.f00"}
    async with client.get("/nothing", headers=headers) as response:
        assert response.headers[REQUEST_ID] == "edge-7.f00"
    async with client.ws_connect(f"/ws/interview/{uuid4()}", headers=headers) as ws:
        assert ws.get_extra_info("peername")
        assert ws._response.headers[REQUEST_ID] == "edge-7.f00"
