"""Abbreviations whose dot does not end the sentence, of all languages that interviews are held in.

Lower case, without the last dot. Used where text is cut before its language's rules see it.
"""

from .english.words import ABBREVIATED, MONTHS, NUMBERED, WEEKDAYS

_OF_OTHER_LANGUAGES = frozenset(
    "nr bzw usw evtl ggf inkl hr fr str sra srta mme mlle ing lic".split()
)
ALWAYS = frozenset(ABBREVIATED) | _OF_OTHER_LANGUAGES
BEFORE_A_NUMBER = frozenset(NUMBERED) | frozenset(map(str.casefold, {*MONTHS, *WEEKDAYS}))
"""Words of their own, too, or ends of sentences: "No. 5", "Jan. 3"."""
MONTH_NAMES = frozenset(map(str.casefold, {*MONTHS, *MONTHS.values()}))
PERIODS = MONTH_NAMES | frozenset(map(str.casefold, {*WEEKDAYS, *WEEKDAYS.values()}))
"""Between two of these a dash means "to"."""
