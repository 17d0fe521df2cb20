"""Parts of speech of English, and the phrases that are made of them.

The names of the parts are those of the British National Corpus (C5), from which HanTa learned.
"""

import re

from ..grammar import Deeds, Grammar, Naming

_KINDS = {
    "d": "AT0 DPS CRD DT0",  # determiners and numbers
    "a": "AV0",
    "r": "AVP",  # up, off
    "j": "AJ0 AJC AJS",
    "q": "ORD",
    "v": "VVG VVN",  # participles
    "n": "NN0 NN1 NN2 UNC NN",
    "m": "NP0 ZZ0",  # names
    "s": "POS",
    "o": "PRF",  # of
    "p": "PRP",
    "c": "CJC",
    "k": "CJS CJT DTQ AVQ PNQ",  # what begins a clause
    "i": "PNP",  # pronouns
    "b": "VBB VBD VBZ",  # am, was, is
    "u": "VM0 VHB VHD VDB VDD VDZ VHZ",
    "t": "VVB VVI",
    "e": "VVD",
    "z": "VVZ",
    "x": "XX0 PNI TO0 EX0 ITJ",
}
_TIMES = frozenset(
    """second seconds minute minutes moment moments hour hours day days night nights morning
    mornings afternoon afternoons evening evenings noon midnight weekend weekends week weeks
    fortnight month months quarter year years decade decades century spring summer autumn winter
    season o'clock monday tuesday wednesday thursday friday saturday sunday mondays tuesdays
    wednesdays thursdays fridays saturdays sundays january february march april may june july
    august september october november december easter christmas today yesterday tomorrow time
    times date pound pounds euro euros dollar dollars pence penny cent cents percent per gram
    grams gramme grammes kilo kilos kilogram kilograms ton tons tonne tonnes litre litres liter
    liters metre metres meter meters centimetre centimetres millimetre millimetres milligrams
    kilometre kilometres mile miles foot feet inch inches degree degrees dozen dozens tenth
    third half past""".split()
)
_NUMBERS = frozenset(
    """two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen
    seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred
    thousand million half""".split()
)
_GENERAL = frozenset(
    """people person customer client guest colleague team family student patient everybody company
    boss heart mind feeling attitude passion talent empathy respect trust goal task challenge
    strength weakness success failure mistake problem solution result experience skill character
    quality standard priority profession career world future life sense balance key king motto
    communication strategy mix trend market level rule head course doubt sum beginning reason value
    step plan system order opinion view hand word information data matter art nature number
    subject chance conversation line conflict stress teamwork creativity
    interview interviewer applicant candidate transcript verdict panel committee examiner assessor
    criterion criteria item record reference figure method detail example score answer question
    sentence paragraph colleague manager department head employer game
    concern ethic feedback perspective mindset potential learner worker player listener energy
    enthusiasm loyalty pressure sight flow pace initiative routine""".split()
)
_IDIOMS = (
    *("roll(?:ed|ing)? up (?:my|our) sleeves", "(?:go|going|went) the extra mile"),
    *("(?:go(?:ing)?|went) above and beyond", "giv(?:e|ing) (?:it )?(?:my|our) (?:all|best)"),
    *("(?:a|one|my) hundred (?:and ten )?per ?cent", "outside (?:of )?the box"),
    *(
        r"bring(?:ing|s)? (?:\w+ ){1,4}to the table",
        "(?:a )?(?:people|people's) person",
        "team player",
        "cool head",
    ),
    *("wear(?:ing)? (?:many|several|different|a lot of) hats", "hit(?:ting)? the ground running"),
    *(
        "(?:sight of )?the big(?:ger)? picture",
        "on the same page",
        "an? open (?:ear|door|mind|book)",
    ),
    *("pull(?:ing)? (?:my|our) (?:own )?weight", "(?:my )?heart (?:and soul|on my sleeve)"),
    *(
        "bend(?:ing)? over backwards?",
        "(?:my )?comfort zone",
        r"(?:person|customer|client|guest)(?:'?s)? shoes",
    ),
    *("(?:both |two |other )?sides? of the coin", "play(?:ing)? hard", "can[- ]do attitude"),
    *("win[- ]win(?: situation)?", "common sense", "gut(?: feeling| instinct)?", "work ethic"),
    *("(?:an? |my )?eye (?:for detail|on the ball)", "attention to detail", "(?:hands|feet) dirty"),
    *("(?:set|raise)(?:ting)? the bar", "on (?:my|our) feet", "with the flow", "into place"),
    *("ris(?:e|ing) to the (?:challenge|occasion)", "step(?:ping)? up to the plate"),
    *("low[- ]hanging fruit", "balls in the air", "(?:stay|keep|be|am|are) on (?:top|the ball)"),
    *("jack of all trades", "self[- ]starter", "go[- ]getter", "(?:quick|fast) learner"),
    *(
        "(?:hard|team) worker",
        "good listener",
        "the end of the (?:day|tunnel)",
        "bull by the horns",
    ),
    *("ball rolling", "learning curve", "track record", "nail on the head", "right place"),
    *("glass (?:is )?(?:always )?half full", "no stone unturned", "around the clock", "24/7"),
    *("(?:customer|guest|client) is (?:always )?(?:right|king)", "second nature"),
    *("in my (?:blood|dna|bones)", "live and breathe", "move the needle", "touch base"),
    *("(?:a )?smile on my face", "long way", "day by day", "step by step", "hand in hand"),
    *("to the fullest", "with open arms", "the extra step", "the tip of the iceberg"),
    *("both feet on the ground", "thick skin", "rome was not built in a day", "no i in team"),
)
_NAMING = Naming(
    phrase=re.compile(
        r"d{0,3}(?:(?<=d)a(?=[jv]))?(?:[jq]|(?<=q)d|(?<=[adjq])v(?=[jvnm]))*[nm]+"
        r"(?:s(?:a(?=j))?j*[nm]+)*"
    ),
    attached=frozenset("for with about from between against without in at on near over".split()),
    unnamed=frozenset(
        "no any enough more most much less little such many few some that those what".split()
    ),
    every=frozenset({"every", "each", "all"}),
    theirs=frozenset("his her their its".split()),
    times=_TIMES,
    introducing=frozenset({"name", "called"}),
    numbers=_NUMBERS,
    general=re.compile(
        rf"(?:{'|'.join(sorted(_GENERAL))})(?:e?s)?|"
        r"\w{3,}(?:tion|sion|ness|ity|ment|ance|ence|ship|ism|hood|edge|ure|itie)s?"
    ),
    idioms=re.compile(rf"(?i)\b(?:{'|'.join(_IDIOMS)})\b"),
    indefinite=frozenset({"a", "an"}),
    definite="the",
    bare=re.compile(r"[jn]+n$"),
    being=re.compile(
        r"(?i)(?<!there )(?:\b(?:am|is|are|was|were|be|been|as|became)|['’](?:s|m|re)) \|$"
    ),
)
_DEEDS = Deeds(
    doing=re.compile(r"i(?:a*)(?:(?P<aux>[ub])(?:[ax]*))?(?:[ax]*)(?P<verb>[tev])?"),
    own=frozenset({"i", "we"}),
    subjects=frozenset(
        "i we he she they there anybody nobody somebody everybody anyone someone everyone".split()
    ),
    unsaid=frozenset(
        """know think thought guess mean suppose say said believe hope wish reckon bet swear admit
        assume imagine feel remember forget wonder doubt want wanted need needed
        sorry came went""".split()
    ),
    states=frozenset(
        """like liked love loved enjoy enjoyed prefer preferred hate hated live lived own
        owned""".split()
    ),
    general=frozenset(
        """accept achieve act adapt address adjust agree aim appreciate approach argue assist attend
        balance be become begin behave bother bring build care change choose collaborate combine
        come commit communicate complain concentrate connect consider continue contribute cooperate
        cope create deal decide dedicate deliver depend develop devote do drive embrace encourage
        end engage ensure excel expect explain face fail find finish fit focus follow get give go
        grow guide handle happen have hear help hesitate hold hurry improve inspire involve juggle
        keep lead learn let listen live look maintain make manage matter mean meet mind motivate
        move notice offer organise organize panic participate perform plan play please prepare
        pride prioritise prioritize provide pursue push put reach react realise realize reflect
        relate relax rely respect respond run rush satisfy say see seek seem serve set share shine
        show sit smile solve sort speak stand start stay step stick stop strengthen stress strive
        struggle succeed suit support tackle take talk tell tend thrive treat trust try turn
        understand use value watch work worry""".split()
    ),
    were=frozenset("was were had did".split()),
    denials=frozenset("not n't never hardly rarely seldom without cannot".split()),
    do=frozenset("do did".split()),
    would=frozenset("would will".split()),
    never=frozenset("never hardly rarely seldom".split()),
    last=frozenset("now once too also mostly usually".split()),
    complements=frozenset("what why how where which".split()),
    so=frozenset({"so", "then"}),
    you={
        "i": "you",
        "we": "you",
        "me": "you",
        "us": "you",
        "my": "your",
        "our": "your",
        "mine": "yours",
        "ours": "yours",
        "myself": "yourself",
        "ourselves": "yourselves",
        "am": "are",
        "'m": "are",
    },
    how="how",
    why="why",
)
GRAMMAR = Grammar(
    model="morphmodel_en.pgz",
    kinds={tag: letter for letter, tags in _KINDS.items() for tag in tags.split()},
    noun="n",
    name="m",
    verb="t",
    past="e",
    participle="v",
    present=frozenset("tzbu"),
    hesitations=frozenset("um uh er erm hm hmm mm mhm".split()),
    naming=_NAMING,
    deeds=_DEEDS,
)
