"""What a voice is given to say."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.piper.speakable import speakable


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("**Great!** Tell me _more_ about `asyncio`.", "Great! Tell me more about asyncio."),
        ("# Question\n- one\n* two\n> three", "Question one two three"),
        ("See [our page](https://example.org/a?b=c).", "See our page."),
        ("Look at https://example.org/a_b?c=d, please.", "Look at, please."),
        ("Look at www.example.org. Then go.", "Look at. Then go."),
        ("Say [[həlˈoʊ]] to me", "Say to me"),
        ("Never [[closed", "Never"),
        ("[[[[a]]]] b ]] c", "b c"),
        ("Run this:\n```python\nprint(1)\n```\nThen go.", "Run this: Then go."),
        ("Broken:\n```python\nprint(1)", "Broken:"),
        ("Hi 👋🏽 there 👩‍💻!", "Hi there!"),
        ("Number 1️⃣ done ✅", "Number 1 done"),
        ("<|im_end|>Hello <b>you</b>", "Hello you"),
        ("a\x00b\x1b[31mc\u202e d", "a b 31mc d"),
        ("snake_case and C# and C++ at 20 °C", "snake case and C# and C++ at 20 °C"),
        ("3 * 4 is 12, and 3<4", "3 × 4 is 12, and 3<4"),
        ("Well... maybe", "Well, maybe"),
        ("And so on... Then we left…", "And so on. Then we left."),
        ("Really?! Yes!!!", "Really? Yes!"),
        ("Dr. Smith met Mrs. Jones.", "Dr Smith met Mrs Jones."),
        ("  many \n\t spaces  ", "many spaces"),
        ("می‌خواهم", "می‌خواهم"),
        ("It costs $3.50 at 10:30.", "It costs $3.50 at 10:30."),
    ],
)
def test_only_words_and_their_punctuation_are_said(written: str, said: str) -> None:
    assert speakable(written, "") == said


@pytest.mark.parametrize("marks", ["?", "!", ",", ";", ":"])
def test_a_dot_of_an_abbreviation_takes_no_other_mark_away(marks: str) -> None:
    assert speakable(f"in the U.K.{marks} now", "") == f"in the U.K{marks} now"


@pytest.mark.parametrize(
    "nothing", ["", " ", "?", "...", "…", "👍", "**", "[[a]]", "```a```", "\x00"]
)
def test_a_text_without_a_word_is_nothing(nothing: str) -> None:
    assert speakable(nothing) == ""


@given(st.text(st.sampled_from("ab1 [](){}*_`~#<>|.,?!…\n\\\"'-") | st.characters(), max_size=80))
def test_phonemes_cannot_be_written_and_saying_it_twice_changes_nothing(text: str) -> None:
    said = speakable(text)
    assert "[" not in said
    assert "\n" not in said
    assert said == said.strip()
    assert not said or any(c.isalnum() for c in said)
