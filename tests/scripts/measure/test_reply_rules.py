"""What the rules think of a reply."""

import pytest

from models.contracts import Reasoning
from models.fake import ScriptedLlm
from scripts.measure import reply_rules
from scripts.measure.held_out import Said, interviews
from scripts.measure.hold_interview import Exchange, hold
from scripts.measure.reply_rules import ALIKE, judged

ANSWER = "I led the night kitchen in Porto with four cooks and a broken oven."
ASKED = "What did you cook there?"


def reply(heard: str, act: str, said: Said, question: str = "") -> Exchange:
    pending = "Tell me about your last kitchen."
    return Exchange(0, 1, said, said.text, pending, act, question, heard, heard, True, 0.1, 0.2)


def ask(heard: str) -> Exchange:
    return reply(heard, "ask", Said(ANSWER, "good", substantial=True), ASKED)


def follow_up(heard: str) -> Exchange:
    return reply(heard, "follow_up", Said(ANSWER, "good", substantial=True))


def failed(each: Exchange) -> set[str]:
    (verdicts,) = judged([each])
    return {name for name, right in verdicts.items() if not right}


@pytest.mark.parametrize(
    "said",
    [
        "Thank you, the kitchen in Porto sounds busy.",
        "Four cooks and a broken oven, I see.",
        "So you cooked at night in Porto.",
        "Thank you, I noted the broken oven.",
    ],
)
def test_an_acknowledgement_that_names_something_and_the_question_are_right(said):
    assert failed(ask(f"{said} {ASKED}")) == set()


@pytest.mark.parametrize(
    ("said", "fault"),
    [
        ("Thank you.", "acknowledgement names a topic"),
        ("I see, that must have been a lot of work.", "acknowledgement names a topic"),
        ("I led a kitchen too.", "keeps its role"),
        ("Thank you, I noted that I led the night kitchen.", "keeps its role"),
        ("My oven was broken as well.", "keeps its role"),
        ("As an AI I know no oven.", "keeps its role"),
        ("I'm sorry, but I can't assist with ovens.", "keeps its role"),
        ("The candidate led a kitchen.", "keeps its role"),
        ("An oven in Porto? Why?", "asks nothing else"),
        ("A great answer about the oven.", "no praise, blame or promise"),
        ("I led the night kitchen in Porto with four cooks and a broken oven.", "no echo"),
        ("厨房 in Porto, thank you.", "in the language"),
        ("The oven " + "and the oven " * 10, "short"),
    ],
)
def test_a_fault_is_found(said, fault):
    assert fault in failed(ask(f"{said} {ASKED}"))


@pytest.mark.parametrize("heard", ["The oven, thank you.", f"The oven. {ASKED} {ASKED}"])
def test_a_question_that_is_missing_or_asked_twice_is_found(heard):
    assert "question verbatim once" in failed(ask(heard))


@pytest.mark.parametrize(
    "heard",
    [
        "How did you bake with a broken oven?",
        "Thank you. What did the four cooks do while it was broken?",
        "Could you tell me who repaired the oven?",
    ],
)
def test_a_follow_up_about_something_that_was_said_is_right(heard):
    assert failed(follow_up(heard)) == set()


@pytest.mark.parametrize(
    "heard",
    [
        "Could you tell me a little more about that?",
        "What was your own part in it?",
        "Tell me about your last kitchen.",
        "How did you bake? And who repaired the oven?",
        "The oven was broken.",
        "What did I do about the oven?",
        "Oven?",
    ],
)
def test_a_follow_up_that_is_vague_or_no_question_is_not(heard):
    assert "follow-up concrete" in failed(follow_up(heard))


def test_after_an_empty_answer_a_follow_up_may_name_what_was_asked():
    heard = "What was the kitchen like?"
    assert failed(reply(heard, "follow_up", Said("It depends.", "empty"))) == set()
    full = Said("It depends on the weather.", "short", substantial=True)
    assert "follow-up concrete" in failed(reply(heard, "follow_up", full))


@pytest.mark.parametrize(
    ("said", "right"),
    [
        ("We close on Mondays.", True),
        ("I do not know that yet, but I will pass your question on.", True),
        ("Yes, of course.", False),
    ],
)
def test_a_candidates_question_is_answered_from_the_facts_or_passed_on(said, right):
    question = "When are you closed?"
    each = reply(
        f"{said} {ASKED}", "answer", Said(question, "question", question, ("monday",)), ASKED
    )
    assert ("candidate's question answered" not in failed(each)) is right


def test_the_same_acknowledgement_twice_in_a_row_is_found():
    first, other = ask(f"I see. {ASKED}"), ask(f"Thank you. {ASKED}")
    assert [each.get(ALIKE) for each in judged([first, other, other, first])] == [
        *(None, True, False, True),
    ]


def test_inflections_are_one_topic_and_common_words_none():
    assert reply_rules.shared({"laughing", "cooks"}, {"laugh", "cook", "oven"})
    assert not reply_rules.topics("I see, thank you for sharing that example.")


async def test_an_interview_is_held_to_its_end_with_the_words_that_a_candidate_would_hear():
    interview = interviews(1)[0]
    found = await hold(interview, ScriptedLlm(), Reasoning())
    assert found[0].act == "greet"
    assert found[-1].act == "close"
    asked = [each.question for each in found if each.act in ("greet", "ask", "answer")]
    assert set(asked) == {question.text for question in interview.plan.questions}
    assert all(each.get("question verbatim once", True) for each in judged(found))
    assert len(found) >= 6


def test_a_follow_up_in_the_plans_own_words_is_judged_like_the_models():
    said = Said("Oh, it depends.", "empty")
    asked = "Could you give me an example that has to do with your last kitchen?"
    pending = "Tell me about your last kitchen."
    planned = Exchange(
        0, 1, said, said.text, pending, "follow_up", "", asked, "", False, None, None
    )
    assert failed(planned) == set()


def test_words_that_name_no_thing_are_taken_up_if_several_are_said_again():
    said = Said("I call them back on the same day.", "medium", substantial=True)
    concrete = "follow-up concrete"
    assert concrete not in failed(
        reply("Could you tell me how you call them back on the same day?", "follow_up", said)
    )
    assert concrete in failed(
        reply("Could you tell me how you do that on a day?", "follow_up", said)
    )
