"""Phrases by which candidates ask about the interview itself."""

from .phrases import TALK, one_of, only, opt

_KIND = opt("really", "actually", "just") + opt("an? real", "real", "an? live", "an? actual", "an?")
_WHO = one_of(
    *("person", "human(?: being)?", "man", "woman", "robot", "bot", "chat ?bot", "machine"),
    *("computer", "ai", "a i", "program", "recording", "automated", "real", "alive"),
) + opt("interviewer", "system", "voice", "person", "program")
WHO_ASKS = (
    only(
        f"(?:are you|is (?:this|that|it)){_KIND} {_WHO}(?: or{_KIND} {_WHO})?",
        f"am i{_KIND} (?:talking|speaking) (?:to|with){_KIND} {_WHO}(?: or{_KIND} {_WHO})?",
        f"(?:you're|you are){_KIND} {_WHO}(?: right)?",
        *("are you (?:chat ?gpt|gpt|siri|alexa)", "(?:which|what) model are you", "who made you"),
        *("(?:who|what) are you", "what(?:'s| is) your name"),
        f"(?:(?:can|could|would) you )?(?:please )?introduce yourself{opt('first')}",
        "who am i (?:talking|speaking) (?:to|with)",
    ),
)

_ALL_THIS = one_of(
    *("this", "it", "that", "me", "us", "my (?:voice|answers?|words)", "what (?:i|we) say"),
    "(?:the|this|our) (?:interview|conversation|call|session|sound|audio|meeting|talk)",
)
_NOW = opt("being", "getting", "going to be", "also")
WHETHER_RECORDED = (
    only(
        f"(?:is|are|am|will){opt(_ALL_THIS, 'i', 'we')}(?: be)?{_NOW} (?:recorded|taped)",
        f"(?:are|is) (?:you|somebody|someone|anybody|anyone) (?:recording|taping){opt(_ALL_THIS)}",
        f"(?:do|will|did) you (?:record|tape|keep|save|store) {_ALL_THIS}",
        f"(?:do|will|did) you (?:make|keep|take) an? (?:audio )?recording{opt(f'of {_ALL_THIS}')}",
        f"is (?:this|it|that|{_ALL_THIS}) recording",
    ),
)

_LANGUAGE = one_of(
    *("english", "german", "spanish", "french", "italian", "dutch", "portuguese", "arabic"),
    *("czech", "danish", "greek", "finnish", "hindi", "hungarian", "japanese", "korean"),
    *("norwegian", "polish", "romanian", "russian", "swedish", "turkish", "ukrainian"),
    *("vietnamese", "chinese", "mandarin", "(?:another|a different|my(?: own)?) language"),
    *("my mother tongue", "my native language"),
)
_OR_LANGUAGE = f"{_LANGUAGE}(?: or {_LANGUAGE})?"
_TO_SPEAK = one_of(
    *("do", "hold", "have", "conduct", "continue", "go on", "speak", "talk", "answer", "switch"),
    *("respond", "reply", "change", "use"),
)
_MAY_WE = one_of(
    *("can we", "could we", "can i", "could i", "may i", "may we", "shall we", "should we"),
    *("i'd like to", "i would like to", "i'd prefer to", "i would prefer to", "let's", "let us"),
)
OTHER_LANGUAGE = (
    only(
        f"(?:{_MAY_WE}|am i allowed to|is it (?:possible|okay|ok|all right)(?: for me)? to"
        f"|would it be possible to|do you mind if (?:i|we)|is it (?:okay|ok) if (?:i|we))"
        f" {_TO_SPEAK}{opt('it', 'this', 'that', TALK, 'you', 'the questions')}"
        f"(?: over)?(?: in| to)? {_OR_LANGUAGE}(?: instead)?",
        f"(?:do|can|could|would|will) you (?:also )?(?:speak|understand|talk|know)"
        f"(?: to me)?(?: in)? {_OR_LANGUAGE}(?: too| as well| instead)?",
        f"(?:i'd|i would) (?:prefer|rather)(?: to)?(?: {_TO_SPEAK})?"
        f"{opt('it', 'this', TALK)}(?: in)? {_OR_LANGUAGE}",
        f"is (?:it|this) (?:also )?(?:possible|available) in {_OR_LANGUAGE}",
        f"is {_LANGUAGE} (?:also )?(?:okay|ok|fine|possible|all right)",
        f"{_OR_LANGUAGE} please",
    ),
)

_WHO_WILL = "(?:will|does|is going to|gets to|would|can|did|do)"
_HIRING = one_of(
    *("about me", "on me", "in the end", "about my application", "on my application"),
    *("who gets (?:it|the job|hired|the position)", "(?:if|whether) i (?:get|got) (?:it|the job)"),
    *("(?:if|whether) i(?:'m| am) (?:hired|in|suitable|invited)", "about the job", "afterwards"),
    *("the outcome", "the result"),
)
_JUDGE = "(?:decides?|chooses?|judges?|evaluates?|assesses?|scores?|grades?|rates?)"
_MINE = one_of(
    *("me", "my (?:answers?|words|interview|application)", "our (?:conversation|interview)"),
    *("(?:the|this) (?:answers?|interview|recording|transcript)", "what (?:i|we) say"),
)
_READ = "(?:reads?|sees?|hears?|listens? to|looks? at|reviews?|checks?|gets?)"
WHO_DECIDES = (
    only(
        f"who(?:'s| is)?{opt(_WHO_WILL, 'going to')} {_JUDGE}{opt(_MINE)}{opt(_HIRING)}",
        f"who(?:'s| is) (?:deciding|judging|evaluating|assessing){opt(_MINE)}{opt(_HIRING)}",
        f"who (?:makes|will make|is making|takes|will take) (?:the|a|that|this) (?:final )?decision"
        f"{opt(_HIRING)}",
        f"who(?:'s| is)?{opt(_WHO_WILL, 'going to')} {_READ} {_MINE}",
        "who(?: (?:will|is going to))? (?:reads?|sees?|hears?|listens? to|watch(?:es)?) this",
        f"(?:do|will|are) you (?:going to )?(?:decide|judge|evaluate|assess|score|grade|rate)"
        f"{opt(_MINE)}{opt(_HIRING)}",
        f"(?:does|will|is) (?:an? |the )?{_WHO} (?:going to )?"
        f"(?:decide|judge|evaluate|assess|score){opt(_MINE)}{opt(_HIRING)}",
        f"(?:is it|is that) (?:you|an? {_WHO}) (?:who|that) {_JUDGE}{opt(_MINE)}{opt(_HIRING)}",
    ),
)

HOW_FAR = (
    only(
        "how (?:many|much) (?:more )?(?:questions?|time|minutes)"
        f"{opt('more')}{opt('are', 'is', 'do', 'will')}"
        f"{opt('there', 'left', 'we', 'i', 'you', 'it')}{opt('be', 'have', 'ask', 'take')}"
        f"{opt('left', 'to go', 'me')}",
        "how (?:much )?long(?:er)? (?:will|does|is|do)"
        f" {one_of('this', 'it', 'the interview', 'we')}"
        f"{opt('take', 'last', 'have', 'be', 'going')}"
        f"{opt('left', 'to (?:be|take|last)')}",
        "how many questions (?:are|will) (?:you|there)(?: (?:be|ask|going to ask))?(?: me)?",
        f"(?:is|was) (?:this|that|it) {one_of('the', 'your', 'my')} (?:very )?(?:last|final)"
        " (?:question|one)",
        "(?:are|is) there (?:any |another |one )?(?:more |other |further )?questions?(?: left)?",
        "are (?:we|you) (?:almost |nearly )?(?:done|finished|through)(?: yet)?",
    ),
)
