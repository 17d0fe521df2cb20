"""What a person is called, out of what was written into the field for the name."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.interview.names import name_of
from pipeline.interview.plan import UNNAMED_CANDIDATE, Plan, Question
from pipeline.interview.wording import named
from pipeline.language.english.sentences import SENTENCES


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("Maria Lopez", "Maria"),
        ("maria", "maria"),
        ("MARIA-JOSÉ LOPEZ", "Maria-José"),
        ("VAN DER BERG, JAN", "Jan"),
        ("JD Vance", "JD"),
        ("Dr. Maria Lopez", "Maria"),
        ("Prof. Dr. Anna Weber", "Anna"),
        ("Mr. John Smith", "John"),
        ("Ms Ada Park", "Ada"),
        ("Sir Ian McKellen", "Ian"),
        ("Dipl.-Ing. Hans Meier", "Hans"),
        ("Dr.Maria Lopez", "Maria"),
        ("Martin King Jr.", "Martin"),
        ("John Smith III", "John"),
        ("Jane Doe, PhD", "Jane"),
        ("Ph.D. Anna Weber", "Anna"),
        ("Lopez, Maria", "Maria"),
        ("Lopez , Maria , PhD", "Maria"),
        ("de la Cruz, María", "María"),
        ("Van Der Berg, Jan", "Jan"),
        ("O'Brien, Sean", "Sean"),
        ("D’Arcy Wood", "D’Arcy"),
        ("María-José", "María-José"),
        ("F. Scott Fitzgerald", "Scott"),
        ("A. P. J. Abdul Kalam", "Abdul"),
        ("(she/her) Ana Diaz", "Ana"),
        ("Ana Diaz she/her", "Ana"),
        ("[[h@l@U]] Bob", "Bob"),
        ('William "Bill" Gates', "William"),
        ("'Bob' Smith", "Bob"),
        ("😀 Bob", "Bob"),
        ("— Maria!", "Maria"),
        ("Anna Weber <anna@example.com>", "Anna"),
        ("anna@example.com Anna Weber", "Anna"),
        ("Anna Weber / Backend", "Anna"),
        ("Maria_Lopez", "Maria"),
        ("maria.lopez", "maria"),
        ("Bob\0by", "Bobby"),
        ("\u202eBob", "Bob"),
        ("Иван Петров", "Иван"),
        ("राम शर्मा", "राम"),
        ("สมชาย ใจดี", "สมชาย"),
        ("李雷", "李雷"),
        ("田中 太郎さん", "田中 太郎"),
        ("ヤマダ タロウ", "ヤマダ タロウ"),
        ("王小明先生", "王小明"),
        ("김민준씨", "김민준"),
    ],
)
def test_people_are_called_by_their_given_name(written, spoken):
    assert name_of(written).spoken == spoken


@pytest.mark.parametrize(
    "written",
    [
        UNNAMED_CANDIDATE,
        "",
        "Dr.",
        "Dr. Weber",
        "Mrs. Robinson",
        "J. R. Miller",
        "T.J. Hooker",
        "Smith, J.",
        "M",
        "maria.lopez@example.com",
        "https://example.com/maria",
        "(she/her)",
        "{name} {0}",
        "😀",
        "R2D2",
        "+49 170 1234",
        "n/a",
    ],
)
def test_who_has_no_name_that_can_be_called_is_called_nothing(written):
    assert name_of(written).spoken == ""
    plan = Plan((Question("Why?"),), candidate=written)
    assert named(plan, SENTENCES.goodbye_again) == "Thank you. Goodbye."


@pytest.mark.parametrize(
    ("written", "first", "last"),
    [
        ("Dr. Maria Lopez", "Maria", "Lopez"),
        ("Lopez, Maria", "Maria", "Lopez"),
        ("Ludwig van Beethoven", "Ludwig", "van Beethoven"),
        ("de la Cruz, María", "María", "de la Cruz"),
        ("Mary Ann Smith", "Mary Ann", "Smith"),
        ("John Smith III", "John", "Smith"),
        ("J. R. Miller", "J. R.", "Miller"),
        ("Dr. Weber", "", "Weber"),
        ("Maria", "Maria", ""),
        ("李雷", "李雷", ""),
        ("佐藤 花子 様", "花子", "佐藤"),
        ("(she/her) Ana Diaz", "Ana", "Diaz"),
        ("maria.lopez@example.com", "maria.lopez@example.com", ""),
        ("???", "???", ""),
    ],
)
def test_given_and_family_names_are_told_apart(written, first, last):
    name = name_of(written)
    assert (name.first, name.last) == (first, last)


PARTS = st.sampled_from(
    ["Dr.", "Prof.", "Maria", "de", "la", "Cruz", ",", "J.", "Jr.", "(x)", "[", "}", "李", "さん",
     "@a", "\u0301", '"', "'", "-", ".", "😀", "\u200d", "van", "PhD", "&", "名"]
)  # fmt: skip


@given(st.lists(st.one_of(PARTS, st.text(max_size=4)), max_size=12).map(" ".join))
def test_whatever_was_written_no_mark_or_digit_is_called_out(written):
    spoken = name_of(written).spoken
    assert not set(spoken) & set(
        string.digits + string.punctuation.replace("-", "").replace("'", "")
    )
    assert spoken == spoken.strip()
    assert ".." not in named(Plan((Question("Why?"),), candidate=written), SENTENCES.goodbye)


@given(st.text(max_size=120))
def test_whoever_wrote_something_has_a_name_in_the_report(written):
    name = name_of(written)
    assert bool(f"{name.first}{name.last}") == bool(written)
