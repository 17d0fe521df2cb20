"""A second agent, for tests: it says again what it is told, until it hears "goodbye"."""

from dataclasses import dataclass, field

from models.contracts import Message
from pipeline.conversation.agent import LlmTask
from pipeline.conversation.microphone import Trouble
from pipeline.conversation.output import Progress
from pipeline.journal import ReplyPlanned
from pipeline.language.english import ENGLISH
from pipeline.language.language import Language


@dataclass(frozen=True)
class Echoed:
    """Has the LLM say a text; says it itself where the LLM says nothing."""

    closing: str = ""
    opening: str = ""
    lead: str = ""
    task: LlmTask | None = None
    instead: str = ""
    last: bool = False

    def notices_heard(self, said: str) -> tuple[str, ...]:
        return ()

    def planned(self, at_ms: int, response: str, item: str) -> ReplyPlanned:
        return ReplyPlanned(at_ms, response, item, "echo", "", None)


@dataclass
class Echo:
    language: Language = ENGLISH
    names: tuple[str, str] = ("", "")
    terms: tuple[str, ...] = ()
    elapsed_ms: int = 0
    latest_ms: int | None = None
    messages: list[Message] = field(default_factory=lambda: [Message("system", "Echo.")])
    reason: str = ""
    recorded: bool = False
    troubles: list[Trouble | None] = field(default_factory=list)
    spoken: str = ""
    follows_language: bool = False

    @property
    def own_language(self) -> str:
        return self.language.code

    def speaks(self, language: str) -> None:
        self.spoken = language

    def be_recorded(self) -> None:
        self.recorded = True

    def advise(self, trouble: Trouble | None) -> None:
        self.troubles.append(trouble)

    def upcoming(self) -> list[str]:
        return ["Hello.", "Say something.", "I am still here."]

    def anticipate(self, partial: str) -> tuple[Message, ...]:
        return (*self.messages, *([Message("user", partial)] if partial else []))

    def open(self) -> Echoed:
        return Echoed("Say something.", opening="Hello.")

    def answer(self, text: str, at_ms: int) -> Echoed:
        if "goodbye" in text.lower():
            return Echoed("Goodbye.", last=True)
        messages = (*self.messages, Message("user", text))
        return Echoed(task=LlmTask(messages, str.strip), instead=text)

    def silence(self, at_ms: int) -> Echoed:
        return Echoed("I am still here.")

    def break_in(self, text: str, at_ms: int) -> Echoed:
        return Echoed("That was long.")

    def heard(self, move: Echoed, said: str, user: str | None) -> None:
        if user:
            self.messages.append(Message("user", user))
        if said:
            self.messages.append(Message("assistant", said))
        if move.last:
            self.reason = "goodbye"

    def heard_less(self, move: Echoed, said: str, user: str | None) -> None:
        self.messages.pop()
        if said:
            self.messages.append(Message("assistant", said))

    def progress(self, move: Echoed, at_ms: int) -> Progress | None:
        return None
