from pipeline.conversation.captions import Captions


def shown(captions, start, *hypotheses):
    return "".join(captions.feed(1, start, text) for text in hypotheses)


def test_words_beyond_the_place_where_a_stretch_was_cut_are_shown_once():
    captions = Captions()
    assert shown(captions, 0, *["I built a shop and it was"] * 2) == "I built a shop and it was"
    captions.ended_before(0, "I built a shop")
    assert shown(captions, 90, *["and it was very slow"] * 2) == " very slow"
    assert captions.of_turn(1)[90] == "and it was very slow"


def test_a_stretch_that_ends_in_a_pause_takes_nothing_from_the_next():
    captions = Captions()
    shown(captions, 0, *["I built a shop"] * 2)
    assert shown(captions, 90, *["and it was slow"] * 2) == " and it was slow"


def test_another_turn_begins_afresh():
    captions = Captions()
    shown(captions, 0, *["I built a shop and it"] * 2)
    captions.ended_before(0, "I built a shop")
    assert "".join(captions.feed(2, 90, "and it was") for _ in range(2)) == "and it was"
