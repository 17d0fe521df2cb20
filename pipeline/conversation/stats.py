"""Count what happens in conversations, for whoever runs the machine. Pure."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from . import commands as c
from . import events as e

Engine = Literal["recognizer", "language_model", "voice"]
Missing = Literal["refused", "failed"]
"""Reason why a language model that has ended has no words for a reply: the check refused them, or
there was an error."""
Wording = Literal["model", "lead_in", "late", "refused", "failed"]
"""Source of the words of a reply that the language model had a part in: the model; the model after
a ready lead-in; or ready words only, because the model was late, refused or failed."""


@dataclass(slots=True, eq=False)
class ConversationStats:
    """The counts of one conversation, which only grow."""

    spoken: int = 0
    """Turns of the candidate that were committed."""
    typed: int = 0
    noises: int = 0
    """Turns that were announced and then turned out to be none."""
    guesses_used: int = 0
    """Speculative replies, prepared while the candidate might have gone on, that were then said."""
    guesses_discarded: int = 0
    pauses: int = 0
    """Times that voice over a reply paused it."""
    resumes: int = 0
    """Times that it resumed, because the voice was no interruption."""
    interruptions: int = 0
    """Replies cut short."""
    failures: Counter[tuple[Engine, str]] = field(default_factory=Counter)
    """Failures of engines, by the error's code. The conversation went on without their result."""
    worded: Counter[Wording] = field(default_factory=Counter)
    """Replies that the language model had a part in, by who worded them."""
    _guesses: set[int] = field(default_factory=set)

    def note(self, event: e.Event, commands: Sequence[c.Command]) -> None:
        """Count an event and the commands that were decided on it."""
        if isinstance(event, e.Transcribed) and event.failure:
            self.failed("recognizer", event.failure)
        released = {command.reply for command in commands if isinstance(command, c.PlayReply)}
        for command in commands:
            match command:
                case c.PrepareReply(reply) if reply not in released:
                    self._guesses.add(reply)
                case c.PlayReply(reply) if reply in self._guesses:
                    self._guesses.discard(reply)
                    self.guesses_used += 1
                case c.DiscardReply(reply) if reply in self._guesses:
                    self._guesses.discard(reply)
                    self.guesses_discarded += 1
                case _:
                    self._count(command)

    def _count(self, command: c.Command) -> None:
        match command:
            case c.CommitTurn(typed=True):
                self.typed += 1
            case c.CommitTurn():
                self.spoken += 1
            case c.DropTurn():
                self.noises += 1
            case c.PauseReply():
                self.pauses += 1
            case c.ResumeReply():
                self.resumes += 1
            case c.StopReply():
                self.interruptions += 1

    def failed(self, engine: Engine, code: str) -> None:
        self.failures[engine, code] += 1
