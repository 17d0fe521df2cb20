"""Somebody, or something, that does not stop talking: whole conversations in virtual time."""

import itertools
from dataclasses import replace

import pytest

from models import fake
from pipeline import journal as r
from pipeline.conversation import output as o
from pipeline.interview import interviewer
from pipeline.interview.interviewer import Act, Ending
from pipeline.interview.plan import Plan, Question
from tests.pipeline.conversation.test_session import LONG, Candidate, Talkative
from tests.virtual_time import run

QUESTIONS = tuple(Question(f"What is number {n}?", follow_ups=1) for n in range(1, 30))
SORRY = "I am sorry to interrupt you."


def engines():
    return replace(fake.engines(), transcriber=Talkative(LONG))


def endless(pauses, *, minutes, questions=29, wait=True):
    """What is on record of an interview in which a television talks, with `pauses` after every
    12 s of it."""

    async def main():
        plan = Plan(questions=QUESTIONS[:questions], candidate="Ana", minutes=minutes)
        async with Candidate(engines=engines(), plan=plan) as candidate:
            if wait:
                await candidate.until(o.ResponseDone)
            for _ in itertools.count():
                await candidate.say(1, 12.0)
                if candidate.all(o.InterviewEnded):
                    return candidate
                await candidate.say(0, pauses)

    return run(main())


@pytest.mark.parametrize("pauses", [0.0, 0.15, 0.4])
@pytest.mark.parametrize("wait", [True, False])
def test_a_television_cannot_hold_an_interview(pauses, wait):
    candidate = endless(pauses, minutes=1, wait=wait)
    (ended,) = candidate.all(o.InterviewEnded)
    assert ended.reason == "time"
    at = next(t for t, output in candidate.got if output is ended)
    assert 180 <= at <= 205
    assert candidate.texts()[-1].startswith(SORRY)


def test_with_a_television_every_four_minutes_the_next_question_is_asked():
    candidate = endless(0.3, minutes=30)
    assert candidate.all(o.InterviewEnded)[0].reason == "time"
    breaking_in = [text for text in candidate.texts() if text.startswith(SORRY)]
    assert len(breaking_in) <= 8
    assert "next question. What is number 2?" in breaking_in[0]
    turns = [entry for entry in candidate.record.entries if isinstance(entry, r.CandidateSpoke)]
    assert all(turn.ended_ms - turn.started_ms <= 240_000 for turn in turns)
    assert all(turn.text.count(LONG) >= 9 for turn in turns[:-1])  # a stretch of 26 s says it once


def test_with_few_questions_it_ends_when_they_are_asked():
    candidate = endless(0.0, minutes=60, questions=2)
    assert candidate.all(o.InterviewEnded)[0].reason == "completed"
    assert len(candidate.texts()) == 3


def test_the_words_that_end_a_turn_are_heard_to_their_end():
    candidate = endless(0.4, minutes=1)
    done = candidate.all(o.ResponseDone)[-1]
    assert done.status == "completed"
    assert done.heard == done.text


def test_two_minutes_past_the_time_count_also_after_a_reconnect():
    async def main():
        plan = Plan(questions=QUESTIONS, candidate="Ana", minutes=1)
        state = interviewer.resume(plan, [r.Connected(0), r.Disconnected(150_000)])
        async with Candidate(engines=engines(), plan=plan, state=state) as candidate:
            await candidate.say(1, 60.0)
            return candidate

    candidate = run(main())
    at = next(t for t, output in candidate.got if isinstance(output, o.InterviewEnded))
    assert 30 <= at <= 45


@pytest.mark.parametrize("language", ["en", "de", "pt", "ja"])
def test_breaking_in_says_that_it_is_sorry_and_asks_the_next_question(language):
    plan = Plan(questions=QUESTIONS[:2], candidate="Ana", language=language)
    state = interviewer.begin(plan)
    opening = interviewer.open_floor(plan, state)
    greeting = f"{opening.opening} {opening.closing}"
    state = interviewer.heard(state, opening, greeting, None)
    move = interviewer.break_in(plan, replace(state, elapsed_ms=250_000))
    assert (move.act, move.question, move.wanted) == (Act.ASK, 1, None)
    assert move.opening
    assert move.closing == plan.questions[1].text
    state = interviewer.heard(state, move, f"{move.opening} {move.closing}", LONG)
    last = interviewer.break_in(plan, replace(state, elapsed_ms=500_000))
    assert (last.act, last.reason, last.wanted) == (Act.CLOSE, Ending.COMPLETED, None)


def test_what_was_said_before_the_interviewer_broke_in_is_in_the_dialogue():
    plan = Plan(questions=QUESTIONS[:2], candidate="Ana", minutes=1)
    state = interviewer.begin(plan)
    opening = interviewer.open_floor(plan, state)
    greeting = f"{opening.opening} {opening.closing}"
    state = interviewer.heard(state, opening, greeting, None)
    move = interviewer.break_in(plan, replace(state, elapsed_ms=180_000))
    assert (move.act, move.reason) == (Act.CLOSE, Ending.TIME)
    state = interviewer.heard(state, move, f"{move.opening} {move.closing}", LONG)
    assert [m.content for m in state.messages if m.role == "user"] == [LONG]
