"""Hold an interview from the shell, against a running server:

    .venv/bin/python scripts/talk.py --say "Hello, I am Maria." "I build web services in Python."
    .venv/bin/python scripts/talk.py --wav hello.wav answer.wav --out interviewer.wav
    .venv/bin/python scripts/talk.py --mic                      with headphones; Ctrl-C ends it

Each answer begins when the interviewer has finished, or `--barge-in` seconds into the reply. Both
sides are printed as they speak, and after each turn how long its stages took (docs/protocol.md,
`timing`) and the voice-to-voice time that this client measured (scripts/measure/candidate.py).
"""

import argparse
import asyncio
import contextlib
import io
import json
import math
import signal
import sys
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import aiohttp
from measure import sound_card
from measure.candidate import (
    CHUNK,
    VOICE,
    Candidate,
    InterviewFailed,
    Refused,
    Reply,
    Spoken,
    Utterance,
    finalize,
    interview,
    start,
)
from measure.sound_card import Loudspeaker, SoundCardFailed
from measure.wav_files import read_wav, write_wav

from models.errors import EngineError
from models.piper.synthesizer import Piper


def _answer(kind: str, value: str) -> tuple[str, str]:
    return kind, value


parser = argparse.ArgumentParser(
    description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
)
parser.add_argument("--url", default="http://localhost:8008")
parser.add_argument("--interview-id", help="default: a new one, where the server makes such")
parser.add_argument("--mic", action="store_true", help="speak yourself, by the sound card")
parser.add_argument("--barge-in", type=float, metavar="SECONDS", help="interrupt each reply")
parser.add_argument("--out", type=Path, metavar="WAV", help="write the interviewer's voice")
parser.add_argument("--json", action="store_true", help="print one JSON object at the end instead")
for name, text in (("--say", "sentences for the starter voice"), ("--wav", "recorded answers")):
    parser.add_argument(
        name,
        dest="answers",
        nargs="+",
        action="extend",
        default=[],
        type=partial(_answer, name),
        metavar=name[2:].upper(),
        help=f"{text}, in the order given",
    )


SHOWN = (
    "conversation.item.input_audio_transcription.completed",
    "input_audio_buffer.speech_started",
    "interview_ended_by_ai",
    "response.audio.delta",
    "response.audio_transcript.delta",
    "response.done",
)


@dataclass(slots=True)
class Turn:
    """An answer and the reply to it; the first turn is the greeting alone."""

    said: str | None
    understood: list[str] = field(default_factory=list)
    reply: Reply = field(default_factory=Reply)
    voice_to_voice_ms: float | None = None

    def as_json(self) -> dict[str, Any]:
        return {
            "said": self.said,
            "understood": " ".join(self.understood),
            "reply": self.reply.text,
            "status": self.reply.end.get("status"),
            "voice_to_voice_ms": self.voice_to_voice_ms,
            "timing": self.reply.end.get("timing", {}),
        }


async def utterances(answers: list[tuple[str, str]]) -> list[Utterance]:
    voice: Piper | None = None
    made = []
    try:
        for kind, value in answers:
            if kind == "--wav":
                samples, text = read_wav(value), value
            else:
                voice = voice or Piper.load(VOICE)
                samples, text = await voice.speak(value), value
            made.append(Utterance(samples, text))
    except (EngineError, ValueError) as exc:
        raise InterviewFailed(f"cannot say {value!r}: {exc}") from exc
    finally:
        if voice:
            await voice.aclose()
    return made


def show(message: dict[str, Any], turn: Turn) -> None:
    match message["type"]:
        case "conversation.item.input_audio_transcription.completed":
            turn.understood.append(message["transcript"])
            print(f"You:         {message['transcript'] or '(not understood)'}", flush=True)
        case "response.audio_transcript.delta":
            print(f"Interviewer: {message['delta']}", flush=True)
        case "response.done":
            cut = " (interrupted)" if message["status"] == "cancelled" else ""
            stages = "  ".join(f"{stage} {ms:.0f}" for stage, ms in message["timing"].items())
            print(f"             ms: {stages}{cut}", flush=True)
        case "interview_ended_by_ai":
            print(f"The interviewer has ended the interview: {message['reason']}", flush=True)


async def follow(candidate: Candidate, turn: Turn, enough: Callable[[], bool]) -> None:
    """Show the conversation until there was enough of it, or it is over."""
    while not candidate.ended:
        found = await candidate.next_unless(enough, *SHOWN)
        if not found:
            return
        show(found[1], turn)


async def follow_aloud(candidate: Candidate, turns: list[Turn], loudspeaker: Loudspeaker) -> None:
    """Show and play the conversation until it is over, however long an answer takes. The last of
    the turns is the one that goes on."""
    while not candidate.ended:
        _, message = await candidate.next(*SHOWN, "response.audio.done", patience=math.inf)
        show(message, turns[-1])
        match message["type"]:
            case "response.audio.delta":
                loudspeaker.play(message["samples"])
            case "response.audio.done":
                loudspeaker.end()
            case "input_audio_buffer.speech_started":
                loudspeaker.stop()
            case "response.done":
                turns[-1].reply = next(r for r in reversed(candidate.replies) if r.end)
                turns.append(Turn(None))
    await loudspeaker.played()


async def greeting(candidate: Candidate) -> Turn:
    turn = Turn(None)
    await follow(candidate, turn, lambda: any(reply.end for reply in candidate.replies))
    turn.reply = candidate.replies[0]
    return turn


def reply_to(candidate: Candidate, spoken: Spoken) -> Reply | None:
    """The reply to what was said. It may begin in the noise with which a recording ends, unless the
    voice went on over it."""
    after = candidate.answer_to(spoken)
    if after or not spoken.ended:
        return after
    during = [r for r in candidate.replies if spoken.began < r.first_audible <= spoken.ended]
    return during[-1] if during and during[-1].end.get("status") == "completed" else None


async def answer(candidate: Candidate, utterance: Utterance, barge_in: float | None) -> Turn:
    """Say it and listen to the reply; with `barge_in`, only that many seconds of it."""
    turn = Turn(utterance.text)
    spoken = candidate.say(utterance)
    await follow(candidate, turn, lambda: reply_to(candidate, spoken) is not None)
    reply = reply_to(candidate, spoken)
    if not reply:
        return turn
    turn.reply = reply
    if reply.first_audible > spoken.ended:
        turn.voice_to_voice_ms = round((reply.first_audible - spoken.ended) * 1000, 1)
        print(f"             voice to voice {turn.voice_to_voice_ms:.0f} ms, here")
    if barge_in is None:
        await follow(candidate, turn, lambda: bool(reply.end))
    else:
        await asyncio.sleep(barge_in)
    return turn


async def converse(
    candidate: Candidate, answers: list[Utterance], barge_in: float | None
) -> list[Turn]:
    turns = [await greeting(candidate)]
    for n, utterance in enumerate(answers, start=1):
        if not candidate.ended:
            interrupt = barge_in if n < len(answers) else None
            turns.append(await answer(candidate, utterance, interrupt))
    return turns


async def converse_aloud(candidate: Candidate, loudspeaker: Loudspeaker) -> list[Turn]:
    """A person speaks, until the interview is over or Ctrl-C ends it."""
    turns = [Turn(None)]
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.TaskGroup() as tasks:
            playing = tasks.create_task(loudspeaker.run(), name="loudspeaker")
            following = tasks.create_task(follow_aloud(candidate, turns, loudspeaker))
            loop.add_signal_handler(signal.SIGINT, following.cancel)
            await asyncio.wait((following,))
            playing.cancel()
    except ExceptionGroup as group:
        raise group.exceptions[0] from None
    finally:
        loop.remove_signal_handler(signal.SIGINT)
    return [turn for turn in turns if turn.understood or turn.reply.text]


def print_analysis(analysis: dict[str, Any]) -> None:
    """Its summary and measures; --json has the whole."""
    print(f"\n{analysis.get('summary', '')}")
    for name, value in analysis.get("measures", {}).items():
        print(f"    {name.replace('_', ' '):<24}{value}")


async def hold(
    options: argparse.Namespace, url: str, http: aiohttp.ClientSession
) -> dict[str, Any]:
    """The whole interview, from the first word to the analysis."""
    answers = await utterances(options.answers)
    async with contextlib.AsyncExitStack() as stack:
        microphone, loudspeaker = None, None
        if options.mic:
            found = await sound_card.programs()
            microphone = await stack.enter_async_context(sound_card.microphone(found, CHUNK))
            loudspeaker = Loudspeaker(found)
            print("Use headphones: the microphone hears the loudspeaker.", file=sys.stderr)
        session_id = await started(options, url, http)
        try:
            async with interview(http, url, session_id, microphone=microphone) as candidate:
                if loudspeaker:
                    turns = await converse_aloud(candidate, loudspeaker)
                else:
                    turns = await converse(candidate, answers, options.barge_in)
        except SoundCardFailed as exc:
            again = f"--interview-id {options.interview_id} goes on with the interview"
            raise InterviewFailed(f"{exc}; {again}") from exc
    if options.out:
        write_wav(options.out, [reply.audio for reply in candidate.replies])
    analysis = await finalize(http, url, options.interview_id, candidate)
    return {
        "interview_id": options.interview_id,
        "session_id": session_id,
        "turns": [turn.as_json() for turn in turns],
        "ended": candidate.ended or None,
        "analysis": analysis,
    }


async def started(options: argparse.Namespace, url: str, http: aiohttp.ClientSession) -> str:
    """The session id of the interview that is wanted, or of a new one."""
    if options.interview_id:
        return await start(http, url, options.interview_id)
    options.interview_id = str(uuid.uuid4())
    try:
        return await start(http, url, options.interview_id)
    except Refused as exc:
        if exc.status != 404:
            raise
        raise InterviewFailed(
            "this server makes no interview of an unknown id (VIVAVOCE_AUTOCREATE_INTERVIEWS):"
            " make one with POST /interviews, and give its --interview-id"
        ) from exc


async def talk(options: argparse.Namespace) -> dict[str, Any]:
    async with aiohttp.ClientSession() as http:
        return await hold(options, options.url.rstrip("/"), http)


def main() -> None:
    options = parser.parse_args()
    if options.mic and (options.answers or options.barge_in is not None):
        parser.error("with --mic you speak yourself: leave out --say, --wav and --barge-in")
    shown = sys.stdout
    try:
        with contextlib.redirect_stdout(io.StringIO() if options.json else shown):
            result = asyncio.run(talk(options))
            print_analysis(result["analysis"])
    except (InterviewFailed, SoundCardFailed) as exc:
        sys.exit(f"talk.py: {exc}")
    except KeyboardInterrupt:
        sys.exit(130)
    if options.json:
        print(json.dumps(result, ensure_ascii=False))


if __name__ == "__main__":
    main()
