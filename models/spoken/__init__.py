"""Write text out as people say it, with a folder or a file for each language. Pure, and for the
voice alone: the record, the captions and the transcript keep the written form.

To add a language, write a module with a function like `english.say`, and name it in `sayer`.
"""

from typing import Protocol


class Say(Protocol):
    """A function that writes out numbers, dates, symbols and abbreviations. Text that has none of
    these stays as it is, and a second call changes nothing."""

    def __call__(self, text: str, /) -> str: ...


def sayer(language: str) -> Say:
    """Return the function for a language code such as `en` or `en-us`. For a language without a
    module it writes nothing out: the voice's phonemizer then reads the text as it is."""
    if language.replace("_", "-").partition("-")[0].casefold() == "en":
        from .english.writing import say  # with its numerals, which only a voice needs

        return say
    return _as_written


def _as_written(text: str, /) -> str:
    return text
