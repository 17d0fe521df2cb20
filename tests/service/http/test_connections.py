"""What comes over a socket before the application is asked: no HTTP, and too many at once."""

import asyncio
import json
import logging
import resource
import sys
from asyncio.subprocess import PIPE
from pathlib import Path

import pytest

from service.http import open_files
from service.http.connections import Doorway

from ..conftest import Client, Serve

ROOT = Path(__file__).parents[3]
HOST = b"Host: localhost\r\n"
POST = b"POST /prepare-interview-context HTTP/1.1\r\n" + HOST
MALFORMED = [
    b"GET / HTTP/1.1\r\nHost localhost\r\n\r\n",
    b"\x16\x03\x01\x02\x00\r\n\r\n",
    b"GET\r\n\r\n",
    b"GET / HTTP/9.9\r\n\r\n",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    b"GET /health HTTP/1.1\r\n" + HOST + b" X: folded\r\n\r\n",
    b"SECRET" * 4000,
    b"GET /" + b"SECRET" * 4000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET / HTTP/1.1\r\n" + HOST + b"X: y\r\n" * 20000 + b"\r\n",
    POST + b"Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    POST + b"Content-Length: 2\r\nContent-Length: 44\r\n\r\n{}",
    POST + b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
    POST + b"Content-Length: SECRET\r\n\r\n",
    b"GET / HTTP/1.1\r\n" + HOST + b"SECRET: a\0b\r\n\r\n",
    b"GE\0T / HTTP/1.1\r\n" + HOST + b"\r\n",
    b"GET http://[SECRET HTTP/1.1\r\n" + HOST + b"\r\n",
    b"OPTIONS * SECRET\r\n\r\n",
    b"\r\n\r\n{SECRET}\r\n\r\n",
]


async def raw(client: Client, sent: bytes) -> bytes:
    """All that is answered until the connection is closed."""
    reader, writer = await asyncio.open_connection(client.host, client.port)
    writer.write(sent)
    async with asyncio.timeout(30):
        answered = await reader.read()
    writer.close()
    return answered


@pytest.mark.parametrize("sent", MALFORMED, ids=lambda sent: repr(sent[:40]))
async def test_what_is_no_http_is_one_line_of_the_log_and_an_ordinary_refusal(
    serve: Serve, caplog: pytest.LogCaptureFixture, sent: bytes
) -> None:
    client = await serve()
    with caplog.at_level(logging.INFO):
        answered = await raw(client, sent)
    head, _, body = answered.partition(b"\r\n\r\n")
    assert b" 400 " in head.splitlines()[0]
    told = json.loads(body)
    assert told["code"] == "bad_request"
    assert told["detail"] == told["message"]
    assert b"SECRET" not in answered
    for header in (b"X-Content-Type-Options: nosniff", b"X-Request-ID: ", b"no-store"):
        assert header in head
    assert b"server:" not in head.lower()
    assert [record.name for record in caplog.records] == ["service.http.access_log"]
    assert "SECRET" not in caplog.text
    assert " 400, " in caplog.text


async def test_what_is_expected_and_not_known_is_refused_as_all_else(serve: Serve) -> None:
    client = await serve()
    asked = b"GET /health HTTP/1.1\r\nExpect: SECRET\r\nConnection: close\r\n" + HOST + b"\r\n"
    answered = await raw(client, asked)
    assert b" 417 " in answered.splitlines()[0]
    assert json.loads(answered.partition(b"\r\n\r\n")[2])["code"] == "http_417"
    assert b"SECRET" not in answered


def doorway(client: Client) -> Doorway:
    assert client.server.runner is not None
    found = client.server.runner.server
    assert isinstance(found, Doorway)
    return found


async def test_for_one_more_client_the_one_that_is_idle_longest_goes(
    serve: Serve, caplog: pytest.LogCaptureFixture
) -> None:
    client = await serve()
    doorway(client).most = 5
    silent = [await asyncio.open_connection(client.host, client.port) for _ in range(40)]
    for _ in range(3):
        async with client.get("/livez") as response:
            assert response.status == 200
    async with asyncio.timeout(30):
        gone = [await reader.read() for reader, _ in silent[:34]]
    assert gone == [b""] * 34
    assert not silent[-1][0].at_eof()
    for _, writer in silent:
        writer.close()
    told = [record for record in caplog.records if record.name == "service.http.connections"]
    assert len(told) == 1


async def test_who_is_being_answered_stays_and_the_new_one_is_told_to_come_back(
    serve: Serve,
) -> None:
    client = await serve()
    doorway(client).most = 2
    busy = [await asyncio.open_connection(client.host, client.port) for _ in range(2)]
    for reader, writer in busy:
        writer.write(POST + b"Content-Length: 9\r\nExpect: 100-continue\r\n")
        writer.write(b"Connection: close\r\n\r\n{")
        assert b" 100 " in await reader.readuntil(b"\r\n\r\n")
    answered = await raw(client, b"")
    assert b" 503 " in answered.splitlines()[0]
    assert b"Retry-After: 5" in answered
    assert json.loads(answered.partition(b"\r\n\r\n")[2])["code"] == "full"
    for reader, writer in busy:
        writer.write(b"        ")
        assert b" 400 " in await reader.readline()
        writer.close()


def test_the_limit_of_open_files_is_raised_as_far_as_it_may_be() -> None:
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(512, limits[1]), limits[1]))
        assert open_files.raise_limit() == min(limits[1], open_files.MOST)
        assert resource.getrlimit(resource.RLIMIT_NOFILE)[0] == min(limits[1], open_files.MOST)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)


async def test_with_few_files_silent_clients_keep_nobody_from_an_answer(tmp_path: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "scripts.measure.fake_server",
        stdout=PIPE, stderr=PIPE, cwd=ROOT,
        env={
            "PATH": "/usr/bin:/bin", "VIVAVOCE_PORT": "0",
            "VIVAVOCE_DATABASE_URL": f"sqlite:///{tmp_path}/few.db",
        },
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64)),
    )  # fmt: skip
    assert process.stdout
    async with asyncio.timeout(60):
        said = await process.stdout.readuntil(b"is ready: ") + await process.stdout.readline()
        port = int(said.rpartition(b":")[2].strip(b"/\n"))
        silent = [await asyncio.open_connection("127.0.0.1", port) for _ in range(80)]
        for path in (b"/livez", b"/readyz") * 5:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(b"GET %s HTTP/1.1\r\nConnection: close\r\n%s\r\n" % (path, HOST))
            assert b" 200 " in await reader.read()
            writer.close()
        for _, writer in silent:
            writer.close()
        process.terminate()
        _, errors = await process.communicate()
    assert b"only 64 files" in errors
    assert b"no connection can be taken" not in errors
    assert len(errors.splitlines()) < 10
