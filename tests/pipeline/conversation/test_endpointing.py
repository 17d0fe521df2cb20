import pytest

from pipeline.conversation.endpointing import EndpointingPolicy, looks_complete, samples


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


def test_delays_depend_on_the_text():
    rule = EndpointingPolicy()
    assert rule.delay("Done.") == samples(600)
    assert rule.delay("And then") == samples(2000)


def test_the_delay_grows_with_the_pauses_of_this_candidate_and_has_a_limit():
    rule = EndpointingPolicy().paused("Done.", samples(900))
    assert rule.delay("Done.") == samples(1125)
    for _ in range(20):
        rule = rule.paused("Done.", samples(3000))
    assert rule.delay("Done.") == samples(2000)


def test_short_pauses_never_make_it_shorter_than_asked_for():
    assert EndpointingPolicy().paused("Done.", samples(250)).delay("Done.") == samples(600)


def test_a_pause_inside_a_sentence_says_nothing_about_its_end():
    assert EndpointingPolicy().paused("and then", samples(1500)) == EndpointingPolicy()
