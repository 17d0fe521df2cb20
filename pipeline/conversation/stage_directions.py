"""Tell stage directions, such as "(pauses)" or "*nods and smiles*", from words to be said. Pure."""

import re

from ..language.language import Directions

LONGEST = 60
"""Characters after which text cannot be a stage direction any more."""


def is_direction(inner: str, known: Directions, name: str = "") -> bool:
    """Return True if the text from brackets or asterisks says what somebody does, rather than what
    they say. `name` is the interviewer's."""
    words = _words(inner)
    text = " ".join(words)
    if not words or len(words) > 9 or any(c.isdigit() for c in inner):
        return False
    if known.voice.fullmatch(text):
        return True
    acting = _acting(words, known, name)
    if not acting:
        return False
    if acting[0] in known.strict:
        return known.does.match(" ".join(acting)) is not None
    return acting[0] in known.verbs or (acting[0] in known.nouns and len(acting) == 1)


def may_be_direction(begun: str, known: Directions, name: str = "") -> bool:
    """Return True if text that begins like this can still become a stage direction."""
    if len(begun) > LONGEST or "\n" in begun:
        return False
    words = _words(begun)
    complete = words if begun[-1:].isspace() else words[:-1]
    acting = _acting(complete, known, name)
    acts = not acting or acting[0] in known.verbs | known.nouns
    return acts or not known.voiced.isdisjoint(complete[:1])


def _acting(words: list[str], known: Directions, name: str) -> list[str]:
    """Return the words without those in front that say who does it and how."""
    names = _words(name)
    skipped = 0
    for word in words:
        if word not in known.before and word not in names and not word.endswith(known.adverbs):
            break
        skipped += 1
    return words[skipped:]


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+(?:['’-][^\W_]+)*", text.casefold())
