"""The parts that patterns of phrases are made of.

The patterns are for words in lower case without marks, and for short lines only: that bounds the
cost of their backtracking.
"""

import re


def one_of(*alternatives: str) -> str:
    return f"(?:{'|'.join(alternatives)})"


def opt(*alternatives: str) -> str:
    """Return a pattern for one of the alternatives with the space before it, or for nothing."""
    return f"(?: {one_of(*alternatives)})?"


def some(*alternatives: str) -> str:
    """Return a pattern for any number of the alternatives, each with the space before it."""
    return f"(?: {one_of(*alternatives)})*"


_HUMS = ("um", "uh", "so", "okay", "ok", "and", "but")
_PLEAS = ("sorry", "excuse me", "please", "thank you", "thanks")
_OPENINGS = (
    *("er", "erm", "hm", "hmm", "oh", "well", "yes", "yeah", "no", "actually", "honestly"),
    *("i'm sorry", "i am sorry", "i think", "hi", "hello", "by the way", "quick question"),
    *("before that", "before we (?:start|begin|go on|continue)", "before i (?:answer|start)"),
    *("just out of curiosity", "one (?:more )?question"),
    *("damn", "shit", "fuck", "god", "oh my god"),
)
_ENDINGS = (
    *("now", "here", "then", "very much", "so much", "again", "for me", "if possible"),
    *("if that's okay", "if that is okay", "if i may", "at this point", "today", "for today"),
    *("right now", "alex"),
)
LEAD = f"(?:{one_of(*_HUMS, *_PLEAS, *_OPENINGS)} )*"
_BETWEEN = some(*_HUMS, *_PLEAS)
TAIL = some("please", "sorry", "thanks", "thank you", *_ENDINGS)


def only(*phrases: str) -> re.Pattern[str]:
    """Return a pattern for a line that consists only of such phrases and of courtesies."""
    core = one_of(*phrases)
    return re.compile(f"^{LEAD}{core}(?:{_BETWEEN} {core})*{TAIL}$")


WANT = one_of(
    *("i'd like to", "i would like to", "i want to", "i need to", "i have to", "i've got to"),
    *("i must", "i'll have to", "i will have to", "can we", "could we", "can i", "could i"),
    *("may i", "may we", "let's", "let us", "we can", "we should", "shall we"),
    *("i'd prefer to", "i would prefer to"),
) + opt("please", "just")
TALK = r"(?:the|this|our) (?:interview|conversation|call|session|meeting)"
