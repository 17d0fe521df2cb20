"""A candidate who knows the public protocol and nothing else; talk.py, bench.py and tests/ hold
interviews with it.

It does what a browser does: it sends 2,048 samples (85.3 ms) of 24 kHz PCM16 at a time, in real
time, without a break, speech or room noise; plays what it gets, in order; throws away what is
unplayed on `speech_started`; pings.

Voice-to-voice time is measured here, at the client: from the moment at which the chunk with the
last voiced sample of the answer was written to the socket until the first delta that holds an
audible sample was read from it. Both the network and the wait for the chunk to fill are in it.
"""

import asyncio
import base64
import json
import socket
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import numpy as np
from numpy.typing import NDArray

from models.piper.synthesizer import Piper

VOICE = Path(__file__).parents[2] / "models/starter/voice/en_US-starter.onnx"
RATE = 24_000
CHUNK = 2_048
CHUNK_SECONDS = CHUNK / RATE
AUDIBLE = 256
"""A sample at least this loud (-42 dB) is voice in what is sent, sound in what is received."""
PING_SECONDS = 10.0
PATIENCE = 60.0
"""Seconds to wait for anything that must come."""

Samples = NDArray[np.int16]
Message = dict[str, Any]


class InterviewFailed(Exception):
    """The interview could not be held; the message says why to a person."""


class Refused(InterviewFailed):
    """The server refused a request."""

    def __init__(self, status: int, detail: object) -> None:
        super().__init__(f"the server refused ({status}): {detail}")
        self.status = status


def encode(samples: Samples) -> str:
    """One `audio` message."""
    audio = base64.b64encode(samples.astype("<i2").tobytes()).decode("ascii")
    return json.dumps({"type": "audio", "audio": audio})


class Utterance:
    """Speech cut into the messages that carry it."""

    def __init__(self, samples: Samples, text: str = "") -> None:
        self.text = text
        whole = np.zeros(-(-len(samples) // CHUNK) * CHUNK, dtype=np.int16)
        whole[: len(samples)] = samples
        chunks = whole.reshape(-1, CHUNK)
        self.messages = [encode(chunk) for chunk in chunks]
        voiced = np.flatnonzero(np.abs(chunks.astype(np.int32)).max(axis=1) >= AUDIBLE)
        if not len(voiced):
            raise ValueError("there is no voice in this utterance")
        self.first_voiced, self.last_voiced = int(voiced[0]), int(voiced[-1])


async def in_starter_voice(*texts: str) -> list[Utterance]:
    return await in_voice(VOICE, *texts)


async def in_voice(weights: Path, *texts: str) -> list[Utterance]:
    """The texts, read out by a Piper voice."""
    voice = Piper.load(weights)
    try:
        return [Utterance(await voice.speak(text), text) for text in texts]
    finally:
        await voice.aclose()


def room(seed: int = 0) -> list[str]:
    """What a quiet microphone sends: faint noise (-74 dB), a second and a half of it."""
    noise = np.random.default_rng(seed).normal(0, 6, (16, CHUNK)).astype(np.int16)
    return [encode(chunk) for chunk in noise]


DEAD_SILENCE = [encode(np.zeros(CHUNK, dtype=np.int16))]
"""What the fakes take for silence."""


@dataclass(slots=True)
class Spoken:
    """When an utterance was sent, in seconds of the loop's clock."""

    text: str
    began: float = 0.0
    ended: float = 0.0


@dataclass(slots=True)
class Reply:
    """What was received between `response.created` and `response.done`."""

    audio: list[Samples] = field(default_factory=list)
    first_audible: float = 0.0
    last_audio: float = 0.0
    gap: float = 0.0
    """Seconds of the longest silence in it, where its audio came too late."""
    text: str = ""
    """Its final text, which comes just before its end."""
    end: Message = field(default_factory=dict)
    """The `response.done` message; empty while the reply goes on."""

    @property
    def seconds(self) -> float:
        return sum(map(len, self.audio)) / RATE

    def take(self, samples: Samples, now: float) -> None:
        if not self.first_audible and np.abs(samples.astype(np.int32)).max(initial=0) >= AUDIBLE:
            self.first_audible = now
        self.last_audio = now
        self.audio.append(samples)


class Candidate:
    """One interview, from the candidate's chair. Made by `interview()`."""

    def __init__(self, connection: aiohttp.ClientWebSocketResponse, silence: Sequence[str]) -> None:
        self.messages: list[tuple[float, Message]] = []
        """All that was received and when; in deltas, `samples` stands in the place of `delta`."""
        self.replies: list[Reply] = []
        self.pinged: list[float] = []
        """When it pinged."""
        self.pongs: list[float] = []
        """Milliseconds between each ping and its pong."""
        self.ended = ""
        """Why the interviewer ended the interview."""
        self._socket = connection
        self._silence = silence
        self._to_say: deque[tuple[Utterance, Spoken]] = deque()
        self._read_up_to = 0
        self._news = asyncio.Event()
        self._plays_until = 0.0

    # Speaking

    def say(self, utterance: Utterance) -> Spoken:
        """Begin to say it with the next chunk, or after what is being said."""
        spoken = Spoken(utterance.text)
        self._to_say.append((utterance, spoken))
        return spoken

    async def send(self, message: Message) -> None:
        await self._socket.send_str(json.dumps(message))

    def vanish(self) -> None:
        """Lose the connection: no close frame, as when the network breaks."""
        self._socket.get_extra_info("socket").shutdown(socket.SHUT_RDWR)

    async def _speak(self) -> None:
        """The microphone: chunk n is written when its last sample would have been recorded."""
        clock = asyncio.get_running_loop().time
        began, sent = clock(), 0
        while True:
            if self._to_say:
                utterance, spoken = self._to_say.popleft()
                messages = utterance.messages
            else:
                utterance, spoken = None, None
                messages = [self._silence[sent % len(self._silence)]]
            for n, message in enumerate(messages):
                sent += 1
                await asyncio.sleep(max(0.0, began + sent * CHUNK_SECONDS - clock()))
                await self._socket.send_str(message)
                if utterance and spoken:
                    spoken.began = clock() if n == utterance.first_voiced else spoken.began
                    spoken.ended = clock() if n == utterance.last_voiced else spoken.ended
            if utterance:
                self._news.set()

    async def _pass_on(self, microphone: AsyncIterator[Samples]) -> None:
        """A person speaks; the microphone keeps the time."""
        async for chunk in microphone:
            await self._socket.send_str(encode(chunk))

    async def _ping(self, every: float) -> None:
        clock = asyncio.get_running_loop().time
        while True:
            self.pinged.append(clock())
            await self.send({"type": "ping", "ts": round(clock() * 1000, 3)})
            await asyncio.sleep(every)

    # Listening

    async def _listen(self) -> None:
        clock = asyncio.get_running_loop().time
        async for frame in self._socket:
            if frame.type is not aiohttp.WSMsgType.TEXT:
                break
            self._received(json.loads(frame.data), clock())
        self._received({"type": "closed", "code": self._socket.close_code}, clock())

    def _received(self, message: Message, now: float) -> None:
        match message["type"]:
            case "pong":
                self.pongs.append(now * 1000 - message["ts"])
            case "response.created":
                self.replies.append(Reply())
            case "response.audio.delta":
                pcm = base64.b64decode(message.pop("delta"))
                samples = message["samples"] = np.frombuffer(pcm, dtype="<i2").astype(np.int16)
                reply = self.replies[-1]
                if reply.audio:
                    reply.gap = max(reply.gap, now - self._plays_until)
                reply.take(samples, now)
                self._plays_until = max(self._plays_until, now) + len(samples) / RATE
            case "response.text.done":
                self.replies[-1].text = message["text"]
            case "response.done":
                self.replies[-1].end = message
            case "interview_ended_by_ai":
                self.ended = message["reason"]
            case "input_audio_buffer.speech_started":
                self._plays_until = now
        self.messages.append((now, message))
        self._news.set()

    async def next(self, *types: str, patience: float = PATIENCE) -> tuple[float, Message]:
        """The next message of one of these types that was not looked at yet, and when it came.

        Raises `InterviewFailed` when the server closes or says an error first, unless that is
        what is waited for, and when nothing comes."""
        found = await self.next_unless(lambda: False, *types, patience=patience)
        assert found
        return found

    async def next_unless(
        self, enough: Callable[[], bool], *types: str, patience: float = PATIENCE
    ) -> tuple[float, Message] | None:
        """As `next`, or None as soon as `enough` is true, which is asked after every message and
        when an utterance has been said."""
        try:
            async with asyncio.timeout(patience):
                while not enough():
                    while self._read_up_to < len(self.messages):
                        at, message = self.messages[self._read_up_to]
                        self._read_up_to += 1
                        if message["type"] in types:
                            return at, message
                        _raise_if_over(message)
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            wanted = " or ".join(types)
            raise InterviewFailed(f"no {wanted} came within {patience:.0f} s") from None
        return None

    async def reply(self) -> Reply:
        """The next reply that ends, after its last sample was played."""
        await self.next("response.done")
        reply = next(reply for reply in reversed(self.replies) if reply.end)
        await asyncio.sleep(max(0.0, self._plays_until - asyncio.get_running_loop().time()))
        return reply

    def answer_to(self, spoken: Spoken) -> Reply | None:
        """The first reply that was heard after the utterance ended."""
        replies = (r for r in self.replies if r.first_audible > spoken.ended)
        return next(replies, None) if spoken.ended else None

    def since(self, moment: float, kind: str) -> tuple[float, Message] | None:
        """The first message of this type that was received after `moment`, and when."""
        found = None
        for at, message in reversed(self.messages):
            if at <= moment:
                break
            if message["type"] == kind:
                found = at, message
        return found

    def understood(self, since: float, before: float) -> str:
        """What was transcribed in that time, one turn after the other."""
        kind = "conversation.item.input_audio_transcription.completed"
        heard = (m for at, m in self.messages if since < at < before and m["type"] == kind)
        return " ".join(message["transcript"] for message in heard)

    async def until(
        self,
        condition: Callable[[], object],
        patience: float = PATIENCE,
        *,
        despite_errors: bool = False,
    ) -> None:
        """Wait for something to be true of what was received; fails as `next` does, or only when
        the connection is closed."""
        try:
            async with asyncio.timeout(patience):
                while not condition():
                    if self.messages:
                        _raise_if_over(self.messages[-1][1], despite_errors=despite_errors)
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            raise InterviewFailed(f"what had to come did not within {patience:.0f} s") from None


def _raise_if_over(message: Message, *, despite_errors: bool = False) -> None:
    match message["type"]:
        case "closed":
            raise InterviewFailed(f"the server closed the connection (code {message['code']})")
        case "error" if not despite_errors:
            raise InterviewFailed(f"the server says: {message['message']} ({message['code']})")


async def post(http: aiohttp.ClientSession, url: str, body: Message) -> Message:
    """Raises `Refused` with what the server says, and `InterviewFailed` where none answers."""
    try:
        async with http.post(url, json=body) as answer:
            said = await answer.json(content_type=None)
    except aiohttp.ClientConnectorError as exc:
        raise InterviewFailed(f"no server answers at {url}: is `make run` running?") from exc
    except (aiohttp.ClientError, ValueError, TimeoutError) as exc:
        raise InterviewFailed(f"{url} does not answer as an interview service: {exc}") from exc
    if answer.status >= 300:
        detail = said.get("detail") or said.get("message") if isinstance(said, dict) else said
        raise Refused(answer.status, detail)
    return dict(said)


async def start(http: aiohttp.ClientSession, url: str, interview_id: str) -> str:
    """The session id of an interview."""
    body = {"interview_id": interview_id}
    return str((await post(http, f"{url}/start-database-interview", body))["session_id"])


async def finalize(
    http: aiohttp.ClientSession, url: str, interview_id: str, candidate: Candidate
) -> Message:
    """Post what was received, as the browser does (without its audio); the analysis."""
    transcript = [
        {"type": message["type"], "timestamp": round(at * 1000), "data": message}
        for at, message in candidate.messages
        if "samples" not in message
    ]
    body = {"interviewId": interview_id, "transcript": transcript}
    return dict((await post(http, f"{url}/finalize-interview", body))["analysis"])


@asynccontextmanager
async def interview(
    http: aiohttp.ClientSession,
    url: str,
    session_id: str,
    *,
    silence: Sequence[str] | None = None,
    microphone: AsyncIterator[Samples] | None = None,
    ping_seconds: float = PING_SECONDS,
) -> AsyncIterator[Candidate]:
    """Connect to a session, and leave it with 1000 at the end. The microphone is on throughout:
    the one that is given, or the candidate's own, into which `say` speaks. Raises what it does."""
    address = f"{url.replace('http', 'ws', 1)}/ws/interview/{session_id}"
    try:
        connection = await http.ws_connect(address, compress=0, max_msg_size=2**22)
    except (aiohttp.ClientError, TimeoutError) as exc:
        raise InterviewFailed(f"{address} takes no connection: {exc}") from exc
    candidate = Candidate(connection, silence or room())
    mouth = candidate._pass_on(microphone) if microphone else candidate._speak()
    try:
        async with asyncio.TaskGroup() as tasks:
            working = [
                tasks.create_task(candidate._listen(), name="ear"),
                tasks.create_task(_until_closed(mouth), name="mouth"),
                tasks.create_task(_until_closed(candidate._ping(ping_seconds)), name="ping"),
            ]
            try:
                yield candidate
            finally:
                for task in working:
                    task.cancel()
    except BaseExceptionGroup as group:
        raise group.exceptions[0] from None
    finally:
        await connection.close()


async def _until_closed(work: Any) -> None:
    """What is written to a closed socket is lost; the ear reports that it is closed."""
    try:
        await work
    except (aiohttp.ClientError, ConnectionError):
        return
