from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from models.llama.job import Writing


def test_a_character_in_several_tokens_comes_whole():
    writing = Writing()
    assert [writing.add(n, bytes([b])) for n, b in enumerate("é!".encode())] == ["", "é", "!"]
    assert writing.generated.ends == (0, 1, 2)


def test_white_space_in_front_is_not_spoken():
    writing = Writing()
    assert [writing.add(n, piece) for n, piece in enumerate((b"\n", b" Hello", b" you"))] == [
        "", "Hello", " you",
    ]  # fmt: skip
    assert writing.generated.text == "Hello you"


@given(st.text().map(str.strip), st.data())
def test_the_pieces_make_the_text_however_its_bytes_are_cut(text, data):
    encoded = text.encode()
    cuts = data.draw(st.lists(st.integers(0, len(encoded)), max_size=8).map(sorted))
    bounds = [0, *cuts, len(encoded)]
    writing = Writing()
    pieces = [writing.add(n, encoded[a:b]) for n, (a, b) in enumerate(pairwise(bounds))]
    assert "".join(pieces) == writing.text == text
    assert writing.generated.ends[-1] == len(text)
