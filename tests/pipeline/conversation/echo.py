"""A second agent, for tests: it says again what it is told, until it hears "goodbye"."""

from dataclasses import dataclass, field

from models.contracts import Message
from pipeline.conversation.output import Progress
from pipeline.journal import ReplyPlanned
from pipeline.language.english import ENGLISH
from pipeline.language.language import Language


@dataclass(frozen=True)
class Echoed:
    """Has the LLM say a text; says it itself where the LLM says nothing."""

    text: str
    messages: tuple[Message, ...]
    opening: str = ""
    fixed: bool = False
    last: bool = False

    def missing(self, said: str) -> str:
        return "" if said else self.text

    def is_complete(self, said: str) -> bool:
        return said == self.text

    def notices_heard(self, said: str) -> tuple[str, ...]:
        return ()

    def planned(self, at_ms: int, response: str, item: str) -> ReplyPlanned:
        return ReplyPlanned(at_ms, response, item, "echo", self.text, None)


@dataclass
class Echo:
    language: Language = ENGLISH
    names: tuple[str, str] = ("", "")
    elapsed_ms: int = 0
    latest_ms: int | None = None
    messages: list[Message] = field(default_factory=lambda: [Message("system", "Echo.")])
    reason: str = ""
    recorded: bool = False

    def be_recorded(self) -> None:
        self.recorded = True

    def open(self) -> Echoed:
        return Echoed("Say something.", (), opening="Hello.", fixed=True)

    def answer(self, text: str, at_ms: int) -> Echoed:
        if "goodbye" in text.lower():
            return Echoed("Goodbye.", (), fixed=True, last=True)
        return Echoed(text, (*self.messages, Message("user", text)))

    def silence(self, at_ms: int) -> Echoed:
        return Echoed("I am still here.", (), fixed=True)

    def break_in(self, text: str, at_ms: int) -> Echoed:
        return Echoed("That was long.", (), fixed=True)

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
