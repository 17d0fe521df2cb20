"""An answer is cut into sentences that are the answer word for word, however it is punctuated."""

from hypothesis import given
from hypothesis import strategies as st

from pipeline.assessment.sentences import LONGEST, SENTENCES, beginning, sentences
from pipeline.matching import quotes, words

RUN_ON = (
    "well i was working in this warehouse in leipzig and the pickers walked past the heavy goods"
    " twice on every round so i drew the routes on paper for a week and suggested to put the heavy"
    " goods next to the exit"
)


def test_marks_end_sentences():
    assert sentences("I was a cook. Did I like it? Yes, I did!") == [
        "I was a cook.",
        "Did I like it?",
        "Yes, I did!",
    ]


def test_a_few_words_belong_to_the_next_sentence_or_to_the_last_one():
    assert sentences("Yes. I was a cook.") == ["Yes. I was a cook."]
    assert sentences("Mr. Novak shouted at me. Then he left. Ok.") == [
        "Mr. Novak shouted at me.",
        "Then he left. Ok.",
    ]


def test_marks_within_a_number_end_nothing():
    assert sentences("It took 2.5 hours, and 1.000 people came.") == [
        "It took 2.5 hours, and 1.000 people came."
    ]


def test_a_run_on_sentence_is_cut_where_a_clause_begins():
    found = sentences(RUN_ON)
    assert all(len(words(each)) <= LONGEST for each in found)
    assert [each.split()[0] for each in found] == ["well", "so"]


def test_without_clauses_it_is_cut_between_words():
    assert [len(each.split()) for each in sentences("word " * 40)] == [20, 20]


def test_scripts_without_spaces_are_cut_too():
    assert sentences("去年我为自行车店做了一个网站。我学会了很多东西。") == [
        "去年我为自行车店做了一个网站。",
        "我学会了很多东西。",
    ]
    assert len(sentences("我" * 70)) > 1


def test_no_word_is_cut_in_a_script_that_does_not_show_where_words_end():
    shop = "ปีที่แล้วผมทำเว็บไซต์ให้ร้านจักรยานในเบอร์ลินเพราะระบบเก่าช้ามาก"
    grew = "และยอดขายเพิ่มขึ้น"
    assert len(words(shop)) > LONGEST
    assert sentences(f"{shop} {grew}") == [shop, grew]


def test_a_long_answer_is_read_up_to_the_end_of_a_word():
    assert beginning("I was a cook.", 13) == "I was a cook."
    assert beginning("I was a cook.", 7) == "I was a"
    assert beginning("I was a cook.", 11) == "I was a"
    assert beginning("我在医院工作。", 4) == "我在医院"


def test_of_many_sentences_the_shortest_neighbours_are_joined():
    found = sentences(" ".join(f"I did thing number {n}." for n in range(40)))
    assert len(found) == SENTENCES
    assert found[0].startswith("I did thing number 0. I did")


def test_without_words_there_is_no_sentence():
    assert sentences("") == sentences(" … ?!") == []


@given(st.text(alphabet="ab ,.;?!。我é1\n-", max_size=400))
def test_every_sentence_is_quoted_and_no_word_is_lost(answer):
    found = sentences(answer)
    assert all(quotes(each, answer) for each in found)
    assert [word for each in found for word in words(each)] == words(answer)
