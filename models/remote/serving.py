"""The server side of the wire: carry out the calls of any number of connections on shared engines.

A call becomes a call of the engine, so finals, partials and batches are those of one process.
Bounds: `MOST_CONNECTIONS` connections, `MOST_CALLS` calls in progress on each, and the engines' own
queues. A call beyond them is refused at once as `engine_busy`. An answer waits for a client that
does not read, and so, in the end, do its next calls.
"""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter
from typing import Protocol
from uuid import uuid4

from ..contracts import (
    EndOfTurn,
    Samples,
    Transcriber,
    Transcript,
    TranscriptStream,
    Voice,
)
from ..engine_state import EngineState, Watched
from ..errors import EngineBusy, EngineError
from . import wire

log = logging.getLogger(__name__)

MOST_CONNECTIONS = 256
MOST_CALLS = 128
"""Calls in progress on one connection; many times what the sessions of one service need."""
MOST_SESSIONS = 4096
"""Sessions that one connection may have open."""

Observer = Callable[[str, str, float], None]
"""Is told of each call that has ended: its kind, `ok` or the code of the error, the seconds."""


class Channel(Protocol):
    """A connection that carries binary frames in both directions."""

    async def receive(self) -> bytes | None:
        """Return the next frame; None at the end of the connection."""
        ...

    async def send(self, frame: bytes) -> None:
        """Send a frame; wait while the client reads none. Raises `ConnectionError`."""
        ...

    async def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Served:
    """The engines of a server, with the ids of their models."""

    transcriber: Transcriber
    voice: Voice
    end_of_turn: EndOfTurn | None = None
    recognizer_id: str = ""
    voice_id: str = ""
    voice_languages: tuple[str, ...] = ()
    end_of_turn_id: str = ""

    @property
    def states(self) -> dict[str, EngineState]:
        named = {
            "recognizer": self.transcriber,
            "voice": self.voice,
            "end_of_turn": self.end_of_turn,
        }
        return {name: engine.state for name, engine in named.items() if isinstance(engine, Watched)}

    @property
    def depth(self) -> int:
        """Return how many pieces of work wait or are under way."""
        return sum(state.waiting + state.working for state in self.states.values())

    def hello(self, server: str) -> wire.Hello:
        return wire.Hello(
            version=wire.VERSION,
            server=server,
            recognizer=self.recognizer_id,
            languages=tuple(self.transcriber.languages),
            max_seconds=self.transcriber.max_seconds,
            voice=self.voice_id,
            voice_languages=self.voice_languages,
            end_of_turn=(self.end_of_turn_id or "some model") if self.end_of_turn else "",
            most=MOST_CALLS,
        )


class EngineServer:
    """Serves engines to connections until it is told to leave."""

    def __init__(
        self,
        served: Served,
        observed: Observer = lambda kind, outcome, took: None,
        *,
        lasts: float | None = None,
    ) -> None:
        """`lasts` is for how many seconds a connection takes calls, if not for good."""
        self.served = served
        self._lasts = lasts
        self.leaving = False
        self._observed = observed
        self._hello = wire.encode(served.hello(uuid4().hex))
        self._connections: set[_Connection] = set()
        self._idle = asyncio.Event()
        self._idle.set()

    @property
    def full(self) -> bool:
        return len(self._connections) >= MOST_CONNECTIONS

    @property
    def connections(self) -> int:
        return len(self._connections)

    @property
    def calls(self) -> int:
        """Return the calls in progress."""
        return sum(len(each.calls) for each in self._connections)

    async def serve(self, channel: Channel) -> None:
        """Answer the calls of one connection until it ends. Raises `NotOnTheWire` when the client
        speaks something else."""
        try:
            await channel.send(self._hello)
            async with asyncio.TaskGroup() as tasks:
                connection = _Connection(self.served, channel, tasks, self._ended)
                self._connections.add(connection)
                ending = tasks.create_task(self._send_away(connection), name="send away")
                try:
                    failure = await self._listen(connection)
                finally:
                    ending.cancel()
                    self._connections.discard(connection)
                    connection.close()
                    self._look()
        except ConnectionError:
            return
        if failure:
            raise failure

    async def _send_away(self, connection: "_Connection") -> None:
        """Tell the client to go elsewhere when its connection has lasted long enough."""
        if self._lasts is not None:
            await asyncio.sleep(self._lasts)
            await connection.say(wire.Leaving())

    async def _listen(self, connection: "_Connection") -> wire.NotOnTheWire | None:
        while (frame := await connection.channel.receive()) is not None:
            try:
                message = wire.decode_request(frame)
            except wire.NotOnTheWire as exc:
                return exc
            self._idle.clear()
            await connection.take(message)
            self._look()
        return None

    async def leave(self, seconds: float) -> None:
        """Tell all clients to go elsewhere, and wait until the calls in progress are answered, for
        so many seconds at most."""
        self.leaving = True
        for connection in list(self._connections):
            await connection.say(wire.Leaving())
        try:
            async with asyncio.timeout(seconds):
                await self._idle.wait()
        except TimeoutError:
            log.warning("%d calls were not answered before the stop", self.calls)

    async def close(self) -> None:
        """Close all connections; calls in progress get no answer."""
        for connection in list(self._connections):
            await connection.channel.close()

    def _ended(self, kind: str, outcome: str, took: float) -> None:
        self._observed(kind, outcome, took)
        self._look()

    def _look(self) -> None:
        if not self.calls:
            self._idle.set()


class _Connection:
    """The calls and sessions of one connection."""

    def __init__(
        self, served: Served, channel: Channel, tasks: asyncio.TaskGroup, ended: Observer
    ) -> None:
        self.channel = channel
        self.calls: dict[int, asyncio.Task[None]] = {}
        self._served = served
        self._tasks = tasks
        self._ended = ended
        self._streams: dict[int, TranscriptStream] = {}

    async def take(self, message: wire.Request | wire.Cancel | wire.Close) -> None:
        match message:
            case wire.Cancel(call):
                if task := self.calls.get(call):
                    task.cancel()
            case wire.Close(session):
                if stream := self._streams.pop(session, None):
                    stream.close()
            case _ if len(self.calls) >= MOST_CALLS or message.call in self.calls:
                says = f"{len(self.calls)} calls are in progress on this connection"
                await self.say(wire.Failed(message.call, EngineBusy.code, says))
            case _:
                name = f"call {message.call}"
                self.calls[message.call] = self._tasks.create_task(self._call(message), name=name)

    async def say(self, message: wire.Answer | wire.Leaving) -> None:
        try:
            await self.channel.send(wire.encode(message))
        except ConnectionError:
            log.debug("a client left before its answer")

    def close(self) -> None:
        """Drop the calls in progress, because nobody is there for the answers."""
        for task in self.calls.values():
            task.cancel()
        for stream in self._streams.values():
            stream.close()

    async def _call(self, request: wire.Request) -> None:
        began, outcome = perf_counter(), "cancelled"
        try:
            answer: wire.Answer
            try:
                answer = await self._answer(request)
                outcome = "ok"
            except EngineError as exc:
                answer = wire.Failed(request.call, exc.code, str(exc))
                outcome = exc.code
            except Exception as exc:
                log.exception("a bug ended a call")
                answer = wire.Failed(request.call, EngineError.code, type(exc).__name__)
                outcome = "internal_error"
            await self.say(answer)
        finally:
            del self.calls[request.call]
            self._ended(type(request).__name__.lower(), outcome, perf_counter() - began)

    async def _answer(self, request: wire.Request) -> wire.Answer:
        match request:
            case wire.Final(call, context=context, audio=audio):
                heard = await self._stream(request).final(wire.samples(audio), context)
                return _heard(call, heard)
            case wire.Partial(call, context=context, audio=audio, urgent=urgent):
                stream = self._stream(request)
                partial = await stream.partial(wire.samples(audio), context, urgent=urgent)
                return _heard(call, partial) if partial else wire.Dropped(call)
            case wire.Judge(call, language, audio):
                return wire.Judged(call, await self._judge(language, wire.samples(audio)))
            case wire.Speak(call, text, ahead):
                spoken = await self._served.voice.speak(text, ahead=ahead)
                return wire.Spoken(call, wire.pcm(spoken))

    def _stream(self, request: wire.Final | wire.Partial) -> TranscriptStream:
        stream = self._streams.get(request.session)
        if stream is None:
            if len(self._streams) >= MOST_SESSIONS:
                raise EngineBusy(f"{MOST_SESSIONS} sessions are open on this connection")
            stream = self._served.transcriber.open(request.language, request.terms)
            self._streams[request.session] = stream
        return stream

    async def _judge(self, language: str, audio: Samples) -> float:
        if self._served.end_of_turn is None:
            raise EngineError("this server has no end-of-turn model")
        judge = self._served.end_of_turn.open(language)
        try:
            return await judge.probability(audio)
        finally:
            judge.close()


def _heard(call: int, found: Transcript) -> wire.Heard:
    return wire.Heard(
        call,
        found.text,
        found.language,
        found.confidence,
        found.usual,
        dict(found.spoken),
        found.sound,
    )
