"""What the candidate meant, as far as it changes what the interviewer does next. Pure.

The rules are narrow on purpose: what none of them matches as a whole is an answer. To take an
answer for something else costs the candidate the answer; the other way round costs a moment. The
phrases are English; in other languages only an empty turn, a question mark and the length of an
answer count.
"""

import enum
import re

from .matching import words

SHORT_WORDS = 20
"""An answer with fewer words leaves room for a follow-up question."""
THIN_WORDS = 45
"""So does one with fewer words than this that names nothing particular."""
ANSWER_WORDS = 12
"""This many words before a question of the candidate's are an answer of their own."""
QUESTION_WORDS = 25
"""More words than this are neither a request nor, without a question mark, a question. It also
bounds the work of the patterns below."""


class Meant(enum.StrEnum):
    NOTHING = "nothing"
    """No word was understood."""
    STOP = "stop"
    """End the interview."""
    REPEAT = "repeat"
    """Say the question again."""
    SOUND_CHECK = "sound_check"
    """A greeting, or whether the line works."""
    WAIT = "wait"
    """Time to think."""
    SKIP = "skip"
    QUESTION = "question"
    """A question of the candidate's own and no answer."""
    ANSWER_AND_QUESTION = "answer_and_question"
    SETTLED = "settled"
    """Short, but nothing to ask about: "I don't know", or yes to a yes-or-no question."""
    FILLER = "filler"
    """Words that answer nothing."""
    ANSWER = "answer"


def meaning(text: str, question: str) -> Meant:
    """What the candidate meant by `text`, having been asked `question`."""
    spoken = words(re.sub(r"\[[^\]]*\]|\([^)]*\)", " ", text))
    line = " ".join(spoken)
    if not spoken:
        return Meant.NOTHING
    if len(spoken) <= QUESTION_WORDS:
        for meant, patterns in _PHRASES.items():
            if any(pattern.search(line) for pattern in patterns):
                return meant
    if set(spoken) <= _FILLERS:
        decided = is_yes_or_no(question) and bool(set(spoken) & _YES_OR_NO)
        return Meant.SETTLED if decided else Meant.FILLER
    return _question_or_answer(text, line)


def is_yes_or_no(question: str) -> bool:
    """Whether "yes" or "no" answers it in full: not so for "Can you tell me about …"."""
    line = " ".join(words((_sentences(question) or [""])[-1]))
    return bool(_CLOSED.match(line)) and not _INVITES.match(line)


def is_thin(answer: str) -> bool:
    """Whether a follow-up question is worth its time: the answer is short, or of middling length
    without a number, a name, an example or a reason."""
    count = sum(word not in _HESITATIONS for word in words(answer))
    return count < SHORT_WORDS or (count < THIN_WORDS and not _PARTICULAR.search(answer))


def asked_in(said: str) -> str:
    """The last question in what the interviewer said; empty when there is none."""
    asking = [s for s in _sentences(said) if s.endswith("?") or _REQUEST.match(s)]
    return asking[-1] if asking else ""


def _question_or_answer(text: str, line: str) -> Meant:
    *before, last = _sentences(text) or [text]
    if last.endswith("?"):
        asks = not _TAG.search(" ".join(words(last)))
    else:
        asks = not before and len(words(line)) <= QUESTION_WORDS and bool(_ASKS.match(line))
    if not asks:
        return Meant.ANSWER
    answered = [sentence for sentence in before if not sentence.endswith("?")]
    long = len(words(" ".join(answered))) >= ANSWER_WORDS
    return Meant.ANSWER_AND_QUESTION if long else Meant.QUESTION


def _sentences(text: str) -> list[str]:
    return [s for s in re.split(r"(?<=[.!?])\s+", text.strip()) if words(s)]


_HESITATIONS = frozenset("um uh er erm hm hmm mm like well so okay ok".split())
_YES_OR_NO = frozenset("yes yeah yep yup no nope not sure".split())
_FILLERS = (
    _HESITATIONS
    | _YES_OR_NO
    | frozenset(
        "mhm right alright fine good great thanks thank you maybe perhaps really i see of course "
        "got it the a and but oh ah aha cool nice exactly correct true definitely absolutely".split()
    )
)

_LEAD = (
    r"(?:(?:um|uh|er|erm|hm|hmm|oh|so|well|okay|ok|yes|yeah|no|and|but|actually|honestly|please|sorry|"
    r"i'm sorry|i am sorry|excuse me|thank you|thanks|i think|hi|hello) )*"
)
_BETWEEN = r"(?: (?:um|uh|so|okay|ok|and|but|sorry|excuse me|please|thank you|thanks))*"
_TAIL = (
    r"(?: (?:please|now|here|then|sorry|thanks|thank you|very much|so much|again|for me|if possible|"
    r"if that's okay|if that is okay|if i may|at this point|today|for today|right now|alex))*"
)
_WANT = (
    r"(?:i'd like to|i would like to|i want to|i need to|i have to|i've got to|i must|i'll have to|"
    r"i will have to|can we|could we|can i|could i|may i|may we|let's|let us|we can|we should|shall we|"
    r"i'd prefer to|i would prefer to)(?: please| just)?"
)
_INTERVIEW = r"(?: (?:the|this|our) (?:interview|conversation|call|session|meeting))"
_END = r"(?:stop|end|finish|quit|leave|terminate|abort|cancel|close|break off)"
_STOP = (
    rf"(?:{_WANT} (?:stop|end)(?: it)?{_INTERVIEW}?|{_WANT} {_END}(?: it)?(?:{_INTERVIEW}| here| now)|"
    rf"{_END}{_INTERVIEW}|i have to (?:go|leave)|i need to go|(?:good)?bye(?: bye)?|"
    rf"i (?:don't|do not) (?:want|wish) to (?:continue|go on)(?: with(?:{_INTERVIEW}))?(?: any ?more)?)"
)
_QUESTION = r"(?:the|your|that|this|the last|the previous) question"
_IT = rf"(?:that|it|this|{_QUESTION}|what you said)"
_ASK_YOU = r"(?:(?:can|could|would|will) you |would you mind )"
_AGAIN = r"(?: (?:again|once more|one more time|once again|please|for me))*"
_REPEAT = (
    rf"(?:{_ASK_YOU}?(?:please )?(?:repeat|repeating|rephrase|say|ask)(?: me)? {_IT}{_AGAIN}|"
    rf"{_ASK_YOU}(?:please )?repeat{_AGAIN}|pardon(?: me)?|(?:i )?beg your pardon|come again|what|"
    rf"what (?:was|is|were) {_IT}{_AGAIN}|what did you (?:say|ask){_AGAIN}|"
    rf"i (?:didn't|did not|couldn't|could not|can't|cannot)(?: quite| really)? (?:hear|catch|get|understand)"
    rf"(?: (?:you|{_IT}))?(?: well| properly| clearly)?|once more|one more time|i missed {_IT})"
)
_SOUND_CHECK = (
    r"(?:hello|hi|hi there|hey|good (?:morning|afternoon|evening)|(?:can|do) you hear me(?: okay| well)?|"
    r"are you (?:still )?there|is (?:this|it|anyone) (?:working|there|on)|i can hear you(?: well| fine)?|"
    r"nice to meet you(?: too)?)"
)
_MOMENT = r"(?:a|one|another)(?: few)? (?:seconds?|moments?|minutes?|sec|bit)"
_WAIT = (
    rf"(?:(?:just )?(?:give me|i need|can i have|could i have|may i have)(?: just)? (?:{_MOMENT}|some time)"
    rf"(?: to think)?|let me think(?: about (?:that|it|this))?(?: for)?(?: {_MOMENT})?|(?:just )?{_MOMENT}|"
    rf"hold on(?: {_MOMENT})?|wait(?: {_MOMENT})?|i'm(?: just| still)? thinking|i am(?: just| still)? thinking|"
    r"(?:that's|that is|it's) (?:a|an) (?:really |very )?(?:good|tough|hard|difficult|interesting) (?:question|one)|"
    r"good question)"
)
_NEXT = r"(?: (?:the )?next (?:question|one))"
_SKIP = (
    rf"(?:{_WANT} skip(?: {_IT}| this one| that one)?|skip(?: {_IT}| this one| that one)?|"
    rf"(?:{_WANT} )?(?:move on|go on|go|continue)(?: to| with){_NEXT}|{_WANT} (?:move on|pass)|"
    rf"next(?: question)?|pass|no comment|i'd rather not(?: (?:answer|say)(?: {_IT})?)?|"
    rf"i (?:would|'d) rather not(?: (?:answer|say)(?: {_IT})?)?)"
)
_KNOW = r"(?: (?:that|it|about that|about it|about this|this|the answer|yet|really))*"
_UNKNOWN = (
    rf"(?:i (?:really |honestly )?(?:don't|do not) (?:really )?know{_KNOW}|(?:i have |i've )?no idea|"
    r"(?:i'm |i am )?not (?:really |quite )?sure(?: about (?:that|it|this))?|"
    r"i (?:have never|'ve never|never)(?: done| used| had| heard of) (?:that|it|this)(?: before)?|"
    r"i (?:can't|cannot|can not) (?:think of|remember)(?: any| anything| one| that| it)?|"
    r"i (?:have no|don't have any|do not have any) (?:experience|example|idea)(?: (?:with|in|of|for) (?:that|it|this))?|"
    r"nothing comes to mind|i've never done that(?: before)?)"
)


def _only(core: str) -> re.Pattern[str]:
    """Matches a line that consists of such phrases and of courtesies."""
    return re.compile(rf"^{_LEAD}{core}(?:{_BETWEEN} {core})*{_TAIL}$")


_PHRASES = {
    Meant.STOP: (
        _only(_STOP),
        re.compile(
            r"\b(?:i'd like to|i would like to|i want to|i need to|i have to|can we|could we|let's) "
            rf"(?:please )?{_END}{_INTERVIEW}{_TAIL}$"
        ),
    ),
    Meant.SKIP: (_only(_SKIP),),
    Meant.SETTLED: (_only(_UNKNOWN),),
    Meant.SOUND_CHECK: (_only(_SOUND_CHECK),),
    Meant.REPEAT: (
        _only(_REPEAT),
        re.compile(r"^(?:um |uh |oh )?(?:i'm |i am )?(?:sorry|excuse me)(?: sorry)?$"),
        re.compile(rf"\b{_ASK_YOU}(?:please )?(?:repeat|say|ask)(?: me)? {_QUESTION}{_AGAIN}$"),
    ),
    Meant.WAIT: (_only(_WAIT),),
}
"""Phrases that count when they are all that was said, or the unmistakable end of it."""

_TAG = re.compile(
    r"(?:^|\b)(?:right|okay|ok|you know|you see|know what i mean|make sense|makes sense|"
    r"(?:isn't|wasn't|doesn't|don't|didn't|aren't|won't|can't) (?:it|they|you|he|she|we|that))$"
)
"""Endings that look for agreement, not for an answer."""
_ASKS = re.compile(
    rf"{_LEAD}(?:before that )?(?:(?:can|could|may) i ask\b|i have a question\b|i'd like to know\b|"
    r"(?:what|when|where|who|how|which|why) (?:is|are|was|do|does|did|will|would|can) "
    r"(?:the|you|your|there|this|that)\b|how (?:big|large|many|much|long|soon) (?:is|are|would|does|do)\b|"
    r"(?:is|are) (?:there|the|this|you)\b|(?:do|does) (?:you|the|your)\b(?! know\b)|"
    r"(?:can|could|will|would) (?:you|i)\b)"
)
_CLOSED = re.compile(
    rf"{_LEAD}(?:are|is|was|were|do|does|did|have|has|had|can|could|will|would|may|should) "
    r"(?:you|your|there|it|we|they|the|this|that)\b"
)
_INVITES = re.compile(
    rf"{_LEAD}(?:can|could|will|would) you (?:please )?(?:tell|describe|explain|give|walk|talk|share|name|say|"
    r"elaborate|show|introduce|list|outline|summari[sz]e)\b"
)
_REQUEST = re.compile(
    r"(?i)(?:please )?(?:tell me|describe|explain|walk me|talk me|give me|say a|share|name)\b"
)
_PARTICULAR = re.compile(
    r"\d|\b(?i:for example|for instance|such as|because|in order to|as a result|which meant|"
    r"two|three|four|five|six|seven|eight|nine|ten|twenty|thirty|fifty|hundred|thousand|percent|half|"
    r"last (?:year|month|week|summer|winter))\b|(?<=[a-z,] )(?!I\b|I')[A-Z][a-z]+"
)
