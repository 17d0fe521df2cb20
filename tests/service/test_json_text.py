import pytest

from service.json_text import lenient, repair


@pytest.mark.parametrize(
    ("stored", "read"),
    [
        ("[1, 2.5]", [1, 2.5]),
        ("\ufeff{}", {}),
        ('{"a": 1e400}', {"a": "1E+400"}),
        ('{"a": 1e99999999999999999999}', '{"a": 1e99999999999999999999}'),
        (f"[{2**70}, NaN, -Infinity]", [str(2**70), "NaN", "-Infinity"]),
        (r'["\ud83d", "\ud83d\ude00"]', ["\ufffd", "\U0001f600"]),
        ("not JSON", "not JSON"),
        ("", ""),
        ("[" * 100_000, "[" * 100_000),
    ],
)
def test_whatever_is_stored_can_be_read(stored: str, read: object) -> None:
    assert lenient(stored) == read


def test_only_halves_of_characters_change() -> None:
    text = rb'"\\ud83d \ud83d\ude00 \u00e9 \ud83dx"'
    assert repair(text) == rb'"\\ud83d \ud83d\ude00 \u00e9 \ufffdx"'
