"""A whole interview on the real engines, at the level at which most is said: nothing of it is in
the log."""

import asyncio
import json
import re
from pathlib import Path
from typing import Any

import aiohttp

from scripts.measure.candidate import finalize, in_starter_voice, interview, start
from scripts.measure.server import PRODUCT, free_port, launch, wait_until_ready

KEY = "nobody-may-read-this-key-0123456789"
SECRET = "the-secret-that-signs-tokens-0123456789"
NAME = "Zebediah Quackenbush"
QUESTION = "Which lighthouse did you repaint last summer?"
SPOKEN = "I have five years of experience with Python and I worked with three other people."
TYPED = "It was the marmalade factory in Ludlow, and Ottoline helped me to sweep it."
WORDS = ("zebediah", "quackenbush", "lighthouse", "repaint", "marmalade", "ludlow", "ottoline")
SETTINGS = {
    "LOG_LEVEL": "debug",
    "LOG_FORMAT": "json",
    "API_KEYS": f"recruiting:{KEY}",
    "JWT_SECRET": SECRET,
}
PLAN = {"candidate": NAME, "job_title": "Painter", "questions": [QUESTION, "Why this job?"]}


async def test_nothing_of_an_interview_is_in_the_log(tmp_path: Path) -> None:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    child = launch(PRODUCT, SETTINGS, port, str(tmp_path))
    try:
        await asyncio.to_thread(wait_until_ready, child, url, str(tmp_path))
        session, told = await held(url)
    finally:
        child.terminate()
        await asyncio.to_thread(child.wait)
    log = (tmp_path / "output").read_text()
    entries = [json.loads(line) for line in log.splitlines()]
    assert all(entry["timestamp"] and entry["logger"] and entry["level"] for entry in entries)
    assert {"debug", "info"} <= {entry["level"] for entry in entries}
    of_session = [entry for entry in entries if entry.get("session_id") == session]
    assert {"service.live.connection", "service.http.access_log"} <= {
        each["logger"] for each in of_session
    }
    assert all(entry["request_id"] for entry in of_session)
    searched(log.lower(), told)


def searched(log: str, told: list[str]) -> None:
    for hidden in (*WORDS, KEY, SECRET):
        assert hidden not in log
    said = [re.findall(r"[\w'-]+", text.lower()) for text in (*told, SPOKEN, TYPED, QUESTION)]
    assert sum(len(words) for words in said) > 50
    for words in said:
        for at in range(len(words) - 2):
            assert " ".join(words[at : at + 3]) not in log


async def held(url: str) -> tuple[str, list[str]]:
    """The session, and all that either side said."""
    (spoken,) = await in_starter_voice(SPOKEN)
    key = {"Authorization": f"Bearer {KEY}"}
    async with aiohttp.ClientSession() as http:
        async with http.post(f"{url}/interviews", json=PLAN, headers=key) as made:
            assert made.status == 201, await made.text()
            session = str((await made.json())["session_id"])
        async with interview(http, url, await start(http, url, session)) as candidate:
            await candidate.reply()
            said = candidate.say(spoken)
            await candidate.until(lambda: (reply := candidate.answer_to(said)) and reply.end)
            await candidate.send({"type": "text", "content": TYPED})
            await candidate.next("response.done")
        await finalize(http, url, session, candidate)
        async with http.get(
            f"{url}/interviews/{session}/export.json?by={NAME}", headers=key
        ) as all_:
            assert all_.status == 200
            exported = await all_.json()
        async with http.get(f"{url}/{NAME}") as nowhere:
            assert nowhere.status == 404
        async with http.post(f"{url}/start-interview", data=f'{{"x": "{TYPED}"') as bad:
            assert bad.status == 400
    return session, [line["content"] for line in transcript(exported)]


def transcript(exported: dict[str, Any]) -> list[dict[str, Any]]:
    lines: list[dict[str, Any]] = exported["transcript"]
    return lines
