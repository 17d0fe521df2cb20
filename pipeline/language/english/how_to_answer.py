"""Phrases by which candidates ask how, what, and whether they may answer."""

from .phrases import TALK, WANT, one_of, only, opt

_MAY_I = one_of(
    *("(?:can|could|may|shall|should) (?:i|we)(?: just| also| please)?", "am i allowed to"),
    "(?:is it|would it be) (?:possible|okay|ok|fine|all right)(?: for me)? to",
    *("(?:do|would) you mind if i", "is it (?:okay|ok|fine|all right) if i"),
    *("(?:i'd|i would) (?:prefer|like) to", "(?:i'd|i would) rather"),
)
_EARLIER = (
    "(?:previous|last|first|second|third|other|earlier|former)"
    "|(?:one|question|answer) (?:before|from before|earlier)"
)
_EARLIER_ONE = (
    f"(?:the|my|that|your) (?:(?:very )?{_EARLIER})(?: (?:question|one|answer|topic|point))?"
)
GO_BACK = (
    only(
        f"(?:{_MAY_I} |{WANT} |please )?(?:go|jump|switch|step) (?:back )?(?:again )?to"
        f" {_EARLIER_ONE}",
        f"(?:{_MAY_I} |{WANT} )(?:return|come back) to {_EARLIER_ONE}",
        f"(?:{_MAY_I} |{WANT} )(?:go|jump|step) back (?:a|one) question",
        f"(?:{_MAY_I} |{WANT} )(?:add|say)(?: something| a thing)?(?: more| else)?"
        f" (?:to|about|on) {_EARLIER_ONE}",
        f"(?:{_MAY_I} |{WANT} |please )?(?:change|correct|redo|answer|delete|remove|forget|ignore"
        f"|scratch) {_EARLIER_ONE}(?: again)?",
        f"(?:{_MAY_I} |{WANT} )(?:start|begin|do) {TALK} (?:over|again|from the beginning)",
        f"(?:{_MAY_I} |{WANT} )(?:start|begin) from the beginning",
        f"(?:{_MAY_I} |{WANT} )restart(?: {TALK})?",
        "(?:can|could|may|shall) we (?:start|begin) (?:over|again)",
        "(?:can|could|would|will) you (?:please )?(?:go|jump|take (?:me|us)) back to"
        f" {_EARLIER_ONE}",
    ),
)

_THIS = one_of(
    *("this", "that", "it", "(?:the|this|that) (?:question|one)", "(?:a|every|each) question"),
    *("all (?:of )?(?:the |your |these )?questions", "everything", "all of (?:them|it)"),
    *("this kind of question", "questions like (?:this|that)"),
)
_ANSWER = f"(?:answer|respond to|reply to|say|tell you)(?: {_THIS})?"
_OBLIGED = "(?:mandatory|obligatory|compulsory|required|necessary|optional|voluntary)"
MUST_ANSWER = (
    only(
        f"do i (?:really |actually |absolutely )?(?:have to|need to|must) {_ANSWER}",
        f"must i (?:really )?{_ANSWER}",
        f"am i (?:really )?(?:obliged|obligated|required|forced|supposed|expected) to {_ANSWER}",
        f"(?:is|are) (?:it|this|that|{_THIS}|the questions|your questions|answering)"
        f"(?: really)? {_OBLIGED}(?: to {_ANSWER})?",
        f"(?:can|could|may) i (?:refuse|decline)(?: to {_ANSWER})?",
        f"what (?:if|happens if|happens when) i (?:don't|do not|can't|cannot)"
        f"(?: (?:want to|wish to))? {_ANSWER}",
    ),
)

_END = "(?:end|stop|finish|leave|quit|exit|close|cancel|abort)"
_END_IT = f"{_END}(?: {one_of(TALK, 'this', 'it', 'here')})?"
HOW_TO_STOP = (
    only(
        f"how (?:do|can|could|should|would) (?:i|we) {_END_IT}",
        f"(?:can|could|may) i (?:{_END_IT}|go|leave|hang up)"
        " (?:early|any ?time|at any time|whenever i (?:want|like))",
        f"what (?:do|should|must) i (?:do|say) to {_END_IT}",
        f"what (?:if|happens if|happens when) i (?:want to |have to |need to )?{_END_IT}",
    ),
)

_SPEAK = "(?:speak|talk|speaking|talking|say(?: (?:it|this|that|everything))?|use (?:my|the) voice)"
_MINE = opt("it", "this", "that", "(?:my|the) answers?", "answers", "them", "things")
_INSTEAD = opt(
    f"instead(?: of {_SPEAK})?", "here", "in the chat", "to you", f"rather than {_SPEAK}"
)
TYPE_INSTEAD = (
    only(
        f"{_MAY_I} type{_MINE}(?: in)?{_INSTEAD}",
        f"{_MAY_I} write{_MINE}{_INSTEAD}",
        f"{_MAY_I} (?:answer|reply|respond|do (?:it|this|that))"
        " (?:in writing|in text|in the chat|by (?:typing|writing|text|chat|keyboard)|with text)"
        f"{_INSTEAD}",
        f"{_MAY_I} use (?:the|my|a) (?:keyboard|chat|text field|text box){_INSTEAD}",
        f"(?:do i have to|must i|do i need to) {_SPEAK}(?: to you| out loud| aloud)?",
        "is there an? (?:chat|text field|text box|field)(?: to (?:type|write)(?: in)?)?",
        f"(?:can|could) you read(?: {one_of('it', 'this', 'that', 'what i (?:type|write)')})?"
        " if i (?:type|write)(?: it)?",
    ),
)
