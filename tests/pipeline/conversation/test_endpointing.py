import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.conversation.completeness import Signs, likelihood, looks_complete
from pipeline.conversation.endpointing import EndpointingPolicy, samples
from pipeline.conversation.turn_steps import Tuning
from pipeline.language.asking import Asked, kind_of


@pytest.mark.parametrize(
    "text",
    ["I worked there for five years.", "Really?", "Yes!", 'He said "no."', "I did it.",
     "我在北京工作。", "「はい。」", "मैं नर्स हूँ।", "حقا؟"],
)  # fmt: skip
def test_a_finished_sentence_looks_complete(text):
    assert looks_complete(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "I worked at",
        "I worked there and.",
        "Well...",
        "Because…",
        "Then I",
        ".",
        "Um.",
        "我在北京",
        "……",
    ],
)
def test_an_unfinished_one_does_not(text):
    assert not looks_complete(text)


LIKED = "I like it here a lot"
WHOLE, OPEN, BROKEN, DANGLING = f"{LIKED}.", LIKED, f"{LIKED}...", f"{LIKED} and the."
SIGNS = (0.001, 0.02, 0.1, 0.3, 0.5, 0.7, 0.9, 0.98, 0.999)
SAYS_NOTHING = 1 / (1 + math.exp(2.3))
"""Probability that a sentence ends which makes the end of a turn no likelier and no less likely."""


def test_a_transcript_that_breaks_off_makes_the_end_less_likely():
    assert likelihood(Signs(BROKEN, 0.5)) < likelihood(Signs(OPEN, 0.5))


def test_where_a_short_answer_is_expected_only_a_whole_one_is_likelier_to_be_over():
    for text, likelier in ((WHOLE, True), (OPEN, False)):
        usual = likelihood(Signs(text, 0.5))
        assert (likelihood(Signs(text, 0.5), Asked.SHORT) > usual) is likelier


def test_where_a_language_model_read_the_words_a_likelihood_is_trusted_sooner():
    policy, signs = EndpointingPolicy(), (n / 1000 for n in range(1000))
    between = [each for each in signs if 0.56 < likelihood(Signs(OPEN, each)) < 0.57]
    assert between
    for each in between:
        read = Signs(OPEN, each, sentence=SAYS_NOTHING)
        assert likelihood(read) == pytest.approx(likelihood(Signs(OPEN, each)))
        assert policy.delay(read) < policy.delay(Signs(OPEN, each)) - samples(200)


def test_even_who_is_surely_done_gets_the_pause_that_they_usually_make():
    policy = replace(EndpointingPolicy(), usual_pause=float(samples(1000)))
    sure = Signs(WHOLE, 0.999, 0.95, 0.999)
    assert EndpointingPolicy().delay(sure) == samples(540)
    assert policy.delay(sure) == samples(1250)


@pytest.mark.parametrize("text", [WHOLE, OPEN, BROKEN, DANGLING, "", "Um."])
def test_the_delay_falls_with_the_probability_that_a_model_gives(text):
    delays = [EndpointingPolicy().delay(Signs(text, sign)) for sign in (0.0, *SIGNS, 1.0)]
    assert delays == sorted(delays, reverse=True)
    assert samples(540) <= min(delays) <= max(delays) <= samples(2000)


@pytest.mark.parametrize("sign", SIGNS[1:])
def test_no_sign_decides_alone(sign):
    whole, plain, broken, dangling = (
        EndpointingPolicy().delay(Signs(text, sign)) for text in (WHOLE, OPEN, BROKEN, DANGLING)
    )
    assert whole <= plain <= broken
    assert whole <= dangling
    assert dangling - whole >= samples(250)


def test_sound_and_words_together_are_graded():
    rule = EndpointingPolicy()
    assert rule.delay(Signs(WHOLE, 0.99)) == samples(540)
    assert samples(700) < rule.delay(Signs(WHOLE, 0.5)) < samples(1300)
    assert samples(1200) < rule.delay(Signs(WHOLE, 0.2)) < samples(1400)
    assert rule.delay(Signs(OPEN, 0.99)) < samples(900)
    assert rule.delay(Signs("I worked there because", 0.99)) > samples(1100)
    assert rule.delay(Signs("I worked there because", 0.1)) == samples(2000)


@pytest.mark.parametrize(
    "text",
    ["Let me think.", "Hm, let me think about that.", "Give me a minute.", "Just a second, please.",
     "I was in sales. Hold on a second.", "That's a good question.", "one moment"],
)  # fmt: skip
def test_who_asks_for_time_gets_it_whatever_it_sounds_like(text):
    for judged in (None, 0.01, 0.99):
        assert EndpointingPolicy().delay(Signs(text, judged)) == samples(4000)
        assert not EndpointingPolicy().is_over(Signs(text, judged))


@pytest.mark.parametrize("text", ["I think so.", "That was a good question to ask."])
def test_others_do_not(text):
    assert EndpointingPolicy().delay(Signs(text)) <= samples(2000)


def test_the_kind_of_question_counts():
    explain = EndpointingPolicy(asked=Asked.EXPLANATION)
    short = EndpointingPolicy(asked=Asked.SHORT)
    for judged in (None, 0.9, 0.3):
        yes, years = Signs("Yes.", judged), Signs("Three years.", judged)
        assert short.delay(yes) + samples(200) <= explain.delay(yes)
        assert short.delay(years) <= explain.delay(years)
    whole = Signs("Yes, I did it.")
    assert explain.delay(whole) == short.delay(whole) == samples(600)


@pytest.mark.parametrize("judged", [0.3, 0.6, 0.9])
def test_a_recognizer_that_doubts_its_words_has_heard_half_a_sentence(judged):
    rule = EndpointingPolicy()
    sure, usual, doubting = (rule.delay(Signs(WHOLE, judged, sure)) for sure in (0.9, 0.68, 0.5))
    assert sure < usual < doubting
    assert rule.delay(Signs(WHOLE, judged, 0.0)) == rule.delay(Signs(WHOLE, judged))
    assert rule.delay(Signs(WHOLE, judged, 0.01)) == doubting  # the rest is the microphone's


def test_few_words_are_the_beginning_of_an_answer_unless_few_are_expected():
    few, many = "I was a nurse.", "I was a nurse for ten years."
    for asked in (Asked.NOTHING, Asked.EXPLANATION):
        rule = EndpointingPolicy(asked=asked)
        assert rule.delay(Signs(few, 0.6)) >= rule.delay(Signs(many, 0.6)) + samples(200)
    short = EndpointingPolicy(asked=Asked.SHORT)
    assert short.delay(Signs(few, 0.6)) == short.delay(Signs(many, 0.6))


@pytest.mark.parametrize("judged", [0.1, 0.3, 0.6])
def test_the_end_of_a_sentence_makes_the_end_of_a_turn_likelier(judged):
    rule = EndpointingPolicy()
    heard = Signs(WHOLE, judged, 0.7)
    read = (0.0, 0.01, 0.2, 0.5, 1.0)
    delays = [rule.delay(replace(heard, sentence=ends)) for ends in read]
    assert delays == sorted(delays, reverse=True)
    assert delays[0] > rule.delay(heard) > delays[-1]
    assert rule.is_over(replace(heard, sentence=0.9))


def test_a_model_of_the_sound_that_is_sure_of_a_pause_is_believed_only_so_far():
    rule = EndpointingPolicy()
    assert rule.delay(Signs(WHOLE, 0.0)) == rule.delay(Signs(WHOLE, 0.02))
    assert rule.delay(Signs(WHOLE, 0.02)) > rule.delay(Signs(WHOLE, 0.06))


@pytest.mark.parametrize("read", [None, 0.2])
def test_a_delay_is_a_second_or_clearly_longer(read):
    judged = [n / 1000 for n in range(1, 1000)]
    delays = [EndpointingPolicy().delay(Signs(WHOLE, each, 0.7, read)) for each in judged]
    assert any(d <= samples(1000) for d in delays)
    assert any(d >= samples(1250) for d in delays)
    assert sum(samples(1000) < d < samples(1250) for d in delays) < 30


NUMBER, QUANTITY = "It is 10001 90210.", "There were about two hundred or 500."


@pytest.mark.parametrize("judged", [0.2, 0.4, 0.6])
def test_doubt_about_a_number_that_is_dictated_says_nothing_of_its_end(judged):
    rule = EndpointingPolicy()
    for doubting in (Signs(NUMBER, judged, 0.5), Signs(NUMBER, judged, sentence=0.001)):
        assert rule.delay(doubting) <= rule.delay(Signs(NUMBER, judged))
    surer = Signs(NUMBER, judged, 0.9), Signs(NUMBER, judged, sentence=0.9)
    for sure in surer:
        assert rule.delay(sure) < rule.delay(Signs(NUMBER, judged))
    assert rule.delay(Signs(QUANTITY, judged, 0.5)) > rule.delay(Signs(QUANTITY, judged))


@pytest.mark.parametrize("text", ["1 0 0 0 1", "10-001", "My number is 1, 0001 9021"])
def test_digits_are_dictated_however_they_are_grouped(text):
    rule = EndpointingPolicy()
    assert rule.delay(Signs(text, 0.9, 0.01)) == rule.delay(Signs(text, 0.9))


@pytest.mark.parametrize("text", ["I had 10001 of them", "It was in the year of 2015", "12 12"])
def test_others_are_not_dictated(text):
    rule = EndpointingPolicy()
    assert rule.delay(Signs(text, 0.9, 0.01)) > rule.delay(Signs(text, 0.9))


def test_it_is_asked_for_where_it_may_decide():
    rule = EndpointingPolicy()
    assert rule.unsure(Signs(WHOLE, 0.2, 0.7))
    assert not rule.unsure(Signs(WHOLE, 0.9, 0.7))  # over anyway
    assert not rule.unsure(Signs(DANGLING, 0.1, 0.7))  # not over, whatever a sentence may do
    assert not rule.unsure(Signs("Let me think.", 0.2, 0.7))
    assert not replace(rule, asked=Asked.EXPLANATION).unsure(Signs("Yes."))  # not heard yet
    assert not rule.unsure(Signs(WHOLE, 0.2, 0.7, sentence=0.5))  # known already


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("", Asked.NOTHING),
        ("Do you have a driving licence?", Asked.SHORT),
        ("Thank you. And how many years have you worked as a nurse?", Asked.SHORT),
        ("When could you start?", Asked.SHORT),
        ("What is your notice period?", Asked.SHORT),
        ("What was your role?", Asked.EXPLANATION),
        ("Can you tell me about a conflict?", Asked.EXPLANATION),
        ("How did you find the mistake?", Asked.EXPLANATION),
        ("Tell me about your work.", Asked.EXPLANATION),
    ],
)
def test_questions_are_told_apart(question, kind):
    assert kind_of(question) is kind


@given(st.text(max_size=40), st.none() | st.floats(0, 1), st.sampled_from(Asked))
def test_any_words_and_any_judgement_give_a_delay_between_the_limits(text, judged, asked):
    rule = EndpointingPolicy(asked=asked)
    assert samples(540) <= rule.delay(Signs(text, judged)) <= rule.limit
    assert 0 <= likelihood(Signs(text, judged), asked) <= 1


@pytest.mark.parametrize("factor", [0.5, 0.7, 2, 3])
def test_patience_multiplies_every_delay(factor):
    usual, patient = EndpointingPolicy(), EndpointingPolicy().patient(factor)
    for text in (WHOLE, OPEN, DANGLING, "Let me think."):
        for judged in (None, 0.1, 0.6, 0.99):
            wanted = factor * usual.delay(Signs(text, judged))
            assert patient.delay(Signs(text, judged)) == pytest.approx(wanted, abs=2)
    assert Tuning(usual).patient(factor) == Tuning(patient)


def test_delays_depend_on_the_text():
    rule = EndpointingPolicy()
    assert rule.delay(Signs("Done.")) == samples(600)
    assert rule.delay(Signs("And then")) == samples(2000)


def test_the_delay_grows_with_the_pauses_of_this_candidate_and_has_a_limit():
    rule = EndpointingPolicy().paused("Done.", samples(900))
    assert rule.delay(Signs("Done.")) == samples(1125)
    for _ in range(20):
        rule = rule.paused("Done.", samples(3000))
    assert rule.delay(Signs("Done.")) == samples(2000)


def test_short_pauses_never_make_it_shorter_than_asked_for():
    assert EndpointingPolicy().paused("Done.", samples(250)).delay(Signs("Done.")) == samples(600)


def test_a_pause_inside_a_sentence_says_nothing_about_its_end():
    assert EndpointingPolicy().paused("and then", samples(1500)) == EndpointingPolicy()
