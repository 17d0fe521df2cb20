"""The LLM reads along while the candidate speaks, as long as there is time for it."""

import asyncio

from models import fake
from models.contracts import Transcript
from pipeline.conversation import output as o
from pipeline.conversation.ahead import MORE_WORDS
from tests.virtual_time import run

from .test_session import LONG, Candidate


class Reading(fake.ScriptedLlm):
    def __init__(self, seconds):
        super().__init__()
        self.seconds = seconds
        self.read = []

    async def warm(self, messages):
        last = messages[-1]
        self.read.append(last.content if last.role == "user" else "")
        await asyncio.sleep(self.seconds)


class Growing(fake.ScriptedTranscriber):
    """Understands three more words each time it is asked for a partial transcript."""

    def __init__(self):
        super().__init__(LONG)
        self.count = 0

    async def partial(self, audio, context="", *, urgent=False):
        self.count += 3
        return Transcript(" ".join(LONG.split()[: self.count]), "en")


def read(seconds):
    llm = Reading(seconds)

    async def main():
        engines = fake.Engines(fake.LoudnessVad(), Growing(), llm, fake.SteadyVoice())
        async with Candidate(engines=engines) as candidate:
            await candidate.until(o.ResponseDone)
            await candidate.say(1, 8.0)
            await candidate.until(o.ResponseDone, 2)

    run(main())
    return llm


def test_the_llm_reads_the_agreed_words_while_the_candidate_speaks():
    first, *others = read(0).read
    assert first == ""
    counts = [len(text.split()) for text in others]
    assert len(others) > 3
    assert all(LONG.startswith(text) for text in others)
    assert all(b - a >= MORE_WORDS for a, b in zip([0, *counts], counts, strict=False))


def test_while_it_is_still_reading_nothing_more_is_asked_of_it():
    assert len(read(3).read) <= 3
    assert len(read(3600).read) == 1


def test_what_is_read_ahead_is_how_the_reply_begins():
    llm = read(0)
    (asked,) = llm.asked
    user = next(message for message in reversed(asked) if message.role == "user")
    assert all(user.content.startswith(text) for text in llm.read)
