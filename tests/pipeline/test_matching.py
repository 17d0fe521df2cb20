"""Whether certain words were said."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.matching import (
    breaks_off,
    pieces,
    placed_words,
    places,
    quotes,
    says,
    was_heard,
    word_errors,
    words,
)

QUESTION = "How do you find the cause of a fault in the field?"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (QUESTION, True),
        (f"Thanks! {QUESTION.upper()} Take your time.", True),
        ("how do you find a cause of the fault in the field", True),
        ("How do you find the cause?", False),
        ("", False),
    ],
)
def test_a_question_is_said_with_at_most_one_word_in_five_wrong(text, said):
    assert says(text, QUESTION) == said


@pytest.mark.parametrize(
    ("text", "heard"),
    [
        ("Thanks. How do you find the cause of", True),
        ("Thanks. How do you find the", False),
        ("of a fault in the field", False),
        ("", False),
    ],
)
def test_a_question_is_heard_from_three_fifths_on(text, heard):
    assert was_heard(QUESTION, text) == heard


def test_a_quote_is_whole_words_in_order():
    assert quotes("saved 40 percent", "We SAVED 40 percent, he said")
    assert quotes("it’s done", "It's done.")
    assert not quotes("save", "We saved it")
    assert not quotes("percent 40", "40 percent")
    assert not quotes("…", "anything")


@pytest.mark.parametrize(
    ("understood", "errors"),
    [
        ("I like, to help PEOPLE!", 0),
        ("I like to help", 1),
        ("I do like to help all people", 2),
        ("I liked to help people", 1),
        ("", 5),
    ],
)
def test_word_errors_count_what_was_left_out_put_in_and_mistaken(understood, errors):
    assert word_errors("I like to help people.", understood) == errors / 5


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("用Python写", ["用", "python", "写"]),
        ("我在北京，工作了三年。", list("我在北京工作了三年")),
        ("佐々木さん・", list("佐々木さん")),
        ("サーバー", list("サーバー")),
        ("𠮷野家", list("𠮷野家")),
        ("ที่นี่", ["ที่", "นี่"]),
        ("ខ្ញុំ", ["ខ្", "ញុំ"]),
        ("साइकिल की दुकान।", ["साइकिल", "की", "दुकान"]),
        ("வணக்கம் நண்பரே", ["வணக்கம்", "நண்பரே"]),
        ("나는 서울에서", ["나는", "서울에서"]),
        ("می\u200cخواهم", ["میخواهم"]),
        ("cafe\u0301 CAFÉ", ["café", "café"]),
        ("Ｐｙｔｈｏｎ３", ["python3"]),
        ("don’t 'stop' a_b", ["don't", "stop", "a", "b"]),
        ("…・、-_'", []),
    ],
)
def test_what_a_word_is_in_any_script(text, found):
    assert words(text) == found


@pytest.mark.parametrize(
    ("quote", "text", "stands"),
    [
        ("为自行车店做了一个网站", "去年我用Python为自行车店做了一个网站，因为旧的太慢。", True),
        ("用 python 为", "去年我用Python为自行车店", True),
        ("做了两个网站", "为自行车店做了一个网站", False),
        ("เว็บไซต์ให้ร้าน", "ผมทำเว็บไซต์ให้ร้านจักรยาน", True),
        ("มา", "ม้า", False),
        ("साइकिल की", "एक साइकिल की दुकान", True),
        ("साइकिल का", "एक साइकिल की दुकान", False),
    ],
)
def test_a_quote_is_found_in_any_script(quote, text, stands):
    assert quotes(quote, text) == stands
    assert breaks_off(quote, text) == stands


def test_a_question_without_spaces_is_heard_from_three_fifths_on():
    question = "你最近做过什么项目？"
    assert was_heard(question, "谢谢。你最近做过什么")
    assert not was_heard(question, "谢谢。你最近")
    assert says("好的，你最近做了什么项目？", question)


def test_places_are_where_the_words_stand():
    text = "I saved 40 percent. Saved, 40!"
    assert [text[a:b] for a, b in places("saved 40", text)] == ["saved 40", "Saved, 40"]
    assert places("…", text) == []


SCRIPTS = st.text(
    st.one_of(st.sampled_from("ab1 .,'’_我们、のーกั้ाकी가\u0301\u200d\u200c"), st.characters())
)


@given(SCRIPTS)
def test_the_places_of_words_are_in_order_and_hold_them(text):
    placed = placed_words(text)
    assert [word.key for word in placed] == words(text)
    ends = [0, *(word.end for word in placed)]
    assert all(end <= word.start < word.end for end, word in zip(ends, placed, strict=False))


@given(SCRIPTS)
def test_pieces_are_the_whole_text(text):
    assert "".join(pieces(text.strip())) == text.strip()


@given(st.text("ab1 .,'_-"))
def test_in_latin_script_a_piece_is_what_stands_between_spaces(text):
    assert [piece.strip() for piece in pieces(text)] == text.split()


@given(SCRIPTS, SCRIPTS, SCRIPTS)
def test_what_stands_in_a_text_is_quoted(before, quote, after):
    assert quotes(quote, f"{before} {quote} {after}") == bool(words(quote))


@given(st.text(min_size=1))
def test_what_was_said_in_full_was_said_and_heard(question):
    assert says(question, question)
    assert was_heard(question, question) == bool(words(question))
