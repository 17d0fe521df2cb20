"""Subjects of candidates' questions about a job, and signs of an answer to them."""

import re

from ..grammar import Want

SUBJECTS = tuple(
    frozenset(subject.split())
    for subject in (
        "pay paid pays salary wage wages earn earnings euros dollars pounds money compensation rate"
        " hourly",
        "hours shift shifts start starts begin begins end ends schedule clock morning"
        " finish opening open close",
        "holiday holidays vacation leave off free closed",
        "weekend weekends saturday saturdays sunday sundays monday mondays",
        "night nights overtime call calls",
        "remote remotely home hybrid office",
        "where place located location near address bus train station parking commute based town",
        "team colleagues people big large size members staff employees",
        "training train course courses learn development support further",
        "contract permanent temporary limited unlimited",
        "software tools technology technologies stack system systems languages python java"
        " sql excel",
        "clothing clothes shoes boots uniform equipment gear",
        "canteen food lunch meals breakfast restaurant eat kitchen",
        "manager boss supervisor report head leads",
        "store stores sell sells build builds produce products customers",
        "car van vehicle lorry",
        "laptop computer mac phone",
        "rise raise increase negotiable promotion",
    )
)
_NUMBER = (
    r"\d|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen"
    r"|fifteen|sixteen|eighteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundred"
    r"|thousand|half|several|no)\b"
)
_HOUR = (
    r"\b(?:at|from|until|till|to|by|between|after|before|past) (?:half past |quarter past )?"
    rf"(?:{_NUMBER}|noon|midnight)|\b(?:morning|afternoon|evening|o'clock|noon|midnight|early|late)s?\b"
    r"|\bweekdays?\b|\d[:.]\d"
    r"|\b[ap]\.?m\b|\b(?:january|february|march|april|may|june|july|august|september|october"
    r"|november|december|monday|immediately|as soon as)\b"
)
_MONTHS = (
    "January|February|March|April|May|June|July|August|September|October|November|December"
    "|(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)days?"
)
_NAME = rf"(?!I\b|{_MONTHS})[A-Z][a-z]+"
_LEAD = r"(?i)^\W*(?:and |so |but |well |okay |um |also |then )*"
_SIZE = r"(?:big|large|huge|small|tiny|little|long|short|high|low|many|few)"
_BODY = "(?:team|company|firm|department|group|crew|staff|business|office|site|ward|class|kitchen)"
_CLOSED = r"(?:am|are|is|was|were|do|does|did|have|has|can|could|will|would|may|might|should)\b"
WANTS = (
    Want(
        re.compile(
            rf"{_LEAD}{_CLOSED}(?:.*\b{_SIZE}(?:,? (?:or|and) {_SIZE})?(?: one)?\W*$"
            rf"|.*\b{_SIZE} {_BODY}\b)"
        ),
        re.compile(f"(?i){_NUMBER}"),
    ),
    Want(
        re.compile(_LEAD + r"(?:how (?:many|big|large|much)|what is the size)\b"),
        re.compile(f"(?i){_NUMBER}"),
    ),
    Want(
        re.compile(_LEAD + r"how often\b"),
        re.compile(
            rf"(?i){_NUMBER}|\b(?:once|twice|every|each|always|never|daily|weekly|monthly)\b"
        ),
    ),
    Want(
        re.compile(_LEAD + r"how long\b"),
        re.compile(r"(?i)\b(?:years?|months?|weeks?|days?|hours?|minutes?|limited|permanent)\b"),
    ),
    Want(re.compile(_LEAD + r"how old\b"), re.compile(r"(?i)\b(?:since|founded|old|years?)\b")),
    Want(re.compile(_LEAD + r"(?:when|(?:at )?what time)\b"), re.compile(f"(?i){_HOUR}")),
    Want(
        re.compile(_LEAD + r"where\b(?!.* from\b)"),
        re.compile(
            rf"\b(?:in|near|at|outside|beside|behind|opposite|of) (?:the )?{_NAME}"
            r"|\b(?:near|beside|opposite|behind|next to|outside|edge of|centre|street|station)\b"
        ),
        enough=True,
    ),
    Want(
        re.compile(_LEAD + r"who(?:m|se)?\b"),
        re.compile(
            rf"(?<=[a-z,] ){_NAME}|^[A-Z][a-z]+,|\b(?i:mentor|sister|brother|wife|husband"
            r"|daughter|son|cousin|somebody|someone|accompanied|report)\b"
        ),
    ),
    Want(re.compile(_LEAD + r"why\b"), re.compile(r"(?i)\b(?:because|since|as|so that|reason)\b")),
    Want(
        re.compile(r"(?i)\b(?:more|rise|raise|increase|negotia\w+|promot\w+)\b"),
        re.compile(r"(?i)\b(?:more|rises?|raise|increases?|negotia\w+|promot\w+|plus|after)\b"),
    ),
)
ASKED = frozenset(
    """possible available allowed need offer offered provide provided include included expect have
    regularly usually normally currently buy tell""".split()
)
"""Words of a question that need not be in its answer."""
CLOSED = re.compile(_LEAD + _CLOSED)
"""Beginnings of questions that "yes" or "no" answers."""
