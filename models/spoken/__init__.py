"""Written text as people say it: a folder or a file for each language. Pure, and for the voice
alone: the record, the captions and the transcript keep what was written.

To add a language, write a module with a function like `english.say`, and name it in `sayer`.
"""

from typing import Protocol


class Say(Protocol):
    """Writes numbers, dates, symbols and abbreviations out. The words of a text that has none of
    these stay as they are; what is written out is not changed by a second call."""

    def __call__(self, text: str, /) -> str: ...


def sayer(language: str) -> Say:
    """For a code such as `en` or `en-us`. Nothing is written out in a language without a module:
    the voice's phonemizer then reads the text as it is."""
    if language.replace("_", "-").partition("-")[0].casefold() == "en":
        from .english.writing import say  # with its numerals, which only a voice needs

        return say
    return _as_written


def _as_written(text: str, /) -> str:
    return text
