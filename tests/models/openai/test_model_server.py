"""Whether the server of the language model is there."""

import asyncio

import pytest
from aiohttp import web
from aiohttp.test_utils import unused_port

from models.errors import EngineError
from models.openai.model_server import require_answer


@pytest.fixture
async def server(aiohttp_server):
    """Answers with the status that stands in the address."""

    async def models(request):
        assert "secret" in request.headers.get("Authorization", "secret")
        return web.json_response({"data": []}, status=int(request.match_info["status"]))

    app = web.Application()
    app.router.add_get("/{status}/models", models)
    return await aiohttp_server(app)


@pytest.mark.parametrize("status", [200, 404, 405, 429])
async def test_one_that_answers_is_there(server, status):
    await require_answer(str(server.make_url(f"/{status}")), "secret")
    await require_answer(str(server.make_url(f"/{status}/")))


@pytest.mark.parametrize(("status", "why"), [(401, "API key"), (403, "API key"), (502, "order")])
async def test_one_that_is_of_no_use_is_said_without_the_key(server, status, why):
    with pytest.raises(EngineError, match=why) as refused:
        await require_answer(str(server.make_url(f"/{status}")), "secret")
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize("host", ["127.0.0.1", "no-such-host.invalid", "[", "127.0.0.1\x00"])
async def test_one_that_cannot_be_reached_is_said(host):
    with pytest.raises(EngineError, match="cannot be reached"):
        await require_answer(f"http://{host}:{unused_port()}/v1")


async def test_one_that_takes_the_connection_and_says_nothing_is_not_waited_for():
    given_up = asyncio.Event()

    async def say_nothing(reader, writer):
        await reader.read()
        writer.close()
        given_up.set()

    async with await asyncio.start_server(say_nothing, "127.0.0.1", 0) as silent:
        port = silent.sockets[0].getsockname()[1]
        with pytest.raises(EngineError, match="did not answer"):
            await require_answer(f"http://127.0.0.1:{port}/v1", within=0.05)
        await given_up.wait()
