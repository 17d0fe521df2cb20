"""What a language model wrote, and whether it may be said."""

import pytest

from pipeline.interview.rules import (
    Given,
    circles,
    fault,
    is_foreign,
    repeats,
    statement_fault,
)
from pipeline.language.known import LANGUAGES, language_of

ANSWER = (
    "I renovated the town hall's roof in eight weeks, and I was responsible for the scaffolding "
    "and the safety plan."
)
PLANNED = ("Tell me about a piece of work that you are proud of.", "Why do you want this job?")
LAST = "Thank you. Tell me about a piece of work that you are proud of."
GIVEN = Given(language_of("en"), ANSWER, PLANNED, LAST)


@pytest.mark.parametrize(
    "sentence",
    [
        "Thank you.",
        "I see, the scaffolding was yours.",
        "You were responsible for the safety plan.",
        "Eight weeks for a roof is noted.",
        "I have noted the scaffolding, thank you.",
        "I understand that the renovation took eight weeks.",
        "That tells me something about roofs.",
    ],
)
def test_a_plain_acknowledgement_may_be_said(sentence):
    assert statement_fault(sentence, GIVEN) == ""


@pytest.mark.parametrize(
    ("sentence", "wrong"),
    [
        ("", "empty"),
        ("…", "empty"),
        ("What happened next?", "question"),
        ("Tell me more.", "question"),
        ("I renovated it in a hurry.", "first person"),
        ("My part was the roof.", "first person"),
        ("We had a lot of scaffolding.", "first person"),
        ("I noted that I led a team.", "first person"),
        ("I'm proud of the roof.", "first person"),
        ("Great answer about the roof.", "verdict"),
        ("That is an impressive roof.", "verdict"),
        ("You got the job.", "verdict"),
        ("You are hired.", "verdict"),
        ("Congratulations on the roof.", "verdict"),
        ("We will call you, I promise.", "first person"),
        ("The roof gives you full marks.", "verdict"),
        ("You are wrong about the roof.", "verdict"),
        ("As an AI model this one knows roofs.", "talk of a machine"),
        ("How can I help you with the roof.", "first person"),
        ("Let me know about the roof.", "talk of a machine"),
        ("The candidate mentioned a roof.", "talk of a machine"),
        ("Question: the roof.", "form"),
        ("The **roof** is noted.", "form"),
        ("The roof, the roof, the roof, the roof.", "form"),
        ("Thank you, so you talked about a piece of work that you are proud of.", "repetition"),
        ("You want this job and why do you want this job.", "repetition"),
        ("You renovated the town hall's roof in eight weeks and were responsible.", "echo"),
        ("Vielen Dank, das ist mit der Zeit auch nicht so.", "language"),
        ("word " * 30, "too long"),
    ],
)
def test_what_an_interviewer_does_not_say_is_refused(sentence, wrong):
    assert statement_fault(sentence, GIVEN) == wrong


@pytest.mark.parametrize(
    "question",
    [
        "How did you plan the scaffolding?",
        "What was difficult about the renovation?",
        "Why did the roof take eight weeks?",
        "Could you describe the safety plan?",
    ],
)
def test_a_question_about_something_in_the_answer_may_be_asked(question):
    assert fault(question, GIVEN) == ""


@pytest.mark.parametrize(
    ("question", "wrong"),
    [
        ("How did I plan the roof?", "first person"),
        ("What made the roof such a great success?", "verdict"),
        ("Why do you want this job on the roof?", "repetition"),
        ("How is the roof today, dear candidate's roof?", "talk of a machine"),
        ("Wie haben Sie das mit der Zeit denn so gemacht?", "language"),
    ],
)
def test_a_question_is_held_to_the_same_rules(question, wrong):
    assert fault(question, GIVEN) == wrong


ASKED = {
    "en": ("Could you tell me more about that?", "Could you walk me through your own part?"),
    "de": ("Können Sie mir mehr darüber erzählen?", "Könnten Sie mir ein Beispiel geben?"),
    "fr": ("Pouvez-vous m'en dire plus ?", "Pourriez-vous me donner un exemple ?"),
    "es": ("¿Podría contarme algo más?", "¿Me puede dar un ejemplo?"),
    "it": ("Può dirmi di più?", "Mi può fare un esempio?"),
    "nl": ("Kunt u mij daar meer over vertellen?", "Kunt u me een voorbeeld geven?"),
    "pt": ("Pode me dar um exemplo?", "Poderia contar-me mais?"),
}


@pytest.mark.parametrize("code", LANGUAGES)
def test_an_interviewer_may_ask_to_be_told_more(code):
    assert [fault(each, Given(language_of(code))) for each in ASKED[code]] == ["", ""]


def test_going_round_in_circles_is_noticed():
    assert circles("so so so so".split())
    assert circles("I am sorry I am sorry I am sorry".split())
    assert not circles("it is what it is".split())


def test_a_reply_that_says_the_last_one_again_is_a_repetition():
    assert repeats("Thank you, I have noted the scaffolding.", "I have noted the scaffolding.")
    assert not repeats("Thank you.", "Thank you. Why do you want this job?")


OWN = {
    "en": "that was not what we had in mind with the team",
    "de": "das war nicht so wie wir es mit dem Team gemacht haben",
    "fr": "ce n'est pas dans la maison que nous avons fait cela avec le directeur",
    "es": "no es lo que hemos hecho con el director de la casa",
    "it": "non è quello che abbiamo fatto con il direttore della casa",
    "nl": "dat is niet wat wij met de directeur van het huis gedaan hebben",
    "pt": "não é isso que fizemos com o diretor da casa",
}


@pytest.mark.parametrize("code", LANGUAGES)
def test_the_language_is_told_where_it_can_be(code):
    language = language_of(code)
    assert not is_foreign(OWN[code].lower().split(), language)
    others = [other for other in OWN if other != code]
    told = [other for other in others if is_foreign(OWN[other].lower().split(), language)]
    assert len(told) >= len(others) - 1  # Spanish and Portuguese share many words
    assert not is_foreign(["docker"], language)


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_model_may_say_what_is_planned_where_it_says_nothing_of_itself(code):
    language = language_of(code)
    many = language.sentences.variants
    said = (*many.leads, *many.acknowledgements, *many.settled, *many.pass_ons)
    faults = {wrong for each in said if (wrong := statement_fault(each, Given(language)))}
    assert faults <= ({"first person"} if code != "en" else set())
