"""The ways in which requests name an interview."""

from typing import ClassVar
from uuid import UUID

import msgspec

from ..errors import Unprocessable


class InterviewRef(msgspec.Struct):
    """A reference to an interview, under any of the names that clients give the id."""

    usual: ClassVar[str] = "interviewId"
    """The name in the documentation of the call, by which its errors call the field."""

    interview_id: UUID | None = None
    interviewId: UUID | None = None
    interview_session_id: UUID | None = None
    session_id: UUID | None = None

    @property
    def named(self) -> UUID | None:
        given = (self.interview_id, self.interviewId, self.interview_session_id, self.session_id)
        return next((id_ for id_ in given if id_ is not None), None)

    @property
    def id(self) -> UUID:
        if (named := self.named) is None:
            raise Unprocessable(f"{self.usual} is missing; give the interview's UUID.")
        return named
