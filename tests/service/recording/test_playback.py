"""Listening to recordings: in parts, by whom it is allowed, noted in the audit log."""

import asyncio
import base64
import re
from html import unescape
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import msgspec
import numpy as np
import pytest

from models.contracts import SPEAKING_RATE
from pipeline.journal import AnyEntry, Connected
from service.api_keys import hash_key
from service.recording import recordings
from service.recording.ogg_opus import OggOpusWriter
from service.recording.playback import LISTENERS, ONE_LISTENING, Listeners
from service.storage.database import DATABASE
from tests.audio import noise

from ..browser import needs_chromium, visiting
from ..conftest import Client, Serve
from ..held import ENTRIES, held

KEY = "k" * 32
KEYS = (hash_key(f"recruiting:{KEY}"),)
HEADER = {"X-API-Key": KEY}
BASIC = {"Authorization": "Basic " + base64.b64encode(f"jo:{KEY}".encode()).decode()}
RECORDED: tuple[AnyEntry, ...] = (Connected(0, recording=1), *ENTRIES[1:])


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Twenty seconds."""
    path = tmp_path_factory.mktemp("sound") / "1.ogg"
    writer = OggOpusWriter(path)
    for second in range(20):
        both = np.stack([noise(1, 3000, second), noise(1, 3000, -second - 1 & 0xFF)], axis=1)
        assert len(both) == SPEAKING_RATE
        writer.write(both)
    writer.close()
    return path.read_bytes()


async def recorded(client: Client, folder: Path, sound: bytes) -> UUID:
    interview_id = await held(client.app[DATABASE], RECORDED)
    _, path = recordings.reserve(folder, interview_id)
    path.write_bytes(sound)
    return interview_id


async def get(client: Client, path: str, **headers: str) -> tuple[int, bytes, dict[str, str]]:
    async with client.get(path, headers=headers) as response:
        return response.status, await response.read(), dict(response.headers)


async def players(client: Client, interview_id: UUID, **headers: str) -> list[str]:
    """The addresses of the report's players."""
    status, page, _ = await get(client, f"/interviews/{interview_id}/report", **headers)
    assert status == 200
    found = re.findall(r'<audio[^>]* src="([^"]*)"', page.decode())
    return [f"/interviews/{interview_id}/{unescape(each)}" for each in found]


async def actions(client: Client, interview_id: UUID, **headers: str) -> list[tuple[str, str]]:
    async with client.get(f"/interviews/{interview_id}/audit", headers=headers) as response:
        entries = (await response.json())["entries"]
    return [(entry["who"], entry["action"]) for entry in entries]


async def test_a_recording_is_served_whole_and_in_parts(
    serve: Serve, tmp_path: Path, sound: bytes
) -> None:
    client = await serve(recordings_dir=tmp_path)
    address = f"/interviews/{await recorded(client, tmp_path, sound)}/recordings/1"
    status, body, headers = await get(client, address)
    assert (status, body) == (200, sound)
    assert headers["Content-Type"] == "audio/ogg; codecs=opus"
    assert headers["Accept-Ranges"] == "bytes"
    assert headers["Cache-Control"] == "no-store"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    status, body, headers = await get(client, address, Range="bytes=1000-1999")
    assert (status, body) == (206, sound[1000:2000])
    assert headers["Content-Range"] == f"bytes 1000-1999/{len(sound)}"
    assert (await get(client, address, Range="bytes=-10"))[1] == sound[-10:]
    assert (await get(client, address, Range=f"bytes={len(sound)}-"))[0] == 416


async def test_the_recordings_are_listed(serve: Serve, tmp_path: Path, sound: bytes) -> None:
    client = await serve(recordings_dir=tmp_path)
    interview_id = await recorded(client, tmp_path, sound)
    async with client.get(f"/interviews/{interview_id}/recordings") as response:
        (found,) = (await response.json())["recordings"]
    assert (found["number"], found["size_bytes"]) == (1, len(sound))
    assert found["seconds"] == pytest.approx(20, abs=0.1)
    assert (await get(client, found["url"]))[1] == sound


@pytest.mark.parametrize("number", ["0", "2", "-1", "x", "1.ogg", "²", "9" * 400, "..%2F1", "1%00"])
async def test_what_is_no_recording_is_404(
    serve: Serve, tmp_path: Path, sound: bytes, number: str
) -> None:
    client = await serve(recordings_dir=tmp_path)
    interview_id = await recorded(client, tmp_path, sound)
    for id_ in (interview_id, uuid4(), "..%2F.."):
        assert (await get(client, f"/interviews/{id_}/recordings/{number}"))[0] == 404
    assert (await get(client, f"/interviews/{uuid4()}/recordings/1"))[0] == 404


async def test_who_may_read_the_report_may_listen(
    serve: Serve, tmp_path: Path, sound: bytes
) -> None:
    client = await serve(recordings_dir=tmp_path, api_keys=KEYS)
    interview_id = await recorded(client, tmp_path, sound)
    address = f"/interviews/{interview_id}/recordings/1"
    assert (await get(client, address))[0] == 401
    assert (await get(client, address, **HEADER))[0] == 200
    assert (await get(client, address, **BASIC))[0] == 200


async def test_a_reports_players_need_nothing_but_their_address(
    serve: Serve, tmp_path: Path, sound: bytes
) -> None:
    client = await serve(recordings_dir=tmp_path, api_keys=KEYS)
    mine, other = await recorded(client, tmp_path, sound), await recorded(client, tmp_path, sound)
    address, *_ = await players(client, mine, **HEADER)
    assert (await get(client, address))[:2] == (200, sound)
    assert (await get(client, address.replace(str(mine), str(other))))[0] == 401
    grant = address.partition("?")[2]
    for closed in ("report", "recordings", "export.json", "audit"):
        assert (await get(client, f"/interviews/{mine}/{closed}?{grant}"))[0] == 401
    assert (await get(client, f"{address.partition('?')[0]}?grant=x"))[0] == 401
    assert ("key:recruiting", "play recording") in await actions(client, mine, **HEADER)


async def test_on_the_server_itself_no_grant_is_given(
    serve: Serve, tmp_path: Path, sound: bytes
) -> None:
    client = await serve(recordings_dir=tmp_path)
    interview_id = await recorded(client, tmp_path, sound)
    assert not any("grant" in each for each in await players(client, interview_id))


async def test_each_turn_has_a_player_that_begins_and_ends_with_it(
    serve: Serve, tmp_path: Path, sound: bytes
) -> None:
    client = await serve(recordings_dir=tmp_path)
    interview_id = await recorded(client, tmp_path, sound)
    whole, *turns = [each.rpartition("/")[2] for each in await players(client, interview_id)]
    assert whole == "1"
    # The last turn was at 60 s, when there was no sound any more.
    assert turns == ["1#t=0.00,3.30", "1#t=3.70,60.30"]


async def test_one_listening_is_one_entry_of_the_log(
    serve: Serve, tmp_path: Path, sound: bytes
) -> None:
    client = await serve(recordings_dir=tmp_path)
    interview_id = await recorded(client, tmp_path, sound)
    for start in (0, 1000, 2000):
        await get(client, f"/interviews/{interview_id}/recordings/1", Range=f"bytes={start}-")
    played = [a for _, a in await actions(client, interview_id) if a == "play recording"]
    assert len(played) == 1


def test_a_listening_is_forgotten_after_a_while_and_when_there_are_many() -> None:
    now = [0.0]
    listeners = Listeners(clock=lambda: now[0])
    first = ("key:jo", uuid4(), 1)
    listeners.add(*first)
    assert listeners.has_heard(*first)
    assert not listeners.has_heard("key:al", *first[1:])
    now[0] = ONE_LISTENING
    assert not listeners.has_heard(*first)
    listeners.add(*first)
    for number in range(LISTENERS):
        listeners.add("key:jo", first[1], number + 2)
    assert not listeners.has_heard(*first)


async def test_the_report_of_an_interview_without_a_recording_has_no_player(
    serve: Serve, tmp_path: Path
) -> None:
    client = await serve(recordings_dir=tmp_path)
    interview_id = await held(client.app[DATABASE], RECORDED)
    assert await players(client, interview_id) == []


async def listened(page: Any, player: int) -> list[float]:
    """Press a player's button; where it begins, and where it stops by itself."""
    audio = page.locator("audio").nth(player)
    await audio.evaluate(
        """audio => { audio.heard = new Promise((heard, failed) => {
            audio.onpause = () => heard([audio.played.start(0), audio.currentTime]);
            audio.onerror = () => failed(audio.error.message);
        }); }"""
    )
    await audio.click(position={"x": 20, "y": 17})
    async with asyncio.timeout(30):
        found: list[float] = await audio.evaluate("audio => audio.heard")
    return found


@needs_chromium
@pytest.mark.parametrize("shown", ["here", "with a header", "with a password"])
async def test_a_browser_plays_a_turn_where_it_was_said(
    serve: Serve, tmp_path: Path, sound: bytes, shown: str
) -> None:
    keys = () if shown == "here" else KEYS
    client = await serve(recordings_dir=tmp_path, api_keys=keys)
    short = msgspec.structs.replace(RECORDED[4], ended_ms=6000)  # type: ignore[type-var]
    interview_id = await held(client.app[DATABASE], (*RECORDED[:4], short, *RECORDED[5:]))
    recordings.reserve(tmp_path, interview_id)[1].write_bytes(sound)
    password = {"username": "jo", "password": KEY} if shown == "with a password" else None
    async with visiting("/dev/null", http_credentials=password) as visitor:
        if shown == "with a header":
            await visitor.page.route(
                "**/report",
                lambda route: route.continue_(headers={**route.request.headers, **HEADER}),
            )
        await visitor.page.goto(str(client.make_url(f"/interviews/{interview_id}/report")))
        began, ended = await listened(visitor.page, 2)
        assert began == pytest.approx(3.7, abs=0.3)
        assert 6.0 < ended < 12.0  # of 20 s; a browser that is busy stops later
        assert visitor.complaints == []
