"""What is said before anybody hears it: kept in order, up to a limit."""

import asyncio
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from pipeline.conversation.early import BYTES_PER_SECOND, KEPT_MESSAGES, KEPT_SECONDS, PIECE, Early
from pipeline.conversation.input import (
    ClientMessage,
    CommitAudio,
    Mute,
    PushAudio,
    PushText,
    deliver,
)

FULL = KEPT_SECONDS * BYTES_PER_SECOND


class Listener:
    def __init__(self) -> None:
        self.heard: list[Any] = []
        """Audio that came in one piece, typed answers, None for the ends of turns, and whether the
        microphone was switched off."""

    def push_audio(self, pcm: bytes) -> None:
        if self.heard and isinstance(self.heard[-1], bytes):
            pcm = self.heard.pop() + pcm
        self.heard.append(pcm)

    def push_text(self, text: str) -> None:
        self.heard.append(text)

    def commit_audio(self) -> None:
        self.heard.append(None)

    def test_echo(self) -> None:
        self.heard.append("test_echo")

    def mute(self, *, muted: bool) -> None:
        self.heard.append(muted)


def say(early: Early, *said: bytes | str | bool | None) -> None:
    for each in said:
        early.take(message(each))


def message(said: bytes | str | bool | None) -> ClientMessage:
    match said:
        case bytes(pcm):
            return PushAudio(pcm)
        case str(text):
            return PushText(text)
        case bool(muted):
            return Mute(muted)
    return CommitAudio()


def told(*said: bytes | str | bool | None) -> list[Any]:
    early, listener = Early(), Listener()
    say(early, *said)
    asyncio.run(early.tell(listener))
    return listener.heard


@given(
    st.lists(st.binary(max_size=2 * PIECE + 1) | st.text() | st.none() | st.booleans(), max_size=12)
)
def test_it_tells_what_was_said_as_if_it_had_been_heard_at_once(said: list[Any]) -> None:
    listener = Listener()
    for each in said:
        if each != b"":
            deliver(message(each), listener)
    assert told(*said) == listener.heard


def test_what_comes_while_it_tells_comes_after_it() -> None:
    early, listener = Early(), Listener()
    say(early, b"ab" * PIECE, "typed")

    async def main() -> None:
        async with asyncio.TaskGroup() as tasks:
            telling = tasks.create_task(early.tell(listener))
            await asyncio.sleep(0)
            assert not early.told
            say(early, b"later", None)
            await telling
            assert early.told
            say(early, b"last")

    asyncio.run(main())
    assert listener.heard == [b"ab" * PIECE, "typed", b"later", None, b"last"]


def test_the_latest_is_kept_in_whole_samples() -> None:
    newest = b"cd" * (FULL // 2)
    assert told(b"a", b"b" + newest) == [newest]
    assert told(newest + b"x") == [newest[2:] + b"x"]


def test_what_was_typed_outlives_the_audio_before_it() -> None:
    newest = b"cd" * (FULL // 2)
    assert told(b"ab" * 100, "typed", None, newest) == ["typed", None, newest]


def test_only_the_newest_messages_are_kept() -> None:
    texts = [str(number) for number in range(KEPT_MESSAGES + 5)]
    assert told(*texts) == texts[5:]


def test_others_get_their_turn_while_it_tells() -> None:
    early, listener = Early(), Listener()
    say(early, bytes(FULL))
    turns = 0

    async def main() -> None:
        nonlocal turns
        async with asyncio.TaskGroup() as tasks:
            telling = tasks.create_task(early.tell(listener))
            while not telling.done():
                await asyncio.sleep(0)
                turns += 1

    asyncio.run(main())
    assert turns >= FULL // PIECE


def test_who_is_cancelled_in_the_middle_has_told_everything() -> None:
    early, listener = Early(), Listener()
    say(early, b"ab" * PIECE, "typed")

    async def main() -> None:
        async with asyncio.TaskGroup() as tasks:
            telling = tasks.create_task(early.tell(listener))
            await asyncio.sleep(0)
            telling.cancel()

    asyncio.run(main())
    assert early.told
    assert listener.heard == [b"ab" * PIECE, "typed"]
