"""Delays after the ends of turns, and pauses that are taken for one."""

from dataclasses import replace

import pytest

from pipeline.conversation.endpointing import EndpointingPolicy
from pipeline.language.asking import Asked
from scripts.measure.hearing import turn_ends as t

PAUSES = (
    *(t.Pause("a", "mid", 0.05, "I went to the", 0.02, 0.1) for _ in range(6)),
    *(t.Pause("b", "mid", 0.05, "I went to the shop.", 0.9, 0.9) for _ in range(2)),
    t.Pause("c", "clause", 0.05, "I went to the shop.", 0.3, 0.6),
    *(t.Pause("d", "end", 0.05, "I bought a loaf of bread there.", 0.97, 0.98) for _ in range(9)),
    t.Pause("e", "end", 0.05, "I bought a loaf of bread there.", 0.1, 0.2),
)
NATURAL = t.Pause("f", "natural", 0.0, "I went to the shop.", 0.2, 0.2, length=1.0)


def test_a_natural_pause_is_cut_off_when_it_lasts_longer_than_the_delay() -> None:
    assert t.cut_off_natural(t.silence(0.9), [*PAUSES, NATURAL]) == (1, 1)
    assert t.cut_off_natural(t.silence(1.1), [*PAUSES, NATURAL]) == (0, 1)
    assert [p.cut for p in t.points([t.silence(1.1)], [*PAUSES, NATURAL])] == [
        p.cut for p in t.points([t.silence(1.1)], PAUSES)
    ]


def test_a_pause_is_cut_off_when_it_is_longer_than_the_delay() -> None:
    way = t.silence(0.7)
    assert t.cut_off(way, PAUSES, 0.4, "mid") == 0
    assert t.cut_off(way, PAUSES, 0.8, "mid") == 1
    assert t.delays(way, PAUSES) == pytest.approx([0.75] * 10)
    judging = t.bare_model(0.5, 0.7, 2.0)
    assert t.cut_off(judging, PAUSES, 0.8, "mid") == 0.25
    assert t.delays(judging, PAUSES) == pytest.approx([0.75] * 9 + [2.05])


def test_ways_are_compared_at_the_same_mean_delay_and_the_same_share_of_cut_offs() -> None:
    points = {name: list(t.points(settings, PAUSES)) for name, settings in t.ways().items()}
    at_600 = {name: t.fewest_cut(of, 0.6) for name, of in points.items()}
    assert at_600["silence alone"] == 0.75
    assert at_600["rules"] < at_600["silence alone"]
    assert at_600["rules and model"] < at_600["silence alone"]
    assert t.soonest(points["silence alone"], 0.1) == pytest.approx(1.68, abs=0.05)
    assert t.soonest(points["bare model"], 0.1) < 1.68


def test_the_table_has_the_product_as_it_is_set_and_every_way() -> None:
    lines = t.table(PAUSES).splitlines()
    assert [line[:15].strip() for line in lines] == [
        "", "rules", "rules and model", "", "silence alone", "bare model", "rules",
        "rules and model",
    ]  # fmt: skip
    whole = t.product_way(EndpointingPolicy(), model=True)(PAUSES[-2])
    assert whole == pytest.approx(0.54)


def test_what_cannot_be_reckoned_is_a_dash_and_without_a_model_there_are_no_figures_of_it() -> None:
    ends = [replace(p, probability=None, after_silence=None) for p in PAUSES if p.kind == "end"]
    lines = t.table(ends).splitlines()
    assert [line[:15].strip() for line in lines] == ["", "rules", "", "silence alone", "rules"]
    assert "nan" not in t.table(ends)
    assert " –" in lines[1]


READ = t.Pause("g", "end", 0.05, "It was a small shop there.", 0.1, 0.2, 0.72, sentence=0.8)
ASKED = t.Pause("h", "end", 0.05, "Two years.", 0.6, 0.7, 0.5, asked=Asked.SHORT)


def test_a_language_model_and_the_question_have_rows_of_their_own() -> None:
    lines = t.table([*PAUSES, READ, ASKED]).splitlines()
    assert [line[:15].strip() for line in lines[1:6]] == [
        "rules", "rules and model", "with sentences", "and question", "",
    ]  # fmt: skip
    assert lines[-1].startswith("with sentences")
    usual = EndpointingPolicy()
    heard, read = (t.product_way(usual, model=True, sentence=s)(READ) for s in (False, True))
    assert read < heard
    nothing, asked = (t.product_way(usual, model=True, question=q)(ASKED) for q in (False, True))
    assert asked < nothing


def test_a_language_model_reads_it_as_the_answer_to_the_question() -> None:
    read = replace(ASKED, text="Two people.", probability=0.05, sentence=0.02, sentence_asked=0.5)
    usual = EndpointingPolicy()
    ways = [t.product_way(usual, model=True, sentence=s, question=True) for s in (False, True)]
    without, with_it = (way(read) for way in ways)
    assert with_it < without
    assert ways[1](replace(read, sentence=0.9)) == with_it


def test_it_is_read_only_where_the_others_do_not_tell() -> None:
    way = t.product_way(EndpointingPolicy(), model=True, sentence=True)
    assert way(replace(PAUSES[-2], sentence=0.0)) == way(PAUSES[-2])
