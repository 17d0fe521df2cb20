"""The languages that have words here, by their codes."""

from dataclasses import replace
from functools import lru_cache

from .dutch import DUTCH
from .english import ENGLISH
from .french import FRENCH
from .german import GERMAN
from .italian import ITALIAN
from .language import Language, Manners, Topics, bare
from .portuguese import PORTUGUESE
from .spanish import SPANISH

LANGUAGES = {
    language.code: language
    for language in (ENGLISH, GERMAN, SPANISH, FRENCH, ITALIAN, DUTCH, PORTUGUESE)
}
_NAMES = {
    "ar": "Arabic",
    "cs": "Czech",
    "da": "Danish",
    "el": "Greek",
    "fi": "Finnish",
    "hi": "Hindi",
    "hu": "Hungarian",
    "ja": "Japanese",
    "ko": "Korean",
    "no": "Norwegian",
    "pl": "Polish",
    "ro": "Romanian",
    "ru": "Russian",
    "sv": "Swedish",
    "tr": "Turkish",
    "uk": "Ukrainian",
    "vi": "Vietnamese",
    "zh": "Chinese",
}
"""Names of further languages that a language model can be asked to speak."""


@lru_cache(maxsize=128)
def language_of(code: str) -> Language:
    """Return the words of the language with this ISO 639-1 code. A language without its own gets
    the English ones, but of the sentences only those that cannot be left out."""
    return LANGUAGES.get(code) or replace(
        ENGLISH,
        code=code,
        name=_NAMES.get(code, ""),
        topics=Topics(),
        manners=Manners(),
        sentences=bare(greeting="", farewell="Thank you. Goodbye.", sorry=ENGLISH.sentences.sorry),
    )
