"""Abbreviations whose dot does not end the sentence, in all languages that interviews are held in.

Lower case, without the last dot. Used where text is cut before its language's rules see it.
"""

from .english.words import ABBREVIATED, MONTHS, NUMBERED, WEEKDAYS

_OF_OTHER_LANGUAGES = frozenset(
    "nr bzw usw evtl ggf inkl hr fr str sra srta mme mlle ing lic".split()
)
ALWAYS = frozenset(ABBREVIATED) | _OF_OTHER_LANGUAGES
BEFORE_A_NUMBER = frozenset(NUMBERED) | frozenset(map(str.casefold, {*MONTHS, *WEEKDAYS}))
"""Abbreviations only before a number ("No. 5", "Jan. 3"); elsewhere they are words, or end a
sentence."""
MONTH_NAMES = frozenset(map(str.casefold, {*MONTHS, *MONTHS.values()}))
PERIODS = MONTH_NAMES | frozenset(map(str.casefold, {*WEEKDAYS, *WEEKDAYS.values()}))
"""Names of months and weekdays, between which a dash means "to"."""
