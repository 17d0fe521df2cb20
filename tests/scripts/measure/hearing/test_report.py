from scripts.measure.hearing.report import HEAD, Row


def detail(*ended_ms, texts="a b c", seconds=4.0, answered=True):
    turns = texts.split(" ")[: len(ended_ms)]
    return {"ended_ms": list(ended_ms), "turns": turns, "seconds": seconds, "answered": answered}


def test_the_delay_is_that_of_the_last_turn_after_the_end_of_the_recording():
    heard = [detail(2_000, 4_500), detail(5_000), detail(9_000, answered=False), {"text": ""}]
    row = Row("whisper-base", "babble10", "path", details=heard)
    assert row.delays == [0.5, 1.0]
    assert row.line().endswith("0.75 / 0.95")
    assert len(row.line()) == len(HEAD)


def test_a_turn_without_words_after_it_is_no_answer_unless_none_has_any():
    heard = [detail(4_500, 9_000, texts="a "), detail(4_500, 6_000, texts=" ")]
    assert Row("whisper-base", "babble10", "path", details=heard).delays == [0.5, 2.0]


def test_where_no_turn_ended_there_is_no_delay():
    row = Row("whisper-base", "clean", "engine", details=[{"text": ""}, detail()])
    assert row.delays == []
    assert row.line().endswith("–")
