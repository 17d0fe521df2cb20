"""The LLM's part in a reply: quick, in the breath after the lead-in, late, refused or failing."""

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.contracts import SPEAKING_RATE
from models.errors import EngineError
from models.fake import ScriptedLlm, SteadyVoice
from pipeline.conversation import output as o
from pipeline.conversation.agent import LlmTask
from pipeline.conversation.script import BREATH, SOUND
from pipeline.interview.state import Act, Move
from pipeline.journal import ClauseSaid
from tests.virtual_time import run

from .test_reply import Full, Stage

LEAD = "All right, thank you."
WORDS = "Ten years are good to know."
INSTEAD = "I have noted it."
CLOSING = "Why do you want to work here?"
LEAD_SECONDS = len(LEAD) * 0.05


def move(check=str.strip, *, lead=LEAD, instead="", whole=True, opening=""):
    task = LlmTask((), check, whole=whole)
    return Move(
        Act.ASK,
        "note",
        1,
        opening=opening,
        lead=lead,
        task=task,
        instead=instead,
        closing=CLOSING,
    )


class Llm(ScriptedLlm):
    """Says its text after so many seconds; then fails, ends, or goes on for ever."""

    def __init__(self, seconds, text=WORDS, *, fails=False, endless=False):
        super().__init__()
        self.seconds, self.text = seconds, text
        self.fails, self.endless = fails, endless
        self.stopped_at = None

    async def reply(self, messages, *, max_tokens=120, choices=()):
        try:
            await asyncio.sleep(self.seconds)
            if self.fails:
                raise EngineError("gone")
            yield self.text
            while self.endless:
                await asyncio.sleep(0.1)
                yield " and"
        finally:
            self.stopped_at = asyncio.get_running_loop().time()


async def said(stage, *, held=0.0):
    """Play the reply to its end; return what was heard."""
    await asyncio.sleep(held)
    await stage.play()
    return stage.reply.finish("completed", {})


def heard_of(llm, *, held=0.0, voice=None, **options):
    """What is heard of a reply that is played after so many seconds, who worded it, and the longest
    silence in it."""

    async def main():
        async with Stage(llm, voice, move(**options), held=0) as stage:
            heard = await said(stage, held=held)
            return heard, dict(stage.reply._context.stats.worded), silence(stage)

    return run(main())


def silence(stage):
    """The longest silence inside the reply at a client that plays what it is sent at once."""
    dry, longest = None, 0.0
    for at, output in stage.times:
        if isinstance(output, o.AudioDelta):
            if dry is not None:
                longest = max(longest, at - dry)
            dry = max(dry or 0.0, at) + len(output.audio) / SPEAKING_RATE
    return longest


def test_words_that_are_there_need_no_lead_in():
    heard, worded, gap = heard_of(Llm(0.1), held=0.2)
    assert heard == f"{WORDS} {CLOSING}"
    assert worded == {"model": 1}
    assert gap == pytest.approx(0, abs=0.01)


def test_the_lead_in_is_heard_at_once_when_they_are_not():
    async def main():
        async with Stage(Llm(30), move_=move(), held=0) as stage:
            playing = stage.tasks.create_task(stage.play())
            await asyncio.sleep(0.01)
            first = [x.text for x in stage.got if isinstance(x, o.AudioTranscriptDelta)]
            playing.cancel()
            return first, stage.samples()

    first, samples = run(main())
    assert first == [LEAD]
    assert samples


@pytest.mark.parametrize("seconds", [0.1, LEAD_SECONDS, LEAD_SECONDS + BREATH - 0.05])
def test_words_that_come_in_the_same_breath_follow_the_lead_in(seconds):
    heard, worded, gap = heard_of(Llm(seconds))
    assert heard == f"{LEAD} {WORDS} {CLOSING}"
    assert worded == {"lead_in": 1}
    assert gap == pytest.approx(max(0, seconds - LEAD_SECONDS), abs=0.01)


def test_words_that_come_later_are_given_up_and_their_generation_stopped():
    llm = Llm(LEAD_SECONDS + BREATH + 0.05)
    heard, worded, gap = heard_of(llm, instead=INSTEAD)
    assert heard == f"{LEAD} {INSTEAD} {CLOSING}"
    assert worded == {"late": 1}
    assert llm.stopped_at == pytest.approx(LEAD_SECONDS + BREATH, abs=0.02)
    assert gap == pytest.approx(BREATH, abs=0.02)


def test_words_without_sound_are_waited_for_a_moment_longer():
    class Slow(SteadyVoice):
        async def speak(self, text, *, ahead=False):
            if text == WORDS:
                await asyncio.sleep(self.seconds)
            return await super().speak(text)

    for seconds, heard in ((BREATH, f"{LEAD} {WORDS} {CLOSING}"), (3.0, f"{LEAD} {CLOSING}")):
        voice = Slow()
        voice.seconds = seconds
        got, _, gap = heard_of(Llm(LEAD_SECONDS), voice=voice)
        assert got == heard
        assert gap <= BREATH + SOUND + 0.02


def test_after_words_that_were_refused_nobody_waits():
    heard, worded, gap = heard_of(Llm(0.1), check=lambda text: "", instead=INSTEAD, held=0.2)
    assert heard == f"{LEAD} {INSTEAD} {CLOSING}"
    assert worded == {"refused": 1}
    assert gap == pytest.approx(0, abs=0.01)
    heard, worded, gap = heard_of(Llm(LEAD_SECONDS + 0.3), check=lambda text: "", instead=INSTEAD)
    assert heard == f"{LEAD} {INSTEAD} {CLOSING}"
    assert worded == {"refused": 1}
    assert gap == pytest.approx(0.3, abs=0.02)


def test_nor_after_an_llm_that_failed():
    for held in (0.0, 0.2):
        heard, worded, _ = heard_of(Llm(0.1, fails=True), instead=INSTEAD, held=held)
        assert heard == f"{LEAD} {INSTEAD} {CLOSING}"
        assert worded == {"failed": 1}


def test_of_an_llm_that_does_not_end_only_the_sentences_before_are_said():
    llm = Llm(0.1, "I see. Thank you", endless=True)
    heard, worded, _ = heard_of(llm, whole=False)
    assert heard == f"{LEAD} I see. {CLOSING}"
    assert worded == {"lead_in": 1}
    assert llm.stopped_at


def test_a_whole_text_that_does_not_end_is_late():
    heard, worded, _ = heard_of(Llm(0.1, endless=True))
    assert heard == f"{LEAD} {CLOSING}"
    assert worded == {"late": 1}


def test_without_a_lead_in_the_words_are_waited_for_no_longer_than_a_breath():
    heard, worded, _ = heard_of(Llm(BREATH - 0.1), lead="")
    assert heard == f"{WORDS} {CLOSING}"
    assert worded == {"model": 1}
    assert heard_of(Llm(BREATH + 0.1), lead="")[0] == CLOSING


def test_an_opening_buys_the_time_as_well():
    opening = "I am an automated interviewer, and this is recorded."
    heard, worded, _ = heard_of(Llm(2.0), opening=opening)
    assert heard == f"{opening} {WORDS} {CLOSING}"
    assert worded == {"model": 1}


def test_a_lead_in_without_a_voice_is_left_out():
    class Hoarse(SteadyVoice):
        async def speak(self, text, *, ahead=False):
            if text == LEAD:
                raise EngineError("hoarse")
            return await super().speak(text)

    assert heard_of(Llm(0.3), voice=Hoarse())[0] == f"{WORDS} {CLOSING}"
    assert heard_of(Llm(30), voice=Hoarse())[0] == CLOSING


def test_words_without_a_voice_are_replaced():
    class Hoarse(SteadyVoice):
        async def speak(self, text, *, ahead=False):
            if text == WORDS:
                raise EngineError("hoarse")
            return await super().speak(text)

    heard, worded, _ = heard_of(Llm(0.3), voice=Hoarse(), instead=INSTEAD)
    assert heard == f"{LEAD} {INSTEAD} {CLOSING}"
    assert worded == {"failed": 1}


@pytest.mark.parametrize(
    ("at", "heard"),
    [
        (0.5, "All right,"),  # in the lead-in
        (LEAD_SECONDS + 0.3, LEAD),  # between the lead-in and the words
        (LEAD_SECONDS + 0.9, f"{LEAD} Ten"),  # in the words
        (LEAD_SECONDS + 0.4 + 1.35 + 0.5, f"{LEAD} {WORDS} Why do"),  # in the closing
    ],
)
def test_a_reply_that_is_interrupted_was_heard_up_to_there(at, heard):
    llm = Llm(LEAD_SECONDS + 0.4)

    async def main():
        async with Stage(llm, move_=move(), held=0) as stage:
            playing = stage.tasks.create_task(stage.play())
            await asyncio.sleep(at)
            playing.cancel()
            got = stage.reply.finish("cancelled", {})
            stage.preparing.cancel()
            await asyncio.sleep(30)
            await stage.journal.flush()
            return got, stage.record.entries[-1], len(stage.got)

    got, ended, _ = run(main())
    assert got == ended.heard
    assert got.startswith(heard)
    assert len(got.split()) <= len(heard.split()) + 2
    assert llm.stopped_at <= at + LEAD_SECONDS


def test_a_pause_between_lead_in_and_words_loses_nothing():
    async def main():
        async with Stage(Llm(LEAD_SECONDS + 0.4), move_=move(), held=0) as stage:
            playing = stage.tasks.create_task(stage.play())
            await asyncio.sleep(LEAD_SECONDS + 0.2)
            stage.reply.pause()
            await asyncio.sleep(5)
            before = stage.samples()
            stage.reply.resume()
            await playing
            return before, stage.reply.finish("completed", {})

    before, heard = run(main())
    assert before == round(LEAD_SECONDS * SPEAKING_RATE)
    assert heard == f"{LEAD} {WORDS} {CLOSING}"


def test_each_part_is_on_record_before_it_is_heard():
    class Slow(Full):
        async def append(self, *entries):
            await asyncio.sleep(0.1)
            await super().append(*entries)

    async def main():
        async with Stage(Llm(1.0), move_=move(), held=0) as stage:
            stage.record = stage.journal._record = Slow(10_000)
            playing = stage.tasks.create_task(stage.play())
            known = 0
            while not playing.done():
                await asyncio.sleep(0.005)
                for output in stage.got[known:]:
                    if isinstance(output, o.AudioTranscriptDelta):
                        texts = [e.text for e in stage.record.entries if isinstance(e, ClauseSaid)]
                        assert output.text in texts
                known = len(stage.got)
            return stage.reply.finish("completed", {})

    assert run(main()) == f"{LEAD} {WORDS} {CLOSING}"


@settings(max_examples=60, deadline=None)
@given(
    seconds=st.floats(0, 6),
    held=st.floats(0, 3),
    ends=st.sampled_from(["", "fails", "endless", "refused"]),
    whole=st.booleans(),
    texts=st.tuples(st.sampled_from(["", LEAD]), st.sampled_from(["", INSTEAD])),
    delay=st.floats(0, 2),
)
def test_in_any_order_of_events_the_closing_is_said_once_and_last(
    seconds, held, ends, whole, texts, delay
):
    lead, instead = texts
    heard, worded, gap = heard_of(
        Llm(seconds, fails=ends == "fails", endless=ends == "endless"),
        held=held,
        voice=SteadyVoice(delay=delay),
        check=(lambda text: "") if ends == "refused" else str.strip,
        whole=whole,
        lead=lead,
        instead=instead,
    )
    assert heard.endswith(CLOSING)
    assert heard.count(CLOSING) == 1
    assert sum(worded.values()) == 1
    by_model = worded.keys() <= {"model", "lead_in"}
    assert (WORDS.split()[0] in heard) == by_model
    assert (bool(instead) and INSTEAD in heard) == (bool(instead) and not by_model)
    assert gap <= BREATH + SOUND + delay + 0.05
