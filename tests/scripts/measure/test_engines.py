"""The table of our engines beside the libraries alone."""

from scripts.measure.engines import compare, line


def test_a_ratio_above_one_means_that_ours_is_the_faster_whatever_is_measured():
    assert line("writes", [100], [120], "more").endswith("| 120 | 100 | 1.20 |")
    assert line("a clause", [100], [80], "less").endswith("| 80 | 100 | 1.25 |")


async def test_both_take_turns_and_the_first_round_does_not_count():
    asked = []

    def alone():
        asked.append("alone")
        return 1000.0 if len(asked) < 3 else 50.0

    async def ours():
        asked.append("ours")
        return 1000.0 if len(asked) < 3 else 100.0

    (row,) = await compare([("writes", alone, ours)], 2, faster_is="more")
    assert asked == ["ours", "alone", "alone", "ours", "ours", "alone"]
    assert row == "| writes | 100 | 50 | 2.00 |"
