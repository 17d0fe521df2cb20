"""Rules that judge an interviewer's reply: each says whether one thing about it is right. Pure, and
independent of the rules that the product itself applies before a reply is voiced.

They were compared with a person's reading; docs/models.md says how far they agree.
"""

import re
from collections.abc import Callable, Sequence

from pipeline.matching import places, says, words

from . import reply_words as lists
from .hold_interview import Exchange

ACKNOWLEDGEMENT_WORDS = 25
FOLLOW_UP_WORDS = 30
ANSWER_WORDS = 45
"""Words of a reply to the candidate's question, before the plan's question."""
CLOSE_WORDS = 60
SAME_STEM = 5
"""Two words that begin with as many equal letters count as one: "laugh" and "laughing"."""
ECHO = 9
"""As many words in a row of the candidate's are an echo; in an acknowledgement a whole answer is
one, too."""
QUOTED = 4
"""As many words in a row of the candidate's take up what was said."""
NO_NOUNS = frozenset(lists.NO_NOUN.split("|"))


def topics(text: str) -> set[str]:
    """Return the words that name something."""
    return {word for word in words(text) if len(word) > 2 and word not in lists.COMMON} | {
        word for word in words(text) if word.isdigit()
    }


def shared(one: set[str], other: set[str]) -> set[str]:
    """Return the topics of `one` that `other` has too, in whatever inflection."""
    return {word for word in one if any(_same(word, each) for each in other)}


def quotes_some(text: str, answer: str) -> bool:
    """Return True if some of the answer's words are taken up one after the other: "how you call
    them back" names no thing, but what was said."""
    said, reply = words(answer), f" {' '.join(words(text))} "
    runs = (" ".join(said[n : n + QUOTED]) for n in range(len(said) - QUOTED + 1))
    return any(f" {run} " in reply for run in runs)


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
    """Return False where a word of the answer stands in the place of a noun that it is not: "What
    was difficult about the easy?" Very small models, and patterns, make such questions."""
    text, said = text.lower().replace("’", "'"), words(answer)
    if lists.BROKEN.search(text):
        return False
    for last in lists.END.findall(text):
        at = [n for n, word in enumerate(said) if word == last]
        before = {said[n - 1] for n in at if n}
        after = {word.lower() for word in re.findall(rf"\b{last} (\w+)", answer.lower())}
        if before and before <= lists.BEFORE_VERBS:
            return False
        nouns = {word for word in after if not lists.VERB.fullmatch(word)} - NO_NOUNS
        if lists.ADJECTIVE.fullmatch(last) and nouns:
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
        if lists.LABEL.search(sentence):
            return False
    if lists.ASSISTANT.search(text) and not (each.act == "answer" and lists.PASS_ON.search(text)):
        return False
    allowed = lists.ALLOWED_FIRST_PERSON.findall(text)
    own_life = len(lists.FIRST_PERSON.findall(text)) > len(allowed) or lists.OURS.search(text)
    return not (own_life or (each.act != "answer" and lists.WE.search(text)))


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
    named = shared(topics(text), topics(each.answer)) or quotes_some(text, each.answer)
    if not each.said.substantial:
        named = named or shared(topics(text), topics(each.pending))
    again = says(text, each.pending) or says(each.pending, text)
    return bool(
        named
        and not again
        and text.count("?") == 1
        and lists.ASKS.search(asking)
        and len(words(text)) >= 4
        and reads_well(text, each.answer)
        and invents_nothing(each) is not False  # None: the words are the plan's own
        and is_no_echo(each) is not False
        and keeps_its_role(each)
    )


def follows_up_what_was_said(each: Exchange) -> bool | None:
    """The same, only after answers that name something."""
    substantial = each.said is not None and each.said.substantial
    return follows_up_concretely(each) if substantial else None


def is_short(each: Exchange) -> bool | None:
    limits = {"follow_up": FOLLOW_UP_WORDS, "answer": ANSWER_WORDS, "close": CLOSE_WORDS}
    if not each.asked_llm:
        return None
    return len(words(lead(each))) <= limits.get(each.act, ACKNOWLEDGEMENT_WORDS)


def is_english(each: Exchange) -> bool:
    text = lead(each)
    said = words(text)
    foreign = re.search(r"[^\x00-\x7f£€àâäçèéêëïîôöùûüñæœßø’‘“”–—…]", text)
    return not foreign and (len(said) < 6 or bool(lists.FUNCTION_WORDS & set(said)))


def judges_nothing(each: Exchange) -> bool:
    """No praise, no blame, no promise."""
    return not lists.JUDGEMENT.search(lead(each).lower())


def is_no_echo(each: Exchange) -> bool | None:
    """The candidate's answer is not said back to them."""
    if each.said is None or not each.asked_llm:
        return None
    said, reply = words(each.said.text), " ".join(words(lead(each)))
    length = ECHO if each.act == "follow_up" else min(ECHO, max(6, len(said)))
    runs = (" ".join(said[n : n + length]) for n in range(len(said) - length + 1))
    return not any(f" {run} " in f" {reply} " for run in runs)


def invents_nothing(each: Exchange) -> bool | None:
    """No number and no name that nobody has said. Small numbers are forgiven, they count things."""
    if each.said is None or not each.asked_llm:
        return None
    text = lead(each)
    known = set(words(f"{each.answer} {each.pending} {each.known} {each.question}"))
    numbers = {w for w in words(text) if w.isdigit() or w in lists.NUMBERS} - {"one", "two"}
    names = {w.lower() for w in re.findall(r"(?<=[a-z,] )[A-Z]\w{2,}", text)}
    return all(any(_same(w, each_known) for each_known in known) for w in numbers | names)


def answers_the_question(each: Exchange) -> bool | None:
    """The candidate's own question is answered from the job's facts, or passed on."""
    if each.said is None or not each.said.asked or each.act not in ("answer", "close"):
        return None
    text = lead(each).lower()
    named = any(re.search(rf"\b{re.escape(fact)}", text) for fact in each.said.facts)
    return named or bool(lists.PASS_ON.search(text))


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
    "… after an answer that names something": follows_up_what_was_said,
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
