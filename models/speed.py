"""Measure how fast each engine is by itself, so that a person can see which one the others wait
for."""

import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any, Protocol, runtime_checkable

from .contracts import HEARING_RATE, SPEAKING_RATE, Llm, LlmStream, Message, Samples, Transcriber
from .contracts import Voice as AnyVoice

RUNS = 3
"""Number of runs, of which the median counts."""
SPEECH_SECONDS = (2, 5, 10)
"""Lengths in seconds of the speech that is transcribed."""
TOGETHER = 4
"""Number of 5 s answers that end at the same moment."""
AT_ONCE = (1, 2, 4)
"""Numbers of interviewers that speak at the same time."""
REPLY_TOKENS = 48
"""Tokens of a reply of one or two sentences."""
CLAUSE = "Thank you, that is very clear."
SENTENCE = (
    "Could you tell me about a project where you had to change your plan, and what you learned?"
)
PROMPT = (
    "You are Alex, a friendly interviewer. You are interviewing Maria for the role of backend "
    "engineer. Speak in one or two short sentences and ask one question at a time.\nQuestions:\n"
    + "\n".join(
        f"{n}. {question}"
        for n, question in enumerate(
            (
                "Please tell me about your background and the work you have done most recently.",
                "Describe a difficult problem that you had to solve. How did you go about it?",
                "Tell me about a time when you disagreed with a colleague. What happened?",
                "Which of your skills would help you most in this role?",
            ),
            1,
        )
    )
)
ANSWER = (
    "In my last project we moved a large database to new servers without stopping the service, "
    "and I wrote the program that compared both of them."
)

Figures = dict[str, float]


@runtime_checkable
class Counting(Protocol):
    """An engine that counts its tokens."""

    @property
    def counts(self) -> Any:
        """The counters `read` and `written`, since its start."""
        ...


async def recognizer(transcriber: Transcriber, speech: Samples, language: str) -> Figures:
    """Measure a recognizer: milliseconds to a final transcript. `speech` is 16 kHz audio of at
    least 10 s."""

    async def finals(seconds: int, many: int) -> None:
        streams = [transcriber.open(language) for _ in range(many)]
        await asyncio.gather(*(each.final(speech[: seconds * HEARING_RATE]) for each in streams))
        for stream in streams:
            stream.close()

    figures = {}
    for seconds in SPEECH_SECONDS:
        figures[f"transcription_{seconds}_s_ms"] = await _median(partial(finals, seconds, 1))
    together = await _median(partial(finals, 5, TOGETHER))
    return figures | {f"transcription_5_s_{TOGETHER}_at_once_ms": together}


async def language_model(llm: Llm, at_once: Sequence[int] = AT_ONCE) -> Figures:
    """Measure a language model: tokens a second, and milliseconds from an answer to a reply's first
    word."""
    figures = {}
    if isinstance(llm, Counting):
        figures["prompt_tokens_per_s"] = max([await _reading(llm, n) for n in range(RUNS)])
    firsts = [await _first_word(llm, n) for n in range(RUNS)]
    figures["first_word_ms"] = statistics.median(firsts) * 1000
    for many in at_once:
        figures[f"tokens_per_s_{many}_at_once"] = await _writing(llm, many)
    return figures


async def voice(engine: AnyVoice) -> Figures:
    """Measure a voice: milliseconds to a short clause, and seconds of speech made in a second."""
    took, speed = [], []
    for run in range(RUNS):
        end = "abc"[run % 3]  # what was said before is kept, so it has to be something else
        began = time.perf_counter()
        await engine.speak(f"{CLAUSE[:-1]} {end}.")
        then = time.perf_counter()
        audio = await engine.speak(f"{SENTENCE[:-1]} {end}?")
        took.append((then - began) * 1000)
        speed.append(audio.size / SPEAKING_RATE / (time.perf_counter() - then))
    return {
        "first_clause_ms": statistics.median(took),
        "speech_times_real_time": statistics.median(speed),
    }


async def _median(work: Callable[[], Awaitable[None]]) -> float:
    took = []
    for _ in range(RUNS):
        began = time.perf_counter()
        await work()
        took.append((time.perf_counter() - began) * 1000)
    return statistics.median(took)


async def _reading(llm: Any, run: int) -> float:
    """Return prompt tokens a second. The number at the prompt's beginning keeps it from being in
    memory already."""
    stream: LlmStream = llm.open()
    before, began = llm.counts.read, time.perf_counter()
    await stream.warm((Message("system", f"{run}{PROMPT}"),))
    speed = (llm.counts.read - before) / (time.perf_counter() - began)
    stream.close()
    return float(speed)


async def _first_word(llm: Llm, run: int) -> float:
    """Return the seconds to a reply's first word, in a conversation that is in memory up to the
    answer."""
    stream = llm.open()
    known = (Message("system", f"{PROMPT}{run}"),)
    await stream.warm(known)
    began = time.perf_counter()
    async for _ in stream.reply((*known, Message("user", ANSWER)), max_tokens=1):
        break
    took = time.perf_counter() - began
    stream.close()
    return took


async def _writing(llm: Llm, many: int) -> float:
    """Return the tokens a second of `many` replies together; for a server, the pieces that it
    sends."""
    streams = [llm.open() for _ in range(many)]
    messages = (Message("system", PROMPT), Message("user", ANSWER))
    for stream in streams:
        await stream.warm(messages)
    times: list[list[float]] = [[] for _ in streams]

    async def reply(stream: LlmStream, written: list[float]) -> None:
        async for _ in stream.reply(messages, max_tokens=REPLY_TOKENS):
            written.append(time.perf_counter())

    await asyncio.gather(*map(reply, streams, times))
    for stream in streams:
        stream.close()
    return rate_together(times)


def rate_together(times: Sequence[Sequence[float]]) -> float:
    """Return the pieces a second of several texts together, from the moment when all are being
    written until the first ends; 0 if they have no such time. `times` are those of the pieces of
    each."""
    written = [each for each in times if each]
    if not written:
        return 0.0
    began, ended = max(each[0] for each in written), min(each[-1] for each in written)
    pieces = sum(began < time <= ended for each in written for time in each)
    return pieces / (ended - began) if ended > began else 0.0
