"""One reply of the agent: prepared ahead and held, then sent at the pace at which it is heard."""

import asyncio
from contextlib import suppress
from typing import Literal

from models.contracts import SPEAKING_RATE, Samples

from ..journal import ClauseSaid, ReplyEnded
from .agent import Move
from .output import AudioDelta, AudioTranscriptDelta, ResponseCreated, ResponseDone
from .playout import Playout, lead_for, words_heard
from .reply_context import ReplyContext
from .reply_part import Clause
from .script import Script
from .stopwatch import Stopwatch

Status = Literal["completed", "cancelled"]


class Reply:
    """A reply. Make it, await `prepare()` in one task and, after the turn is committed, `play()` in
    another. `stop()` may come at any moment."""

    def __init__(self, context: ReplyContext, response: str, move: Move) -> None:
        self.response = response
        self.item = f"{response}_item"
        self.move = move
        self.watch = Stopwatch(asyncio.get_running_loop().time)
        self._context = context
        self._script = Script(context, response, move, self.watch)
        self._going = asyncio.Event()
        self._going.set()
        self._playout = Playout(lead_for(context.jitter.seconds))
        self._sent: list[Clause] = []
        self._announced = False
        self._most: int | None = None
        """Limit on the samples that the client has played, if it has reported one."""
        self._end: ReplyEnded | None = None

    @property
    def sent(self) -> str:
        """Return the words whose audio was sent, at least in part."""
        return " ".join(clause.text for clause in self._sent)

    async def prepare(self) -> None:
        """Work out what is said, and hold it until it is played."""
        await self._script.prepare()

    # Playback

    async def play(self, recorded: asyncio.Event) -> None:
        """Send the reply piece by piece until the client has played all of it. `recorded` is set
        once the turn that it answers is on record."""
        await recorded.wait()
        self.watch.mark("recorded")
        self._context.outputs.put(ResponseCreated(self.response, self.item))
        self._announced = True
        await self._script.perform(self._say, self._in_the_breath)
        await self._until_heard()

    async def _say(self, clause: Clause) -> None:
        await self._wait_until_due()
        said = ClauseSaid(self._context.clock(), self.response, clause.text)
        await self._context.journal.write(said).wait()
        await self._going.wait()
        clause.at = self._playout.sent
        self._sent.append(clause)
        self._context.outputs.put(AudioTranscriptDelta(self.response, self.item, clause.text))
        await self._send(clause.audio)

    async def _in_the_breath(self, event: asyncio.Event, seconds: float) -> bool:
        """Wait for an event until the client, which plays what it was sent, has been silent for so
        long. Return True if it happened."""
        while not event.is_set():
            await self._going.wait()
            silent_at = max(self._playout.dry_at(), self.watch.marks["recorded"])
            left = silent_at + seconds - self._now()
            if left <= 0:
                return False
            with suppress(TimeoutError):
                async with asyncio.timeout(left):
                    await event.wait()
        return True

    async def _send(self, audio: Samples) -> None:
        at = 0
        while at < len(audio):
            await self._wait_until_due()
            piece = audio[at : at + self._playout.next_piece(len(audio) - at)]
            delta = AudioDelta(self.response, self.item, self._playout.sent, piece)
            await self._context.outputs.put_audio(delta)
            self._playout.send(len(piece), self._now())
            self.watch.mark("first_audio")
            at += len(piece)

    async def _wait_until_due(self) -> None:
        while True:
            await self._going.wait()
            wait = self._playout.due() - self._now()
            if wait <= 0:
                return
            await asyncio.sleep(wait)

    async def _until_heard(self) -> None:
        await asyncio.sleep(max(0.0, self._playout.dry_at() - self._now()))
        await self._going.wait()

    def pause(self) -> None:
        """Send nothing more for now; the client plays what it has."""
        self._going.clear()

    def resume(self) -> None:
        self._going.set()

    # End

    def finish(self, status: Status, timing: dict[str, float]) -> str:
        """Report and record how the reply ended; return the words that were heard. Call it once,
        after `play` has ended or was cancelled."""
        late = self._context.outputs.drop_audio(self.response)
        played = min(self._playout.played(self._now()), self._playout.sent - late)
        self._end = self._ended(status, played if self._most is None else min(played, self._most))
        heard = self._end.heard
        done = ResponseDone(self.response, self.item, status, self.sent, heard, timing)
        try:
            self._context.journal.write(self._end)
        finally:  # what was opened is closed, also where the record has no room
            if self._announced:  # of one that was stopped before it began, the client knows nothing
                self._context.outputs.put(done)
        return heard

    def truncate(self, played_ms: int) -> str | None:
        """Take in that the client has played no more than this. If the reply has ended and fewer
        words were heard than was thought, record that and return the words; otherwise return
        None."""
        self._most = played_ms * SPEAKING_RATE // 1000
        if self._end is None:
            return None
        end = self._ended(self._end.status, self._most)
        if len(end.heard) >= len(self._end.heard):
            return None
        self._end = end
        self._context.journal.write(end)
        return end.heard

    def _ended(self, status: Status, played: int) -> ReplyEnded:
        heard, unheard = self._heard(played)
        notices = self.move.notices_heard(heard)
        at = self._context.clock()
        return ReplyEnded(at, self.response, status, heard, unheard, notices)

    def _heard(self, played: int) -> tuple[str, str]:
        """Return the words that can have been heard, and the ones after them."""
        split = [words_heard(c.text, len(c.audio), played - c.at) for c in self._sent]
        heard = " ".join(before for before, _ in split if before)
        unheard = " ".join(after for _, after in split if after)
        return heard, unheard

    def _now(self) -> float:
        return asyncio.get_running_loop().time()
