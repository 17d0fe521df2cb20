"""Abbreviated English words and their full forms. Data."""

MONTHS = {
    name[:3]: name
    for name in "January February March April May June July August September October November "
    "December".split()
} | {"Sept": "September"}
MONTH_NUMBERS = tuple(dict.fromkeys(MONTHS.values()))
WEEKDAYS = {
    name[:3]: name for name in "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
} | {"Tues": "Tuesday", "Weds": "Wednesday", "Thur": "Thursday", "Thurs": "Thursday"}

TITLES = {
    "dr": "doctor",
    "mr": "mister",
    "mrs": "missus",
    "ms": "ms",
    "messrs": "messieurs",
    "prof": "professor",
    "gen": "general",
    "col": "colonel",
    "capt": "captain",
    "lt": "lieutenant",
    "sgt": "sergeant",
    "gov": "governor",
    "sen": "senator",
    "rev": "reverend",
    "hon": "honorable",
    "mt": "mount",
    "ft": "fort",
}
"""Titles, which are said in full before a name."""
WITHIN = {
    "e.g": "for example",
    "i.e": "that is",
    "eg": "for example",
    "ie": "that is",
    "vs": "versus",
    "approx": "approximately",
    "cf": "compare",
    "viz": "namely",
    "ca": "circa",
    "incl": "including",
    "excl": "excluding",
    "esp": "especially",
    "resp": "respectively",
    "w.r.t": "with respect to",
    "a.k.a": "also known as",
    "dept": "department",
    "mgmt": "management",
    "govt": "government",
    "assoc": "associate",
    "asst": "assistant",
    "univ": "university",
    "mgr": "manager",
    "avg": "average",
    "attn": "attention",
}
"""Abbreviations that are followed by something in the sentence, so that their dot never ends it."""
MAYBE_LAST = {
    "etc": "et cetera",
    "al": "al",
    "inc": "incorporated",
    "ltd": "limited",
    "co": "company",
    "corp": "corporation",
    "bros": "brothers",
    "jr": "junior",
    "sr": "senior",
    "esq": "esquire",
    "st": "street",
    "ave": "avenue",
    "blvd": "boulevard",
    "rd": "road",
    "ph.d": "PhD",
    "m.sc": "MSc",
    "b.sc": "BSc",
    "m.eng": "M Eng",
    "b.eng": "B Eng",
    "yrs": "years",
    "hrs": "hours",
    "mins": "minutes",
    "secs": "seconds",
}
"""Abbreviations whose dot may also end the sentence; what comes next decides."""
ABBREVIATED = TITLES | WITHIN | MAYBE_LAST
WITHOUT_A_DOT = frozenset(
    "dr mr mrs prof vs approx incl excl dept mgmt govt mgr avg etc inc ltd corp jr sr yrs hrs mins "
    "secs blvd".split()
)
"""Abbreviations that are recognized without a dot, because they are not words of their own."""
NUMBERED = {
    "no": "number",
    "nos": "numbers",
    "p": "page",
    "pp": "pages",
    "fig": "figure",
    "figs": "figures",
    "sec": "section",
    "art": "article",
    "ch": "chapter",
    "vol": "volume",
    "ext": "extension",
    "ver": "version",
    "rm": "room",
    "apt": "apartment",
    "tel": "telephone",
    "eq": "equation",
    "min": "minimum",
    "max": "maximum",
}
"""Words that are abbreviations only before a number."""

OPENERS = frozenset(
    "A After All An And Are As At Before But Can Could Did Do Does For From Have Having He Her "
    "Here His How I If In Is It Its Let Many May Maybe My No Now Of Oh Okay On Once One Or Our "
    "Perhaps Please She So Some Tell Thank Thanks That The Their Then There These They This Those "
    "To Today Was We Well Were What When Where Which While Who Whose Why Will With Would Yes You "
    "Your".split()
)
"""Words that begin a sentence when they have a capital letter, rather than name somebody."""

NAMES = {
    "C#": "C sharp",
    "F#": "F sharp",
    "J#": "J sharp",
    "C++": "C plus plus",
    "g++": "G plus plus",
    "G++": "G plus plus",
    "Notepad++": "Notepad plus plus",
    "A*": "A star",
    "k8s": "kubernetes",
    "K8s": "kubernetes",
    "i18n": "internationalization",
    "l10n": "localization",
    "a11y": "accessibility",
    "o11y": "observability",
    "B2B": "B to B",
    "B2C": "B to C",
    "P2P": "P to P",
    "24/7": "twenty-four seven",
    "24/7/365": "twenty-four seven three sixty-five",
    "9/11": "nine eleven",
    "50/50": "fifty fifty",
    "50-50": "fifty fifty",
    "80/20": "eighty twenty",
    "20/20": "twenty twenty",
    "w/o": "without",
    "W/o": "without",
    "w/": "with",
    "b/c": "because",
    "n/a": "not applicable",
    "N/A": "not applicable",
    "s/he": "she or he",
    "c/o": "care of",
    "OS/2": "OS two",
    "1:1": "one on one",
    "1:1s": "one on ones",
    "4K": "four K",
    "8K": "eight K",
    "C/C++": "C, C plus plus",
    "MP3": "MP three",
}
"""Names written with symbols that are silent, or are said differently elsewhere."""
EITHER = frozenset(
    "he/she she/he him/her her/him his/her her/his his/hers yes/no true/false on/off pass/fail "
    "male/female m/f day/night him/herself himself/herself win/lose either/or".split()
)
"""Pairs in which the slash is said as "or"; in others the words are said one after the other."""

SYMBOLS = {
    "&": "and",
    "@": "at",
    "+": "plus",
    "=": "equals",
    "<": "less than",
    ">": "greater than",
    "≤": "at most",
    "≥": "at least",
    "≠": "is not",
    "≈": "about",
    "±": "plus or minus",
    "×": "times",
    "÷": "divided by",
    "−": "minus",
    "√": "square root of",
    "∞": "infinity",
    "%": "percent",
    "‰": "per mille",
    "°": "degrees",
    "§": "section",
    "¶": "paragraph",
    "©": "copyright",
    "→": "to",
    "←": "from",
    "↔": "to and from",
    "⇒": "so",
    "µ": "micro",
    "^": "to the power of",
    "$": "dollar",
    "~": "tilde",
    "#": "hash",
}
"""Words for symbols that no rule has handled; all other symbols are silent."""
