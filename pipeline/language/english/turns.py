"""Words of turn-taking: backchannels, unfinished sentences, places to breathe."""

import re

from ..language import Backchannels

BACKCHANNELS = Backchannels(
    words=frozenset(
        "huh okay ok yeah yes yep yup ya right alright sure i see exactly indeed good great nice "
        "cool fine wow thanks you "  # "you" is also what Whisper makes of a breath
        "the a an sir".split()  # of a grunt, and more follows where it is said; and "yes, sir"
    ),
    phrases=re.compile(
        r"\b(?:all( right|$)|got( it|$)|of( course|$)|thank( you|$)|that's( right|$)"
        r"|makes( sense|$)|sounds( good|$)|fair( enough|$)|m h [mn]|i say$)\b"
        # "mm-hm", spelled, and the beginning of "I see"
    ),
    # Mm-hm, uh-huh, ah, oh, haha and their spellings; a word splitter cuts them at the hyphen.
    hums=re.compile(r"[ae]?m+h*[mn]*|h+[mn]*|u[hm]+|u+gh+|ah*a?h*|oh+|o+w+|eh+|h[aeu]h?"),
    breaths=re.compile(r"(?:thank )?you|thanks for watching"),
)
UNFINISHED = frozenset(
    """a an and as at because but by for from if in into like my of on or our so than that the their
    then they to um uh er erm was we were when where which while who with you i is are am it's
    i'm i've i'd we're we've they're he's she's there's he she his her its some any every these
    those whose whom whether although unless until since onto into upon within without through
    between under against during be been being nor just even very""".split()
)
LINKING = frozenset(
    "and or but so because that which who when while if with about for in on at to of from".split()
)
