import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.conversation.agreement import Agreement, believed, sameness

texts = st.lists(st.sampled_from(["I", "i", "am", "am,", "here.", "was", "-", "Here"]), max_size=6)
hypotheses = st.lists(texts.map(" ".join), max_size=12)


def fed(*given):
    agreement = Agreement()
    return [agreement.feed(hypothesis) for hypothesis in given]


def same(text):
    return [sameness(word) for word in text.split()]


def test_a_word_is_agreed_when_two_hypotheses_in_a_row_have_it():
    assert fed("I have", "I have worked", "I have worked for") == ["", "I have", " worked"]


def test_a_word_that_changes_waits_until_it_stays():
    assert fed("I have walked", "I have worked", "I have worked") == ["", "I have", " worked"]


def test_case_and_punctuation_do_not_matter():
    assert fed("well i have", "Well, I have done", "well I have") == ["", "Well, I have", ""]


def test_the_full_stop_of_an_unfinished_sentence_is_not_shown():
    assert fed("I work.", "I work.", "I work at home.", "I work at home. Then") == [
        "", "I work", "", " at home.",
    ]  # fmt: skip


def test_what_was_agreed_is_never_taken_back():
    assert fed("one two", "one two", "three", "three", "three two four", "three two four") == [
        "", "one two", "", "", "", " four",
    ]  # fmt: skip


def test_scripts_without_spaces_agree_by_character():
    assert fed("我在", "我在北", "我在北京") == ["", "我在", "北"]


@pytest.mark.parametrize(("one", "other"), [("ม้า", "มา"), ("उसकी", "उसका"), ("நான்", "நான")])
def test_a_tone_or_a_vowel_that_changes_makes_another_word(one, other):
    assert fed(one, other, other) == ["", "", other]


def test_scripts_mix():
    assert fed("用Python", "用Python写", "用Python写了") == ["", "用Python", "写"]


@pytest.mark.parametrize("nothing", ["", "  "])
def test_nothing_said_agrees_on_nothing(nothing):
    assert fed(nothing, nothing, "yes", nothing) == ["", "", "", ""]


@given(hypotheses)
def test_every_agreed_word_stood_at_its_place_in_two_hypotheses_in_a_row(given):
    agreement, agreed = Agreement(), []
    for before, now in zip(["", *given], given, strict=False):
        fresh = same(agreement.feed(now))
        places = slice(len(agreed), len(agreed) + len(fresh))
        assert fresh == same(now)[places] == same(before)[places]
        agreed += fresh


@given(hypotheses)
def test_words_are_agreed_as_soon_as_they_can_be(given):
    agreement, count, longest = Agreement(), 0, 0
    for before, now in zip(["", *given], given, strict=False):
        count += len(agreement.feed(now).split())
        pairs = zip(same(before), same(now), strict=False)
        common = next((n for n, (a, b) in enumerate(pairs) if a != b), None)
        if common is None:
            common = min(len(same(before)), len(same(now)))
        longest = max(longest, common)
        assert count == longest


@given(st.lists(st.text(string.ascii_letters, min_size=1), min_size=1, max_size=20))
def test_a_text_that_only_grows_comes_out_whole_and_with_its_spaces(words):
    agreement = Agreement()
    growing = [" ".join(words[: n + 1]) for n in range(len(words))]
    assert "".join(map(agreement.feed, [*growing, growing[-1]])) == growing[-1]


@pytest.mark.parametrize(
    ("transcript", "agreed", "seconds"),
    [
        ("I built a bridge over the river", "I built a bridge", 3.0),
        ("I build a bridge", "I built a", 2.0),
        ("Yes.", "", 0.5),
        ("and and and and and and and and", "", 1.0),  # nothing better is there
        ("私は橋を作りましたそして", "私は橋を", 1.5),
    ],
)
def test_what_is_understood_of_audio_that_breaks_off_is_believed(transcript, agreed, seconds):
    assert believed(transcript, agreed, seconds) == transcript


@pytest.mark.parametrize(
    ("transcript", "agreed", "seconds"),
    [
        ("I built a bridge over the " + "web and the " * 10, "I built a bridge", 4.0),
        ("I built a bridge.", "I built a bridge and then I moved to", 4.0),
        ("", "I built a bridge", 2.0),
    ],
)
def test_a_transcript_that_goes_round_in_circles_or_has_lost_words_is_not(
    transcript, agreed, seconds
):
    assert believed(transcript, agreed, seconds) == agreed
