"""Whole interviews on the real engines with the starter weights, from the candidate's chair."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Iterator

import aiohttp
import jiwer
import numpy as np
import pytest

from pipeline.interview.default_plans import default_plan
from scripts.measure.candidate import (
    RATE,
    Candidate,
    Reply,
    Utterance,
    finalize,
    in_starter_voice,
    interview,
    start,
)
from scripts.measure.server import running

WORD_ERRORS = 0.1
"""The most word errors that the starter recognizer may make in an answer; of its own these two have
fewer than 0.1. Tighten it when the recognizer gets better."""
ANSWER = "My name is Maria and I have five years of experience with Python."
OTHER_ANSWER = (
    "In my last role I was responsible for the search feature and I worked with three other people."
)
INTERRUPTION = "Excuse me, I would like to say something about my last project."


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with running(settings={"MAX_SESSIONS": "16"}) as server:  # left places are kept a while
        yield server.url


@pytest.fixture(scope="module")
def spoken() -> dict[str, Utterance]:
    """The sentences, always made in the same order: the voice varies what it says."""
    made = asyncio.run(in_starter_voice(ANSWER, OTHER_ANSWER, INTERRUPTION))
    return {utterance.text: utterance for utterance in made}


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


def new_id() -> str:
    return str(uuid.uuid4())


def word_errors(said: str, understood: str) -> float:
    clean = jiwer.Compose([jiwer.ToLowerCase(), jiwer.RemovePunctuation(), jiwer.Strip()])
    return float(jiwer.wer(clean(said), clean(understood)))


async def exchange(candidate: Candidate, utterance: Utterance) -> tuple[str, Reply]:
    """Say it; what was understood, and the whole reply."""
    spoken = candidate.say(utterance)
    await candidate.until(lambda: (reply := candidate.answer_to(spoken)) and reply.end)
    reply = candidate.answer_to(spoken)
    assert reply
    return candidate.understood(spoken.began, reply.first_audible), reply


async def until_next_question(candidate: Candidate, utterance: Utterance) -> str:
    """Say it until the plan's second question is asked, which the follow-ups that the first one
    allows may precede; what was understood the first time."""
    first = None
    for _ in range(1 + default_plan().questions[0].follow_ups):
        understood, reply = await exchange(candidate, utterance)
        first = understood if first is None else first
        if asks(reply.text, 1):
            return first
    raise AssertionError(f"the second question was not asked: {reply.text}")


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


async def test_a_spoken_answer_is_understood_and_the_next_planned_question_asked(http, url, spoken):
    interview_id = new_id()
    async with interview(http, url, await start(http, url, interview_id)) as candidate:
        await candidate.reply()
        understood = await until_next_question(candidate, spoken[ANSWER])
        assert word_errors(ANSWER, understood) <= WORD_ERRORS, understood
        timing = candidate.replies[-1].end["timing"]
        assert timing["voice_to_voice"] >= timing["endpoint"]
    analysis = await finalize(http, url, interview_id, candidate)
    assert analysis["measures"]["questions_asked"] == 2
    assert await finalize(http, url, interview_id, candidate) == analysis


async def test_an_interruption_stops_the_reply_and_no_audio_follows_it(http, url, spoken):
    async with interview(http, url, await start(http, url, new_id())) as candidate:
        await candidate.reply()
        candidate.say(spoken[ANSWER])
        await candidate.next("response.audio.delta")
        candidate.say(spoken[INTERRUPTION])
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


async def test_two_interviews_at_once_do_not_mix(http, url, spoken):
    async def hold(answer: str) -> str:
        async with interview(http, url, await start(http, url, new_id())) as candidate:
            await candidate.reply()
            return await until_next_question(candidate, spoken[answer])

    first, second = await asyncio.gather(hold(ANSWER), hold(OTHER_ANSWER))
    assert word_errors(ANSWER, first) < word_errors(ANSWER, second)
    assert word_errors(OTHER_ANSWER, second) < word_errors(OTHER_ANSWER, first)


async def test_after_a_lost_connection_the_interview_goes_on_where_it_was(url, spoken):
    async with aiohttp.ClientSession() as http:
        session_id = await start(http, url, new_id())
        async with interview(http, url, session_id) as candidate:
            await candidate.reply()
            await until_next_question(candidate, spoken[ANSWER])
            candidate.vanish()
    async with aiohttp.ClientSession() as http, interview(http, url, session_id) as candidate:
        welcome = await candidate.reply()
        assert asks(welcome.text, 1), welcome.text
        assert not asks(welcome.text, 0), welcome.text


async def test_a_session_that_nobody_started_is_closed_with_4004(http, url):
    async with http.ws_connect(f"{url}/ws/interview/{new_id()}") as socket:
        await socket.receive()
        assert socket.close_code == 4004
