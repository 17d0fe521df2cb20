"""What is spoken as one piece, and that no word gets lost between two of them."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.conversation.clauses import CHARACTERS, FIRST_WORDS, WORDS, Clauses, split

MARKS = ", . ... … ? ! : ; – — ' \" ( ) * “ ” 。 ，".split()
TEXTS = "a b I 7 Dr. e.g. 3.5 1,000 U.S. etc. Python experience and you https://a.org/b?c=d".split()
PROSE = st.lists(st.sampled_from([" ", " ", "\n", " - ", *MARKS, *TEXTS]), max_size=80).map("".join)


def bare(text: str) -> str:
    return re.sub(r"\s+", "", text)


def by_characters(text: str) -> list[str]:
    clauses = Clauses()
    return [clause for c in text for clause in clauses.feed(c)] + clauses.flush()


@given(PROSE)
def test_joined_clauses_are_the_text_but_for_white_space(text: str) -> None:
    assert bare("".join(split(text))) == bare(text)


@given(st.text(max_size=400))
def test_that_holds_for_any_text(text: str) -> None:
    assert bare("".join(split(text))) == bare(text)


@given(PROSE)
def test_the_pieces_in_which_a_text_arrives_do_not_matter(text: str) -> None:
    assert by_characters(text) == split(text)


@given(PROSE)
def test_no_clause_is_empty_or_has_white_space_around_it(text: str) -> None:
    assert all(clause and clause == clause.strip() for clause in split(text))


@given(PROSE)
def test_no_clause_is_too_long(text: str) -> None:
    for n, clause in enumerate(split(text)):
        assert len(clause) <= 2 * CHARACTERS
        assert len(clause.split()) <= (FIRST_WORDS[-1] if n == 0 else WORDS)


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("Thank you for that, Maria. What next?", "Thank you for that,"),
        ("Thank you, Maria. What comes next?", "Thank you, Maria."),
        ("Five years is great; tell me more.", "Five years is great;"),
        ("Let me ask you this: why Python?", "Let me ask you this:"),
        ("That makes sense – go on please.", "That makes sense –"),
        ("That makes sense - go on please.", "That makes sense -"),
        ("What did you learn there? I wonder.", "What did you learn there?"),
        ("That is wonderful! Go on.", "That is wonderful!"),
        ("Great. Good. Tell me more. Please.", "Great. Good. Tell me more."),
        ("It grew in a year by 1,000 users, I see. Good.", "It grew in a year by 1,000 users,"),
        ('He told me "yes please," and went. Good.', 'He told me "yes please,"'),
    ],
)
def test_the_first_clause_ends_at_the_first_mark_after_enough_letters(
    text: str, first: str
) -> None:
    assert split(text)[0] == first


def test_a_comma_after_a_plain_word_is_not_waited_on() -> None:
    clauses = Clauses()
    assert clauses.feed("Thank you for that") == []
    assert clauses.feed(",") == ["Thank you for that,"]


def test_a_first_clause_without_a_mark_is_cut_before_a_linking_word() -> None:
    text = "Could you please tell me a little bit more about the work you did there in Paris"
    assert split(text)[0] == "Could you please tell me a little bit more"


def test_a_first_clause_without_any_good_place_has_twelve_words() -> None:
    assert split(" ".join(["word"] * 30))[0].split() == ["word"] * 12


def test_later_clauses_are_whole_sentences() -> None:
    text = "Thank you very much. Now, as you said, tests matter; how do you write them? Go on."
    assert split(text) == [
        "Thank you very much.",
        "Now, as you said, tests matter; how do you write them?",
        "Go on.",
    ]


def test_a_very_short_sentence_goes_with_the_next_one() -> None:
    assert split("Thank you very much. I see. What did you do then?")[1:] == [
        "I see. What did you do then?"
    ]


def test_a_sentence_that_is_too_long_is_cut_after_its_last_pause() -> None:
    long = "Now " + "word " * 17 + "here, " + "word " * 20 + "end."
    assert split("Thank you very much. " + long)[1].endswith("here,")


def test_a_sentence_without_pauses_is_cut_between_words() -> None:
    clauses = split("Thank you very much. Now " + "word " * 60)
    assert [len(c.split()) for c in clauses[1:]] == [25, 25, 11]


@pytest.mark.parametrize(
    "whole",
    [
        "Version 3.5 of it came in the spring.",
        "We use tools, e.g. Docker, every day.",
        "I met Dr. Smith and Mrs. Jones there.",
        "They live in the U.S. Army housing now.",
        "So we waited… and then it worked.",
        'She asked "Is it you?" and went home.',
        "The price was 3,50 or so I was told.",
        "It is called Node.js and it is fast.",
        "It was J. R. Tolkien who wrote that.",
        "We met at 10:30 in the main office.",
        "You once met the No. 1 customer of the firm.",
        "You can look at pp. 12 and fig. 3 of that report.",
        "They start on Jan. 5 in the new office.",
        "We had approx. 20 people on that team.",
        "A Ph.D. Student wrote it with Prof. Li.",
    ],
)
def test_a_dot_within_a_sentence_does_not_end_it(whole: str) -> None:
    text = f"Thank you very much. {whole} And so on it goes."
    assert split(text) == ["Thank you very much.", whole, "And so on it goes."]


@pytest.mark.parametrize(
    "whole",
    [
        "You began there on May 1, 2024,",
        "You could start in May, 2025,",
        "You did that for some 5 - 7 years,",
        "You have to work Mon – Fri all day,",
        "You have to travel Jan - Mar again,",
        "You liked numbers 3, 4 and 5 most,",
    ],
)
def test_a_date_or_a_range_is_not_cut(whole: str) -> None:
    text = f"{whole} and then what was it?"
    assert split(text)[0] == whole
    assert by_characters(text)[0] == whole


@pytest.mark.parametrize(
    "unit",
    ["20 km", "May 5", "$1.5 million", "Dr. Smith", "War II", "555 123 4567", "No. 12"],
)
def test_what_is_said_as_one_is_not_cut_for_want_of_a_mark(unit: str) -> None:
    for words in range(26):
        text = "Thank you very much. " + "word " * words + unit + " word" * 30
        assert any(unit in clause for clause in split(text))
        assert any(unit in clause for clause in split(text.partition(". ")[2]))


def test_no_is_an_answer_unless_a_number_follows() -> None:
    assert split("You told me that it was no. What came then?")[0].endswith("no.")


def test_a_closing_quote_stays_with_its_sentence() -> None:
    text = 'He said "I like to test it." Then he left (for good.) It was late then.'
    assert split(text) == [
        'He said "I like to test it."',
        "Then he left (for good.)",
        "It was late then.",
    ]


def test_a_number_that_opens_a_list_item_is_not_a_sentence() -> None:
    assert split("1. Tell me about your work. 2. Tell me more of it.")[0] == (
        "1. Tell me about your work."
    )


def test_a_new_line_ends_a_clause() -> None:
    assert split("Welcome\n\nTell me about yourself") == ["Welcome", "Tell me about yourself"]


def test_full_width_marks_need_no_space() -> None:
    clauses = split("谢谢你的回答和你的时间，我们继续。请你介绍一下你的工作经历好吗？好的。")
    assert clauses[0] == "谢谢你的回答和你的时间，"
    assert clauses[1] == "我们继续。请你介绍一下你的工作经历好吗？"


def test_what_follows_a_flush_is_a_new_reply() -> None:
    clauses = Clauses()
    clauses.feed("Thank you very much, I")
    assert clauses.flush() == ["I"]
    assert clauses.feed("Thank you once again, my") == ["Thank you once again,"]
    assert clauses.flush() == ["my"]
    assert clauses.flush() == []
