"""The page on scripted engines, and what its visitor says."""

import asyncio
import wave
from contextlib import asynccontextmanager

import aiohttp
import numpy as np
import pytest
from aiohttp import web

from models import fake
from models.contracts import Engines, Transcript
from models.piper.synthesizer import Piper
from scripts.measure.server import ROOT
from service.app import build_app, runner
from service.settings import Settings

SPOKEN = "I built a scheduler in Python for the county hospital, and it cut the waiting time."
ANSWER = "I built a scheduler in Python for three nurses of the county hospital."
MIC_RATE = 48_000
QUIET = np.zeros(5 * MIC_RATE, np.int16)


class LoudVad:
    """A real microphone is never digitally silent."""

    def open(self):
        return self

    def probability(self, frame):
        return 1.0 if np.abs(frame.astype(int)).mean() > 300 else 0.0


class SameAnswer:
    """Any speech is the same answer."""

    languages = ("en",)
    max_seconds = 28.0

    def open(self, language, terms=()):
        return self

    async def final(self, audio, context=""):
        return Transcript(ANSWER, "en")

    async def partial(self, audio, context="", *, urgent=False):
        return Transcript(ANSWER.rpartition(" ")[0], "en")

    def close(self): ...


@pytest.fixture(scope="session")
def spoken():
    """An answer of about five seconds."""

    async def speak():
        voice = Piper.load(ROOT / "models/starter/voice/en_US-starter.onnx")
        audio = await voice.speak(SPOKEN)
        await voice.aclose()
        return audio

    return np.repeat(asyncio.run(speak()), 2)


@pytest.fixture(scope="session")
def microphone(spoken, tmp_path_factory):
    """Silence, an answer, silence; Chromium plays it again and again."""
    return recorded(tmp_path_factory, QUIET, spoken, QUIET, QUIET)


@pytest.fixture(scope="session")
def talkative(spoken, tmp_path_factory):
    """Silence, and an answer without a pause for as long as a test may need."""
    return recorded(tmp_path_factory, QUIET, *[spoken] * 6)


def recorded(tmp_path_factory, *parts):
    path = tmp_path_factory.mktemp("microphone") / "microphone.wav"
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(MIC_RATE)
        file.writeframes(np.concatenate(parts).astype("<i2").tobytes())
    return path


@asynccontextmanager
async def serving(tmp_path, voice, transcriber=None, **given):
    usual = {"autocreate_interviews": True, "base_path": "/interviews"}
    settings = Settings(
        database_url=f"sqlite+aiosqlite:///{tmp_path}/test.db", **{**usual, **given}
    )
    engines = Engines(LoudVad(), transcriber or SameAnswer(), fake.ScriptedLlm(), voice)
    running = runner(build_app(settings, engines))
    await running.setup()
    await web.TCPSite(running, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{running.addresses[0][1]}"
    finally:
        await running.cleanup()


@pytest.fixture
async def url(tmp_path):
    async with serving(tmp_path, fake.SteadyVoice(0.02)) as url:
        yield url


async def invited(url, **wanted):
    """An interview that a recruiter has made; its id."""
    plan = {"candidate": "Jürgen Groß", "job_title": "Krankenpfleger (m/w/d)", "minutes": 12}
    questions = [{"text": text, "follow_ups": 0} for text in ("Why this job?", "Who are you?")]
    body = {**plan, "questions": questions, **wanted}
    return (await post(url, "/interviews", **body))["interview_id"]


async def post(url, path, **body):
    async with aiohttp.ClientSession() as http, http.post(url + path, json=body) as answer:
        assert answer.ok
        return await answer.json()


async def completed(url):
    """Wait until every interview of the service is completed."""
    async with asyncio.timeout(60), aiohttp.ClientSession(url) as http:
        while True:
            async with http.get("/interviews/interviews") as answer:
                held = (await answer.json())["interviews"]
            if {each["status"] for each in held} == {"completed"}:
                return
            await asyncio.sleep(0.1)
