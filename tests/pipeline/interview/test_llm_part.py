"""The LLM's part in a move, in both forms, and the ready words in its place."""

import pytest

from models import fake
from pipeline.interview import tasks
from pipeline.interview.agent import Interviewer
from pipeline.interview.llm_part import warm_up
from pipeline.language.english import ENGLISH

from ..interviews import LONG, Interview, plan

VARIANTS = ENGLISH.sentences.variants
Q1, Q2, Q3 = (question.text for question in plan().questions)
TOPIC = "the billing service"


def opened(form="tasks", *texts):
    held = Interview(plan(*texts), form=form)
    held.open()
    return held


def test_an_answer_is_acknowledged_by_something_that_it_names():
    move = opened().agent.answer(LONG, 9000)
    assert TOPIC in move.task.check(TOPIC)
    assert move.task.check("a dog") == ""
    assert (move.lead in VARIANTS.leads, move.instead, move.closing) == (True, "", Q2)


def test_a_follow_up_asks_about_something_that_the_answer_names():
    move = opened().agent.answer("I rebuilt the billing service.", 9000)
    asked = move.task.check(next(each for each in move.task.choices if TOPIC in each))
    assert TOPIC in asked
    assert asked.endswith("?")
    assert move.instead in VARIANTS.follow_ups
    assert move.closing == ""


def test_an_answer_that_names_nothing_is_acknowledged_without_the_llm():
    told = plan(Q1, Q2, follow_ups=0)
    held = Interview(told, form="tasks")
    held.open()
    move = held.agent.answer("Well, I did, and I did so.", 9000)
    assert move.task is None
    assert move.lead in VARIANTS.acknowledgements


def test_nobody_is_thanked_for_explaining_by_a_filler():
    held = Interview(plan(Q1, Q2, follow_ups=0), form="tasks")
    held.open()
    assert held.agent.answer("No.", 9000).lead in VARIANTS.leads


def test_a_question_without_a_fact_about_it_is_passed_on_at_once():
    move = opened().agent.answer("How many days of holiday are there?", 9000)
    assert move.task is None
    assert move.lead in VARIANTS.considering
    assert move.instead in VARIANTS.pass_ons
    assert move.closing == Q1


@pytest.mark.parametrize(("form", "worded"), [("tasks", True), ("dialogue", False)])
def test_the_last_answer_is_acknowledged_before_the_goodbye(form, worded):
    move = opened(form, Q1).agent.answer(LONG, 9000)
    assert move.last
    assert bool(move.task) == worded  # in a dialogue the LLM would say goodbye, too
    assert move.lead in VARIANTS.leads
    assert "Goodbye" in move.closing


def test_words_that_got_no_reply_belong_to_the_answer():
    held = opened()
    held.say("I rebuilt the billing service.", hears=0)
    move = held.agent.answer("And then I left.", 9000)
    assert any(TOPIC in each for each in move.task.choices)


@pytest.mark.parametrize("form", ["tasks", "dialogue"])
def test_what_is_anticipated_is_how_the_task_begins(form):
    agent = opened(form).agent
    ahead = agent.anticipate(LONG)
    assert agent.answer(LONG, 9000).task.messages[: len(ahead)] == ahead


async def test_a_model_that_judges_sentences_has_judged_one_before_the_first_pause():
    judge = fake.ScriptedSentenceEnd()
    await warm_up(fake.ScriptedLlm(), "dialogue", judge)
    assert len(judge.asked) == 1


async def test_only_small_tasks_have_heads_to_keep():
    llm = fake.ScriptedLlm()
    await warm_up(llm, "dialogue")
    assert llm.kept == ()
    await warm_up(llm, "tasks")
    assert llm.kept == tasks.heads()
    agent = Interviewer(plan())
    assert agent.anticipate("I was")[: len(llm.kept[0])] == llm.kept[0]
