"""The interviewer as a conversation's `Agent`: it holds the plan and the interview's state."""

from collections.abc import Sequence
from dataclasses import replace

import msgspec

from models.contracts import Form, Message

from ..conversation.agent import Agent
from ..conversation.microphone import Trouble
from ..conversation.output import Progress
from ..language.known import LANGUAGES, heard_as
from ..language.language import Language
from . import interviewer
from .interviewer import InterviewState, Move
from .llm_part import anticipated, with_llm
from .plan import Plan
from .terms import terms_of
from .upcoming import upcoming


class Interviewer(Agent[Move]):
    """The agent that holds interviews. `interviewer.py` makes the decisions; this class keeps the
    state that follows from what was heard. See `conversation/agent.py` for the purpose of each
    method."""

    def __init__(
        self,
        plan: Plan,
        state: InterviewState | None = None,
        form: Form = "tasks",
        voices: Sequence[str] = (),
        hears: Sequence[str] = (),
    ) -> None:
        """`form` is how the LLM is asked, which depends on the model; `voices` are the languages
        that the voice speaks, and `hears` those that are understood."""
        if len(hears) == 1:
            plan = msgspec.structs.replace(plan, any_language=False)
        self._form = form
        self._voices = voices
        self.state = state or interviewer.begin(plan)
        self._plan = plan
        self._before = self.state
        """State before the reply that was heard last."""

    @property
    def language(self) -> Language:
        return heard_as(self._held.language, self.state.spoken)

    @property
    def own_language(self) -> str:
        return self._plan.language

    @property
    def spoken(self) -> str:
        return self.state.spoken

    @property
    def follows_language(self) -> bool:
        return self._plan.any_language

    @property
    def names(self) -> tuple[str, str]:
        return self._plan.interviewer, self._plan.candidate

    @property
    def terms(self) -> tuple[str, ...]:
        return terms_of(self._plan)

    @property
    def elapsed_ms(self) -> int:
        return self.state.elapsed_ms

    @property
    def latest_ms(self) -> int:
        return interviewer.latest_ms(self._plan)

    @property
    def messages(self) -> tuple[Message, ...]:
        return self.state.messages

    @property
    def reason(self) -> str:
        return self.state.progress.reason

    def be_recorded(self) -> None:
        self.state = replace(self.state, recorded=True)

    def upcoming(self) -> tuple[str, ...]:
        return upcoming(self._held, self.state, self._form)

    def anticipate(self, partial: str) -> tuple[Message, ...]:
        return anticipated(self._form, self._held, self.state, partial)

    def advise(self, trouble: Trouble | None) -> None:
        self.state = interviewer.troubled(self.state, trouble)

    def speaks(self, language: str) -> None:
        self.state = interviewer.speaks(self._plan, self.state, language)

    def open(self) -> Move:
        return self._with_llm(interviewer.open_floor(self._held, self.state), None)

    def answer(self, text: str, at_ms: int) -> Move:
        return self._with_llm(interviewer.answer(self._held, self._at(at_ms), text), text)

    def silence(self, at_ms: int) -> Move:
        return self._with_llm(interviewer.silence(self._held, self._at(at_ms)), None)

    def break_in(self, text: str, at_ms: int) -> Move:
        return self._with_llm(interviewer.break_in(self._held, self._at(at_ms)), text)

    def heard(self, move: Move, said: str, user: str | None) -> None:
        self._before = self.state
        self.state = interviewer.heard(self._before, move, said, user)

    def heard_less(self, move: Move, said: str, user: str | None) -> None:
        self.state = interviewer.heard(self._before, move, said, user)

    def progress(self, move: Move, at_ms: int) -> Progress:
        seconds = interviewer.left_ms(self._plan, at_ms) // 1000
        return Progress(move.after.asked, len(self._plan.questions), seconds)

    def _at(self, ms: int) -> InterviewState:
        return replace(self.state, elapsed_ms=ms)

    @property
    def _held(self) -> Plan:
        """The plan in the language that the interviewer speaks now: the candidate's, if nobody set
        another, the voice speaks it and there are words for it."""
        spoken, plan = self.state.spoken, self._plan
        speaks = plan.any_language and spoken in LANGUAGES and spoken in self._voices
        return msgspec.structs.replace(plan, language=spoken) if speaks else plan

    def _with_llm(self, move: Move, user: str | None) -> Move:
        return with_llm(self._form, self._held, self.state, move, user)
