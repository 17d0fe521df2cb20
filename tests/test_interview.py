"""Whole interviews on the real engines with the starter weights, from the candidate's chair."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Iterator

import aiohttp
import jiwer
import numpy as np
import pytest

from models.piper import Piper
from pipeline.default_plans import default_plan
from scripts.candidate import RATE, Candidate, Utterance, finalize, interview, start
from scripts.server import ROOT, running

WORD_ERRORS = 0.5
"""The most word errors that the starter recognizer may make in the sentences here. It was measured
on single sentences; tighten it when the recognizer gets better."""
ANSWER = (
    "Hello, I have worked as a software engineer for six years, mostly on web services in Python, "
    "because I like small and simple programs."
)
OTHER_ANSWER = (
    "Once two people in my team could not agree on a plan, so I asked both of them to explain "
    "their reasons to me, and then we found a better way."
)
"""Long and particular enough that no follow-up question is due."""
INTERRUPTION = "Excuse me, I would like to say something about my last project."


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with running() as server:
        yield server.url


@pytest.fixture(scope="module")
def voice() -> Iterator[Piper]:
    piper = Piper.load(ROOT / "models/starter/voice/en_US-starter.onnx")
    yield piper
    asyncio.run(piper.aclose())


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


async def speech(voice: Piper, text: str) -> Utterance:
    return Utterance(await voice.speak(text), text)


def new_id() -> str:
    return str(uuid.uuid4())


def word_errors(said: str, understood: str) -> float:
    clean = jiwer.Compose([jiwer.ToLowerCase(), jiwer.RemovePunctuation(), jiwer.Strip()])
    return float(jiwer.wer(clean(said), clean(understood)))


async def understood(candidate: Candidate) -> str:
    _, message = await candidate.next("conversation.item.input_audio_transcription.completed")
    return str(message["transcript"])


def asks(reply: str, question: int) -> bool:
    """Whether the reply holds the words of that question of the plan, whatever surrounds it."""
    clean = jiwer.RemovePunctuation()
    return clean(default_plan().questions[question].text).lower() in clean(reply).lower()


async def test_the_candidate_is_greeted_and_asked_without_having_said_anything(http, url):
    async with interview(http, url, await start(http, url, new_id())) as candidate:
        greeting = await candidate.reply()
        assert greeting.seconds > 1
        assert greeting.first_audible
        assert asks(greeting.text, 0), greeting.text
        assert greeting.end["status"] == "completed"


async def test_a_spoken_answer_is_understood_and_the_next_planned_question_asked(http, url, voice):
    interview_id = new_id()
    async with interview(http, url, await start(http, url, interview_id)) as candidate:
        await candidate.reply()
        candidate.say(await speech(voice, ANSWER))
        assert word_errors(ANSWER, await understood(candidate)) <= WORD_ERRORS
        reply = await candidate.reply()
        assert asks(reply.text, 1), reply.text
        assert reply.end["timing"]["voice_to_voice"] >= reply.end["timing"]["endpoint"]
    analysis = await finalize(http, url, interview_id, candidate)
    assert await finalize(http, url, interview_id, candidate) == analysis


async def test_an_interruption_stops_the_reply_and_no_audio_follows_it(http, url, voice):
    async with interview(http, url, await start(http, url, new_id())) as candidate:
        await candidate.reply()
        candidate.say(await speech(voice, ANSWER))
        await candidate.next("response.audio.delta")
        candidate.say(await speech(voice, INTERRUPTION))
        interrupted_at, _ = await candidate.next("input_audio_buffer.speech_started")
        _, done = await candidate.next("response.done")
        assert done["status"] == "cancelled"
        await candidate.next("response.created")
        after = [m["type"] for at, m in candidate.messages if at > interrupted_at]
        assert "response.audio.delta" not in after[: after.index("response.created")]


async def test_a_short_noise_does_not_interrupt_the_interviewer(http, url):
    burst = np.random.default_rng(1).normal(0, 6000, round(0.15 * RATE))
    async with interview(http, url, await start(http, url, new_id())) as candidate:
        await candidate.next("response.audio.delta")
        candidate.say(Utterance(burst.clip(-32768, 32767).astype(np.int16)))
        greeting = await candidate.reply()
        assert greeting.end["status"] == "completed"
        assert not candidate.since(0.0, "input_audio_buffer.speech_started")


async def test_two_interviews_at_once_do_not_mix(http, url, voice):
    async def hold(answer: str) -> str:
        async with interview(http, url, await start(http, url, new_id())) as candidate:
            await candidate.reply()
            candidate.say(await speech(voice, answer))
            heard = await understood(candidate)
            assert asks((await candidate.reply()).text, 1)
            return heard

    first, second = await asyncio.gather(hold(ANSWER), hold(OTHER_ANSWER))
    assert word_errors(ANSWER, first) < word_errors(ANSWER, second)
    assert word_errors(OTHER_ANSWER, second) < word_errors(OTHER_ANSWER, first)


async def test_after_a_lost_connection_the_interview_goes_on_where_it_was(url, voice):
    async with aiohttp.ClientSession() as http:
        session_id = await start(http, url, new_id())
        async with interview(http, url, session_id) as candidate:
            await candidate.reply()
            candidate.say(await speech(voice, ANSWER))
            assert asks((await candidate.reply()).text, 1)
            candidate.vanish()
    async with aiohttp.ClientSession() as http, interview(http, url, session_id) as candidate:
        welcome = await candidate.reply()
        assert asks(welcome.text, 1), welcome.text
        assert not asks(welcome.text, 0), welcome.text


async def test_a_session_that_nobody_started_is_closed_with_4004(http, url):
    async with http.ws_connect(f"{url}/ws/interview/{new_id()}") as socket:
        await socket.receive()
        assert socket.close_code == 4004
