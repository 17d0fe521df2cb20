"""Test the engines on each other, without a candidate: the voice's speech has to be detected and
understood, and the language model has to word the interviewer's part and fill in an assessment."""

import time
from dataclasses import dataclass

import numpy as np

from models.contracts import (
    SPEAKING_RATE,
    Form,
    Llm,
    Samples,
    Transcriber,
    Vad,
    Voice,
)

from ..assessment.assess import REASONS, assess
from ..assessment.assessor import Assessor
from ..conversation.audio_input import AudioInput
from ..conversation.events import SpeechBegan, SpeechPaused
from ..conversation.turn_steps import PREROLL
from ..errors import PipelineError
from ..interview.agent import Interviewer
from ..interview.default_plans import default_plan
from ..interview.plan import Plan, Question
from ..journal import CandidateSpoke, Connected, ReplyEnded, ReplyPlanned
from ..matching import joined, word_errors

SENTENCES = {
    "en": "My name is Maria and I have five years of experience with Python.",
    "de": "Ich heiße Maria und arbeite seit fünf Jahren in einem kleinen Büro.",
    "es": "Me llamo María y trabajo desde hace cinco años en una oficina pequeña.",
    "fr": "Je m'appelle Marie et je travaille depuis cinq ans dans un petit bureau.",
    "it": "Mi chiamo Maria e lavoro da cinque anni in un piccolo ufficio.",
    "nl": "Ik heet Maria en ik werk al vijf jaar in een klein kantoor.",
    "pl": "Nazywam się Maria i od pięciu lat pracuję w małym biurze.",
    "pt": "Meu nome é Maria e trabalho há cinco anos em um escritório pequeno.",
    "uk": "Мене звати Марія, і я вже п'ять років працюю в маленькому офісі.",
}
"""Sentences for the voice, by ISO 639-1 code."""
WORD_ERRORS = 0.5
"""Largest share of words that may be misheard. It tells a recognizer of another language or a
broken voice from ones that work; how well they work is not tested here."""
QUIET = 0.6
"""Seconds of silence before the sentence; there is twice as much after it."""
QUESTION = "What did you do in your last project?"
ANSWER = (
    "I moved our shop to a new server. I wrote a plan first, tested it twice, and nobody lost an "
    "order."
)
ANSWERED_MS = 20_000
"""Position of the interview's clock at the end of the answer."""
_FILLED = ("", "no_evidence")
"""Reasons of an answer whose assessment form could be read."""


class SelfTestFailed(PipelineError):
    """An engine does not do its part; the message says what to change."""

    code = "self_test_failed"


@dataclass(frozen=True, slots=True)
class Heard:
    text: str
    word_errors: float
    """Share of the sentence's words that were misheard."""


@dataclass(frozen=True, slots=True)
class Worded:
    text: str
    first_word: float
    """Seconds until the first word."""


async def speak(voice: Voice, language: str) -> Samples:
    """Synthesize the sentence of that language as 24 kHz speech. Raises `SelfTestFailed`,
    `EngineError`."""
    audio = await voice.speak(SENTENCES.get(language, SENTENCES["en"]))
    if not np.any(audio):
        raise SelfTestFailed("the voice made no sound: choose another VIVAVOCE_TTS_VOICE")
    return audio


def find(vad: Vad, speech: Samples) -> Samples:
    """Return the 16 kHz audio of the speech, found the way a session finds it within silence.

    Raises `SelfTestFailed`. Takes a few hundredths of a second.
    """
    quiet: Samples = np.zeros(round(QUIET * SPEAKING_RATE), dtype=np.int16)
    hearing = AudioInput(vad.open())
    onset = until = 0
    for frame in hearing.frames(np.concatenate([quiet, speech, quiet, quiet]).tobytes()):
        match hearing.hear(frame):
            case SpeechBegan() as began:
                onset = onset or began.onset
            case SpeechPaused() as paused:
                until = paused.until
    if not 0 < onset < until:
        raise SelfTestFailed(
            "no speech was found in what the voice said: set VIVAVOCE_VAD=both, or choose another"
            " VIVAVOCE_TTS_VOICE"
        )
    return hearing.audio(onset - PREROLL, until)


async def hear(transcriber: Transcriber, audio: Samples, language: str) -> Heard:
    """Transcribe the sentence. Raises `SelfTestFailed` when too much of it is misheard, and
    `EngineError`."""
    stream = transcriber.open(language)
    try:
        text = (await stream.final(audio)).text
    finally:
        stream.close()
    said = SENTENCES.get(language, SENTENCES["en"])
    heard = Heard(text, word_errors(said, text))
    if heard.word_errors > WORD_ERRORS:
        raise SelfTestFailed(
            f"the recognizer understood {text!r} where the voice said {said!r}: choose a"
            " VIVAVOCE_STT_MODEL and a VIVAVOCE_TTS_VOICE of one language"
        )
    return heard


async def word(llm: Llm, form: Form = "tasks") -> Worded:
    """Have the model take up an answer, in the form in which it takes part in interviews. Raises
    `SelfTestFailed`, `EngineError`."""
    plan = default_plan(candidate="Maria", job_title="software engineer")
    agent = Interviewer(plan, form=form)
    greeting = agent.open()
    agent.heard(greeting, joined(greeting.opening, greeting.closing), None)
    task = agent.answer(ANSWER, ANSWERED_MS).task
    assert task is not None
    stream = llm.open()
    began = time.perf_counter()
    first, pieces = 0.0, []
    try:
        async for piece in stream.reply(
            task.messages, max_tokens=task.max_tokens, choices=task.choices
        ):
            first = first or time.perf_counter() - began
            pieces.append(piece)
    finally:
        stream.close()
    text = "".join(pieces).strip()
    if not any(map(str.isalnum, text)):
        raise SelfTestFailed(
            "the language model said nothing when it was asked to word a reply: choose an instruct"
            " model for VIVAVOCE_LLM_MODEL"
        )
    return Worded(text, first)


async def judge(llm: Llm, assessor: Assessor) -> int | None:
    """Have the model assess an answer. Return the score, or None if it cites what was not said, as
    a small model may. Raises `SelfTestFailed` when it cannot fill in an assessment."""
    plan = Plan((Question(QUESTION),))
    entries = (
        Connected(0),
        ReplyPlanned(100, "r1", "i1", "ask", "", 0),
        ReplyEnded(3000, "r1", "completed", QUESTION, ""),
        CandidateSpoke(9000, "i2", ANSWER, 4000, 9000),
    )
    (judged,) = (await assess(llm, plan, entries, assessor)).answers
    if judged.reason not in _FILLED:
        raise SelfTestFailed(
            f"the language model could not fill in an assessment ({REASONS[judged.reason]}; the log"
            " says more): choose another VIVAVOCE_LLM_MODEL, or a server that makes JSON by a"
            " schema"
        )
    return judged.score
