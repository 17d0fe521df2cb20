"""The dialogue form: what is said of the text of an LLM that sees the whole conversation."""

import pytest

from pipeline.interview import interviewer
from pipeline.interview.dialogue import before_closing, with_question
from pipeline.interview.interviewer import Act
from pipeline.interview.rules import Given
from pipeline.language.english import ENGLISH
from pipeline.language.known import language_of

from ..interviews import LONG, Interview, plan

Q1, Q2, Q3 = (question.text for question in plan().questions)
GIVEN = Given(ENGLISH, planned=(Q1, Q2, Q3))


def opened():
    held = Interview(plan())
    held.open()
    return held


def test_the_llm_gets_the_conversation_the_answer_and_the_note():
    held = opened()
    task = held.say(LONG).task
    said = [(message.role, message.content) for message in task.messages]
    assert said[0][0] == "system"
    assert said[2][1].endswith(Q1)
    assert said[3:] == [
        ("user", LONG),
        ("system", f"Next: acknowledge the answer and ask question 2: {Q2}"),
    ]


def test_what_is_anticipated_is_how_the_task_begins():
    held = opened()
    agent = held.agent
    ahead = agent.anticipate(LONG)
    assert agent.answer(LONG, 5000).task.messages[: len(ahead)] == ahead
    assert agent.anticipate("") == held.state.messages


@pytest.mark.parametrize(
    ("sentence", "said"),
    [
        ("Thanks, that gives me a picture of the quiet night.", True),
        ("Thank you.", True),
        (Q2, False),
        ("Great, so how do you find the cause of the fault?", False),
        ("How do you find the cause", False),
        ("And what did you like about it?", False),
        ("Tell me about your team.", False),
        ("How do you find like like like like", False),
        ("I see step by step by step by step.", False),
        ("…", False),
    ],
)
def test_a_sentence_before_the_question_is_said_if_it_asks_nothing(sentence, said):
    expected = sentence if said else ""
    assert before_closing(sentence, given=GIVEN) == expected


def test_no_part_of_a_question_of_two_sentences_is_said_twice():
    closing = "In that field you found the cause of a fault. How did you find it?"
    part = "In that field you found the cause of a fault."
    assert before_closing(part, given=Given(ENGLISH, planned=[closing])) == ""


def test_a_question_in_a_script_without_spaces_is_left_to_the_plan():
    closing = "你最近做过什么项目？"
    given = Given(language_of("zh"), planned=[closing])
    for asked in (closing, "谢谢，那么你最近做过什么项目呢？"):
        assert before_closing(asked, given=given) == ""
    assert before_closing("谢谢。", given=given) == "谢谢。"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Thanks.", ""),
        ("Thanks. Tell me about the cook.", "Thanks. Tell me about the cook."),
        ("Who was the cook?", "Who was the cook?"),
        ("Who was the cook? And why? I am the cook.", "Who was the cook?"),
        ("谢谢。您能多说一点吗？", "谢谢。 您能多说一点吗？"),
        ("What are you you you you?", ""),
        ("Thanks. What made it so excellent?", ""),
        (f"Thanks. {Q3}", ""),
        ("How did I rebuild it?", ""),
        ("", ""),
    ],
)
def test_a_follow_up_ends_with_its_first_question_or_is_none(text, said):
    assert with_question(text, given=GIVEN) == said


def test_what_the_plan_words_itself_is_asked_of_no_llm():
    held = opened()
    for said in ("", "Could you repeat the question?", "Let me think.", None):
        assert held.say(said).task is None
    assert interviewer.open_floor(held.plan, held.state).task is None
    assert held.say(LONG).act is Act.ASK
    assert held.moves[-1].task


@pytest.mark.parametrize(
    ("sentence", "said"),
    [
        ('"Thank you for that.', "Thank you for that."),
        ('You did it."', "You did it."),
        ("“Thank you.", "Thank you."),
        ('You called it "the quiet night".', 'You called it "the quiet night".'),
        ('"Thank you."', '"Thank you."'),
    ],
)
def test_no_quotation_mark_is_left_without_its_counterpart(sentence, said):
    assert before_closing(sentence, given=GIVEN) == said


def test_a_follow_up_out_of_a_text_in_quotes_has_none():
    asked = with_question('"Thanks. Who was the cook? And why?"', given=GIVEN)
    assert asked == "Thanks. Who was the cook?"
