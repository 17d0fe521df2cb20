"""Rules that judge an interviewer's reply: each says whether one thing about it is right. Pure, and
independent of the rules that the product itself applies before a reply is voiced.

They were compared with a person's reading; docs/models.md says how far they agree.
"""

import re
from collections.abc import Callable, Sequence

from pipeline.matching import places, says, words

from .hold_interview import Exchange

ACKNOWLEDGEMENT_WORDS = 25
FOLLOW_UP_WORDS = 30
ANSWER_WORDS = 45
"""Words of a reply to the candidate's question, before the plan's question."""
CLOSE_WORDS = 60
SAME_STEM = 5
"""Two words that begin with as many equal letters count as one: "laugh" and "laughing"."""
ECHO = 9
"""As many words in a row of the candidate's are an echo, unless the answer has few more."""

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

_MAY_SAY = (
    r"(?:see|hear|heard|understand|understood|note|noted|appreciate|wonder|am curious|'m curious"
    r"|was wondering|will pass|'ll pass|will note|'ll note|do not know|don't know|cannot answer"
    r"|can't answer|do not have|don't have|am an automated|can hear|did not catch|didn't catch"
    r"|am sorry|'m sorry|am glad|'m glad|would like to|'d like to|will end|cannot hear|have noted"
    r"|have written|take that|will take|'ll take|got that|get that|am listening|ask|will forward"
    r"|will ask|am not sure|'m not sure|will make sure|have no|have that|will keep|have it)"
)
_I = re.compile(r"\b(i|i've|i'm|i'd|i'll)\b")
_ALLOWED_I = re.compile(rf"\bi(?: (?:also|just|really))?(?: |(?=')){_MAY_SAY}\b")
_OURS = re.compile(r"\b(?:my|mine|myself|our|ours|ourselves)\b(?! (?:last |next |first )?question)")
_WE = re.compile(
    r"\bwe(?:'ve|'re|'d)?\b(?!'ll| (?:will|have come|come|can go|can move|will go|move|go|are"
    r" (?:almost|nearly)|offer|use|work|run|have \w+ (?:days|weeks|people)))"
)
_ASSISTANT = re.compile(
    r"\bas an ai\b|language model|how (?:can|may) i (?:help|assist)|\bassist you\b|feel free"
    r"|let me know|please provide|provide more (?:context|information)|any (?:other|more|further)"
    r" questions|here (?:are|is) (?:some|a|an)\b|i hope this|happy to help|glad to help"
    r"|thank you for (?:your question|asking|the question|having me|the opportunity"
    r"|your understanding|reaching out)|nice to meet you|in summary|as an interview"
    r"|\byou're welcome|the candidate\b|the speaker|the applicant|the interviewee|the interviewer"
    r"|don't have any information|do not have any information|cannot provide|can't provide"
    r"|^certainly|^of course, i"
)
_LABEL = re.compile(r"(?im)^\W*(?:candidate|interviewer|user|assistant|question|answer|next)\s*:")
_JUDGEMENT = re.compile(
    r"\b(?:great|excellent|fantastic|impressive|impressed|amazing|wonderful|perfect|outstanding"
    r"|brilliant|awesome|exactly right|well done|good (?:job|answer|point|example)|poor"
    r"|disappoint\w*|you(?:'re| are) (?:hired|a good|a great|the right)|got the job|congratulations"
    r"|we will (?:hire|offer)|we'd love to have|not good enough|wrong answer|that's right"
    r"|commendable|remarkable)\b"
)
_ASKS = re.compile(
    r"\b(?:what|which|who|whom|whose|when|where|why|how|can you|could you|would you|did you|do you"
    r"|were you|was (?:it|there|that)|is (?:it|there|that)|are you|have you|has|had you"
    r"|did (?:it|that|they|he|she)|tell me|describe|will you|does)\b"
)
_GENERIC = (
    "could you tell me a little more about that",
    "could you tell me more about that",
    "can you tell me more about that",
    "could you give me an example",
    "can you give me an example",
    "can you provide an example",
    "what do you mean by that",
    "can you elaborate on that",
    "could you elaborate",
    "what was your role",
    "how did that make you feel",
)
_PASS_ON = re.compile(
    r"pass (?:it|that|this|your question|the question) on|do(?:n't| not) know|not sure"
    r"|(?:cannot|can't) (?:say|tell|answer)|do(?:n't| not) have (?:that|this|the)|get back to you"
    r"|somebody will|someone will|have (?:it|that) answered|will be answered|forward"
)
_NO_NOUN = (
    "i|i'm|me|he|him|she|they|them|we|us|it|to|between|out|of|in|on|at|with|for|from|and|or|but|because"
    "|if|when|could|would|should|can|will|is|was|are|were|be|do|did|had|have|the|a|an"
)
_BROKEN = re.compile(
    rf"\b(?:the|an?|your|this|these|those) (?:{_NO_NOUN})\b(?!')"
    r"|\b(?:could|would|should|will|the|an?|and|or|because|my)[.?!]|\b(?:the|your) \w{3,}ly[.?!]"
)
"""Word salad: an article before a word that is no noun, an end that is none."""
_END = re.compile(r"\b(?:the|your) (\w+)[.?!]")
_BEFORE_VERBS = frozenset(
    "to i i'm we they you he she it it's is was are were be very should would could can can't "
    "don't not".split()
)
_NUMBERS = frozenset(
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
    "sixteen seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety "
    "hundred thousand million".split()
)
_FUNCTION_WORDS = frozenset(
    "the a an you your to of and in is for that i it what how did with was on about me are do at "
    "when thank could tell".split()
)


def topics(text: str) -> set[str]:
    """Return the words that name something."""
    return {word for word in words(text) if len(word) > 2 and word not in COMMON} | {
        word for word in words(text) if word.isdigit()
    }


def shared(one: set[str], other: set[str]) -> set[str]:
    """Return the topics of `one` that `other` has too, in whatever inflection."""
    return {word for word in one if any(_same(word, each) for each in other)}


def _same(one: str, other: str) -> bool:
    if one == other or _stem(one) == _stem(other):
        return True
    return len(one) > SAME_STEM and one[:SAME_STEM] == other[:SAME_STEM]


def _stem(word: str) -> str:
    for ending in ("'s", "ies", "ing", "ed", "es", "s", "y"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word.removesuffix(ending)
    return word


def without(text: str, question: str) -> str:
    """Return the text without the question, wherever it stands word for word."""
    for start, end in reversed(places(question, text)):
        text = text[:start].rstrip() + " " + text[end:].lstrip(" ?.!,:")
    return text.strip()


def lead(each: Exchange) -> str:
    """Return the reply without the plan's question: the acknowledgement, answer or follow-up."""
    return without(each.heard, each.question)


def statements(text: str) -> str:
    """Return the sentences that are no questions."""
    return " ".join(s for s in re.split(r"(?<=[.!?])\s+", text) if not s.endswith("?"))


def reads_well(text: str, answer: str) -> bool:
    """Return False for word salad, as very small models make it of an answer: "What was difficult
    about the easy?\""""
    text, said = text.lower().replace("’", "'"), words(answer)
    if _BROKEN.search(text):
        return False
    for last in _END.findall(text):
        before = {said[n - 1] for n, word in enumerate(said) if word == last and n}
        if before and before <= _BEFORE_VERBS:
            return False
    return True


# What a reply is judged by. None: the rule does not apply to it.


def names_a_topic(each: Exchange) -> bool | None:
    said = each.said
    if each.act != "ask" or said is None or said.asked or not said.substantial:
        return None
    text = statements(lead(each))
    return bool(shared(topics(text), topics(each.answer))) and reads_well(text, each.answer)


def keeps_its_role(each: Exchange) -> bool:
    """No claim of a life of its own, no talk of an assistant, no label of a speaker."""
    text = lead(each).lower().replace("’", "'")
    for sentence in each.heard.split(". "):
        if _LABEL.search(sentence):
            return False
    if _ASSISTANT.search(text) and not (each.act == "answer" and _PASS_ON.search(text)):
        return False
    own_life = len(_I.findall(text)) > len(_ALLOWED_I.findall(text))
    return not (own_life or _OURS.search(text) or (each.act != "answer" and _WE.search(text)))


def asks_verbatim_once(each: Exchange) -> bool | None:
    if not each.question:
        return None
    return len(places(each.question, each.heard)) == 1 and not says(lead(each), each.question)


def asks_nothing_else(each: Exchange) -> bool | None:
    """No second question beside the plan's, or, in a follow-up, beside its own."""
    if each.act == "follow_up":
        return each.heard.count("?") <= 1
    return "?" not in lead(each) if each.question else None


def follows_up_concretely(each: Exchange) -> bool | None:
    """One question, which is not the plan's, that can be answered and names something of what was
    said; after an answer that names nothing, something of what was asked."""
    if each.act != "follow_up" or each.said is None:
        return None
    text = each.heard.lower().replace("’", "'")
    asking = re.split(r"(?<=[.!])\s+", text)[-1]
    named = shared(topics(text), topics(each.answer))
    if not each.said.substantial:
        named = named or shared(topics(text), topics(each.pending))
    generic = any(says(text, each_generic) for each_generic in _GENERIC)
    again = says(text, each.pending) or says(each.pending, text)
    return bool(
        named
        and not again
        and not (generic and len(words(text)) < 14)
        and text.count("?") == 1
        and _ASKS.search(asking)
        and len(words(text)) >= 4
        and reads_well(text, each.answer)
        and invents_nothing(each)
        and is_no_echo(each)
        and keeps_its_role(each)
    )


def is_short(each: Exchange) -> bool | None:
    limits = {"follow_up": FOLLOW_UP_WORDS, "answer": ANSWER_WORDS, "close": CLOSE_WORDS}
    if not each.asked_llm:
        return None
    return len(words(lead(each))) <= limits.get(each.act, ACKNOWLEDGEMENT_WORDS)


def is_english(each: Exchange) -> bool:
    text = lead(each)
    said = words(text)
    foreign = re.search(r"[^\x00-\x7f£€àâäçèéêëïîôöùûüñæœßø’‘“”–—…]", text)
    return not foreign and (len(said) < 6 or bool(_FUNCTION_WORDS & set(said)))


def judges_nothing(each: Exchange) -> bool:
    """No praise, no blame, no promise."""
    return not _JUDGEMENT.search(lead(each).lower())


def is_no_echo(each: Exchange) -> bool | None:
    """The candidate's answer is not said back to them."""
    if each.said is None or not each.asked_llm:
        return None
    said, reply = words(each.said.text), " ".join(words(lead(each)))
    length = min(ECHO, max(5, len(said) - 1))
    runs = (" ".join(said[n : n + length]) for n in range(len(said) - length + 1))
    return not any(f" {run} " in f" {reply} " for run in runs)


def invents_nothing(each: Exchange) -> bool | None:
    """No number and no name that nobody has said. Small numbers are forgiven, they count things."""
    if each.said is None or not each.asked_llm:
        return None
    text = lead(each)
    known = set(words(f"{each.answer} {each.pending} {each.known} {each.question}"))
    numbers = {w for w in words(text) if w.isdigit() or w in _NUMBERS} - {"one", "two"}
    names = {w.lower() for w in re.findall(r"(?<=[a-z,] )[A-Z][a-z]{2,}", text)}
    return all(any(_same(w, each_known) for each_known in known) for w in numbers | names)


def answers_the_question(each: Exchange) -> bool | None:
    """The candidate's own question is answered from the job's facts, or passed on."""
    if each.said is None or not each.said.asked or each.act not in ("answer", "close"):
        return None
    text = lead(each).lower()
    named = any(re.search(rf"\b{re.escape(fact)}", text) for fact in each.said.facts)
    return named or bool(_PASS_ON.search(text))


def is_the_models(each: Exchange) -> bool | None:
    """Words of the model are heard, not only the plan's own."""
    if not each.asked_llm:
        return None
    return bool(words(without(each.own, each.question)))


RULES: dict[str, Callable[[Exchange], bool | None]] = {
    "acknowledgement names a topic": names_a_topic,
    "keeps its role": keeps_its_role,
    "question verbatim once": asks_verbatim_once,
    "asks nothing else": asks_nothing_else,
    "follow-up concrete": follows_up_concretely,
    "short": is_short,
    "in the language": is_english,
    "no praise, blame or promise": judges_nothing,
    "no echo": is_no_echo,
    "invents no number or name": invents_nothing,
    "candidate's question answered": answers_the_question,
    "the model's own words": is_the_models,
}

ALIKE = "not the last acknowledgement again"
AGAIN = "nothing said twice in an interview"


def judged(exchanges: Sequence[Exchange]) -> list[dict[str, bool]]:
    """Judge all replies of one interview, in their order."""
    found = []
    last, before = "", set()
    for each in exchanges:
        rules = {name: rule(each) for name, rule in RULES.items()}
        verdicts = {name: verdict for name, verdict in rules.items() if verdict is not None}
        said = " ".join(words(lead(each)))
        if said and each.act in ("ask", "follow_up", "answer"):
            if last:
                verdicts[ALIKE] = said != last
            if len(said.split()) > 3 and each.asked_llm:
                verdicts[AGAIN] = said not in before
            last = said
            before.add(said)
        found.append(verdicts)
    return found
