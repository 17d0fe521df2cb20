"""Phrases by which candidates ask for something, and patterns of questions and answers."""

import re

from ..language import Answers, Intents, Questions
from .about_interview import HOW_FAR, OTHER_LANGUAGE, WHETHER_RECORDED, WHO_ASKS, WHO_DECIDES
from .how_to_answer import GO_BACK, HOW_TO_STOP, MUST_ANSWER, TYPE_INSTEAD
from .phrases import LEAD, TAIL, TALK, WANT, one_of, only, opt, some

_END = one_of(
    *("stop", "end", "finish", "quit", "leave", "terminate", "abort", "cancel", "close"),
    "break off",
)
_STOP = (
    only(
        f"{WANT} (?:stop|end){opt('it', 'early')}{opt(TALK)}",
        "(?:can we|could we|let's|let us|shall we) (?:stop|end) this",
        f"{WANT} {_END}{opt('it')} {one_of(TALK, 'here', 'now')}",
        f"{_END} {TALK}",
        "i (?:have|need) to (?:go|leave)",
        "(?:good)?bye(?: bye)?",
        f"i (?:don't|do not) (?:want|wish) to (?:continue|go on){opt(f'with {TALK}')}"
        "(?: any ?more)?",
    ),
    re.compile(
        r"\b(?:i'd like|i would like|i want|i need|i have) to (?:please )?"
        f"{_END} {TALK}{TAIL}$|\\b(?:can|could) we (?:please )?{_END} {TALK}{TAIL}$"
    ),
)

_QUESTION = "(?:the|your|that|this|the last|the previous) question"
_IT = one_of("that", "it", "this", _QUESTION, "what you said")
_WOULD_YOU = "(?:(?:can|could|would|will) you |would you mind )"
_AGAIN = some("again", "once more", "one more time", "once again", "please", "for me")
_MISSED = "(?:didn't|did not|couldn't|could not|can't|cannot)(?: quite| really)?"
_REPEAT = (
    only(
        f"{_WOULD_YOU}?(?:please )?(?:repeat|repeating|rephrase|say|ask){opt('me')} {_IT}{_AGAIN}",
        f"{_WOULD_YOU}(?:please )?repeat{_AGAIN}",
        f"{_WOULD_YOU}(?:please )?(?:repeat|say) {_IT}"
        f" {one_of('more slowly', 'slower', 'louder', 'in (?:other|different|simpler) words')}",
        f"{_WOULD_YOU}(?:please )?repeat the (?:last|first|second) part(?: of {_QUESTION})?",
        f"what does {_IT} mean",
        *("pardon(?: me)?", "(?:i )?beg your pardon", "come again", "what"),
        f"what (?:was|is|were) {_IT}{_AGAIN}",
        f"what did you (?:say|ask){_AGAIN}",
        f"i {_MISSED} (?:hear|catch|get|understand){opt('you', _IT)}"
        "(?: very| so| too)?(?: well| properly| clearly)?",
        "i (?:don't|do not) (?:hear|understand|get) you(?: (?:very|so|too|that))? (?:well|clearly)",
        "you (?:speak|talk|are speaking|are talking) (?:much |a bit |a little )?(?:too|very|so)"
        " (?:fast|quickly|quiet|quietly|low)",
        *("once more", "one more time", f"i missed {_IT}"),
        f"what do you mean{opt('by (?:that|it|this)')}",
        "what (?:exactly )?(?:would you like|do you want)(?: me)?"
        " to (?:know|hear|say)(?: exactly)?",
        "what (?:exactly )?(?:should|shall) i (?:say|tell you|talk about)",
        f"{_WOULD_YOU}(?:please )?(?:clarify|explain|repeating){opt('me', _IT)}{_AGAIN}",
        "i (?:don't|do not) (?:quite |really )?(?:understand|get)"
        f"{opt('you', 'what you mean', _IT)}",
        f"{_WOULD_YOU}?(?:please )?(?:speak|talk) (?:up|(?:a (?:little|bit) |more )?"
        "(?:louder|slower|slowly|clearly))",
        "(?:you are|you're) (?:breaking up|(?:very |too )(?:quiet|fast))",
    ),
    re.compile("^(?:um |uh |oh )?(?:i'm |i am )?(?:sorry|excuse me)(?: sorry)?$"),
    re.compile(
        rf"\b{_WOULD_YOU}(?:please )?(?:repeat|say|ask){opt('me')} {_QUESTION}{_AGAIN}{TAIL}$"
    ),
)

_SOUND_CHECK = (
    only(
        *("hello", "hi", "hi there", "hey", "good (?:morning|afternoon|evening)"),
        "(?:can|do) you hear me(?: okay| well)?",
        "did you (?:hear|understand|get) (?:me|that|it)",
        "are you (?:still )?(?:there|listening)",
        "is (?:this|it|anyone) (?:still )?(?:working|there|on)",
        "i can hear you(?: well| fine)?",
        *("is (?:anybody|somebody|someone) there", "can anybody hear me"),
    ),
)

_GREETS = (
    only(
        *("nice to meet you(?: too)?", "let's (?:start|begin|go|get started)"),
        "(?:i'm|i am) ready(?: (?:to (?:start|begin)|when you are))?",
        r"(?:hi|hello|hey)(?: there)?(?: alex)? (?:i'm|i am|my name is|this is) \w+(?: \w+)?",
    ),
)

_MOMENT = "(?:a|one|another)(?: few)? (?:seconds?|moments?|minutes?|sec|bit)"
_MAY_I = "(?:can|could|may) i(?: just| please| also| quickly)?"
_MORE = (
    "(?:(?:an?|one)(?: more| other| quick)? (?:question|thing)|something(?: else| more)?"
    "|my (?:last )?answer|that)"
)
_GIVE_ME = "(?:give me|i need|can i have|could i have|may i have)"
_BREAK = "(?:a|another) (?:short |quick |little )?(?:break|pause)"
_WAIT = (
    only(
        f"(?:{WANT}|let me)(?: quickly)? (?:take|have|make) {_BREAK}",
        f"(?:i need|may i have|can i have|could i have) {_BREAK}",
        f"{WANT} (?:quickly )?(?:use|go to) the (?:bathroom|toilet|restroom|loo)",
        "(?:i'll|i will|i'm|i am) (?:be )?(?:right |just )?back"
        "(?: in (?:a|one) (?:moment|minute))?",
        f"(?:{_MAY_I} have|i need|give me)(?: some| a (?:bit|little))? more time(?: to think)?",
        "give me (?:two|three|five|some) (?:seconds|minutes)",
        "let me (?:start over|start again|try(?: that| it)? again|rephrase(?: that| it)?)",
        "i(?: have|'ve)? lost (?:my (?:train of thought|thread)|the thread)",
        "(?:can|could|may|shall|should) i (?:go on|continue)(?: now)?",
        f"(?:just )?{_GIVE_ME}(?: just)? {one_of(_MOMENT, 'some time')}(?: to think)?",
        f"let me think(?: about (?:that|it|this))?(?: for)?{opt(_MOMENT)}",
        f"(?:just )?{_MOMENT}",
        f"(?:hold on|hang on|wait){opt(_MOMENT)}",
        f"{_MAY_I} {one_of('ask', 'add', 'say', 'change', 'correct', 'rephrase')} (?:you )?{_MORE}",
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

_ONE = opt(_IT, "this one", "that one")
_NEXT = "(?:the )?next (?:question|one)"
_SKIP = (
    only(
        f"(?:{WANT} )?skip{_ONE}",
        f"(?:{WANT} )?(?:move on|go on|go|continue) (?:to|with) {_NEXT}",
        f"{WANT} (?:move on|pass)",
        f"{WANT} (?:come back to|return to|answer|do) {_IT} later",
        *("(?:the )?next(?: question)?", "pass", "no comment"),
        "(?:i'd|i would) (?:rather not|prefer not to)"
        f"(?: (?:answer|say|discuss|talk about){opt(_IT)})?",
        "i (?:don't|do not|won't|will not) (?:(?:want|wish|like|have) to )?"
        f"(?:answer|discuss) {_IT}",
        f"(?:i'm|i am|i do|i)? ?(?:not|don't) (?:feel )?comfortable"
        f"(?: (?:answering|discussing|with|talking about){opt(_IT)})?",
        *("(?:that's|that is) (?:private|personal)", "(?:that's|that is) none of your business"),
    ),
)

_ABOUT = some("that", "it", "about that", "about it", "about this", "this", "the answer", "yet")
_THAT_IS = "(?:that's|that is|that was|and that's)"
_UNKNOWN = (
    only(
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
        f"{opt('from me', 'for me', 'i have', 'i can say', 'really')}",
        f"(?:i have |i've |there's |there is )?nothing{opt('else', 'more', 'further')}"
        f"{opt('to (?:add|say)', 'really')}",
        "(?:i have |i've got |i've )?no (?:more |further |other )?questions?"
        f"{opt('from me', 'for (?:you|now)')}",
        *("(?:i'm|i am) (?:done|finished)", "no more", "none", "never", "not (?:really|at all)"),
    ),
)

_ASK_WORD = "(?:what|when|where|who|how|which|why)"
_ASKS = re.compile(
    LEAD
    + one_of(
        *("(?:can|could|may) i ask", "i have a question", "i'd like to know", "how did i do"),
        "(?:i'd|i would) (?:like|prefer|rather)(?: to)? (?:speak|talk) (?:to|with) (?:an? |some)"
        "(?:real |actual )?(?:human|person|body|one|recruiter)(?: being)?",
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
    f"{LEAD}(?:(?:in|at|for|to|with|by|from|on) )?"
    rf"(?:{_ASK_WORD}|whose|whom|{_AUXILIARY}|i have a question|anything)\b"
    rf"(?! (?:did|was|were|had) (?:i|we)\b)"
)
_CLOSED = re.compile(
    f"{LEAD}{_AUXILIARY} "
    r"(?:you|your|there|it|we|they|the|this|that)\b"
)
_INVITES = re.compile(
    f"{LEAD}(?:can|could|will|would) you (?:please )?"
    + one_of(
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
    f"{LEAD}"
    + one_of(
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
    who_asks=WHO_ASKS,
    whether_recorded=WHETHER_RECORDED,
    how_far=HOW_FAR,
    who_decides=WHO_DECIDES,
    other_language=OTHER_LANGUAGE,
    go_back=GO_BACK,
    must_answer=MUST_ANSWER,
    how_to_stop=HOW_TO_STOP,
    type_instead=TYPE_INSTEAD,
    greets=_GREETS,
)
QUESTIONS = Questions(_ASKS, _IS_QUESTION, _CLOSED, _INVITES, _TAG, _REQUEST, _NUMBER)
ANSWERS = Answers(_HESITATIONS, _YES_OR_NO, _FILLERS, _PARTICULAR)
