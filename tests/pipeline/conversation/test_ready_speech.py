"""What may be said next is synthesized ahead: within a bound, and after everything urgent."""

import asyncio
from itertools import pairwise

import pytest

from models import fake
from models.contracts import SPEAKING_RATE
from models.errors import EngineError
from models.fake import SteadyVoice
from pipeline.conversation import output as o
from pipeline.conversation import ready_speech
from pipeline.conversation.ready_speech import ReadySpeech
from pipeline.interview.plan import Plan, Question
from pipeline.language.english import ENGLISH
from tests.virtual_time import run

from .test_session import LONG, Candidate

QUESTION = "When you think of your last job, what did you build there with your own hands?"


class Voice(SteadyVoice):
    """Notes what it spoke ahead."""

    def __init__(self, **options):
        super().__init__(**options)
        self.ahead = []

    async def speak(self, text, *, ahead=False):
        if ahead:
            self.ahead.append(text)
        return await super().speak(text, ahead=ahead)


async def filled(*texts, voice=None):
    ready = ReadySpeech(voice or Voice(), ENGLISH)
    ready.want(texts)
    await ready.fill()
    return ready


def test_ready_speech_takes_no_time():
    async def main():
        voice = Voice(delay=1.0)
        ready = await filled("Thank you.", voice=voice)
        began = asyncio.get_running_loop().time()
        await ready.speak("Thank you.")
        at_once = asyncio.get_running_loop().time() - began
        await ready.speak("Goodbye.")
        return at_once, asyncio.get_running_loop().time() - began, voice.spoken

    assert run(main()) == (0, 1.0, ["Goodbye."])


def test_a_ready_text_is_said_in_whole_sentences_any_other_with_a_short_beginning():
    async def main():
        return (await filled(QUESTION)).clauses(QUESTION), (await filled()).clauses(QUESTION)

    ready, other = run(main())
    assert ready == [QUESTION]
    assert len(other) > 1
    assert " ".join(other) == QUESTION


def test_what_is_wanted_no_more_is_not_made():
    async def main():
        voice = Voice(delay=1.0)
        ready = ReadySpeech(voice, ENGLISH)
        ready.want(["Thank you.", "I see.", QUESTION])
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(ready.fill())
            await asyncio.sleep(0.5)
            ready.want(["Goodbye then.", "Thank you."])
        return voice.ahead

    assert run(main()) == ["Thank you.", "Goodbye then.", "Thank you."]


def test_ready_speech_is_bounded_and_the_oldest_goes_first(monkeypatch):
    monkeypatch.setattr(ready_speech, "MOST", 2 * SPEAKING_RATE)

    async def main():
        voice = SteadyVoice(0.1)
        ready = await filled("Good day.", "I see it.", voice=voice)
        await ready.speak("Good day.")
        ready.want(["All right."])
        await ready.fill()
        for text in ("Good day.", "I see it.", "All right."):
            await ready.speak(text)
        return voice.spoken

    assert run(main()) == ["I see it."]


def test_a_voice_that_fails_ahead_is_asked_again_when_it_matters():
    class Failing(SteadyVoice):
        async def speak(self, text, *, ahead=False):
            if ahead:
                raise EngineError("busy")
            return await super().speak(text)

    async def main():
        ready = await filled("Thank you.", voice=Failing())
        return (await ready.speak("Thank you.")).size

    assert run(main())


def test_the_next_questions_are_ready_while_the_candidate_speaks():
    voice = Voice()

    async def main():
        async with Candidate(engines=fake.engines(LONG, voice=voice)) as candidate:
            await candidate.until(o.ResponseDone)
            await asyncio.sleep(1)
            ready = list(voice.ahead)
            await candidate.say(1, 2.0)
            await candidate.until(o.ResponseDone, 2)
            return ready, voice.spoken

    ready, spoken = run(main())
    assert {"Who used it?", "What would you change?"} <= set(ready)
    assert "Who used it?" not in spoken
    assert spoken[0] == "Hello, Maria,"  # the greeting waits for nothing
    assert not any("Hello" in text for text in voice.ahead)


@pytest.mark.parametrize("answers", [6])
def test_no_lead_in_is_heard_twice_in_a_row(answers):
    questions = tuple(Question(f"What of part number {n}?", 0) for n in range(answers + 1))
    never = fake.ScriptedLlm(delay=100)

    async def main():
        engines = fake.engines(LONG, llm=never)
        plan = Plan(questions, candidate="Maria")
        async with Candidate(engines=engines, plan=plan) as candidate:
            for n in range(answers):
                await candidate.until(o.ResponseDone, n + 1)
                await candidate.say(1, 2.0)
            await candidate.until(o.ResponseDone, answers + 1)
            return candidate.texts()[1:], candidate.session.stats.worded

    texts, worded = run(main())
    leads = [text.removesuffix(f"What of part number {n}?") for n, text in enumerate(texts, 1)]
    assert all(lead.strip() in ENGLISH.sentences.variants.leads for lead in leads)
    assert all(one != other for one, other in pairwise(leads))
    assert worded == {"late": answers}
