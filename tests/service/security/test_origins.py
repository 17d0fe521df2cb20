import pytest

from service.security.origins import allowed


@pytest.mark.parametrize(
    ("origin", "listed", "answer"),
    [
        ("https://a.example", ("https://a.example",), True),
        ("https://A.example", ("https://a.example",), True),
        ("http://a.example", ("https://a.example",), False),
        ("https://a.example.evil", ("https://a.example",), False),
        ("https://evil.example", ("*",), True),
        ("http://here:8008", (), True),
        ("http://here", (), False),
        ("null", ("https://a.example",), False),
        ("", (), False),
        ("http://[", ("https://a.example",), False),
    ],
)
def test_listed_origins_and_the_services_own_may_call(
    origin: str, listed: tuple[str, ...], answer: bool
) -> None:
    assert allowed(origin, "here:8008", listed) is answer


def test_a_page_without_an_origin_is_not_the_services_own() -> None:
    assert not allowed("null", "", ())
