"""Sounds and words over a reply, and sounds on an open floor: `eval_hearing.py --bursts DIR`.

DIR is a corpus whose INDEX.tsv has a column `sound`: cough, laughter, nod ("mm-hm", "yeah") … A
sound over a reply must not stop it, nor become an answer when nobody speaks; the words of the
recordings that are measured must stop it.
"""

import argparse
import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from models import registry
from models.contracts import (
    FRAME,
    HEARING_RATE,
    SPEAKING_RATE,
    EndOfTurn,
    Engines,
    Samples,
    Vad,
    VadStream,
)
from models.device import Machine
from models.fake import ScriptedLlm, SteadyVoice
from models.vad.detector import choose
from models.vad.silero import SileroVad
from pipeline.conversation import output as o
from pipeline.conversation.session import Session
from pipeline.interview.agent import Interviewer
from pipeline.journal import MemoryRecord

from ..virtual_time import Work, run
from . import corpus, path, sounds
from .corpus import CorpusUnusable, Recording
from .engine import Ears, TimedEndOfTurn, TimedTranscriber, end_of_turn, located

VOICE = 0.06
"""Seconds for which the interviewer says a character: the greeting lasts a quarter of a minute."""
SPOKEN = 4.0
"""Seconds of the greeting before the sound."""
WATCHED = 4.0
"""Seconds after the sound in which the reply may stop."""
WORDS = 3
"""Words of the shortest recording that is an interruption."""
SAID = 2.0
"""Seconds of a recording that are said over a reply."""
LATE = 0.5
"""Seconds after which an interruption is printed as late, if it is wanted."""
RESUMED = 0.25
"""The same for a reply that goes on."""
SHIFT = 112
"""Samples (7 ms) by which words begin later each time that they are said."""
LOUD = 0.1
"""Share of the loudest level from which there is voice."""
VOICE_AT, UNVOICED = 0.35, 0.3
"""Probability of Silero's from which there is voice, and the seconds of a word before that."""


@dataclass(slots=True)
class Over:
    """What came of a sound over a reply, as a client met it that plays what it is sent."""

    stopped_after: float | None = None
    """Seconds from the beginning of the sound to `speech_started`; None if the reply went on."""
    late: float = 0.0
    """Seconds of silence in the reply after the sound was over."""


@dataclass(slots=True)
class _Listener:
    """A client that plays what it is sent, and notes when that falls silent."""

    began: float = 0.0
    """Time of the sound's onset; 0 before it."""
    ended: float = 0.0
    over: Over = field(default_factory=Over)
    dry_at: float = 0.0
    speaking: asyncio.Event = field(default_factory=asyncio.Event)

    async def listen(self, session: Session) -> None:
        loop = asyncio.get_running_loop()
        async for output in session.outputs():
            now = loop.time()
            match output:
                case o.AudioDelta(audio=audio):
                    if self.began:
                        self.over.late += max(0.0, now - max(self.dry_at, self.ended))
                    self.dry_at = max(now, self.dry_at) + len(audio) / SPEAKING_RATE
                    self.speaking.set()
                case o.SpeechStarted() if self.began and self.over.stopped_after is None:
                    self.over.stopped_after = now - self.began
                    return
                case o.ResponseDone() if self.began:
                    return


async def over_reply(
    vad: Vad, ears: Ears, audio: Samples, room: Samples, onset: float | None = None
) -> Over:
    """Play 16 kHz audio into a session while the interviewer speaks. `onset`: the second at which
    words begin in it; None for a sound, which begins where it is loud."""
    timed = TimedTranscriber(ears.transcriber, Work(2))
    judge = TimedEndOfTurn(ears.judge, Work(1)) if ears.judge else None
    engines = Engines(vad, timed, ScriptedLlm(), SteadyVoice(VOICE), end_of_turn=judge)
    session = Session(engines, Interviewer(path.PLAN, form=engines.form), MemoryRecord())
    listener = _Listener()
    heard, quiet = path.at_wire_rate(audio), path.at_wire_rate(room)
    before = np.resize(quiet, round(SPOKEN * SPEAKING_RATE))
    after = np.resize(quiet, round(WATCHED * SPEAKING_RATE))
    async with asyncio.TaskGroup() as tasks:
        working = [tasks.create_task(session.run()), tasks.create_task(listener.listen(session))]
        await _send(session, before)
        await listener.speaking.wait()
        now = asyncio.get_running_loop().time()
        began, ended = borders(audio)
        listener.began, listener.ended = now + (began if onset is None else onset), now + ended
        await _send(session, np.concatenate([heard, after]))
        for task in working:
            task.cancel()
    return listener.over


async def _send(session: Session, audio: Samples) -> None:
    loop = asyncio.get_running_loop()
    begun = loop.time()
    for at in range(0, len(audio), path.CHUNK):
        chunk = audio[at : at + path.CHUNK]
        await asyncio.sleep(begun + (at + len(chunk)) / SPEAKING_RATE - loop.time())
        session.push_audio(chunk.tobytes())


def borders(audio: Samples) -> tuple[float, float]:
    """Return the seconds at which the sound begins and ends."""
    loud = _loud(audio)
    return (float(loud[0]), float(loud[-1])) if loud.size else (0.0, 0.0)


def onset_of(words: Samples, voiced: VadStream) -> float:
    """Return the second at which words begin: where it is loud, at most `UNVOICED` before the first
    voice. A microphone that is switched on knocks, and who speaks may breathe before."""
    frames = words[: len(words) // FRAME * FRAME].reshape(-1, FRAME)
    first = next((n for n, frame in enumerate(frames) if voiced.probability(frame) >= VOICE_AT), 0)
    loud, least = _loud(words), first * FRAME / HEARING_RATE - UNVOICED
    return float(loud[loud >= least][0]) if loud.size else 0.0


def _loud(audio: Samples) -> NDArray[np.float64]:
    """Return the seconds at which it is loud."""
    frames = audio[: len(audio) // FRAME * FRAME].reshape(-1, FRAME).astype(np.float64)
    levels = np.sqrt((frames**2).mean(axis=1))
    return np.nonzero(levels > levels.max() * LOUD)[0] * FRAME / HEARING_RATE


@dataclass(slots=True)
class Line:
    """The figures of one kind of sound."""

    kind: str
    many: int = 0
    stopped: list[float] = field(default_factory=list)
    late: list[float] = field(default_factory=list)
    answers: int = 0

    def text(self) -> str:
        paused = [seconds for seconds in self.late if seconds > 0]
        late = f"{1000 * max(paused):5.0f} ms" if paused else "       –"
        if self.kind == "words":
            quantiles = (1000 * np.quantile(self.stopped or [0], q) for q in (0.5, 0.9, 0.95, 0.99))
            after = " / ".join(f"{milliseconds:.0f}" for milliseconds in quantiles)
            return f"{self.kind:<10} {self.many:4d} {len(self.stopped):7d}  {after}"
        stops = f"{self.many:4d} {len(self.stopped):7d} {len(paused):6d} {late} {self.answers:7d}"
        return f"{self.kind:<10} {stops}"


HEAD = f"{'sound':<10} {'n':>4} {'stopped':>7} {'late':>6} {'longest':>8} {'answers':>7}"


def measure(options: argparse.Namespace, recordings: Sequence[Recording]) -> None:
    """Print a table for each recognizer. Raises `CorpusUnusable` and `EngineError`."""
    bursts = [one for one in corpus.read(options.bursts) if one.sound]
    if not bursts:
        index = options.bursts / corpus.INDEX
        raise CorpusUnusable(f"{index} needs a column named sound: cough, laughter, nod …")
    said = [r for r in recordings if len(r.words) >= WORDS]
    room = sounds.rounded(sounds.white(sounds.ROOM) * sounds.HISS)
    judge = end_of_turn(options.end_of_turn, options.models_dir)
    for name in options.models:
        model = located(name, options.models_dir, dict(options.set))
        transcriber = registry.engine(model.model.engine).load(model, Machine())
        print(f"\n{name}; words: speech_started after p50 / p90 / p95 / p99 ms\n{HEAD}", flush=True)
        lines = {kind: Line(kind) for kind in sorted({one.sound for one in bursts})}
        for one in bursts:
            _judge(lines[one.sound], one, room, Ears(transcriber, judge), options)
        for line in lines.values():
            print(line.text(), flush=True)
        words = Line("words")
        for one in said:
            for n in range(options.shifts):
                _interrupt(words, one, n, room, Ears(transcriber, judge), options)
        print(words.text(), flush=True)
        asyncio.run(transcriber.aclose())


def _interrupt(
    line: Line,
    one: Recording,
    shift: int,
    room: Samples,
    ears: Ears,
    options: argparse.Namespace,
) -> None:
    begin = round(borders(one.audio)[0] * HEARING_RATE)
    said = one.audio[: begin + round(SAID * HEARING_RATE)]
    later = np.concatenate([room[: shift * SHIFT], said])
    heard = SileroVad().open()
    for frame in room[: HEARING_RATE // 2 // FRAME * FRAME].reshape(-1, FRAME):
        heard.probability(frame)  # its opinion of a voice depends on what came before
    onset = onset_of(later, heard)
    after = run(over_reply(choose("both"), ears, later, room, onset)).stopped_after
    line.many += 1
    line.stopped += [] if after is None else [after]
    if options.verbose and (after is None or after > LATE):
        when = "never" if after is None else f"after {1000 * after:.0f} ms"
        print(f"   {one.name}: {when}", flush=True)


def _judge(
    line: Line, one: Recording, room: Samples, ears: Ears, options: argparse.Namespace
) -> None:
    over = run(over_reply(choose("both"), ears, one.audio, room))
    timed = TimedTranscriber(ears.transcriber, Work(2))
    judge: EndOfTurn | None = TimedEndOfTurn(ears.judge, Work(1)) if ears.judge else None
    told = run(path.answer(choose("both"), timed, one.audio, room, end_of_turn=judge))
    line.many += 1
    line.stopped += [] if over.stopped_after is None else [over.stopped_after]
    line.late.append(over.late if over.stopped_after is None else 0.0)
    line.answers += bool(told.text)
    if options.verbose and (over.stopped_after is not None or told.text or over.late > RESUMED):
        late = f"went on {1000 * over.late:.0f} ms late"
        stopped = "stopped" if over.stopped_after is not None else late
        print(f"   {one.name}: {stopped}; on an open floor {told.text!r}", flush=True)
