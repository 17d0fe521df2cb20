"""Phrases by which candidates ask for something, and patterns of questions and answers.

The patterns are for words in lower case without marks, and for short lines only: that bounds the
cost of their backtracking.
"""

import re

from ..language import Answers, Intents, Questions


def _any(*alternatives: str) -> str:
    return f"(?:{'|'.join(alternatives)})"


def _opt(*alternatives: str) -> str:
    """Return a pattern for one of the alternatives with the space before it, or for nothing."""
    return f"(?: {_any(*alternatives)})?"


def _some(*alternatives: str) -> str:
    """Return a pattern for any number of the alternatives, each with the space before it."""
    return f"(?: {_any(*alternatives)})*"


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
_LEAD = f"(?:{_any(*_HUMS, *_PLEAS, *_OPENINGS)} )*"
_BETWEEN = _some(*_HUMS, *_PLEAS)
_TAIL = _some("please", "sorry", "thanks", "thank you", *_ENDINGS)


def _only(*phrases: str) -> re.Pattern[str]:
    """Return a pattern for a line that consists only of such phrases and of courtesies."""
    core = _any(*phrases)
    return re.compile(f"^{_LEAD}{core}(?:{_BETWEEN} {core})*{_TAIL}$")


_WANT = _any(
    *("i'd like to", "i would like to", "i want to", "i need to", "i have to", "i've got to"),
    *("i must", "i'll have to", "i will have to", "can we", "could we", "can i", "could i"),
    *("may i", "may we", "let's", "let us", "we can", "we should", "shall we"),
    *("i'd prefer to", "i would prefer to"),
) + _opt("please", "just")
_TALK = r"(?:the|this|our) (?:interview|conversation|call|session|meeting)"
_END = _any(
    *("stop", "end", "finish", "quit", "leave", "terminate", "abort", "cancel", "close"),
    "break off",
)
_STOP = (
    _only(
        f"{_WANT} (?:stop|end){_opt('it')}{_opt(_TALK)}",
        f"{_WANT} {_END}{_opt('it')} {_any(_TALK, 'here', 'now')}",
        f"{_END} {_TALK}",
        "i (?:have|need) to (?:go|leave)",
        "(?:good)?bye(?: bye)?",
        f"i (?:don't|do not) (?:want|wish) to (?:continue|go on){_opt(f'with {_TALK}')}"
        "(?: any ?more)?",
    ),
    re.compile(
        r"\b(?:i'd like|i would like|i want|i need|i have) to (?:please )?"
        f"{_END} {_TALK}{_TAIL}$|\\b(?:can|could) we (?:please )?{_END} {_TALK}{_TAIL}$"
    ),
)

_QUESTION = "(?:the|your|that|this|the last|the previous) question"
_IT = _any("that", "it", "this", _QUESTION, "what you said")
_WOULD_YOU = "(?:(?:can|could|would|will) you |would you mind )"
_AGAIN = _some("again", "once more", "one more time", "once again", "please", "for me")
_MISSED = "(?:didn't|did not|couldn't|could not|can't|cannot)(?: quite| really)?"
_REPEAT = (
    _only(
        f"{_WOULD_YOU}?(?:please )?(?:repeat|repeating|rephrase|say|ask){_opt('me')} {_IT}{_AGAIN}",
        f"{_WOULD_YOU}(?:please )?repeat{_AGAIN}",
        *("pardon(?: me)?", "(?:i )?beg your pardon", "come again", "what"),
        f"what (?:was|is|were) {_IT}{_AGAIN}",
        f"what did you (?:say|ask){_AGAIN}",
        f"i {_MISSED} (?:hear|catch|get|understand){_opt('you', _IT)}"
        "(?: very| so| too)?(?: well| properly| clearly)?",
        *("once more", "one more time", f"i missed {_IT}"),
        f"what do you mean{_opt('by (?:that|it|this)')}",
        "what (?:exactly )?(?:would you like|do you want)(?: me)?"
        " to (?:know|hear|say)(?: exactly)?",
        "what (?:exactly )?(?:should|shall) i (?:say|tell you|talk about)",
        f"{_WOULD_YOU}(?:please )?(?:clarify|explain|repeating){_opt('me', _IT)}{_AGAIN}",
        "i (?:don't|do not) (?:quite |really )?(?:understand|get)"
        f"{_opt('you', 'what you mean', _IT)}",
        f"{_WOULD_YOU}?(?:please )?(?:speak|talk) (?:up|(?:a (?:little|bit) |more )?"
        "(?:louder|slower|slowly|clearly))",
        "(?:you are|you're) (?:breaking up|(?:very |too )(?:quiet|fast))",
    ),
    re.compile("^(?:um |uh |oh )?(?:i'm |i am )?(?:sorry|excuse me)(?: sorry)?$"),
    re.compile(
        rf"\b{_WOULD_YOU}(?:please )?(?:repeat|say|ask){_opt('me')} {_QUESTION}{_AGAIN}{_TAIL}$"
    ),
)

_SOUND_CHECK = (
    _only(
        *("hello", "hi", "hi there", "hey", "good (?:morning|afternoon|evening)"),
        "(?:can|do) you hear me(?: okay| well)?",
        *("are you (?:still )?there", "is (?:this|it|anyone) (?:working|there|on)"),
        "i can hear you(?: well| fine)?",
        *("is (?:anybody|somebody|someone) there", "can anybody hear me"),
    ),
)

_GREETS = (
    _only(
        *("nice to meet you(?: too)?", "let's (?:start|begin|go|get started)"),
        "(?:i'm|i am) ready(?: (?:to (?:start|begin)|when you are))?",
        r"(?:hi|hello|hey)(?: there)?(?: alex)? (?:i'm|i am|my name is|this is) \w+(?: \w+)?",
    ),
)

_KIND = _opt("really", "actually", "just") + _opt(
    "an? real", "real", "an? live", "an? actual", "an?"
)
_WHO = _any(
    *("person", "human(?: being)?", "man", "woman", "robot", "bot", "chat ?bot", "machine"),
    *("computer", "ai", "a i", "program", "recording", "automated", "real", "alive"),
) + _opt("interviewer", "system", "voice", "person", "program")
_WHO_ASKS = (
    _only(
        f"(?:are you|is (?:this|that|it)){_KIND} {_WHO}(?: or{_KIND} {_WHO})?",
        f"am i{_KIND} (?:talking|speaking) (?:to|with){_KIND} {_WHO}(?: or{_KIND} {_WHO})?",
        f"(?:you're|you are){_KIND} {_WHO}(?: right)?",
        *("(?:who|what) are you", "what(?:'s| is) your name"),
        f"(?:(?:can|could|would) you )?(?:please )?introduce yourself{_opt('first')}",
        "who am i (?:talking|speaking) (?:to|with)",
    ),
)

_ALL_THIS = _any(
    *("this", "it", "that", "me", "us", "my (?:voice|answers?|words)", "what (?:i|we) say"),
    "(?:the|this|our) (?:interview|conversation|call|session|sound|audio|meeting|talk)",
)
_NOW = _opt("being", "getting", "going to be", "also")
_WHETHER_RECORDED = (
    _only(
        f"(?:is|are|am|will){_opt(_ALL_THIS, 'i', 'we')}(?: be)?{_NOW} (?:recorded|taped)",
        f"(?:are|is) (?:you|somebody|someone|anybody|anyone) (?:recording|taping){_opt(_ALL_THIS)}",
        f"(?:do|will|did) you (?:record|tape|keep|save|store) {_ALL_THIS}",
        f"(?:do|will|did) you (?:make|keep|take) an? (?:audio )?recording{_opt(f'of {_ALL_THIS}')}",
        f"is (?:this|it|that|{_ALL_THIS}) recording",
    ),
)

_MOMENT = "(?:a|one|another)(?: few)? (?:seconds?|moments?|minutes?|sec|bit)"
_MAY_I = "(?:can|could|may) i(?: just| please| also| quickly)?"
_MORE = (
    "(?:(?:an?|one)(?: more| other| quick)? (?:question|thing)|something(?: else| more)?"
    "|my (?:last )?answer|that)"
)
_GIVE_ME = "(?:give me|i need|can i have|could i have|may i have)"
_WAIT = (
    _only(
        f"(?:just )?{_GIVE_ME}(?: just)? {_any(_MOMENT, 'some time')}(?: to think)?",
        f"let me think(?: about (?:that|it|this))?(?: for)?{_opt(_MOMENT)}",
        f"(?:just )?{_MOMENT}",
        f"(?:hold on|hang on|wait){_opt(_MOMENT)}",
        f"{_MAY_I} {_any('ask', 'add', 'say', 'change', 'correct', 'rephrase')} (?:you )?{_MORE}",
        f"{_MAY_I} (?:start over|start again|try(?: that| it)? again|go back|rephrase that)",
        f"(?:i have|i've got) {_MORE}",
        "(?:there's|there is|i have|i've got)? ?(?:somebody|someone)(?: is|'s)? at (?:the|my) door",
        "my phone(?: is|'s) ringing",
        "(?:i'm|i am)(?: just| still)? thinking",
        "(?:that's|that is|it's) an? (?:really |very )?"
        "(?:good|tough|hard|difficult|interesting) (?:question|one)",
        "good question",
    ),
)

_ONE = _opt(_IT, "this one", "that one")
_NEXT = "(?:the )?next (?:question|one)"
_SKIP = (
    _only(
        f"(?:{_WANT} )?skip{_ONE}",
        f"(?:{_WANT} )?(?:move on|go on|go|continue) (?:to|with) {_NEXT}",
        f"{_WANT} (?:move on|pass)",
        *("(?:the )?next(?: question)?", "pass", "no comment"),
        "(?:i'd|i would) (?:rather not|prefer not to)"
        f"(?: (?:answer|say|discuss|talk about){_opt(_IT)})?",
        "i (?:don't|do not|won't|will not) (?:(?:want|wish|like|have) to )?"
        f"(?:answer|discuss) {_IT}",
        f"(?:i'm|i am|i do|i)? ?(?:not|don't) (?:feel )?comfortable"
        f"(?: (?:answering|discussing|with|talking about){_opt(_IT)})?",
        *("(?:that's|that is) (?:private|personal)", "(?:that's|that is) none of your business"),
    ),
)

_ABOUT = _some("that", "it", "about that", "about it", "about this", "this", "the answer", "yet")
_HOW_FAR = (
    _only(
        "how (?:many|much) (?:more )?(?:questions?|time|minutes)"
        f"{_opt('more')}{_opt('are', 'is', 'do', 'will')}"
        f"{_opt('there', 'left', 'we', 'i', 'you', 'it')}{_opt('be', 'have', 'ask', 'take')}"
        f"{_opt('left', 'to go', 'me')}",
        "how (?:much )?long(?:er)? (?:will|does|is|do)"
        f" {_any('this', 'it', 'the interview', 'we')}{_opt('take', 'last', 'have', 'be', 'going')}"
        f"{_opt('left', 'to (?:be|take|last)')}",
        "how many questions (?:are|will) (?:you|there)(?: (?:be|ask|going to ask))?(?: me)?",
    ),
)

_THAT_IS = "(?:that's|that is|that was|and that's)"
_UNKNOWN = (
    _only(
        f"i (?:really |honestly )?(?:don't|do not) (?:really )?know{_ABOUT}",
        "(?:i have |i've )?no idea",
        "(?:i'm |i am )?not (?:really |quite )?sure(?: about (?:that|it|this))?",
        "(?:i have|i've|i) never (?:done|used|had|heard of) (?:that|it|this)(?: before)?",
        "i (?:can't|cannot|can not|don't|do not|didn't) (?:really )?(?:think of|remember|recall)"
        "(?: any| anything| one| that| it| the details| exactly| any ?more| much)*",
        "i (?:have no|don't have any|do not have any) (?:experience|example|idea)"
        "(?: (?:with|in|of|for) (?:that|it|this))?",
        "nothing comes to mind",
        f"{_THAT_IS} (?:all|it|everything)"
        f"{_opt('from me', 'for me', 'i have', 'i can say', 'really')}",
        f"(?:i have |i've |there's |there is )?nothing{_opt('else', 'more', 'further')}"
        f"{_opt('to (?:add|say)', 'really')}",
        *("(?:i'm|i am) (?:done|finished)", "no more", "none", "never", "not (?:really|at all)"),
    ),
)

_ASK_WORD = "(?:what|when|where|who|how|which|why)"
_ASKS = re.compile(
    _LEAD
    + _any(
        *("(?:can|could|may) i ask", "i have a question", "i'd like to know", "how did i do"),
        f"{_ASK_WORD} (?:is|are|was|do|does|did|will|would|can) (?:the|you|your|there|this|that)",
        "how (?:big|large|many|much|long|soon) (?:is|are|would|does|do)",
        *("(?:is|are) (?:there|the|this|you)", "(?:do|does) (?:you|the|your)(?! know)"),
        "(?:can|could|will|would) (?:you|i)",
    )
    + r"\b"
)
_AUXILIARY = (
    "(?:am|are|is|was|were|do|does|did|have|has|had|can|could|will|would|may|might|should|shall)"
)
_IS_QUESTION = re.compile(
    f"{_LEAD}(?:(?:in|at|for|to|with|by|from|on) )?"
    rf"(?:{_ASK_WORD}|whose|whom|{_AUXILIARY}|i have a question|anything)\b"
    rf"(?! (?:did|was|were|had) (?:i|we)\b)"
)
_CLOSED = re.compile(
    f"{_LEAD}{_AUXILIARY} "
    r"(?:you|your|there|it|we|they|the|this|that)\b"
)
_INVITES = re.compile(
    f"{_LEAD}(?:can|could|will|would) you (?:please )?"
    + _any(
        *("tell", "describe", "explain", "give", "walk", "talk", "share", "name", "say"),
        *("elaborate", "show", "introduce", "list", "outline", "summari[sz]e"),
    )
    + r"\b"
)

_HESITATIONS = frozenset("um uh er erm hm hmm mm like well so okay ok".split())
_YES_OR_NO = frozenset("yes yeah yep yup no nope not sure".split())
_FILLERS = (
    _HESITATIONS
    | _YES_OR_NO
    | frozenset(
        "mhm right alright fine good great thanks thank you maybe perhaps really i see of course "
        "got it the a and but oh ah aha cool nice exactly correct true definitely "
        "absolutely".split()
    )
)

_TAG = re.compile(
    r"(?:^|\b)(?:right|okay|ok|you know|you see|know what i mean|make sense|makes sense|"
    r"(?:isn't|wasn't|doesn't|don't|didn't|aren't|won't|can't) (?:it|they|you|he|she|we|that))$"
)
_NUMBER = re.compile(
    f"{_LEAD}"
    + _any(
        *("how (?:many|much|long|old|often|soon|far)", "what (?:year|date|number|time|percentage)"),
        "when (?:can|could|did|do|would|will|are|were|is|was)",
        r"(?:what(?: is|'s| was)|which is) (?:your|the) (?:\w+ )?"
        "(?:name|number|age|notice period|salary|date|job title)",
    )
    + r"\b"
)
_REQUEST = re.compile(
    r"(?i)(?:please )?(?:tell me|describe|explain|walk me|talk me|give me|say a|share|name)\b"
)
_PARTICULAR = re.compile(
    r"\d|\b(?i:for example|for instance|such as|because|in order to|as a result|which meant|"
    r"two|three|four|five|six|seven|eight|nine|ten|twenty|thirty|fifty|hundred|thousand|percent|half|"
    r"last (?:year|month|week|summer|winter))\b|(?<=[a-z,] )(?!I\b|I')[A-Z][a-z]+"
)

INTENTS = Intents(
    stop=_STOP,
    skip=_SKIP,
    unknown=_UNKNOWN,
    sound_check=_SOUND_CHECK,
    repeat=_REPEAT,
    wait=_WAIT,
    who_asks=_WHO_ASKS,
    whether_recorded=_WHETHER_RECORDED,
    how_far=_HOW_FAR,
    greets=_GREETS,
)
QUESTIONS = Questions(_ASKS, _IS_QUESTION, _CLOSED, _INVITES, _TAG, _REQUEST, _NUMBER)
ANSWERS = Answers(_HESITATIONS, _YES_OR_NO, _FILLERS, _PARTICULAR)
