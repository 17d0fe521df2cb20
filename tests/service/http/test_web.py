"""What all routes have in common, seen from outside."""

import asyncio
import logging
from io import BytesIO

import pytest
from aiohttp import StreamReader, web
from aiohttp.base_protocol import BaseProtocol
from aiohttp.test_utils import make_mocked_request
from sqlalchemy.ext.asyncio import create_async_engine
from yarl import URL

from service.errors import BadRequest
from service.http.web import errors_as_json, read_json
from service.security.access import OPEN
from service.storage.tables import Base

from ..conftest import Serve

OURS = "https://front.example"


@pytest.mark.parametrize("path", ["/health", "/iv/health", "/iv/", "/iv/page/app.js"])
async def test_every_route_is_there_under_the_base_path_too(serve: Serve, path: str) -> None:
    client = await serve(base_path="/iv")
    async with client.get(path) as response:
        assert response.status == 200


async def test_the_base_path_without_its_slash_leads_to_the_page_with_the_same_parameters(
    serve: Serve,
) -> None:
    client = await serve(base_path="/iv")
    for query in ("", "?interview=1", "?a=%23b%26c", "?a=%0D%0ASet-Cookie:b"):
        asked = URL(f"/iv{query}", encoded=True)
        async with client.get(asked, allow_redirects=False) as response:
            assert response.status == 307
            assert response.headers["Location"] == f"iv/{query}"


async def test_a_page_that_is_allowed_may_call(serve: Serve) -> None:
    client = await serve(allowed_origins=(OURS,))
    for path in ("/health", "/nothing"):
        async with client.get(path, headers={"Origin": OURS}) as response:
            assert response.headers["Access-Control-Allow-Origin"] == OURS
            assert response.headers["Vary"] == "Origin"


async def test_a_page_that_is_not_allowed_learns_nothing(serve: Serve) -> None:
    client = await serve(allowed_origins=(OURS,))
    async with client.get("/health", headers={"Origin": "https://evil.example"}) as response:
        assert "Access-Control-Allow-Origin" not in response.headers


@pytest.mark.parametrize(("listed", "told"), [((OURS,), OURS), (("*",), "*")])
async def test_the_browsers_question_before_a_call_is_answered(
    serve: Serve, listed: tuple[str, ...], told: str
) -> None:
    client = await serve(allowed_origins=listed, base_path="/iv")
    asked = {
        "Origin": OURS,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "content-type,x-client",
    }
    for path in ("/finalize-interview", "/iv/finalize-interview"):
        async with client.options(path, headers=asked) as response:
            assert response.status == 204
            assert response.headers["Access-Control-Allow-Origin"] == told
            assert "POST" in response.headers["Access-Control-Allow-Methods"]
            assert response.headers["Access-Control-Allow-Headers"] == "content-type,x-client"


@pytest.mark.parametrize(
    ("method", "path", "status"), [("GET", "/nothing", 404), ("PUT", "/health", 405)]
)
async def test_errors_of_the_server_itself_are_json_too(
    serve: Serve, method: str, path: str, status: int
) -> None:
    client = await serve()
    async with client.request(method, path) as response:
        assert response.status == status
        answer = await response.json()
        assert answer["detail"] == answer["message"]


@pytest.mark.parametrize(
    ("body", "headers", "why"),
    [
        (b'{"x":' + b"[" * 100_000 + b"]" * 100_000 + b"}", {}, "nested too deeply"),
        (b"no gzip", {"Content-Encoding": "gzip", "Connection": "close"}, "Content-Encoding"),
        ('{"x": ""}'.encode("utf-16"), {}, "not valid JSON"),
    ],
    ids=["deep", "encoding", "utf-16"],
)
async def test_a_body_that_cannot_be_read_is_told_what_is_wrong_with_it(
    serve: Serve, body: bytes, headers: dict[str, str], why: str
) -> None:
    client = await serve()
    for path in ("/start-database-interview", "/start-interview", "/get-interview-report"):
        given = {"data": BytesIO(body), "headers": headers}
        async with client.post(path, **given, skip_auto_headers=("Content-Type",)) as response:
            assert response.status == 400
            assert why in (await response.json())["detail"]


async def impatient(request: web.Request) -> web.Response:
    await read_json(request, dict, within=0.01)
    raise AssertionError("the body came to its end")


def add_impatient(app: web.Application) -> None:
    app.router.add_post("/impatient", impatient)
    app[OPEN] |= {impatient}


async def test_a_body_that_does_not_come_to_its_end_is_not_waited_for(serve: Serve) -> None:
    client = await serve(change=add_impatient)
    reader, writer = await asyncio.open_connection(client.host, client.port)
    writer.write(b"POST /impatient HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n{")
    async with asyncio.timeout(30):
        status = await reader.readline()
        told = await reader.readuntil(b"}")
    writer.close()
    assert b" 408 " in status
    assert b"took longer" in told


async def test_a_client_that_leaves_in_the_middle_of_its_body_is_no_bug() -> None:
    loop = asyncio.get_running_loop()
    payload = StreamReader(BaseProtocol(loop), 2**16, loop=loop)
    payload.feed_data(b'{"job')
    payload.set_exception(ConnectionResetError())
    with pytest.raises(BadRequest, match="broke off"):
        await read_json(make_mocked_request("POST", "/", payload=payload), dict[str, str])


async def test_every_answer_has_the_security_headers(serve: Serve) -> None:
    client = await serve()
    for path in ("/health", "/nothing", "/"):
        async with client.get(path) as response:
            assert response.headers["X-Content-Type-Options"] == "nosniff"
            assert "default-src 'none'" in response.headers["Content-Security-Policy"]
            assert "Server" not in response.headers


async def test_a_database_that_is_away_is_503_and_back_without_a_restart(
    serve: Serve, sqlite_url: str
) -> None:
    client = await serve()
    url = "/session/6f9619ff-8b86-d011-b42d-00c04fc964ff/transcript"
    engine = create_async_engine(sqlite_url)
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.drop_all)
    async with client.get(url) as response:
        assert response.status == 503
        assert int(response.headers["Retry-After"]) > 0
        assert "database" in (await response.json())["detail"]
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    await engine.dispose()
    async with client.get(url) as response:
        assert response.status == 404


async def test_a_bug_is_an_answer_in_json_and_a_traceback_in_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def buggy(request: web.Request) -> web.StreamResponse:
        raise KeyError("what somebody said")

    with caplog.at_level(logging.ERROR, "service.http.web"):
        response = await errors_as_json(make_mocked_request("GET", "/"), buggy)
    assert response.status == 500
    assert isinstance(response, web.Response)
    assert "wrong" in str(response.text)
    assert "said" not in str(response.text)
    assert "Traceback" in caplog.text


async def test_a_client_that_has_left_before_its_answer_is_no_bug(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def upgrade(request: web.Request) -> web.StreamResponse:
        request.protocol.transport = None
        socket: web.WebSocketResponse[bool] = web.WebSocketResponse()
        await socket.prepare(request)
        return socket

    headers = {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    }
    with caplog.at_level(logging.ERROR, "service.http.web"):
        response = await errors_as_json(make_mocked_request("GET", "/", headers), upgrade)
    assert response.status == 400
    assert not caplog.records
