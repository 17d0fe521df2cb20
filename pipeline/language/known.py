"""The languages that have words here, by their codes."""

from dataclasses import replace
from functools import lru_cache

from .dutch import DUTCH
from .english import ENGLISH
from .french import FRENCH
from .german import GERMAN
from .italian import ITALIAN
from .language import Language, Manners, Sentences, Topics, bare
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


NAMED = frozenset((*LANGUAGES, *_NAMES))
"""Codes of all these languages."""


def name_of(code: str) -> str:
    """Return the English name of the language with this code, or else the code."""
    return "English" if code == ENGLISH.code else language_of(code).name or code


@lru_cache(maxsize=128)
def heard_as(own: str, spoken: str) -> Language:
    """Return the words of an interview that is held in one language and answered in the other:
    what is said stays, and what is listened for is the other's. Nothing of an answer is taken up in
    a sentence."""
    said = language_of(own)
    if spoken in ("", own):
        return said
    heard = language_of(spoken)
    return replace(
        said,
        backchannels=heard.backchannels,
        unfinished=heard.unfinished,
        intents=heard.intents,
        answers=heard.answers,
        questions=replace(
            said.questions,
            asks=heard.questions.asks,
            question=heard.questions.question,
            tag=heard.questions.tag,
        ),
        topics=Topics(),
    )


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
        sentences=bare(
            "Thank you. Goodbye.",
            Sentences(
                how_far=ENGLISH.sentences.how_far,
                sorry=ENGLISH.sentences.sorry,
                unrecorded=ENGLISH.sentences.unrecorded,
                who_decides=ENGLISH.sentences.who_decides,
                go_back=ENGLISH.sentences.go_back,
                must_answer=ENGLISH.sentences.must_answer,
                how_to_stop=ENGLISH.sentences.how_to_stop,
                type_instead=ENGLISH.sentences.type_instead,
            ),
        ),
    )
