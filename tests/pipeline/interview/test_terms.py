from pipeline.interview.plan import Plan, Question
from pipeline.interview.terms import MOST, terms_of

PLAN = Plan(
    (
        Question("Tell me about your time at Brightwater. Why did you leave?"),
        Question("How would you run PostgreSQL on a small server?", rubric="Names pgBouncer."),
    ),
    candidate="Siobhan Okonkwo",
    interviewer="Alex",
    job_title="Barista",
    job_summary="You make espresso, flat white, drip coffee and tea. We open early.",
)


def test_names_of_people_and_of_the_job_come_first():
    assert terms_of(PLAN)[:5] == ("Siobhan Okonkwo", "Siobhan", "Okonkwo", "Barista", "Alex")


def test_capitalized_words_within_sentences_are_terms_and_those_at_their_beginning_are_not():
    found = terms_of(PLAN)
    assert {"Brightwater", "PostgreSQL", "pgBouncer"} <= set(found)
    assert not {"Tell", "Why", "How", "We", "Names"} & set(found)


def test_items_of_a_list_are_terms():
    assert {"flat white", "drip coffee"} <= set(terms_of(PLAN))


def test_who_has_no_name_yet_is_no_term():
    assert terms_of(Plan((Question("Why?"),))) == ("Alex",)


def test_german_nouns_are_no_names():
    plan = Plan((Question("Erzählen Sie von Ihrer Arbeit bei Brightwater."),), language="de")
    assert "Arbeit" not in terms_of(plan)


def test_a_long_plan_has_no_more_terms_than_can_be_looked_for():
    text = "We use " + ", ".join(f"Tool{n}" for n in range(200))
    assert len(terms_of(Plan((Question(text),)))) == MOST
