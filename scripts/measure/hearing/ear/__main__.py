"""Measure when a person hears silence after they begin to interrupt, and the gaps before it:

    .venv/bin/python -m scripts.measure.hearing.ear --corpus recordings --players page plain

A real Chromium holds interviews with a server of its own. Its microphone plays the beginnings of
recordings while the interviewer speaks, and what comes out of its loudspeaker is listened to, by
the same clock. `page` is the candidate's page; `plain` is a client that plays each piece as a
buffer of its own, the next one when the last has ended, and sends its audio in chunks of 85 ms.
Voice activity is that of the service; recognizer, model and voice are scripted, since the reply is
paused before a word is known. What the sound card adds is not counted.
"""

import argparse
import asyncio
import base64
import random
import re
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import Any

import aiohttp
import numpy as np
import soxr
from aiohttp import web
from playwright.async_api import Page, async_playwright

from models import fake
from models.contracts import FRAME, HEARING_RATE, SPEAKING_RATE, Engines, Samples, Transcript
from models.vad.detector import choose
from pipeline.conversation import playout
from pipeline.conversation.audio_input import AudioInput
from pipeline.conversation.events import SpeechBegan
from service.app import build_app, runner
from service.settings import Settings

from .. import corpus

HERE = Path(__file__).parent
QUESTION = (
    "Please tell me at some length about the work that you do now, the people that you do it with,"
    " what you like about it and what you would rather leave to others if you could choose freely"
)
QUESTIONS = 30
SPEAKS = (1.0, 2.2)
"""Seconds after which the interviewer is interrupted: at least, at most."""
LONGEST = 1.0
"""Seconds of a recording that are said."""
OVER = 0.5
"""Seconds without a sound after which the reply is over."""
GAP = 0.25
"""Seconds up to which silence in a reply is a gap between two pieces."""
LOUD = 0.1
"""Share of the loudest level from which there is voice."""
AT_ONCE = 0.1
"""Seconds after the onset in which voice activity hears it."""
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--autoplay-policy=no-user-gesture-required",
    "--disable-features=LocalNetworkAccessChecks",
)


class _SameWords:
    """A recognizer to which any speech is an interruption."""

    languages = ("en",)
    max_seconds = 28.0

    def open(self, language: str, terms: Sequence[str] = ()) -> "_SameWords":
        return self

    async def final(self, audio: Samples, context: str = "") -> Transcript:
        return Transcript("Wait, I have a question about that.", "en")

    async def partial(
        self, audio: Samples, context: str = "", *, urgent: bool = False
    ) -> Transcript:
        return Transcript("Wait, I have", "en")

    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Beginning:
    """What is said over the reply."""

    audio: str
    """Base64 PCM16 of 24 kHz."""
    onset: float
    """Seconds of it before the voice."""


@dataclass(slots=True)
class Heard:
    silent_after: list[float] = field(default_factory=list)
    """Seconds from the onset of each interruption to silence."""
    went_on: int = 0
    """Interruptions after whose silence the reply went on for a while."""
    gaps: list[float] = field(default_factory=list)
    speech: float = 0.0
    """Seconds of speech that were listened to for gaps."""

    def line(self) -> str:
        half, most, all_ = np.quantile(self.silent_after, (0.5, 0.95, 1.0))
        often, long = len(self.gaps) / self.speech, 1000 * sum(self.gaps) / self.speech
        return (
            f"{len(self.silent_after):4d} {self.went_on:7d} {half:7.2f} {most:6.2f} {all_:6.2f}"
            f" {often:8.1f} {long:8.0f} ms"
        )


def beginning(audio: Samples) -> Beginning | None:
    """Return the first second of a recording, from just before its voice; None if voice activity
    does not hear it at once."""
    frames = audio[: len(audio) // FRAME * FRAME].reshape(-1, FRAME).astype(np.float64)
    levels = np.sqrt((frames**2).mean(axis=1))
    first = int(np.argmax(levels > levels.max() * LOUD)) * FRAME
    start = max(0, first - HEARING_RATE // 10)
    said = audio[start : first + round(LONGEST * HEARING_RATE)].astype(np.float64)
    loud = np.clip(said * 8_000 / np.abs(said).max(), -32768, 32767).astype(np.int16)
    if not _is_heard(loud, first - start):
        return None
    wire = np.asarray(soxr.resample(loud, HEARING_RATE, SPEAKING_RATE)).astype("<i2")
    return Beginning(base64.b64encode(wire.tobytes()).decode(), (first - start) / HEARING_RATE)


def _is_heard(audio: Samples, onset: int) -> bool:
    hearing = AudioInput(choose("both").open())
    room = np.random.default_rng(1).normal(0, 3, HEARING_RATE).astype(np.int16)
    heard = np.concatenate([room, audio, room])
    for at in range(0, len(heard) - FRAME + 1, FRAME):
        if isinstance(event := hearing.hear(heard[at : at + FRAME]), SpeechBegan):
            return event.onset < len(room) + onset + AT_ONCE * HEARING_RATE
    return False


@asynccontextmanager
async def served(port: int) -> AsyncIterator[str]:
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(
            database_url=f"sqlite+aiosqlite:///{folder}/ear.db", autocreate_interviews=True
        )
        engines = Engines(choose("both"), _SameWords(), fake.ScriptedLlm(), fake.SteadyVoice(0.05))
        running = runner(build_app(settings, engines))
        await running.setup()
        await web.TCPSite(running, "127.0.0.1", port).start()
        try:
            yield f"http://127.0.0.1:{running.addresses[0][1]}"
        finally:
            await running.cleanup()


async def _post(url: str, **body: Any) -> dict[str, Any]:
    async with aiohttp.ClientSession() as http, http.post(url, json=body) as answer:
        answer.raise_for_status()
        return dict(await answer.json())


async def _open(page: Page, url: str, player: str) -> None:
    """Begin an interview in the page."""
    questions = [{"text": f"{QUESTION}, part {n}?", "follow_ups": 0} for n in range(QUESTIONS)]
    plan = {"candidate": "Jo", "job_title": "Nurse", "minutes": 120, "questions": questions}
    made = (await _post(f"{url}/interviews", **plan))["interview_id"]
    if player == "page":
        await page.goto(f"{url}/?interview={made}")
    else:
        begun = await _post(f"{url}/start-database-interview", interview_id=made)
        socket = f"{url.replace('http', 'ws')}/ws/interview/{begun['session_id']}"
        html = (HERE / "plain.html").read_text(encoding="utf-8")
        await page.route(
            re.compile("/plain.html"),
            lambda route: route.fulfill(body=html, content_type="text/html"),
        )
        await page.goto(f"{url}/plain.html?socket={socket}")
    await page.click("#start")


async def _state(page: Page) -> tuple[float, float]:
    """Return the time, and that of the last audible sample."""
    now, last = await page.evaluate("[ears.now(), ears.heard.last]")
    return float(now), float(last)


async def _interrupt(page: Page, said: Beginning, wait: float, heard: Heard) -> None:
    """Interrupt the next reply after so many seconds of it."""
    while True:
        now, last = await _state(page)
        if last > now - 0.1:
            break
        await asyncio.sleep(0.05)
    began = now
    await asyncio.sleep(wait)
    at = await page.evaluate("(audio) => ears.say(audio)", said.audio)
    onset = float(at) + said.onset
    while True:
        now, last = await _state(page)
        if now > onset + 0.2 and now > last + OVER:
            break
        await asyncio.sleep(0.05)
    silences = [(a, b) for a, b in await page.evaluate("ears.heard.silences") if a >= began]
    silent_at = min([a for a, b in silences if a > onset and b - a >= GAP], default=last)
    heard.silent_after.append(silent_at - onset)
    heard.went_on += silent_at < last
    heard.gaps += [b - a for a, b in silences if b - a < GAP and a < onset]
    heard.speech += onset - began


async def measure(player: str, options: argparse.Namespace, said: Sequence[Beginning]) -> Heard:
    heard = Heard()
    random_ = random.Random(player)
    async with served(options.port) as url, async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=options.chromium, args=[*FLAGS])
        context = await browser.new_context(bypass_csp=True)
        page = await context.new_page()
        await page.add_init_script(path=HERE / "ears.js")
        await _open(page, url, player)
        for n in range(options.times):
            await _interrupt(page, said[n % len(said)], random_.uniform(*SPEAKS), heard)
        await browser.close()
    return heard


async def measure_all(options: argparse.Namespace) -> None:
    recordings = [r for r in corpus.read(options.corpus, options.only) if len(r.words) > 2]
    said = [found for each in recordings if (found := beginning(each.audio))]
    print(
        f"{'player':<6} {'lead':>5} {'piece':>5} {'n':>4} {'went on':>7} {'p50 s':>7} {'p95':>6}"
        f" {'max':>6} {'gaps/s':>8} {'silent a second':>11}"
    )
    for player, lead, piece in product(options.players, options.lead, options.piece):
        playout.LEAD, playout.PIECE = lead, round(piece * SPEAKING_RATE)
        heard = await measure(player, options, said)
        print(f"{player:<6} {lead:5.2f} {piece:5.2f} {heard.line()}", flush=True)


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    made.add_argument("--corpus", type=Path, required=True, metavar="DIR")
    made.add_argument("--only", default="", metavar="TEXT", help="recordings with this in the name")
    made.add_argument("--players", nargs="+", choices=("page", "plain"), default=["page", "plain"])
    made.add_argument("--lead", nargs="+", type=float, default=[playout.LEAD], metavar="SECONDS")
    usual = playout.PIECE / SPEAKING_RATE
    made.add_argument("--piece", nargs="+", type=float, default=[usual], metavar="SECONDS")
    made.add_argument("--times", type=int, default=20, help="interruptions of each")
    made.add_argument("--port", type=int, default=0, help="0: any")
    made.add_argument("--chromium", default=shutil.which("chromium"), metavar="PATH")
    return made


if __name__ == "__main__":
    sys.exit(asyncio.run(measure_all(parser().parse_args())))
