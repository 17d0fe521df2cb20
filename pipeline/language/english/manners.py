"""Words that an English interviewer does not say."""

import re

from ..language import Manners

_OWN = re.compile(
    r"\b(?:i (?:see|understand|hear|have (?:noted|made|written|heard)|do not know|don't know"
    r"|(?:will|can|would like to) (?:note|pass|keep|remember|hear|know|ask|tell)|am sorry"
    r"|cannot answer|can't answer|have no information|have been told)"
    r"|i'd like to (?:hear|know|ask)|i'll (?:note|pass|keep|remember)|i've (?:noted|made|written)"
    r"|i'm sorry|should i know|(?:tell|telling|give|show|walk|help|helps|tells|gives|let) me)\b"
)
_VERDICTS = re.compile(
    r"\b(?:great|excellent|amazing|fantastic|impressi\w+|impressed|wonderful|perfect|outstanding"
    r"|brilliant|awesome|exceptional|commendable|remarkable|admirable|terrible|awful|disappoint\w*"
    r"|well done|good (?:answer|job|work|point|example|idea)|nice (?:answer|job|work)"
    r"|congratulations|hired?|hiring|recommend\w*|(?:right|wrong) (?:answer|person|candidate)"
    r"|(?:that is|that's|you are|you're|you were) (?:right|wrong|correct|good(?! to)|suitable"
    r"|qualified|successful|unsuitable|accepted|rejected)"
    r"|(?:get|got|have|given?) the (?:job|position|role)"
    r"|(?:job|position|role) is yours|full (?:marks|points)|scores?|scored|rating|we will|we'll"
    r"|offer you|guarantee\w*|promise\w*|welcome (?:aboard|to the team)|i (?:like|love|believe)"
    r"|you (?:will|should|must) (?:be|get|have))\b"
)
_MACHINE = re.compile(
    r"\b(?:an ai|language model|assistant|assist you|chatbot|how (?:can|may) i help|let me know"
    r"|feel free|happy to help|glad to help|the (?:candidate|interviewee|interviewer|applicant)"
    r"|candidate's|cannot provide|can't provide|more context)\b"
)
MANNERS = Manners(
    first_person=re.compile(
        r"\b(?:i|i'm|i've|i'd|i'll|me|my|mine|myself|we|we're|we've|we'd|us|our|ours)(?![\w'])"
    ),
    own=_OWN,
    verdicts=_VERDICTS,
    machine=_MACHINE,
)
