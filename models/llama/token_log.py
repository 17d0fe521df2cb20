"""The tokens of one conversation, which only grow: nothing is tokenized twice, so a model's memory
of it stays valid. Pure; the tokenizer is passed in."""

from bisect import bisect_left, bisect_right
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from ..contracts import Message
from .chat_template import Role

REMEMBERED = 4
"""Replies whose tokens are kept until they turn up in the history; speculation makes several."""


class ChatTokens(Protocol):
    """The part of a model that turns a conversation into tokens."""

    def role(self, index: int, role: Role) -> Role:
        """Return the role under which the message at `index` is rendered."""
        ...

    def message(self, before: Role | None, role: Role, content: str) -> list[int]:
        """Return the tokens between two messages of these roles, followed by those of the
        content."""
        ...

    def plain(self, text: str) -> list[int]:
        """Return the tokens of text that continues a message."""
        ...


@dataclass(frozen=True, slots=True)
class Generated:
    """A generated reply, token by token. `ends[n]` is the length of the text after token n; it does
    not grow at a token that is only a part of a character."""

    text: str
    tokens: tuple[int, ...]
    ends: tuple[int, ...]

    def up_to(self, length: int) -> tuple[tuple[int, ...], int]:
        """Return the tokens that make at most `length` characters of the text, and how many
        characters those are. A last token that ends within a character is left out."""
        reached = max((end for end in self.ends if end <= length), default=0)
        if not reached:
            return (), 0
        count = bisect_left(self.ends, reached) + 1
        return self.tokens[:count], reached


def common_prefix(one: Sequence[int], other: Sequence[int]) -> int:
    """Return the length of the common beginning of two token lists."""
    low, high = 0, min(len(one), len(other))
    while low < high:  # slices are compared in C; a loop over 2000 tokens is not
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


@dataclass(frozen=True, slots=True)
class _Entry:
    message: Message
    before: Role | None
    """Role of the message before it, on which its first tokens depend."""
    tokens: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Prompt:
    tokens: list[int]
    kept: int
    """Number of messages in it, smaller than the number given when the context is too short for
    all."""


class TokenLog:
    """The tokens of what one stream has said and heard."""

    def __init__(self, chat: ChatTokens) -> None:
        self._chat = chat
        self._entries: dict[int, _Entry] = {}
        self._generated: deque[Generated] = deque(maxlen=REMEMBERED)
        self._skipped = 0

    def said(self, generated: Generated) -> None:
        """Record what the model said; the history will hold it whole, cut, or not at all."""
        if generated.text:
            self._generated.append(generated)

    def prompt(self, messages: Sequence[Message], limit: int, *, reply: bool) -> Prompt:
        """Return the messages in at most `limit` tokens, ready for a `reply` to be generated after
        them.

        When they are too many, the oldest after the first system message are left out, so many at
        once that the next turns need not do it again. When even the last turn is too long, the
        longest messages are shortened in their middle.
        """
        self._skipped, parts = self._fitting(messages, limit, reply)
        kept = len(messages) - self._skipped
        return Prompt([token for part in shortened(parts, limit) for token in part], kept)

    def _fitting(
        self, messages: Sequence[Message], limit: int, reply: bool
    ) -> tuple[int, list[tuple[int, ...]]]:
        """Return how many messages to leave out, and the tokens of the others. Leaves out as many
        as last time if that is enough."""
        cuts = _cuts(messages)
        tried = [(0, limit)]
        if self._skipped in cuts:
            tried.append((self._skipped, limit))
            cuts = [cut for cut in cuts if cut > self._skipped] or [self._skipped]
        for skipped, size in [*tried, *((cut, limit * 3 // 4) for cut in cuts)]:
            parts = self._parts(messages, skipped, reply)
            if _size(parts) <= size:
                break
        return skipped, parts

    def _parts(
        self, messages: Sequence[Message], skipped: int, reply: bool
    ) -> list[tuple[int, ...]]:
        """Return the tokens of every message that is not skipped, and those that prompt for a
        reply."""
        first = _opening(messages)
        before: Role | None = None
        parts: list[tuple[int, ...]] = []
        for index, message in enumerate(messages):
            if first <= index < first + skipped:
                continue
            parts.append(self._tokens(index, message, before))
            before = self._chat.role(index, message.role)
        if reply:
            parts.append(tuple(self._chat.message(before, "assistant", "")))
        return parts

    def _tokens(self, index: int, message: Message, before: Role | None) -> tuple[int, ...]:
        entry = self._entries.get(index)
        if entry is None or entry.message != message or entry.before != before:
            tokens = self._tokenized(index, message, before)
            entry = self._entries[index] = _Entry(message, before, tokens)
        return entry.tokens

    def _tokenized(self, index: int, message: Message, before: Role | None) -> tuple[int, ...]:
        role = self._chat.role(index, message.role)
        content = message.content.strip()
        if role == "assistant" and (generated := self._generated_for(content)):
            if content == generated.text.strip():
                tokens, reached = generated.tokens, len(content)
            else:
                tokens, reached = generated.up_to(len(content))
            rest = self._chat.plain(content[reached:]) if reached < len(content) else []
            return (*self._chat.message(before, role, ""), *tokens, *rest)
        return tuple(self._chat.message(before, role, content))

    def _generated_for(self, content: str) -> Generated | None:
        """Return the reply that `content` is the beginning of, or that it continues (with a
        question added)."""
        fitting = [
            generated
            for generated in self._generated
            if content.startswith(generated.text) or generated.text.startswith(content)
        ]
        return max(fitting, key=lambda g: min(len(g.text), len(content)), default=None)


def _cuts(messages: Sequence[Message]) -> list[int]:
    """Return how many messages after the opening may be left out, fewest first. What stays begins
    with a message of the candidate or the director, and includes the last turn."""
    first = _opening(messages)
    ends = (n for n, message in enumerate(messages[:-1], 1) if message.role == "assistant")
    return [n - first for n in ends if n > first]


def _opening(messages: Sequence[Message]) -> int:
    """Return how many messages at the start are always kept."""
    return 1 if messages and messages[0].role == "system" else 0


def _size(parts: Sequence[Sequence[int]]) -> int:
    return sum(map(len, parts))


def shortened(parts: Sequence[tuple[int, ...]], limit: int) -> list[tuple[int, ...]]:
    """Shorten the longest parts in their middle, all to the same length, so that the total is at
    most `limit`."""
    sizes = range(max(map(len, parts), default=0) + 1)
    fitting = bisect_right(sizes, limit, key=lambda size: sum(min(len(p), size) for p in parts))
    size = fitting - 1
    head, tail = (size + 1) // 2, size // 2
    return [p if len(p) <= size else p[:head] + p[len(p) - tail :] for p in parts]
