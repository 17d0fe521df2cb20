"""Candidates who attend interviews that are interrupted, and come back as their client does."""

import asyncio
import random
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from uuid import UUID, uuid4

import aiohttp

from .candidate import (
    CHUNK_SECONDS,
    Candidate,
    InterviewFailed,
    Spoken,
    Utterance,
    finalize,
    interview,
)
from .kill_check import BEGAN, CLAUSE, TURN, CutOff, Seen

IN_THE_MIDDLE = 3.0
"""Seconds into an answer from which a kill is in the middle of it."""
GIVE_UP_SECONDS = 900.0
"""For a whole interview with all its interruptions."""
CONNECT = aiohttp.ClientTimeout(total=5.0)
"""Every client wants its socket within so many seconds."""
PATIENCE = 150.0
"""Seconds to wait for the next word: the database may be away for a minute."""
POOR_SECONDS = 6.0
"""After so long without a word the page says that what is said may not arrive."""
SAVE_SECONDS = 2.0
"""Between two tries to finalize."""


@dataclass(frozen=True, slots=True)
class Client:
    """How a client pings, and comes back after a break."""

    name: str
    ping_seconds: float
    silent_seconds: float
    """Without any message it takes the connection for broken after so long."""
    wait: Callable[[int], float]
    """Seconds before the next try, after so many failures."""
    gives_up_after: int = 10**9
    """Failed tries, after which a person has to press a button."""
    resends: bool = False
    """Whether it sends again what was said since a ping that was not answered. The candidate here
    does not, so that it does not count as said."""


TOLD_LATE = 2.0
"""Seconds after an answer within which a turn that begins may still be it: the next answer comes
later, after a reply."""
STABLE_SECONDS = 10.0
"""A connection of the page's that broke sooner was none."""
BUTTON_SECONDS = 4.0
"""It takes a person to press Retry."""


def page_waits(failures: int) -> float:
    """The rule of service/page/connection.js."""
    if not failures:
        return 0.2 * random.random()
    return min(0.2 * 2.0**failures, 2.0) * random.uniform(0.6, 1.0)


PAGE = Client("page", 4.0, 10.0, page_waits, resends=True)
PRODUCT = Client("product", 10.0, float("inf"), lambda _: 2.0, gives_up_after=1)
PERSISTENT = Client("persistent", 10.0, float("inf"), lambda _: 2.0)
"""It comes back every two seconds, for as long as a single server needs to start."""


@dataclass(slots=True)
class Held:
    """One interview as its candidate saw it."""

    id: UUID = field(default_factory=uuid4)
    client: Client = PERSISTENT
    connections: list[Candidate] = field(default_factory=list)
    tries: list[float] = field(default_factory=list)
    """When it tried to connect."""
    refused: list[float] = field(default_factory=list)
    """When a try came to nothing."""
    gave_up_at: list[float] = field(default_factory=list)
    """When the client asked its person to press a button."""
    answers: list[tuple[Candidate, Utterance, Spoken]] = field(default_factory=list)
    """What was said, each in its connection."""
    newer_tab: Candidate | None = None
    """The connection of a newer tab, which this candidate goes on in."""
    finalized: bool = False
    gave_up: str = ""

    @property
    def seen(self) -> Seen:
        messages = [m for connection in self.connections for _, m in connection.messages]
        over = any(closed_with(connection) == 1000 for connection in self.connections)
        cut = filter(None, (cut_off(answer, self.client) for answer in self.answers))
        return Seen(messages, self.finalized, list(cut), over)

    @property
    def live(self) -> Candidate | None:
        """The connection in which the interview goes on."""
        newest = self.connections[-1] if self.connections else None
        if newest is None or self.finalized or newest.ended or closed_at(newest):
            return None
        return newest

    @property
    def in_the_middle(self) -> bool:
        """Whether the candidate has been speaking for a while."""
        if not self.answers:
            return False
        connection, utterance, spoken = self.answers[-1]
        now = asyncio.get_running_loop().time()
        lasts = IN_THE_MIDDLE < now - spoken.began < length(utterance)
        return lasts and spoken.began > 0 and not closed_at(connection)

    @property
    def ended(self) -> bool:
        return any(connection.ended for connection in self.connections)


def length(utterance: Utterance) -> float:
    """Seconds from its first voice to its last."""
    return (utterance.last_voiced - utterance.first_voiced + 1) * CHUNK_SECONDS


def closed_at(connection: Candidate) -> float:
    """When the connection broke; 0 while it is there."""
    return next((at for at, m in reversed(connection.messages) if m["type"] == "closed"), 0.0)


def closed_with(connection: Candidate) -> int | None:
    return next((m["code"] for _, m in reversed(connection.messages) if m["type"] == "closed"), 0)


def cut_off(
    answer: tuple[Candidate, Utterance, Spoken], client: Client = PERSISTENT
) -> CutOff | None:
    """The answer, if the connection broke before it was told to be complete. What was said to a
    service that had not answered for a while, or that could not record it, does not count: the
    page tells the candidate to say it again."""
    connection, utterance, spoken = answer
    closed, began = closed_at(connection), spoken.began
    heard = max((at for at, m in connection.messages if m["type"] != "closed"), default=closed)
    if closed - heard > POOR_SECONDS or _unrecorded(connection):
        return None
    since = [(at, m) for at, m in connection.messages if at > began]
    until = (spoken.ended or closed) + TOLD_LATE
    items = [m["item_id"] for at, m in since if m["type"] == BEGAN and at < until]
    told = [m["item_id"] for _, m in since if m["type"] == TURN]
    if not began or not closed or (spoken.ended and items and items[-1] in told):
        return None
    until = closed
    if client.resends:
        until = next((ping for ping in connection.pinged if ping > heard), closed)
    said = min(spoken.ended or until, until) - began
    if said <= 0:
        return None
    return CutOff(utterance.text, length(utterance), said, tuple(items))


def _unrecorded(connection: Candidate) -> bool:
    """Whether the connection ended while the service could not record, as the page sees it."""
    for _, message in reversed(connection.messages):
        if message["type"] in (TURN, CLAUSE):
            return False
        if message.get("code") == "record_unavailable":
            return True
    return False


async def hold(candidate: Candidate, held: Held, answers: Iterator[Utterance]) -> None:
    """Listen, answer, and so on to the end. Raises `InterviewFailed` when the connection breaks."""
    until = partial(candidate.until, patience=PATIENCE, despite_errors=True)
    await until(lambda: candidate.replies and candidate.replies[0].end)
    while not candidate.ended:
        answer = next(answers)
        spoken = candidate.say(answer)
        held.answers.append((candidate, answer, spoken))
        await until(lambda s=spoken: candidate.answer_to(s) or candidate.ended)
        await until(lambda: all(r.end for r in candidate.replies) or candidate.ended)


async def _watch(candidate: Candidate, seconds: float) -> None:
    """Leave a service that says nothing: the connection is cut without a close frame."""
    clock = asyncio.get_running_loop().time
    heard = clock()
    while not closed_at(candidate):
        if candidate.messages:
            heard = max(heard, candidate.messages[-1][0])
        if clock() - heard > seconds:
            with suppress(OSError):  # it is closed already
                candidate.vanish()
            return
        await asyncio.sleep(0.1)


class Attendance:
    """One candidate's way through one interview."""

    def __init__(
        self,
        http: aiohttp.ClientSession,
        sockets: aiohttp.ClientSession,
        url: str,
        held: Held,
        answers: Iterator[Utterance],
    ) -> None:
        """`sockets` has the client's patience for connecting."""
        self._http = http
        self._sockets = sockets
        self._url = url
        self._held = held
        self._answers = answers
        self._failures = 0

    async def run(self) -> None:
        """The interview, however often the connection breaks, and its end."""
        held, clock = self._held, asyncio.get_running_loop().time
        until = clock() + GIVE_UP_SECONDS
        while clock() < until and not self._over():
            if not await self._connect():
                self._failures += 1
                held.refused.append(clock())
                if self._failures % held.client.gives_up_after == 0:
                    held.gave_up_at.append(clock())
                    await asyncio.sleep(BUTTON_SECONDS)
            if not self._over():
                await asyncio.sleep(held.client.wait(self._failures))
        while clock() < until and not await self._finalize():  # noqa: ASYNC110
            await asyncio.sleep(SAVE_SECONDS)

    def _over(self) -> bool:
        """Whether the client has nothing more to do than to finalize."""
        last = self._held.connections[-1] if self._held.connections else None
        return self._held.ended or (last is not None and closed_with(last) == 1000)

    async def _connect(self) -> bool:
        """One connection, and those of newer tabs after it; False if there was none."""
        held, began = self._held, asyncio.get_running_loop().time()
        held.tries.append(began)
        connecting = interview(
            self._sockets, self._url, str(held.id), ping_seconds=held.client.ping_seconds
        )
        connected = False
        try:
            async with connecting as candidate:
                connected = True
                held.connections.append(candidate)
                await self._converse(candidate)
        except InterviewFailed as exc:
            held.gave_up = str(exc)
        except aiohttp.ClientError as exc:
            held.gave_up = repr(exc)
        while held.newer_tab:
            newer, held.newer_tab = held.newer_tab, None
            with suppress(InterviewFailed):
                await self._converse(newer)
        lasted = asyncio.get_running_loop().time() - began
        if connected and (lasted > STABLE_SECONDS or held.client is not PAGE):
            self._failures = 0
        return connected

    async def _converse(self, candidate: Candidate) -> None:
        async with asyncio.TaskGroup() as tasks:
            watching = tasks.create_task(_watch(candidate, self._held.client.silent_seconds))
            failed: InterviewFailed | None = None
            try:
                await hold(candidate, self._held, self._answers)
            except InterviewFailed as exc:
                failed = exc
            watching.cancel()
        if failed:
            raise failed

    async def _finalize(self) -> bool:
        held = self._held
        try:
            await finalize(self._http, self._url, str(held.id), held.connections[-1])
        except (InterviewFailed, aiohttp.ClientError) as exc:
            held.gave_up = str(exc)
            return False
        held.finalized = True
        return True
