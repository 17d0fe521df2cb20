"""The agent's replies in a session: asks the agent what to say next, and has replies prepared,
played and ended."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ..language.language import Language
from .agent import Agent, Move
from .ahead import Ahead
from .microphone import Trouble, advice
from .output import LanguageChanged, MicrophoneTrouble
from .recognition import Spawn
from .reply import Reply, Status
from .reply_context import ReplyContext
from .spoken_language import told_of
from .stopwatch import Stopwatch

STAGES = {
    "voice_to_voice": ("voice_ended", "first_audio"),
    "endpoint": ("voice_ended", "committed"),
    "transcription": ("paused", "transcribed"),
    "llm_first_word": ("asked", "first_word"),
    "llm_first_clause": ("asked", "first_clause"),
    "speech_first_clause": ("first_clause", "first_speech"),
    "words": ("committed", "words"),
    "record": ("committed", "recorded"),
    "after_commit": ("committed", "first_audio"),
    "overdue": ("due", "first_audio"),
}
"""The stages of a reply, each with the marks of the stopwatch at its start and its end.
docs/protocol.md describes them."""


@dataclass(slots=True)
class Active:
    """A reply in progress. `playing` is None while it is held."""

    reply: Reply
    user: str | None
    preparing: asyncio.Task[None]
    playing: asyncio.Task[None] | None = None


class Replies:
    def __init__(
        self,
        agent: Agent[Any],
        context: ReplyContext,
        spawn: Spawn,
        finished: Callable[[int, bool], None],
    ) -> None:
        self._agent = agent
        self._context = context
        self._spawn = spawn
        self._finished = finished
        self._active: dict[int, Active] = {}
        self._ended: Active | None = None
        """The reply that ended last, until the next one is prepared."""
        self._ahead = Ahead(agent, context, spawn)
        self._paused: set[int] = set()
        """Replies that are paused because somebody may be speaking."""
        self._on_hold = False
        self._changed = False
        """True if a reply has ended since the speech of what comes next was asked for."""

    @property
    def reason(self) -> str:
        """Return why the agent has ended the conversation, once it has."""
        return self._agent.reason

    def troubled(self, trouble: Trouble | None) -> None:
        """Tell client and agent what is wrong with the candidate's microphone; None: all is well
        again."""
        message = advice(trouble, self._agent.language) if trouble else ""
        self._context.outputs.put(MicrophoneTrouble(trouble or "", message))
        self._agent.advise(trouble)

    def spoken_in(self, item: str, language: str, *, followed: bool) -> Language | None:
        """Tell client and agent if the candidate speaks another language than before, a code; empty
        for the conversation's own. Return the language to listen for then."""
        if language == self._agent.spoken:
            return None
        self._agent.speaks(language)
        now = self._agent.language
        message = told_of(now, language, followed=followed) if language else ""
        code = language or self._agent.own_language
        self._context.outputs.put(LanguageChanged(item, code, followed or not language, message))
        return now

    def hold(self) -> Callable[[], None]:
        """Let no reply be heard until the function that is returned is called."""
        self._on_hold = True
        for active in self._active.values():
            active.reply.pause()
        return self._release

    def _release(self) -> None:
        self._on_hold = False
        for number, active in self._active.items():
            if number not in self._paused:
                active.reply.resume()

    def saying(self) -> str:
        """Return what the client was sent of the reply that is being played, or was played
        last."""
        playing = (active for active in self._active.values() if active.playing)
        latest = next(playing, self._ended)
        return latest.reply.sent if latest else ""

    # Commands of the turn machine

    def open(self, number: int, response: str) -> None:
        move = self._agent.open()
        self._start(number, response, move, None)
        self.play(number, {})
        self._ahead.speak(besides=move.opening)

    def nudge(self, number: int, response: str) -> None:
        move = self._agent.silence(self._context.clock())
        self._start(number, response, move, None)
        self.play(number, {})

    def expect(self) -> None:
        """Get ready for the turn that the candidate has begun."""
        self._speak_ahead()
        self._ahead.begin()

    def listen(self, partial: str) -> None:
        """Take in the beginning of the turn that the candidate is speaking."""
        if self._changed:
            self._speak_ahead()
        self._ahead.read(partial)

    def last_words(self) -> str:
        """Return what the agent said last."""
        said = (m.content for m in reversed(self._agent.messages) if m.role == "assistant")
        return next(said, "")

    def prepare(self, number: int, response: str, text: str, *, overlong: bool = False) -> None:
        now = self._context.clock()
        decide = self._agent.break_in if overlong else self._agent.answer
        self._start(number, response, decide(text, now), text)

    def discard(self, number: int) -> None:
        if active := self._active.pop(number, None):
            active.preparing.cancel()

    def play(self, number: int, marks: dict[str, float]) -> None:
        """Let a reply be heard. `marks` are the times of the turn that it answers."""
        active = self._active[number]
        reply = active.reply
        reply.watch.marks.update(marks, committed=asyncio.get_running_loop().time())
        now = self._context.clock()
        if self._on_hold:
            reply.pause()
        planned = reply.move.planned(now, reply.response, reply.item)
        if progress := self._agent.progress(reply.move, now):
            self._context.outputs.put(progress)
        recorded = self._context.journal.write(planned)  # the turn before it is durable then, too
        active.playing = self._spawn(self._play(number, recorded), name=f"play-{number}")

    def pause(self, number: int) -> None:
        self._paused.add(number)
        self._active[number].reply.pause()

    def resume(self, number: int) -> None:
        self._paused.discard(number)
        if not self._on_hold:
            self._active[number].reply.resume()

    def stop(self, number: int) -> None:
        """Stop a reply at once."""
        self._end(number, "cancelled")

    def truncate(self, item: str, played_ms: int) -> bool:
        """Take in that the client has played only so much of a reply. Return True if that reply is
        being played, so that it has to be stopped now. Replies before the last one stay as they
        are."""
        for active in self._active.values():
            if active.playing and active.reply.item == item:
                active.reply.truncate(played_ms)
                return True
        ended = self._ended
        if ended and ended.reply.item == item:
            heard = ended.reply.truncate(played_ms)
            if heard is not None:
                self._agent.heard_less(ended.reply.move, heard, ended.user)
        return False

    def leave(self) -> None:
        """End the reply that is being said, because the client is gone."""
        for number, active in list(self._active.items()):
            if active.playing:
                self.stop(number)
            else:
                self.discard(number)

    def close(self) -> None:
        self._context.llm.close()

    # How they are carried out

    def _start(self, number: int, response: str, move: Move, user: str | None) -> None:
        self._ended = None
        reply = Reply(self._context, response, move)
        self._active[number] = Active(
            reply, user, self._spawn(reply.prepare(), name=f"prepare-{number}")
        )

    def _speak_ahead(self) -> None:
        self._changed = False
        self._ahead.speak()

    async def _play(self, number: int, recorded: asyncio.Event) -> None:
        reply = self._active[number].reply
        await reply.play(recorded)
        self._end(number, "completed")
        if not reply.move.last:
            self._speak_ahead()
        self._finished(number, reply.move.last)

    def _end(self, number: int, status: Status) -> None:
        active = self._active.pop(number)
        self._paused.discard(number)
        active.preparing.cancel()
        if active.playing and status == "cancelled":
            active.playing.cancel()
        heard = active.reply.finish(status, timing(active.reply.watch))
        self._agent.heard(active.reply.move, heard, active.user)
        self._ended, self._changed = active, True


def timing(watch: Stopwatch) -> dict[str, float]:
    """Return the stages of a turn in milliseconds, without those that did not happen."""
    between = {name: watch.between(start, end) for name, (start, end) in STAGES.items()}
    return {name: ms for name, ms in between.items() if ms is not None}
