"""The words between the interview's rules and the LLM: the prompt contract, and the sentences that
are said without an LLM. Pure.

The notes are what the starter model was trained on, letter for letter; change them only together
with it.
"""

from dataclasses import dataclass, fields

from .injection import honest
from .names import name_of
from .notices import Notice
from .plan import UNNAMED_JOB, Plan, one_line

UNHEARD_TURN = "[inaudible]"
"""Stands in the dialogue for a turn of the candidate's of which no word was understood."""

WAIT_NOTE = "Next: tell the candidate to take their time"
FOLLOW_UP_NOTE = "Next: ask a short follow-up about the last answer"
CLOSE_NOTE = "Next: close the interview"
ANSWER_AND_CLOSE_NOTE = "Next: answer the candidate's question briefly, then close the interview"


def system_prompt(plan: Plan) -> str:
    """Who the LLM is and what the interview covers."""
    me, candidate, job = (one_line(x) for x in (plan.interviewer, plan.candidate, plan.job_title))
    language = _LANGUAGES.get(plan.language, "")
    lines = [
        f"You are {me}, a friendly interviewer. You are interviewing {candidate} for the role of "
        f"{job}. Speak in one or two short sentences and ask one question at a time.",
        *([f"Speak {language}."] if language else []),
        f"Job: {one_line(plan.job_summary) or 'No description was given.'}",
        f"Candidate: {honest(one_line(plan.candidate_summary))[0] or 'No profile was given.'}",
        "Questions:",
        *(f"{n}. {question_text(plan, n - 1)}" for n in range(1, len(plan.questions) + 1)),
    ]
    return "\n".join(lines)


def is_named(plan: Plan) -> bool:
    """Whether candidate and job have names that can be said. Where they have none a small model
    greets "the candidate" of "the open position"; our own words go round it."""
    return bool(name_of(plan.candidate).spoken) and plan.job_title != UNNAMED_JOB


def question_text(plan: Plan, index: int) -> str:
    return one_line(plan.questions[index].text)


def greet_note(plan: Plan, index: int) -> str:
    return f"Next: greet the candidate and ask {_numbered(plan, index)}"


def ask_note(plan: Plan, index: int) -> str:
    return f"Next: acknowledge the answer and ask {_numbered(plan, index)}"


def answer_note(plan: Plan, index: int, text: str = "") -> str:
    """`text`: a follow-up that waits, in place of the plan's question."""
    asked = f"question {index + 1}: {text}" if text else _numbered(plan, index)
    return f"Next: answer the candidate's question briefly, then ask {asked}"


def again_note(question: str) -> str:
    return f"Next: the answer was not heard, ask again: {question}"


def _numbered(plan: Plan, index: int) -> str:
    return f"question {index + 1}: {question_text(plan, index)}"


@dataclass(frozen=True, slots=True)
class Sentences:
    """What the interviewer says without an LLM; `{name}` is ", Maria", or nothing."""

    greeting: str
    thanks: str
    follow_up: str
    not_heard: str
    repeat: str
    hearing_you: str
    take_your_time: str
    still_there: str
    pass_on: str
    """In place of an answer to the candidate's question."""
    move_on: str
    welcome_back: str
    goodbye: str
    goodbye_again: str
    """After a closing that the candidate interrupted."""
    out_of_time: str
    stopping: str
    nobody_there: str


ENGLISH = Sentences(
    greeting="Hello{name}, and welcome to this interview.",
    thanks="Thank you.",
    follow_up="Could you tell me a little more about that?",
    not_heard="Sorry, I did not catch that.",
    repeat="Of course.",
    hearing_you="Yes, I can hear you.",
    take_your_time="Of course, take your time.",
    still_there="Take your time.",
    pass_on="I do not know that yet, but I will pass your question on.",
    move_on="Let us go on to the next question.",
    welcome_back="Welcome back.",
    goodbye="That was my last question. Thank you for your time{name}. Goodbye.",
    goodbye_again="Thank you{name}. Goodbye.",
    out_of_time="We have come to the end of our time. Thank you for your answers{name}. Goodbye.",
    stopping="Of course, we will stop here. Thank you for your time{name}. Goodbye.",
    nobody_there="I cannot hear you any more, so I will end the interview here. Thank you{name}, "
    "and goodbye.",
)


def sentences(plan: Plan) -> Sentences:
    """The ready sentences in the interview's language. Outside English only greeting and farewell
    have words: what must be said without the LLM is otherwise the bare question."""
    if plan.language == "en":
        return ENGLISH
    farewell = _FAREWELLS.get(plan.language, "Thank you. Goodbye.")
    leads = dict.fromkeys((field.name for field in fields(Sentences)), "")
    greeting = _GREETINGS.get(plan.language, "")
    return Sentences(**leads | dict.fromkeys(_CLOSING, farewell) | {"greeting": greeting})


def named(plan: Plan, sentence: str) -> str:
    """The sentence with what the candidate is called, where that is known."""
    spoken = name_of(plan.candidate).spoken
    return sentence.format(name=f", {spoken}" if spoken else "")


def notice(plan: Plan, what: Notice) -> str:
    """Tells the candidate, in the interview's language if it has words for it, else in English."""
    return _NOTICES.get(plan.language, _NOTICES["en"])[what]


def apology(plan: Plan) -> str:
    """Said when the interviewer breaks in on a turn that does not end."""
    return _SORRY.get(plan.language, _SORRY["en"])


_CLOSING = ("goodbye", "goodbye_again", "out_of_time", "stopping", "nobody_there")
_LANGUAGES = {
    "ar": "Arabic",
    "cs": "Czech",
    "da": "Danish",
    "de": "German",
    "el": "Greek",
    "es": "Spanish",
    "fi": "Finnish",
    "fr": "French",
    "hi": "Hindi",
    "hu": "Hungarian",
    "it": "Italian",
    "ja": "Japanese",
    "ko": "Korean",
    "nl": "Dutch",
    "no": "Norwegian",
    "pl": "Polish",
    "pt": "Portuguese",
    "ro": "Romanian",
    "ru": "Russian",
    "sv": "Swedish",
    "tr": "Turkish",
    "uk": "Ukrainian",
    "vi": "Vietnamese",
    "zh": "Chinese",
}
"""Languages that the system prompt names; English is not named, as the contract has no word for
it."""
_FAREWELLS = {
    "de": "Vielen Dank. Auf Wiedersehen.",
    "es": "Muchas gracias. Hasta luego.",
    "fr": "Merci beaucoup. Au revoir.",
    "it": "Grazie mille. Arrivederci.",
    "nl": "Hartelijk dank. Tot ziens.",
    "pt": "Muito obrigado. Até logo.",
}
_GREETINGS = {
    "de": "Guten Tag{name}.",
    "es": "Hola{name}.",
    "fr": "Bonjour{name}.",
    "it": "Buongiorno{name}.",
    "nl": "Hallo{name}.",
    "pt": "Olá{name}.",
}
_NOTICES = {
    "en": {
        Notice.AUTOMATED: "I am an automated interviewer.",
        Notice.RECORDED: "This conversation is recorded.",
    },
    "de": {
        Notice.AUTOMATED: "Dieses Gespräch führt ein automatisches System.",
        Notice.RECORDED: "Dieses Gespräch wird aufgezeichnet.",
    },
    "es": {
        Notice.AUTOMATED: "Soy un sistema automático de entrevistas.",
        Notice.RECORDED: "Esta conversación se graba.",
    },
    "fr": {
        Notice.AUTOMATED: "Je suis un système automatique d'entretien.",
        Notice.RECORDED: "Cette conversation est enregistrée.",
    },
    "it": {
        Notice.AUTOMATED: "Sono un sistema automatico per i colloqui.",
        Notice.RECORDED: "Questa conversazione viene registrata.",
    },
    "nl": {
        Notice.AUTOMATED: "Ik ben een geautomatiseerde interviewer.",
        Notice.RECORDED: "Dit gesprek wordt opgenomen.",
    },
    "pt": {
        Notice.AUTOMATED: "Sou um sistema automático de entrevistas.",
        Notice.RECORDED: "Esta conversa é gravada.",
    },
}
_SORRY = {
    "en": "I am sorry to interrupt you.",
    "de": "Entschuldigen Sie die Unterbrechung.",
    "es": "Disculpe la interrupción.",
    "fr": "Excusez-moi de vous interrompre.",
    "it": "Mi scusi per l'interruzione.",
    "nl": "Excuses voor de onderbreking.",
    "pt": "Desculpe a interrupção.",
}
