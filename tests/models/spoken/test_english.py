"""English as it is written in plans and replies, and as a person says it."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.piper.speakable import speakable
from models.spoken import sayer

SAID = {
    "ranges": [
        ("5-7 years", "five to seven years"),
        ("5–7 years", "five to seven years"),
        ("pages 10-12", "pages ten to twelve"),
        ("from 2019–2021", "from twenty nineteen to twenty twenty-one"),
        ("2019-present", "twenty nineteen to present"),
        ("Mon-Fri", "Monday to Friday"),
        ("Jan – Mar", "January to March"),
        ("500-1000 users", "five hundred to one thousand users"),
        ("10-20%", "ten to twenty percent"),
    ],
    "money": [
        ("$500", "five hundred dollars"),
        ("€1.5 million", "one point five million euros"),
        ("£20k", "twenty thousand pounds"),
        ("$50k-$70k", "fifty thousand to seventy thousand dollars"),
        ("3,50 €", "three euros and fifty cents"),
        ("$3.50", "three dollars and fifty cents"),
        ("$0.99", "ninety-nine cents"),
        ("£1", "one pound"),
        ("€20/hour", "twenty euros per hour"),
        ("50 USD", "fifty dollars"),
        ("a $500 bonus", "a five hundred dollar bonus"),
        ("$1,250,000", "one million two hundred fifty thousand dollars"),
    ],
    "years": [
        ("in 2019", "in twenty nineteen"),
        ("1999", "nineteen ninety-nine"),
        ("2005", "two thousand five"),
        ("since 1905", "since nineteen oh five"),
        ("the 1990s", "the nineteen nineties"),
        ("the '90s", "the nineties"),
        ("Q3 2024", "Q three twenty twenty-four"),
    ],
    "numbers that are no years": [
        ("2,019 people", "two thousand nineteen people"),
        ("2019 servers", "two thousand nineteen servers"),
        ("in 2019 servers failed", "in twenty nineteen servers failed"),
        ("2000 people", "two thousand people"),
    ],
    "dates": [
        ("2024-05-01", "May first, twenty twenty-four"),
        ("5/1/2024", "May first, twenty twenty-four"),
        ("13/5/2024", "May thirteenth, twenty twenty-four"),
        ("1 May 2024", "the first of May, twenty twenty-four"),
        ("May 1st", "May first"),
        ("May 1, 2024", "May first, twenty twenty-four"),
        ("Sept. 3", "September third"),
        ("May 2024", "May twenty twenty-four"),
    ],
    "times": [
        ("9:30", "nine thirty"),
        ("14:05", "fourteen oh five"),
        ("9am", "nine AM"),
        ("9 p.m.?", "nine PM?"),
        ("9–5", "nine to five"),
        ("9-11am", "nine to eleven AM"),
        ("9:00-17:00", "nine o'clock to seventeen o'clock"),
    ],
    "digits": [
        ("+1 (555) 123-4567", "plus one, five five five, one two three, four five six seven"),
        ("555-1234", "five five five, one two three four"),
        ("ticket 48213", "ticket four eight two one three"),
        ("RFC 7231", "RFC seven two three one"),
        ("ISO 27001", "ISO twenty-seven thousand one"),
        ("agent 007", "agent zero zero seven"),
        ("192.168.0.1", "one nine two dot one six eight dot zero dot one"),
        ("HTTP 404", "HTTP four oh four"),
    ],
    "versions and decimals": [
        ("Python 3.11", "Python three point eleven"),
        ("v2.0.1", "version two point zero point one"),
        ("3.14", "three point one four"),
        ("1,234.5", "one thousand two hundred thirty-four point five"),
        ("at -5 degrees", "at minus five degrees"),
        ("1/2", "one half"),
        ("3/4", "three quarters"),
        ("1½", "one and a half"),
        ("0.5%", "zero point five percent"),
        ("1st and 22nd", "first and twenty-second"),
    ],
    "roman numerals": [
        ("World War II", "World War two"),
        ("Henry VIII", "Henry the eighth"),
        ("Phase III", "Phase three"),
        ("Part IV", "Part four"),
        ("Did I send my CV, XL, to MIX?", "Did I send my CV, XL, to MIX?"),
    ],
    "slashes": [
        ("and/or", "and or"),
        ("CI/CD", "CI CD"),
        ("w/o tests", "without tests"),
        ("he/she", "he or she"),
        ("100 km/h", "one hundred kilometers per hour"),
        ("24/7", "twenty-four seven"),
        ("TCP/IP", "TCP IP"),
        ("input/output", "input output"),
    ],
    "signs": [
        ("Q&A", "Q and A"),
        ("me @ work", "me at work"),
        ("#1", "number one"),
        ("~20", "about twenty"),
        ("a < b", "a less than b"),
        ("x > y", "x greater than y"),
        ("a = b + c", "a equals b plus c"),
        ("± 2", "plus or minus two"),
        ("3 × 4", "three times four"),
        ("20 °C", "twenty degrees C"),
        ("98.6°F", "ninety-eight point six degrees F"),
        ("§ 5", "section five"),
        ("© Acme", "copyright Acme"),
        ("a → b", "a to b"),
        ("5+ years", "five plus years"),
        ("10x", "ten times"),
    ],
    "units": [
        ("10 GB", "ten gigabytes"),
        ("5 km", "five kilometers"),
        ("1 km", "one kilometer"),
        ("3 kg", "three kilograms"),
        ("20 ms", "twenty milliseconds"),
        ("100 Mbps", "one hundred megabits per second"),
        ("2 GHz", "two gigahertz"),
        ("a 5 km run", "a five kilometer run"),
    ],
    "abbreviations": [
        ("firms, e.g. Siemens", "firms, for example Siemens"),
        ("that, i.e., this", "that, that is, this"),
        ("us vs. them", "us versus them"),
        ("approx. 20", "approximately twenty"),
        ("No. 5", "number five"),
        ("St. Louis", "Saint Louis"),
        ("on Main St. today", "on Main street today"),
        ("Mr. King Jr. said", "mister King junior said"),
        ("Sr. Engineer", "senior Engineer"),
        ("Acme Inc. was", "Acme incorporated was"),
        ("Acme Inc. Then", "Acme incorporated. Then"),
        ("Foo Ltd., Bar Co. and", "Foo limited, Bar company and"),
        ("tests, etc.", "tests, et cetera."),
        ("Dept. of Math", "department of Math"),
        ("a Ph.D. student", "a PhD student"),
        ("in the U.K.?", "in the UK?"),
        ("the U.S. Army", "the US Army"),
        ("J. R. Tolkien", "J R Tolkien"),
    ],
    "names": [
        ("C#, F# and C++", "C sharp, F sharp and C plus plus"),
        (".NET and ASP.NET", "dot net and ASP dot net"),
        ("Node.js", "Node dot JS"),
        ("SQL/NoSQL", "SQL NoSQL"),
        ("k8s", "kubernetes"),
        ("user_id", "user id"),
        ("file.py", "file dot PY"),
        ("S3 and EC2", "S three and EC two"),
        ("GPT-4", "GPT-four"),
    ],
    "addresses": [
        ("maria.lopez@example.com", "maria dot lopez at example dot com"),
        ("https://www.example.com/jobs", "example dot com slash jobs"),
        ("see example.org.", "see example dot org."),
        ("a_b-2@x.io?", "a underscore b dash two at x dot io?"),
        ("src/main.py", "src slash main dot PY"),
    ],
}
PLAIN = st.lists(
    st.sampled_from(
        "I you we what did a team the part phase may it us no full-time well-known don't was, is. "
        "Maria's Python CV MIX API GitHub why? yes! so; then: war mark".split()
    ),
    max_size=20,
).map(" ".join)
WRITTEN = [written for pairs in SAID.values() for written, _ in pairs]
SIGNS = (
    "5 17 2019 2,019 3.5 0 1/2 $ € £ k % - – — / . , : @ # ~ < > = + ± × ° C km GB May Mon am e.g. "
    "No. St. U.S. II Henry www. http:// a b x ( ) ' st 's ½ ² ٣ ① 1️⃣ _ ^ & § № −"
)
PIECES = st.lists(
    st.sampled_from([*SIGNS.split(), " ", " ", "  ", "\n"]) | st.characters(codec="utf-8"),
    max_size=25,
).map("".join)


@pytest.mark.parametrize(
    ("written", "said"), [pair for pairs in SAID.values() for pair in pairs], ids=str
)
def test_written_text_is_said_as_a_person_says_it(written: str, said: str) -> None:
    assert speakable(written) == said


@pytest.mark.parametrize(
    ("written", "said"), [pair for pairs in SAID.values() for pair in pairs], ids=str
)
def test_what_is_written_out_stays_within_a_sentence(written: str, said: str) -> None:
    if written[-1] not in ".?":
        assert speakable(f"Is it {written}?") == f"Is it {said}?"


@given(PLAIN)
def test_plain_words_stay_as_they_are(text: str) -> None:
    assert sayer("en")(text) == text


@given(PIECES)
def test_nothing_but_words_and_punctuation_is_left(text: str) -> None:
    said = speakable(text)
    assert not re.search(r"[\d@#$€£%&=+~<>^_/§©°×±]", said)


@given(st.lists(st.sampled_from(WRITTEN), max_size=8).map(" and ".join))
def test_to_say_it_twice_changes_nothing(text: str) -> None:
    said = sayer("en")(text)
    assert sayer("en")(said) == said


@pytest.mark.parametrize("language", ["de", "fr-fr", "", "uk"])
def test_a_language_without_rules_is_left_to_the_phonemizer(language: str) -> None:
    assert speakable("5-7 Jahre, $500 & C#?", language) == "5-7 Jahre, $500 & C#?"


def test_a_code_may_name_a_country() -> None:
    assert sayer("en-us") is sayer("en_GB") is sayer("EN")
