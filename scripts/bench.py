"""Hold several interviews at once, in real time, and print how long things took:

    .venv/bin/python scripts/bench.py --sessions 8 --turns 4
    .venv/bin/python scripts/bench.py --fake-engines 200        what the event loop alone carries

A server with the starter models is started for it, with an empty database (--url takes another).
Other models, for instance, are settings of it, and another Piper voice reads the answers out,
because a real recognizer hardly understands the starter voice:

    bench.py --set STT_MODEL=whisper-tiny.en --set TTS_VOICE=en_US-joe-medium --voice joe.onnx

Every candidate speaks with the starter voice, sends 85.3 ms of 24 kHz audio at a time without a
break, pings four times a second, waits for each reply to end and interrupts every third one.

What is measured, all in milliseconds:
- voice to voice: from the write of the chunk with the last voiced sample of an answer to the
  arrival of the first delta with an audible sample, on the candidate's clock
- minus endpoint: the same without the silence that the server waited for before it took the turn
  (`timing.endpoint` of that reply). The server can find the silence to be long enough only when a
  chunk arrives, so up to 85 ms of it are the wait for this program's next chunk
- minus chosen: the same without the silence that the server had chosen for this answer (600 ms
  where the sentence looks complete, unless set otherwise), however long it waited in the end: what
  the candidate waits for beyond it, for instance because the recognizer was late. It has the bar
- gap: the longest silence inside a reply, where its audio came too late; after a lead-in, the pause
  before the language model's words
- words: who worded the replies that the language model had a part in (`replies_worded_total`)
- the stages of `timing` in response.done, on the server's clock (docs/protocol.md); after_commit is
  its voice to voice minus endpoint, what engines and code are answerable for, and has the bar
- noticed: from the first voiced chunk of an interruption to its speech_started
- stopped: from speech_started to the last delta of the reply that it interrupted; 0 when none came
- pong: from a ping to its pong, while all this goes on
- own lag: how late the event loop of this program is; it is in all figures of the candidates' clock
- stolen: what a virtual machine's host kept for others meanwhile. With more than a tenth of a core
  of it the figures say more about the host than about this program
"""

import argparse
import asyncio
import contextlib
import json
import re
import sys
import time
import uuid
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import jiwer
import numpy as np
import psutil
from measure.candidate import (
    DEAD_SILENCE,
    RATE,
    VOICE,
    Candidate,
    InterviewFailed,
    Reply,
    Spoken,
    Utterance,
    in_voice,
    interview,
    start,
)
from measure.server import FAKES, PRODUCT, ServerFailed, running

from models.fake import LOUDNESS
from pipeline.checks.load_test import LAG_SECONDS, LINES, STAGGER
from pipeline.loop_lag import loop_lag

INTERRUPTION = "Excuse me, may I add something to my last answer before we go on?"
EVERY_NTH_INTERRUPTED = 3
SECONDS_INTO_REPLY = 1.0
PING_SECONDS = 0.25
SAMPLING_SECONDS = 0.5

parser = argparse.ArgumentParser(
    description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
)
parser.add_argument("--sessions", type=int, default=1, help="interviews at once")
parser.add_argument("--turns", type=int, default=4, help="answers in each")
parser.add_argument("--fake-engines", type=int, metavar="N", help="N sessions without any model")
parser.add_argument("--url", help="a server that runs already")
parser.add_argument("--voice", help="the candidates' voice: an .onnx file with its .onnx.json")
parser.add_argument(
    "--set", action="append", default=[], metavar="NAME=VALUE", help="a setting of the server"
)
parser.add_argument("--json", action="store_true", help="print one JSON object")


@dataclass(slots=True)
class Figures:
    """What all candidates measured; times in milliseconds by what they are of."""

    times: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    said: list[str] = field(default_factory=list)
    understood: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    worded: dict[str, float] = field(default_factory=dict)
    """Replies by who worded them; empty where the server does not tell."""
    cpu: list[float] = field(default_factory=list)
    """Percent of one core."""
    rss: list[float] = field(default_factory=list)
    """MB."""
    stolen: float | None = None
    """Percent of one core; None where the system does not count it."""

    def answered(self, candidate: Candidate, spoken: Spoken, reply: Reply) -> None:
        timing = reply.end.get("timing", {})
        took = (reply.first_audible - spoken.ended) * 1000
        self.times["voice to voice"].append(took)
        if "endpoint" in timing:
            self.times["minus endpoint"].append(took - timing["endpoint"])
        if "overdue" in timing:
            chosen = timing["voice_to_voice"] - timing["overdue"]
            self.times["minus chosen"].append(took - chosen)
        self.times["gap"].append(reply.gap * 1000)
        for stage, ms in timing.items():
            self.times[f"stage {stage}"].append(ms)
        self.said.append(spoken.text)
        self.understood.append(candidate.understood(spoken.began, reply.first_audible))

    def interrupted(self, candidate: Candidate, spoken: Spoken) -> None:
        noticed = candidate.since(spoken.began, "input_audio_buffer.speech_started")
        before = [r for r in candidate.replies if 0 < r.first_audible < spoken.began]
        if noticed and before and before[-1].end.get("status") == "cancelled":
            self.times["noticed"].append((noticed[0] - spoken.began) * 1000)
            self.times["stopped"].append(max(0.0, before[-1].last_audio - noticed[0]) * 1000)


# The candidates


async def say(candidate: Candidate, utterance: Utterance) -> Spoken:
    """Say it and wait until a reply to it is heard."""
    spoken = candidate.say(utterance)
    await candidate.until(lambda: candidate.answer_to(spoken) or candidate.ended)
    return spoken


async def hold(
    candidate: Candidate, lines: list[Utterance], interruption: Utterance, figures: Figures
) -> None:
    """One interview: an answer for each of `lines`, and interruptions of some replies."""
    await candidate.reply()
    for turn, line in enumerate(lines, start=1):
        spoken = await say(candidate, line)
        if turn % EVERY_NTH_INTERRUPTED == 0 and not candidate.ended:
            await asyncio.sleep(SECONDS_INTO_REPLY)
            cut_in = await say(candidate, interruption)
            figures.interrupted(candidate, cut_in)
        await candidate.until(lambda: all(r.end for r in candidate.replies) or candidate.ended)
        if reply := candidate.answer_to(spoken):
            figures.answered(candidate, spoken, reply)
        if candidate.ended:
            return


async def attend(
    http: aiohttp.ClientSession, url: str, n: int, speech: "Speech", figures: Figures
) -> None:
    """The n-th candidate, from arriving to leaving; what goes wrong is a figure, too."""
    await asyncio.sleep(STAGGER * n / speech.candidates)
    try:
        session_id = await start(http, url, str(uuid.uuid4()))
        async with interview(
            http, url, session_id, silence=speech.silence, ping_seconds=PING_SECONDS
        ) as candidate:
            try:
                await hold(candidate, speech.lines(n), speech.interruption, figures)
            finally:
                figures.times["pong"] += candidate.pongs
    except InterviewFailed as exc:
        figures.failures.append(str(exc))


@dataclass(frozen=True, slots=True)
class Speech:
    """What the candidates say."""

    candidates: int
    turns: int
    answers: list[Utterance]
    interruption: Utterance
    silence: list[str] | None = None

    def lines(self, n: int) -> list[Utterance]:
        """The answers of the n-th candidate: everyone begins with another one."""
        return [self.answers[(n + turn) % len(self.answers)] for turn in range(self.turns)]


async def spoken_speech(candidates: int, turns: int, voice: Path) -> Speech:
    *answers, interruption = await in_voice(voice, *LINES, INTERRUPTION)
    return Speech(candidates, turns, answers, interruption)


def fake_speech(candidates: int, turns: int) -> Speech:
    """For the fakes loudness is what is said, and every answer is a good one."""
    four_seconds = Utterance(np.full(4 * RATE, LOUDNESS, dtype=np.int16))
    return Speech(candidates, turns, [four_seconds], four_seconds, DEAD_SILENCE)


# The machine


async def watch(pid: int | None, figures: Figures) -> None:
    """CPU and memory of the server, until cancelled."""
    if pid is None:
        return
    process = psutil.Process(pid)
    process.cpu_percent()
    while True:
        await asyncio.sleep(SAMPLING_SECONDS)
        figures.cpu.append(process.cpu_percent())
        figures.rss.append(process.memory_info().rss / 1e6)


@contextlib.contextmanager
def stolen_time(figures: Figures) -> Iterator[None]:
    """What the host of a virtual machine does not give it, while this is open."""
    began, before = time.monotonic(), getattr(psutil.cpu_times(), "steal", None)
    yield
    if before is not None:
        stolen = psutil.cpu_times().steal - before
        figures.stolen = stolen / (time.monotonic() - began) * 100


async def own_lag(figures: Figures) -> None:
    async for late in loop_lag(LAG_SECONDS):
        figures.times["own lag"].append(late * 1000)


async def measure(url: str, pid: int | None, speech: Speech) -> Figures:
    figures = Figures()
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector) as http, asyncio.TaskGroup() as tasks:
        watching = [tasks.create_task(watch(pid, figures)), tasks.create_task(own_lag(figures))]
        with stolen_time(figures):
            async with asyncio.TaskGroup() as candidates:
                for n in range(speech.candidates):
                    candidates.create_task(attend(http, url, n, speech, figures))
        for task in watching:
            task.cancel()
        figures.worded = await worded(http, url)
    return figures


async def worded(http: aiohttp.ClientSession, url: str) -> dict[str, float]:
    """The server's count of replies, by who worded them; empty where it does not tell."""
    async with http.get(f"{url}/metrics") as answer:
        text = await answer.text() if answer.status == 200 else ""
    found = re.findall(r'^vivavoce_replies_worded_total\{by="(\w+)"\} (\S+)$', text, re.MULTILINE)
    return {by: float(count) for by, count in found}


# The result


def spread(values: list[float]) -> dict[str, float]:
    p50, p95, p99 = np.percentile(values, [50, 95, 99])
    return {"n": len(values), "p50": float(p50), "p95": float(p95), "p99": float(p99)}


def word_errors(figures: Figures) -> float | None:
    """The share of words that were understood wrongly, of all answers together."""
    clean = jiwer.Compose([jiwer.ToLowerCase(), jiwer.RemovePunctuation(), jiwer.Strip()])
    pairs = [(clean(s), clean(u)) for s, u in zip(figures.said, figures.understood, strict=True)]
    said = [said for said, _ in pairs if said]
    understood = [understood for said, understood in pairs if said]
    return float(jiwer.wer(said, understood)) if said else None


def bars(result: dict[str, Any], fake: bool) -> list[tuple[str, float, float]]:
    """What has to be met, what was measured, and the limit (docs/design.md, numbers to meet)."""
    times, sessions = result["times"], result["sessions"]
    wanted: list[tuple[str, str, str, float]] = []
    if fake:
        wanted.append((f"pong p99, {sessions} sessions of fakes", "pong", "p99", 100))
    else:
        wanted.append(("pong p99", "pong", "p99", 50))
        wanted.append(("interruption stopped p99", "stopped", "p99", 50))
        wanted.append(("interruption noticed p99", "noticed", "p99", 600))
        headline = "voice to voice minus chosen endpoint"
        if sessions == 1:
            wanted.append((f"{headline} p50", "minus chosen", "p50", 150))
            wanted.append((f"{headline} p95", "minus chosen", "p95", 400))
        elif sessions <= 4:
            wanted.append((f"{headline} p95", "minus chosen", "p95", 700))
        headline = "end of the turn to first audio"
        if sessions == 1:
            wanted.append((f"{headline} p50", "stage after_commit", "p50", 50))
            wanted.append((f"{headline} p95", "stage after_commit", "p95", 150))
        elif sessions <= 8:
            wanted.append((f"{headline} p95", "stage after_commit", "p95", 400))
    met = [(what, times[name][p], bar) for what, name, p, bar in wanted if name in times]
    if result["cold_start_s"] is not None and not fake:
        met.append(("cold start to ready", result["cold_start_s"] * 1000, 3000))
    return met


def summary(figures: Figures, speech: Speech, cold_start: float | None) -> dict[str, Any]:
    return {
        "sessions": speech.candidates,
        "turns": speech.turns,
        "answers_measured": len(figures.said),
        "times": {name: spread(values) for name, values in figures.times.items() if values},
        "word_error_rate": word_errors(figures),
        "cpu_percent": {"mean": float(np.mean(figures.cpu)), "max": max(figures.cpu)}
        if figures.cpu
        else None,
        "rss_mb": {"start": figures.rss[0], "max": max(figures.rss)} if figures.rss else None,
        "stolen_percent": figures.stolen,
        "worded": figures.worded,
        "own_words_share": own_words(figures.worded),
        "cold_start_s": cold_start,
        "failures": figures.failures,
    }


def own_words(worded: dict[str, float]) -> float | None:
    """The share of the replies in which the language model's own words were said, of those that it
    had a part in."""
    total = sum(worded.values())
    return (worded["model"] + worded["lead_in"]) / total if total else None


def print_table(result: dict[str, Any], fake: bool) -> None:
    print(
        f"{result['sessions']} sessions, {result['answers_measured']} answers"
        f" of {result['sessions'] * result['turns']}"
    )
    print(f"{'ms':<28}{'n':>7}{'p50':>9}{'p95':>9}{'p99':>9}")
    order = [
        "voice to voice",
        "minus endpoint",
        "minus chosen",
        "gap",
        "noticed",
        "stopped",
        "pong",
        "own lag",
    ]
    for name in [*order, *sorted(result["times"].keys() - set(order))]:
        if t := result["times"].get(name):
            print(f"{name:<28}{t['n']:>7}{t['p50']:>9.1f}{t['p95']:>9.1f}{t['p99']:>9.1f}")
    if result["word_error_rate"] is not None:
        print(f"word errors                 {result['word_error_rate']:>6.1%}")
    if (share := result["own_words_share"]) is not None:
        parts = ", ".join(f"{by} {count:.0f}" for by, count in result["worded"].items())
        print(f"model's own words heard in {share:>7.0%} of the replies ({parts})")
    if cpu := result["cpu_percent"]:
        print(f"CPU, % of a core            mean {cpu['mean']:.0f}, max {cpu['max']:.0f}")
    if result["stolen_percent"] is not None:
        print(f"stolen, % of a core         {result['stolen_percent']:.0f}")
    if rss := result["rss_mb"]:
        print(f"memory, MB                  {rss['start']:.0f} to {rss['max']:.0f}")
    for what, value, bar in bars(result, fake):
        verdict = "met" if value <= bar else "NOT MET"
        print(f"bar: {what:<36} {value:>8.1f} ms, limit {bar:>5.0f} ms: {verdict}")
    for failure in sorted(set(result["failures"])):
        print(f"failed, {result['failures'].count(failure)} times: {failure}")


def main() -> None:
    options = parser.parse_args()
    fake = options.fake_engines is not None
    settings = {"MAX_SESSIONS": str(max(options.sessions, options.fake_engines or 0))}
    settings |= dict(each.split("=", 1) for each in options.set)
    try:
        if fake:
            speech = fake_speech(options.fake_engines, options.turns)
        else:
            voice = Path(options.voice) if options.voice else VOICE
            speech = asyncio.run(spoken_speech(options.sessions, options.turns, voice))
        with contextlib.ExitStack() as stack:
            if options.url:
                url, pid, cold_start = options.url.rstrip("/"), None, None
            else:
                command = FAKES if fake else PRODUCT
                server = stack.enter_context(running(command, settings))
                url, pid, cold_start = server.url, server.pid, server.ready_seconds
            figures = asyncio.run(measure(url, pid, speech))
    except ServerFailed as exc:
        sys.exit(f"bench.py: the server did not start: {exc}")
    result = summary(figures, speech, cold_start)
    if options.json:
        print(json.dumps(result, indent=2))
    else:
        print_table(result, fake)
    sys.exit(bool(figures.failures))


if __name__ == "__main__":
    main()
