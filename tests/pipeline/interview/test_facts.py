"""Which sentences about the job a candidate's question is about."""

import pytest

from pipeline.interview.facts import alike, facts_about
from pipeline.interview.plan import Plan, Question
from pipeline.language.known import LANGUAGES

PLAN = Plan(
    (Question("Why?"),),
    job_summary="We are a clinic near the lake. The ward has 24 beds. Nurses wear blue.",
)


@pytest.mark.parametrize(
    "asked",
    [
        "Could I bring my dog to the clinic?",
        "Does the clinic believe in quiet corridors?",
        "Would a nurse from Lisbon be welcomed?",
    ],
)
def test_a_fact_with_a_small_part_of_the_question_is_no_answer(asked):
    assert facts_about(PLAN, asked) == ()


@pytest.mark.parametrize(
    ("asked", "fact"),
    [
        ("How many beds are there?", "The ward has 24 beds."),
        ("Where is that?", "We are a clinic near the lake."),  # a subject, without a common word
        ("What do nurses wear?", "Nurses wear blue."),
    ],
)
def test_a_fact_with_the_subject_or_much_of_the_question_is(asked, fact):
    assert facts_about(PLAN, asked) == (fact,)


SPOKEN = {
    "en": ("How many holidays are there?", "There are 30 holidays."),
    "de": ("Wie viele Urlaubstage gibt es?", "Es sind 30 Urlaubstage."),
    "fr": ("Combien de congés y a-t-il ?", "Il y a 30 congés."),
    "es": ("¿Cuántos días de vacaciones hay?", "Son 30 días de vacaciones."),
    "it": ("Quanti giorni di ferie ci sono?", "Sono 30 giorni di ferie."),
    "nl": ("Hoeveel vakantiedagen zijn er?", "Er zijn 30 vakantiedagen."),
    "pt": ("Quantos dias de férias há?", "São 30 dias de férias."),
}


@pytest.mark.parametrize("code", LANGUAGES)
def test_the_words_of_asking_count_in_no_language(code):
    asked, fact = SPOKEN[code]
    other = {"de": "Kantine", "nl": "kantine"}.get(code, "cantina")
    plan = Plan(PLAN.questions, job_summary=f"X {other}. {fact}", language=code)
    assert facts_about(plan, asked) == (fact,)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("renovated", "renovation", True),
        ("weld", "welding", True),
        ("aluminum", "aluminium", True),
        ("roof", "roofs", True),
        ("plan", "plane", True),
        ("roof", "room", False),
        ("interest", "interview", False),
        ("cat", "cats", False),
    ],
)
def test_forms_of_a_word_are_known(one, other, same):
    assert alike(one, other) is alike(other, one) is same


HOME = (
    "We run a care home for forty residents by the canal in Skipton. Early shifts begin at six, "
    "late shifts at two. You earn 13.80 an hour, and Sundays are paid double. There is a staff "
    "room with a kitchen. Beth, the deputy, writes the rota three weeks ahead. The post is limited "
    "to two years. You have thirty days of leave."
)


@pytest.mark.parametrize(
    ("asked", "fact"),
    [
        ("How many residents are there?", "forty"),
        ("When does the early shift start?", "six"),
        ("What would the pay be?", "13.80"),
        ("Is there extra pay on Sundays?", "double"),
        ("Who writes the rota?", "Beth"),
        ("How far ahead is the rota?", "three weeks"),
        ("Where are you?", "Skipton"),
        ("Is it permanent?", "limited"),
        ("How much holiday do I get?", "thirty days"),
        ("Is there somewhere I can eat?", "kitchen"),
    ],
)
def test_a_question_finds_its_fact(asked, fact):
    (found,) = facts_about(Plan(PLAN.questions, job_summary=HOME), asked)
    assert fact in found


@pytest.mark.parametrize(
    "asked",
    [
        "How big is the team?",  # "a staff room" is none
        "How long have you been open?",
        "Why did the last person leave?",
        "Can I choose my shifts?",
        "Do the residents get breakfast in bed?",
        "Would I earn more after a while?",
        "When can I expect an answer?",
        "Who was here before me?",
        "Do you take residents with dementia?",
        "Are there any men in the home?",
        "What is the dress code?",
        "How old is the building?",
    ],
)
def test_a_fact_without_what_the_question_asks_for_is_no_answer(asked):
    assert facts_about(Plan(PLAN.questions, job_summary=HOME), asked) == ()


TEAM = (
    "You join a team of twelve. The shop in Leeds sells bicycles. You earn 14.20 an hour. The "
    "canteen is open at noon."
)


@pytest.mark.parametrize(
    ("asked", "fact"),
    [
        ("Is the team big?", "twelve"),
        ("Is it a big team?", "twelve"),
        ("is the team large or small", "twelve"),
        ("Do you have a small team?", "twelve"),
        ("Would I be in a large group?", "twelve"),
        ("Is the shop big?", ""),
        ("Is the pay high?", "14.20"),
        ("Is the team nice?", ""),
        ("Is there a team in London?", ""),
    ],
)
def test_whether_something_is_large_is_answered_by_how_large_it_is(asked, fact):
    found = facts_about(Plan(PLAN.questions, job_summary=TEAM), asked)
    assert bool(found) == bool(fact)
    assert all(fact in each for each in found)
