"""Bodies that come packed, and what reading one that belongs to nothing may cost."""

import asyncio
import gzip
import json
import zlib
from io import BytesIO

import pytest

from service.finalization.client_log import ClientLogReader
from service.finalization.finalize import MOST_DOUBTFUL, READING, Reading
from service.http import bodies
from service.storage.database import DATABASE

from ..conftest import Client, Serve
from ..held import held

MB = 2**20
ROUTES = ("/finalize-interview", "/start-interview", "/start-database-interview", "/interviews")


def raw_deflate(data: bytes) -> bytes:
    made = zlib.compressobj(9, wbits=-15)
    return made.compress(data) + made.flush()


BOMBS = {
    "gzip": gzip.compress(b" " * (32 * MB)),
    "x-gzip": gzip.compress(b'{"a": "' + b"x" * (32 * MB)),
    "deflate": zlib.compress(b"[" * (32 * MB), 9),
    " GZIP": gzip.compress(b" " * MB) * 32,
}


async def posted(client: Client, path: str, data: bytes, **headers: str) -> tuple[int, dict]:
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    async with client.post(path, data=BytesIO(data), headers=given) as response:
        return response.status, json.loads(await response.read())


class Counting(Reading):
    most = 0

    async def feed(self, reader: ClientLogReader, data: bytes) -> None:
        await super().feed(reader, data)
        self.most = max(self.most, reader.received_bytes)


@pytest.mark.parametrize("encoding", BOMBS)
async def test_a_body_that_unpacks_to_hundreds_of_times_its_size_is_not_unpacked(
    serve: Serve, encoding: str
) -> None:
    counting = Counting()
    client = await serve(change=lambda app: app.update({READING: counting}))
    for path in ROUTES:
        status, told = await posted(client, path, BOMBS[encoding], Content_Encoding=encoding)
        assert status in (400, 413), path
        assert told["detail"]
    assert counting.most <= 2 * bodies.SMALL


async def test_an_interview_whose_log_is_a_bomb_is_finalized_and_the_log_refused(
    serve: Serve,
) -> None:
    client = await serve()
    interview_id = await held(client.app[DATABASE])
    body = gzip.compress(b'{"interviewId": "%s", ' % str(interview_id).encode() + b" " * 32 * MB)
    status, told = await posted(client, "/finalize-interview", body, Content_Encoding="gzip")
    assert status == 413
    assert "The interview itself is finalized." in told["detail"]


@pytest.mark.parametrize(
    ("encoding", "pack"),
    [
        ("gzip", gzip.compress),
        ("gzip", lambda data: gzip.compress(data[:20]) + gzip.compress(data[20:])),
        ("deflate", zlib.compress),
        ("deflate", raw_deflate),
        ("identity", bytes),
    ],
)
async def test_what_is_honestly_packed_is_read(serve: Serve, encoding: str, pack) -> None:
    client = await serve()
    interview_id = await held(client.app[DATABASE])
    spoken = [{"type": "response.text.done", "text": f"{n} is what I said."} for n in range(5000)]
    log = {"interviewId": str(interview_id), "transcript": spoken}
    body = pack(json.dumps(log).encode())
    status, _ = await posted(client, "/finalize-interview", body, Content_Encoding=encoding)
    assert status == 200
    asked = pack(json.dumps({"job_description": "Cook"}).encode())
    status, _ = await posted(client, "/start-interview", asked, Content_Encoding=encoding)
    assert status == 200


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("gzip", b"no gzip"),
        ("gzip", gzip.compress(b'{"job_description": "Cook"}', mtime=0)[:-4]),
        ("gzip", gzip.compress(b'{"job_description": "Cook"}', mtime=0) + b"more"),
        ("deflate", b"\x78\x9c"),
        ("br", b"{}"),
        ("gzip, gzip", gzip.compress(gzip.compress(b"{}", mtime=0), mtime=0)),
    ],
)
async def test_what_is_not_packed_as_it_says_is_told(
    serve: Serve, encoding: str, body: bytes
) -> None:
    client = await serve()
    for path in ROUTES:
        status, told = await posted(client, path, body, Content_Encoding=encoding)
        assert status == 400
        assert "Content-Encoding" in told["detail"]


def head(length: int) -> bytes:
    return b"POST /finalize-interview HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n" % length


@pytest.mark.parametrize(
    ("named", "code"), [("4c70e6e6-67ee-4dc4-94ac-3ea122068644", b" 404 "), ("x", b" 422 ")]
)
async def test_the_log_of_an_unknown_interview_is_not_read_to_its_end(
    serve: Serve, named: str, code: bytes
) -> None:
    client = await serve()
    reader, writer = await asyncio.open_connection(client.host, client.port)
    writer.write(head(400 * MB) + b'{"interviewId": "%s", "transcript": [' % named.encode())
    writer.write(b'{"type": "a"},' * 6000)
    async with asyncio.timeout(30):
        assert code in await reader.readline()
    writer.close()


async def test_without_an_id_only_so_much_is_read(serve: Serve) -> None:
    little = Reading(largest_without_id=MB)
    client = await serve(change=lambda app: app.update({READING: little}))
    status, told = await posted(
        client, "/finalize-interview", b'{"transcript": [' + b'{"type": "a"},' * 90_000
    )
    assert status == 413
    assert "interviewId" in told["detail"]


async def test_an_id_behind_the_transcript_is_found(serve: Serve) -> None:
    client = await serve()
    interview_id = await held(client.app[DATABASE])
    spoken = [{"type": "a", "text": "b" * 100}] * 9000
    body = json.dumps({"transcript": spoken, "interviewId": str(interview_id)}).encode()
    assert (await posted(client, "/finalize-interview", body))[0] == 200


async def test_few_bodies_that_belong_to_nothing_are_read_at_once_and_all_others_as_ever(
    serve: Serve,
) -> None:
    client = await serve()
    interview_id = await held(client.app[DATABASE])
    doubtful = b'{"transcript": [' + b'{"type": "a"},' * 6000
    writers = []
    for _ in range(MOST_DOUBTFUL):
        _, writer = await asyncio.open_connection(client.host, client.port)
        writer.write(head(9 * MB) + doubtful)
        writers.append(writer)
    async with asyncio.timeout(30):
        while True:
            async with client.post("/finalize-interview", data=doubtful + b"1]}") as response:
                if response.status == 503:
                    assert int(response.headers["Retry-After"]) > 0
                    break
    known = b'{"interviewId": "%s", ' % str(interview_id).encode() + doubtful[1:] + b"{}]}"
    assert (await posted(client, "/finalize-interview", known))[0] == 200
    for writer in writers:
        writer.close()
