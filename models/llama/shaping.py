"""The grammar of short texts that are to be said. Pure.

A piece of text is looked at when a model wants to write it, since asking a grammar of llama.cpp
about a whole vocabulary of 150,000 tokens takes longer than the model takes for a token.
"""

import re

from ..contracts import Shape

_FORBIDDEN = r"\x00-\x1f\x7f\"“”„«»*_`<>{}\[\]()|\\~^=@:;…"
"""Characters that are not said: line breaks, quotes, markup, and the marks of lists and labels."""
_ENDS = ".!。！।"
_MARKS = "?？؟"
_BODY = rf"(?:[^{_FORBIDDEN}{_ENDS}{_MARKS}]|(?<=\d)\.(?=\d|\Z))"
"""A character within a sentence; a point only in a number."""
_SENTENCE = rf"{_BODY}+[{_ENDS}]"
_CLEAN = rf"(?=\w|[¿¡]|\Z)(?!.*  )(?!.*[ ,][{_ENDS}{_MARKS},])"
"""Conditions on the whole: it begins with a word, and marks follow words."""


class ShapedText:
    """A text that grows by pieces and keeps to a shape."""

    def __init__(self, shape: Shape) -> None:
        last = _MARKS if shape.question else _ENDS
        before = shape.sentences - 1
        self._growing = re.compile(
            rf"{_CLEAN}(?:{_SENTENCE}(?: |\Z)){{0,{before}}}{_BODY}*[{last}]?"
        )
        self._full = re.compile(rf"(?:{_SENTENCE} ){{{before}}}{_BODY}+[{last}]")
        self._last = last
        self.text = ""

    def allows(self, piece: str) -> bool:
        """Return True if the text may go on with this piece."""
        return bool(self._growing.fullmatch((self.text + piece).lstrip()))

    def add(self, piece: str) -> None:
        self.text = (self.text + piece).lstrip()

    @property
    def may_end(self) -> bool:
        """Return True if the text is complete as it is."""
        return len(self.text) > 1 and self.text[-1] in self._last

    @property
    def is_full(self) -> bool:
        """Return True if the text is complete and cannot go on."""
        marked = self._last == _MARKS and self.may_end
        return marked or bool(self._full.fullmatch(self.text))

    @property
    def ending(self) -> str:
        """Return the mark that completes the text."""
        return self._last[0]
