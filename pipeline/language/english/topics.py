"""Words by which something that an answer names is told from the words around it."""

import re

from ..language import Topics
from .grammar import GRAMMAR
from .subjects import ASKED, CLOSED, SUBJECTS, WANTS

_PERSONS = frozenset("i we you he she they it who that which there this these those".split())
_AUXILIARIES = frozenset(
    """am is are was were be been being do does did have has had can could will would may might
    must shall should ought let let's i'm i've i'd i'll we're we've we'd we'll you're they're it's
    he's she's that's there's isn't wasn't weren't aren't don't doesn't didn't haven't hasn't
    hadn't can't cannot couldn't won't wouldn't shouldn't not never""".split()
)
_PRONOUNS = frozenset(
    """me us him them myself ourselves yourself himself herself themselves itself mine yours ours
    everything everybody everyone somebody someone something anybody anyone anything nobody nothing
    ones other others else""".split()
)
_CONJUNCTIONS = frozenset(
    """what when where why how whose whom whether because so but if then than while although though
    until unless since before after as like""".split()
)
_ADVERBS = frozenset(
    """very really just only also too even still already always usually often sometimes mostly
    mainly probably perhaps maybe actually honestly basically quite rather again now here away back
    down up out off together ago today yesterday tomorrow well yes no yeah okay ok um uh er erm hm
    hmm please sorry guess mean know think lot bit kind sort course example instance thank thanks
    able sure right left such much more most less long easy hard good bad great nice first once
    twice early late later soon almost around nearly ever finally suddenly immediately especially
    different same ready close half outside inside""".split()
)
_PAST = frozenset(
    """went took made gave got came said told found led built wrote ran kept thought knew saw felt
    set put began broke brought bought spoke sat stood taught sent met paid sold lost won held fell
    grew chose drove became understood meant spent slept caught fixed used tried wanted needed liked
    loved helped worked started learned learnt looked asked called talked moved happened managed
    decided get gets go goes going make makes take takes give gives come comes say says tell tells
    find want wants need needs work works try tries keep keeps use uses speak speaks write writes
    read help helps look looks ask asks understand explain explains enjoy prefer believe feel love
    hope wish live lives doing making getting shook rose woke hid bit stuck sank froze tore wore
    rang stole flew blew ate drank hung lent laid lit slid swore cost hit hurt shut burst quit stops
    runs starts looks fits gave rains rained opens closes feels means belongs""".split()
)
_UNTOUCHED = re.compile(
    r"(?i)\b(?:hired?|hiring|reject\w*|score\w*|full points|(?:full|top) marks?|"
    r"instructions?|prompts?|(?:language )?model|congratulations|candidates?|interviewers?|"
    r"ill(?:ness)?|sick\w*|disease\w*|cancer|depress\w*|burn-?out|disab\w*|handicap\w*|diagnos\w*|"
    r"therapy|pregnan\w*|maternity|miscarriage|divorce\w*|husband|wife|marriage|married|widow\w*|"
    r"kids?|babys?|my (?:son|daughter|child|children|family|mother|father|parents|partner)|"
    r"boyfriend|girlfriend|gay|lesbian|trans(?:gender)?|sex\w*|religio\w*|church|mosque|synagogue|"
    r"muslims?|christians?|jew(?:s|ish)?|hindus?|catholics?|islam|race|racis\w*|nationality|"
    r"immigra\w*|asylum|visa|prison|jail|convict\w*|unions?|polit\w*|age|alcohol\w*|drugs?|suicide|"
    r"death|died?|dead|funeral|abus\w*|rape\w*|"
    r"fuck\w*|shit\w*|bitch\w*|bastard\w*|ass|asshole\w*|crap|damn|idiots?|stupid|moron\w*|nazi\w*|"
    r"hell|dick\w*|cunt\w*|whore\w*|slut\w*|piss\w*|nigg\w*|fag\w*)\b"
)
_VAGUE = frozenset(
    """idea ideas time times year years month months week weeks day days hour hours minute
    minutes morning evening night weekend people person man woman team teams job jobs work
    part parts way ways role roles situation situations example examples place places end side
    thing things point points area number numbers question questions answer answers case cases
    fact facts front top rest whole last next new old other own wrong right big small first
    second
    following previous current several usual name names others luck fun care life
    lives story stories lot lots bit bits kind kinds
    sort sorts couple guess example examples somewhere anywhere
    oh ah aah ooh eh uh um hm hmm huh wow whoa gosh god goodness jesus yikes ouch oops thanks hello
    hi hey ok okay yes yeah yep nope alright sorry please welcome bye goodbye cheers""".split()
)
TOPICS = Topics(
    determiners=frozenset(
        """a an the my our your his her their its every each all both several many few some any one
        two three four five six seven eight nine ten eleven twelve twenty thirty forty fifty hundred
        another""".split()
    ),
    inner=frozenset(
        """and or of for in at on with without from to by per between under over about against into
        onto through during within across behind near beside along""".split()
    ),
    breaks=_PERSONS | _AUXILIARIES | _PRONOUNS | _CONJUNCTIONS | _ADVERBS | _PAST,
    vague=_VAGUE,
    subjects=SUBJECTS,
    wants=WANTS,
    asked=ASKED,
    closed=CLOSED,
    yours={"my": "your", "our": "your"},
    untouched=_UNTOUCHED,
    grammar=GRAMMAR,
)
