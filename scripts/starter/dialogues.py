"""Documents that the starter interviewer learns from: interviews in the service's prompt contract,
assessments of answers, and plain copying. A document is a list of (role, text)."""

from collections.abc import Callable
from dataclasses import dataclass

from pipeline.assessment.criteria import DEFAULT_RUBRIC
from pipeline.assessment.rating import SYSTEM
from pipeline.interview import wording
from pipeline.interview.plan import Plan, Question
from scripts.starter.answers import Answer, answer, as_heard, free, result, sentence
from scripts.starter.ratings import rating
from scripts.starter.terms import TABLES, Terms

Document = list[tuple[str, str]]

FACTS = [name.removeprefix("fact ") for name in TABLES if name.startswith("fact ")]
ASKED = [name.removeprefix("ask ") for name in TABLES if name.startswith("ask ")]


@dataclass(frozen=True, slots=True)
class Size:
    """Ranges of how long an interview is: turns, questions, facts about the job, notes about the
    candidate, sentences of an answer; and how many of the candidate's turns are questions."""

    turns: tuple[int, int]
    questions: tuple[int, int]
    facts: tuple[int, int]
    notes: tuple[int, int]
    sentences: tuple[int, int]
    asking: float = 0.13


SHORT = Size((1, 2), (1, 2), (0, 1), (1, 1), (1, 2))
MEDIUM = Size((2, 5), (2, 5), (0, 4), (1, 2), (1, 3))
FULL = Size((6, 14), (4, 9), (2, 6), (2, 4), (1, 4))
ASKING = Size((3, 6), (4, 7), (0, 4), (1, 2), (1, 1), asking=0.6)

KNOWN = 0.15
"""Share of the candidate's questions that are chosen because a fact answers them: with more of them
a small model makes facts up where there are none."""

KINDS = {
    "short": ((SHORT, 0.45), 0.45),
    "medium": ((MEDIUM, 0.74), 0.08),
    "full": ((FULL, 0.88), 0.02),
}
"""Kind of document -> (size of interviews, their share), share of copying; assessments the rest."""


def document(terms: Terms, kind: str) -> Document:
    """A document of one of the KINDS, or one of those that do one thing ALONE."""
    terms.new_theme()
    if kind in ALONE:
        return ALONE[kind](terms)
    (size, interviews), copies = KINDS[kind]
    draw = terms.random.random()
    if draw < copies:
        return copying(terms)
    return Interview(terms, size).held() if draw < copies + interviews else assessment(terms)


def question(terms: Terms) -> str:
    """Something to ask, from plain to nonsensical: it has to be repeated exactly."""
    draw = terms.random.random()
    if draw < 0.13:
        line = terms.random.choice(terms.lines)
        words = (
            (line if line.startswith("I") else line[0].lower() + line[1:])
            .rstrip(".?")
            .split()[: terms.random.randint(3, 12)]
        )
        if terms.chance(0.4):
            words[terms.random.randrange(len(words))] = terms.word()
        text = f"{terms.any('question start')} {' '.join(words)}"
        return text[0].upper() + text[1:] + terms.random.choice(["?", "?", "?", "."])
    if draw < 0.22:
        words = [
            terms.random.choice("the a your of in with to when that and for is it you on".split())
            if terms.chance(0.4)
            else terms.blend()
            for _ in range(terms.random.randint(3, 10))
        ]
        return terms.with_topic("strange question", " ".join(words))
    scene = terms.grammar.one("scene") + " " if terms.chance(0.08) else ""
    text = terms.grammar.one("question")
    return scene + text[0].upper() + text[1:]


class Interview:
    """One interview as it goes on."""

    def __init__(self, terms: Terms, size: Size) -> None:
        self._terms, self._size = terms, size
        random_ = terms.random
        candidate, job = terms.full_name(), terms.job()
        self._facts = {
            name: terms.grammar.one(f"fact {name}")
            for name in random_.sample(FACTS, random_.randint(*size.facts))
        }
        self._first = candidate.split()[0]
        self._plan = Plan(
            questions=tuple(
                Question(text=question(terms)) for _ in range(random_.randint(*size.questions))
            ),
            candidate=candidate,
            interviewer=terms.first(),
            job_title=job,
            job_summary=self._summary(job),
            candidate_summary=self._profile(random_.randint(*size.notes)),
        )
        self._document: Document = [("system", wording.system_prompt(self._plan))]
        self._at = 0
        self._follow_ups = 0

    def held(self) -> Document:
        """The whole document."""
        terms = self._terms
        if terms.chance(0.8):
            self._greet()
        else:
            self._at = terms.random.randrange(len(self._plan.questions))
        for _ in range(terms.random.randint(*self._size.turns)):
            if not self._turn():
                break
        return self._document

    def _summary(self, job: str) -> str:
        grammar = self._terms.grammar
        opening = grammar.filled(grammar.one("job opening").replace("JOB", job))
        notes = [grammar.one("job note") for _ in range(self._terms.random.randint(0, 2))]
        parts = [*self._facts.values(), *notes]
        self._terms.random.shuffle(parts)
        return " ".join([opening, *parts])

    def _profile(self, count: int) -> str:
        notes = self._terms.random.sample(TABLES["profile"], count)
        return " ".join(
            self._terms.grammar.filled(note.replace("{FIRST}", self._first)) for note in notes
        )

    def _say(self, said: str | None, note: str, reply: str) -> None:
        if said is not None:
            self._document.append(("user", said))
        self._document += [("system", note), ("assistant", reply)]

    def _framed(self, slot: str) -> str:
        text = self._terms.any(slot).replace("{N}", self._first)
        text = text.replace("{I}", self._plan.interviewer)
        return text.replace("{J}", self._plan.job_title)

    def _question(self) -> str:
        return self._plan.questions[self._at].text

    def _greet(self) -> None:
        said = self._terms.any("hello") if self._terms.chance(0.3) else None
        reply = f"{self._framed('greeting')} {self._question()}"
        self._say(said, wording.greet_note(self._plan, 0), reply)

    def _turn(self) -> bool:
        """One turn; False after the last."""
        terms, draw = self._terms, self._terms.random.random()
        if draw < 0.07:
            said = terms.any("nothing heard") if terms.chance(0.8) else ""
            reply = f"{self._framed('not heard')} {self._question()}"
            self._say(said, wording.again_note(self._question()), reply)
            return True
        if draw < 0.1:
            self._say(terms.any("not ready"), wording.WAIT_NOTE, terms.any("take your time"))
            return True
        given = answer(terms, *self._size.sentences)
        if draw < 0.27 and self._follow_ups < 2:
            self._follow_ups += 1
            self._say(given.text, wording.FOLLOW_UP_NOTE, follow_up(terms, given))
            return True
        self._follow_ups = 0
        if self._at + 1 == len(self._plan.questions):
            self._close(given)
            return False
        self._at += 1
        if draw < 0.27 + self._size.asking:
            self._answer_a_question(given)
        else:
            reply = f"{acknowledgement(terms, given, self._first)} {self._question()}"
            self._say(given.text, wording.ask_note(self._plan, self._at), reply)
        return True

    def _close(self, given: Answer) -> None:
        terms, goodbye = self._terms, self._framed("goodbye")
        if terms.chance(0.2):
            said, reply = terms.grammar.one("ask other"), f"{terms.any('not known')} {goodbye}"
            self._say(said, wording.ANSWER_AND_CLOSE_NOTE, reply)
        else:
            said = given.text if terms.chance(0.8) else terms.any("last words")
            self._say(said, wording.CLOSE_NOTE, goodbye)

    def _answer_a_question(self, given: Answer) -> None:
        terms = self._terms
        name = terms.random.choice(ASKED)
        if self._facts and terms.chance(KNOWN):
            name = terms.random.choice(list(self._facts))
        parts = [
            *([given.text] if terms.chance(0.35) else []),
            *([terms.any("before a question")] if terms.chance(0.6) else []),
            terms.grammar.one(f"ask {name}"),
        ]
        said = as_heard(terms, Answer(" ".join(parts), None)).text
        lead = [terms.any("taking a question")] if terms.chance(0.6) else []
        fact = self._facts.get(name) or terms.any("not known")
        reply = " ".join([*lead, fact, self._question()])
        self._say(said, wording.answer_note(self._plan, self._at), reply)


def acknowledgement(terms: Terms, given: Answer, first: str) -> str:
    """A sentence that takes up the topic of the answer."""
    if given.topic is None:
        return terms.any("acknowledge nothing").replace("{N}", first)
    text = terms.with_topic(f"acknowledge {given.topic.kind}", given.topic.referred)
    if terms.chance(0.12):
        return text.replace("Thanks,", f"Thanks {first},", 1)
    return text


def follow_up(terms: Terms, given: Answer) -> str:
    """A question about the topic of the answer."""
    if given.topic is None:
        return terms.any("follow up nothing")
    text = terms.with_topic(f"follow up {given.topic.kind}", given.topic.referred)
    return f"{terms.any('taking an answer')} {text}" if terms.chance(0.3) else text


def copying(terms: Terms) -> Document:
    """Dense copying in the shape of the real turns."""
    draw, asked, number = terms.random.random(), question(terms), terms.random.randint(2, 9)
    if draw < 0.35:
        words = [
            terms.blend() if terms.chance(0.6) else terms.word()
            for _ in range(terms.random.randint(3, 14))
        ]
        text = " ".join(words)
        return [("user", f"Repeat: {text}"), ("assistant", f"Sure: {text}")]
    if draw < 0.6:
        note = f"Next: greet the candidate and ask question {number}: {asked}"
        return [("system", note), ("assistant", f"Hello. {asked}")]
    if draw < 0.8:
        sorry = terms.any("not heard").replace(", {N}", "").replace(" {N}", "")
        return [("system", wording.again_note(asked)), ("assistant", f"{sorry} {asked}")]
    given = answer(terms, 1, 1)
    if draw < 0.9:
        note = f"Next: acknowledge the answer and ask question {number}: {asked}"
        reply = f"{acknowledgement(terms, given, 'there')} {asked}"
    else:
        note, reply = wording.FOLLOW_UP_NOTE, follow_up(terms, given)
    return [("user", given.text), ("system", note), ("assistant", reply)]


def topics(terms: Terms) -> Document:
    """Answers one after the other, each taken up: the last one counts, whatever was said before."""
    spoken: Document = []
    for number in range(2, terms.random.randint(4, 9)):
        given = answer(terms, 1, 2)
        if terms.chance(0.5):
            note, reply = wording.FOLLOW_UP_NOTE, follow_up(terms, given)
        else:
            asked = question(terms)
            note = f"Next: acknowledge the answer and ask question {number}: {asked}"
            reply = f"{acknowledgement(terms, given, 'there')} {asked}"
        spoken += [("user", given.text), ("system", note), ("assistant", reply)]
    return spoken


def assessment(terms: Terms) -> Document:
    """One answer and its rating, from nothing said to everything that the rubric wants."""
    topic = terms.skill() if terms.chance(0.6) else terms.matter()
    keywords = [topic, *(terms.skill() for _ in range(terms.random.randint(0, 2)))]
    rubric = DEFAULT_RUBRIC if terms.chance(0.45) else terms.any("rubric")
    if "{X}" not in rubric:
        keywords = []  # the rubric names none
    rubric = rubric.replace("{X}", " and ".join(keywords))
    asked = terms.with_topic("question about", topic) if terms.chance(0.5) else question(terms)
    level = terms.random.choices([0, 1, 2, 3, 4], [3, 2, 5, 2, 3])[0]
    spoken = as_heard(terms, Answer(_answered(terms, level, keywords or [topic]), None)).text
    content = f"Question: {asked}\nAnswer: {spoken}\nRubric: {rubric}"
    return [("system", SYSTEM), ("user", content), ("assistant", rating(spoken, keywords))]


def _answered(terms: Terms, level: int, keywords: list[str]) -> str:
    """What a candidate of this level, 0..4, says."""
    if level == 0:
        return terms.any("short answer")
    if level == 1:
        vague = [terms.any("vague answer") for _ in range(terms.random.randint(1, 2))]
        return " ".join([*vague, free(terms)[0]] if terms.chance(0.4) else vague)
    parts = [
        terms.with_topic("expert answer", word)
        for word in (keywords if level == 4 else keywords[:1])
    ]
    if terms.chance(0.6):
        parts = []  # a good answer need not use the rubric's words
    parts += [sentence(terms)[0] for _ in range(terms.random.randint(1, level))]
    if level > 2:
        parts.append(result(terms)[0])
    if terms.chance(0.3):
        parts.append(terms.any("filler"))
    if terms.chance(0.2):
        parts.insert(0, terms.any("opener"))
    return " ".join(parts)


ALONE: dict[str, Callable[[Terms], Document]] = {
    "copying": copying,
    "topics": topics,
    "asking": lambda terms: Interview(terms, ASKING).held(),
    "assessment": assessment,
}
