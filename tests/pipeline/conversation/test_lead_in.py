"""Conversations with an interviewer whose LLM is slow, as candidates have them: they talk over the
lead-in, lose the connection while it plays, say one word, ask back, or say nothing."""

import asyncio

import pytest

from models import fake
from pipeline import journal as r
from pipeline.conversation import output as o
from pipeline.interview import interviewer
from pipeline.interview.plan import Plan, Question
from pipeline.language.english import ENGLISH
from tests.virtual_time import run

from .test_session import LONG, PLAN, Candidate

VARIANTS = ENGLISH.sentences.variants
MORE = "I also trained the nurses in its use, two in the morning and one at night."


def slow(*texts, seconds=2.0):
    """Engines with an LLM that is late, whatever it says."""
    return fake.engines(*texts, llm=fake.ScriptedLlm(delay=seconds))


def heard(candidate):
    return [e.heard for e in candidate.record.entries if isinstance(e, r.ReplyEnded)]


def lead_of(text):
    """The lead-in with which a reply begins."""
    return next((lead for lead in VARIANTS.leads if text.startswith(lead)), "")


def test_a_lead_in_is_heard_as_soon_as_the_answer_ends():
    async def main():
        async with Candidate(engines=slow(LONG)) as candidate:
            await candidate.until(o.ResponseDone)
            await candidate.say(1, 3.0)
            silent = asyncio.get_running_loop().time()
            await candidate.until(o.ResponseDone, 2)
        second = candidate.all(o.ResponseCreated)[1].response
        at = next(
            time
            for time, x in candidate.got
            if isinstance(x, o.AudioDelta) and x.response == second
        )
        return at - silent, candidate.texts()[1]

    waited, text = run(main())
    assert 0.6 <= waited <= 0.68
    assert lead_of(text)
    assert text.endswith("Who used it?")


def test_who_talks_over_the_lead_in_is_listened_to_and_gets_the_question_once():
    async def main():
        async with Candidate(engines=slow(LONG, MORE)) as candidate:
            await candidate.until(o.ResponseDone)
            await candidate.say(1, 3.0)
            await candidate.until(o.ResponseCreated, 2)
            await asyncio.sleep(0.2)
            await candidate.say(2, 2.0)
            await candidate.until(o.ResponseDone, 3)
        return candidate

    candidate = run(main())
    _, cut, reply = candidate.all(o.ResponseDone)
    assert cut.status == "cancelled"
    assert "Who used it?" not in cut.heard
    assert reply.heard.endswith("Who used it?")
    answers = [e.text for e in candidate.record.entries if isinstance(e, r.CandidateSpoke)]
    assert answers == [LONG, MORE]
    assert lead_of(reply.text)


def test_a_hum_over_the_lead_in_loses_nothing():
    async def main():
        async with Candidate(engines=slow(LONG, "Mm-hm.")) as candidate:
            await candidate.until(o.ResponseDone)
            await candidate.say(1, 3.0)
            await candidate.until(o.ResponseCreated, 2)
            await asyncio.sleep(0.2)
            await candidate.say(2, 0.4)
            return await candidate.until(o.ResponseDone, 2)

    done = run(main())
    assert done.status == "completed"
    assert done.heard == done.text
    assert done.text.endswith("Who used it?")


@pytest.mark.parametrize("after", [0.1, 0.4, 1.2])
def test_a_connection_that_is_lost_around_the_lead_in_costs_no_word(after):
    async def main():
        record = r.MemoryRecord()
        async with Candidate(engines=slow(LONG), record=record) as before:
            await before.until(o.ResponseDone)
            await before.say(1, 3.0)
            await before.until(o.ResponseCreated, 2)
            await asyncio.sleep(after)
        state = interviewer.resume(PLAN, record.entries)
        async with Candidate(engines=slow(LONG), record=record, state=state) as back:
            done = await back.until(o.ResponseDone)
            await back.say(1, 3.0)
            following = await back.until(o.ResponseDone, 2)
        return state, done, following, heard(before)

    state, done, following, said = run(main())
    kept = [m.content for m in state.messages if m.role == "user"]
    assert " ".join([*kept, state.unanswered]).strip() == LONG
    assert done.heard == "Welcome back. Who used it?"
    assert following.heard.endswith("What would you change?")
    assert lead_of(following.heard) not in said[1] or not lead_of(said[1])


def test_the_record_of_a_process_that_was_killed_in_the_lead_in_goes_on_the_same():
    async def main():
        async with Candidate(engines=slow(LONG)) as candidate:
            await candidate.until(o.ResponseDone)
            await candidate.say(1, 3.0)
            await candidate.until(o.AudioTranscriptDelta, 5)
            return list(candidate.record.entries)

    entries = run(main())
    assert isinstance(entries[-1], r.ClauseSaid)
    assert lead_of(entries[-1].text)
    state = interviewer.resume(PLAN, entries)
    move = interviewer.open_floor(PLAN, state)
    assert move.closing == "Who used it?"
    assert state.unanswered == LONG


@pytest.mark.parametrize(
    ("said", "first", "follows"),
    [
        ("Yes.", VARIANTS.leads, VARIANTS.follow_ups),
        ("I don't know.", VARIANTS.settled, ("Who used it?",)),
        ("What is the salary?", VARIANTS.considering, VARIANTS.pass_ons),
        ("Could you repeat the question?", ("Of course.",), ("What did you build?",)),
    ],
)
def test_short_answers_and_questions_back_are_taken_up_at_once(said, first, follows):
    questions = tuple(Question(question.text, follow_ups=1) for question in PLAN.questions)
    plan = Plan(questions, candidate="Maria", job_title="engineer")

    async def main():
        async with Candidate(engines=slow(said, seconds=60), plan=plan) as candidate:
            await candidate.until(o.ResponseDone)
            await candidate.say(1, 0.8)
            return await candidate.until(o.ResponseDone, 2)

    text = run(main()).text
    lead = next(each for each in first if text.startswith(each))
    assert text.removeprefix(lead).strip().startswith(tuple(follows))


def test_silence_after_a_lead_in_that_was_cut_is_answered_with_the_question():
    async def main():
        async with Candidate(engines=slow(LONG, "Wait, stop that.")) as candidate:
            await candidate.until(o.ResponseDone)
            await candidate.say(1, 3.0)
            await candidate.until(o.ResponseCreated, 2)
            await asyncio.sleep(0.1)
            await candidate.say(2, 0.9)
            await candidate.until(o.ResponseDone, 3, within=90)
            return candidate.texts()

    assert "Who used it?" in run(main())[-1]


def test_a_reply_in_three_parts_is_one_response_with_one_caption_each():
    async def main():
        async with Candidate(engines=slow(LONG, seconds=0.4)) as candidate:
            await candidate.until(o.ResponseDone)
            await candidate.say(1, 3.0)
            await candidate.until(o.ResponseDone, 2)
        return candidate

    candidate = run(main())
    second = candidate.all(o.ResponseCreated)[1].response
    captions = [x.text for x in candidate.all(o.AudioTranscriptDelta) if x.response == second]
    assert captions[1:] == ["Thank you.", "Who used it?"]
    assert captions[0] in VARIANTS.leads
    said = [e.text for e in candidate.record.entries if isinstance(e, r.ClauseSaid)]
    assert said[-3:] == captions
    assert heard(candidate)[1] == " ".join(captions)
    deltas = [x for x in candidate.all(o.AudioDelta) if x.response == second]
    ends = [x.start + len(x.audio) for x in deltas]
    assert [x.start for x in deltas] == [0, *ends[:-1]]
    assert dict(candidate.session.stats.worded) == {"lead_in": 1}
