"""Words and patterns by which reply_rules.py judges an English reply. Data only."""

import re

COMMON = frozenset(
    """a about able above after again ago all almost also always am an and another any anybody
    anyone anything are area around as ask asked asking at away back be became because become been
    before being below better between both but by call came can cannot come could day days did
    different do does doing done down during each either else end enough especially even ever every
    everybody everything example experience explain far feel few find first for found from further
    gave general get getting give given gives glad go goes going gone good got great had happen
    happened has have having hear heard help her here him his how i if important in instead
    interesting into is it its just keep kept kind knew know known last later learn learned least
    left less let like little long look looked lot made make makes making many matter may me mean
    mention mentioned might mine more most much must my myself near need needed never new next nice
    no nobody not note noted nothing now of off often okay old on once one only or other others our
    out over own part people perhaps person place please point possible probably put question quite
    rather real really reason right said same saw say saying see seem seen set shall share shared
    sharing she should since small so some somebody someone something sometimes soon specific start
    started still such sure take taken taking talk tell telling than thank thanks that the their
    them themselves then there these they thing things think this those though thought through time
    times to today together told too took tried true try two under understand understood until up
    upon us use used using usually very want wanted was way we well went were what whatever when
    where whether which while who whole whom whose why will with within without word words work
    worked working works would yeah year years yes yet you your yours yourself answer answers team
    job role situation approach helpful appreciate detail details clear um uh er three four five six
    seven eight nine ten hundred""".split()
)
"""Words that name no topic."""

HEAR = r"(?:know|hear|ask|understand|learn|pass|thank|see)"
MAY_SAY = (
    r"(?:see|hear|heard|understand|understood|note|noted|notice|noticed|appreciate|wonder|gather"
    r"|think|imagine|believe|am curious|'m curious|was wondering|am interested|'m interested"
    r"|am glad|'m glad|am sorry|'m sorry|am listening|am an automated|am not sure|'m not sure|ask"
    r"|(?:will|'ll) (?:pass|note|take|forward|ask|end|make sure|keep|remember)"
    r"|(?:can|could) (?:see|hear|imagine|understand)|(?:cannot|can't) (?:answer|hear|say|tell)"
    r"|did not catch|didn't catch"
    r"|(?:do not|don't) (?:know|have (?:that|this|the answer))"
    rf"|(?:would like|'d like|want) to {HEAR}|(?:would|'d) (?:love|be interested) to {HEAR}"
    r"|have (?:noted|written|made a note|been told|heard|understood|no|that|it)\b|can tell you"
    r"|take that|got that|get that)"
)
"""What an interviewer says of itself."""
FIRST_PERSON = re.compile(r"\b(i|i've|i'm|i'd|i'll)\b")
ALLOWED_FIRST_PERSON = re.compile(
    rf"\b(?:i(?: (?:also|just|really))?(?: |(?=')){MAY_SAY}|(?:should|do|must) i (?:need to )?know"
    r"|what i (?:know|was told|can say|heard))\b"
)
OURS = re.compile(r"\b(?:my|mine|myself|our|ours|ourselves)\b(?! (?:last |next |first )?question)")
WE = re.compile(
    r"\bwe(?:'ve|'re|'d)?\b(?!'ll| (?:will|have come|come|can go|can move|will go|move|go|are"
    r" (?:almost|nearly)|offer|use|work|run|have \w+ (?:days|weeks|people)))"
)
ASSISTANT = re.compile(
    r"\bas an ai\b|language model|how (?:can|may) i (?:help|assist)|\bassist you\b|feel free"
    r"|let me know|please provide|provide more (?:context|information)|any (?:other|more|further)"
    r" questions|here (?:are|is) (?:some|a|an)\b|i hope this|happy to help|glad to help"
    r"|thank you for (?:your question|asking|the question|having me|the opportunity"
    r"|your understanding|reaching out)|nice to meet you|in summary|as an interview"
    r"|\byou're welcome|the candidate\b|the speaker|the applicant|the interviewee|the interviewer"
    r"|don't have any information|do not have any information|cannot provide|can't provide"
    r"|^certainly|^of course, i"
)
LABEL = re.compile(r"(?im)^\W*(?:candidate|interviewer|user|assistant|question|answer|next)\s*:")
JUDGEMENT = re.compile(
    r"\b(?:great|excellent|fantastic|impressive|impressed|amazing|wonderful|perfect|outstanding"
    r"|brilliant|awesome|exactly right|well done|good (?:job|answer|point|example)|poor"
    r"|disappoint\w*|you(?:'re| are) (?:hired|a good|a great|the right)|got the job|congratulations"
    r"|we will (?:hire|offer)|we'd love to have|not good enough|wrong answer|that's right"
    r"|commendable|remarkable)\b"
)
ASKS = re.compile(
    r"\b(?:what|which|who|whom|whose|when|where|why|how|can you|could you|would you|did you|do you"
    r"|were you|was (?:it|there|that)|is (?:it|there|that)|are you|have you|has|had you"
    r"|did (?:it|that|they|he|she)|tell me|describe|will you|does)\b"
)
PASS_ON = re.compile(
    r"pass (?:it|that|this|your question|the question) on|do(?:n't| not) know|not sure"
    r"|(?:cannot|can't) (?:say|tell|answer)|do(?:n't| not) have (?:that|this|the)|get back to you"
    r"|somebody will|someone will|have (?:it|that) answered|will be answered|forward"
)
NO_NOUN = (
    "i|i'm|me|he|him|she|they|them|we|us|it|to|between|out|of|in|on|at|with|for|from|and|or|but|because"
    "|if|when|could|would|should|can|will|is|was|are|were|be|do|did|had|have|the|a|an"
)
BROKEN = re.compile(
    rf"\b(?:the|an?|your) (?:{NO_NOUN})\b(?![-'])"
    r"|\b(?:the|your) (?:\w+ ){0,3}(?:there in|something|themselves|me|him|i)\b(?!')"
    r"|\s[b-hj-z]\s|\b(?:could|would|should|will|the|an?|and|or|because|my)[.?!]"
    r"|\b(?:the|your) \w{3,}ly[.?!]"
)
"""Word salad: an article before a word that is no noun, an end that is none."""
END = re.compile(r"\b(?:the|your|about|with|of|does) (\w+)(?:[.?!]| matter)")
BEFORE_VERBS = frozenset(
    "to i i'm we they you he she it it's is was are were be very should would could can can't "
    "don't not them him let rather will".split()
)
ADJECTIVE = re.compile(r"\w+(?:y|ful|ous|ive|al|ble|ish)")
VERB = re.compile(
    r"\w+(?:ed|ly)|got|said|came|went|had|has|made|took|paid|still|does|goes|comes|nobody"
)
NUMBERS = frozenset(
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
    "sixteen seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety "
    "hundred thousand million".split()
)
FUNCTION_WORDS = frozenset(
    "the a an you your to of and in is for that i it what how did with was on about me are do at "
    "when thank could tell".split()
)
