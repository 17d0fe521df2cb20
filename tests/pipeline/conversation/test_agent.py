"""Conversations that another agent than the interviewer holds: nothing else is changed for it."""

import asyncio
from dataclasses import replace

from models import fake
from pipeline.conversation import output as o
from pipeline.journal import CandidateSpoke, InterviewEnded, ReplyEnded, ReplyPlanned
from tests.pipeline.conversation.echo import Echo
from tests.pipeline.conversation.test_session import Candidate, Talkative
from tests.virtual_time import run

FIRST = "I built a scheduler in Python."
SECOND = "It was for a hospital in the county."


def repeat(messages):
    """An LLM that says what the user said."""
    return messages[-1].content


def echoing(llm=None):
    return fake.engines(FIRST, SECOND, llm=llm or fake.ScriptedLlm(repeat))


def test_a_whole_conversation_with_an_agent_that_is_no_interviewer():
    agent = Echo()

    async def main():
        async with Candidate(engines=echoing(), agent=agent) as candidate:
            await candidate.until(o.ResponseDone)
            await candidate.say(1, 2.0)
            await candidate.until(o.ResponseDone, 2)
            await candidate.say(2, 2.0)
            await candidate.until(o.ResponseDone, 3)
            candidate.session.push_text("Goodbye!")
            ended = await candidate.until(o.InterviewEnded)
        return candidate, ended

    candidate, ended = run(main())
    assert ended.reason == "goodbye"
    assert candidate.texts() == ["Hello. Say something.", FIRST, SECOND, "Goodbye."]
    assert not candidate.all(o.Progress)  # this agent has no plan to be measured by
    entries = candidate.record.entries
    assert [x.text for x in entries if isinstance(x, CandidateSpoke)] == [FIRST, SECOND, "Goodbye!"]
    assert {x.act for x in entries if isinstance(x, ReplyPlanned)} == {"echo"}
    assert [x.heard for x in entries if isinstance(x, ReplyEnded)] == candidate.texts()
    assert [x.reason for x in entries if isinstance(x, InterviewEnded)] == ["goodbye"]
    said = [message.content for message in agent.messages[1:]]
    assert said == ["Hello. Say something.", FIRST, FIRST, SECOND, SECOND, "Goodbye!", "Goodbye."]


def test_its_own_words_are_said_when_the_llm_says_nothing():
    async def main():
        silent = fake.ScriptedLlm(lambda messages: "")
        async with Candidate(engines=echoing(silent), agent=Echo()) as candidate:
            await candidate.until(o.ResponseDone)
            await candidate.say(1, 2.0)
            return await candidate.until(o.ResponseDone, 2)

    assert run(main()).text == FIRST


def test_silence_is_its_own_to_break():
    async def main():
        async with Candidate(engines=echoing(), agent=Echo()) as candidate:
            return await candidate.until(o.ResponseDone, 2)

    assert run(main()).text == "I am still here."


def test_a_turn_that_does_not_end_is_its_own_to_break_in_on():
    async def main():
        agent = Echo(latest_ms=10_000)
        engines = replace(echoing(), transcriber=Talkative(FIRST))
        async with Candidate(engines=engines, agent=agent) as candidate:
            await candidate.until(o.ResponseDone)
            await candidate.say(1, 60.0)
        return candidate.texts()

    assert "That was long." in run(main())


def test_it_is_told_only_what_was_heard_of_an_interrupted_reply():
    agent = Echo()

    async def main():
        async with Candidate(engines=echoing(), agent=agent) as candidate:
            await candidate.until(o.ResponseDone)
            await candidate.say(1, 2.0)
            await candidate.until(o.ResponseCreated, 2)
            await asyncio.sleep(0.5)
            await candidate.say(2, 2.0)
            return await candidate.until(o.ResponseDone, 3)

    run(main())
    cut = agent.messages[3].content
    assert FIRST.startswith(cut)
    assert cut != FIRST
