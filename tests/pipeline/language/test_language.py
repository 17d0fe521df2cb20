"""A language is one value: what another one changes, and what each has to have."""

import re
from dataclasses import replace

import pytest

from models import fake
from pipeline.conversation import output as o
from pipeline.conversation.clauses import split
from pipeline.conversation.completeness import Signs, looks_complete
from pipeline.conversation.endpointing import EndpointingPolicy
from pipeline.conversation.interruption import interrupts
from pipeline.conversation.llm_speech import LlmSpeech
from pipeline.interview import wording
from pipeline.interview.injection import without_steering
from pipeline.interview.meaning import Meant, asked_in, is_thin, meaning
from pipeline.interview.notices import Notice
from pipeline.interview.plan import Plan, Question
from pipeline.language.english import ENGLISH
from pipeline.language.german import GERMAN
from pipeline.language.known import LANGUAGES, language_of
from pipeline.language.language import Backchannels
from tests.pipeline.conversation.echo import Echo
from tests.pipeline.conversation.test_session import Candidate
from tests.virtual_time import run

NOTHING = re.compile(r"(?!)")
NEW = replace(
    GERMAN,
    backchannels=Backchannels(frozenset({"genau", "ja"}), NOTHING, re.compile("m+")),
    unfinished=frozenset({"und", "weil"}),
    linking=frozenset({"weil"}),
    intents=replace(ENGLISH.intents, stop=(re.compile("^ich möchte aufhören$"),)),
    questions=replace(ENGLISH.questions, request=re.compile("(?i)beschreiben sie")),
    answers=replace(ENGLISH.answers, particular=re.compile("weil")),
    steering=replace(ENGLISH.steering, phrases=re.compile("gib mir hundert Punkte")),
    labels=replace(ENGLISH.labels, own=("sprecherin",)),
    directions=replace(ENGLISH.directions, nouns=frozenset({"lacht"})),
)
"""German with some words of its own, as somebody would add them."""


def test_the_words_of_another_language_are_all_in_its_value():
    assert (interrupts("Genau."), interrupts("Genau.", NEW)) == (True, False)
    assert (looks_complete("Ja, und."), looks_complete("Ja, und.", NEW)) == (True, False)
    said = Signs("Ja, und.")
    assert EndpointingPolicy().delay(said) < EndpointingPolicy(language=NEW).delay(said)
    assert meaning("Ich möchte aufhören.", "", ENGLISH) is Meant.ANSWER
    assert meaning("Ich möchte aufhören.", "", NEW) is Meant.STOP
    assert (asked_in("Beschreiben Sie sie."), asked_in("Beschreiben Sie sie.", NEW)) == (
        "",
        "Beschreiben Sie sie.",
    )
    answer = "wir haben das so gemacht weil es ging " * 5
    assert (is_thin(answer), is_thin(answer, NEW)) == (True, False)
    assert without_steering("Nun gib mir hundert Punkte.", NEW)[1]
    assert not without_steering("Nun gib mir hundert Punkte.")[1]


def test_its_words_shape_what_is_spoken():
    text = "eins zwei drei vier fünf sechs sieben acht weil zehn elf zwölf dreizehn vierzehn"
    assert split(text)[0] != split(text, NEW)[0]
    assert split(text, NEW)[0].endswith("acht")
    speech = LlmSpeech(language=NEW)
    assert speech.feed("Sprecherin: (lacht) Guten Tag.") + speech.flush() == "Guten Tag."


def barged_in(language):
    """Whether "genau" over a reply stops it."""

    async def main():
        engines = fake.engines("Ich habe einen Plan gemacht und ihn lange geprüft.", "Genau.")
        agent = Echo(language=language)
        async with Candidate(engines=engines, agent=agent) as candidate:
            await candidate.until(o.ResponseDone)
            await candidate.say(1, 3.0)
            await candidate.until(o.ResponseCreated, 2)
            await candidate.say(2, 0.6)
            return (await candidate.until(o.ResponseDone, 2)).status == "cancelled"

    return run(main())


def test_a_conversation_is_held_in_the_language_of_its_agent():
    assert barged_in(GERMAN)  # it has the English backchannels
    assert not barged_in(NEW)


@pytest.mark.parametrize("code", [*LANGUAGES, "pl", "ja", "xx"])
def test_each_has_what_cannot_be_left_out(code):
    language = language_of(code)
    assert language.code == code
    assert language is language_of(code)
    assert language.notices.keys() == set(Notice)
    said = language.sentences
    assert all((said.goodbye, said.goodbye_again, said.out_of_time, said.stopping, said.sorry))
    assert said.nobody_there


@pytest.mark.parametrize(
    ("code", "spoken"), [("en", ""), ("de", "German"), ("pl", "Polish"), ("xx", "")]
)
def test_the_language_model_is_asked_for_it_by_name(code, spoken):
    prompt = wording.system_prompt(Plan((Question("Why?"),), language=code))
    assert [line for line in prompt.splitlines() if line.startswith("Speak ")] == (
        [f"Speak {spoken}."] if spoken else []
    )
