"""Decide which sequence of the model's memory holds which conversation.

A conversation keeps its sequence between replies, so that only what is new must be read. When more
conversations are open than there are sequences, the one that has been silent longest loses its
sequence. Beginnings that many conversations have in common are kept in sequences of their own,
which none of them ever takes.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from .token_log import common_prefix

WORTH_SHARING = 16
"""Minimum number of equal tokens at the start for which another sequence's memory is copied."""


class Memory(Protocol):
    """The part of `LlamaContext` that is needed here."""

    def keep(self, sequence: int, length: int) -> int: ...
    def share(self, source: int, target: int, length: int) -> int: ...


@dataclass(slots=True, eq=False)
class Slot:
    """One sequence of the memory."""

    sequence: int
    form: bool
    """True if it is reserved for forms; dialogues and forms never take each other's slots."""
    tokens: list[int] = field(default_factory=list)
    """Tokens that the memory holds of it."""
    owner: object = None
    """The conversation that it belongs to."""
    busy: bool = False
    used: int = 0
    """Time at which it last became idle, on a counter of such events."""


class Slots:
    def __init__(self, memory: Memory, *, dialogues: int, forms: int, heads: int = 0) -> None:
        self._memory = memory
        self._slots = [Slot(n, n >= dialogues) for n in range(dialogues + forms)]
        self._heads = [Slot(dialogues + forms + n, form=False) for n in range(heads)]
        self._clock = 0

    @property
    def heads(self) -> list[Any]:
        """Return the owners of the beginnings that are kept."""
        return [slot.owner for slot in self._heads if slot.busy]

    def take_head(self, owner: object) -> Slot | None:
        """Return a sequence for the beginning of prompts; None when there is none left. It is
        nobody else's until `forget_heads`."""
        slot = next((slot for slot in self._heads if not slot.busy), None)
        if slot:
            slot.owner, slot.busy = owner, True
        return slot

    def forget_heads(self) -> None:
        for slot in self._heads:
            self.forget(slot)

    def take(self, owner: object, *, form: bool) -> Slot | None:
        """Return a sequence for this owner: its own, an empty one, or the one that has been idle
        longest. None when all are busy."""
        idle = [slot for slot in self._slots if slot.form == form and not slot.busy]
        if not idle:
            return None
        slot = min(idle, key=lambda s: (s.owner is not owner, bool(s.tokens), s.used))
        slot.owner, slot.busy = owner, True
        return slot

    def begin(self, slot: Slot, tokens: Sequence[int], *, leave: int) -> int:
        """Fill the sequence with as much as possible of the beginning of `tokens`, except the last
        `leave`, and return how much it holds. A beginning that another sequence holds is copied
        from there."""
        most = max(len(tokens) - leave, 0)
        others = (*self._slots, *self._heads)
        alike = {s.sequence: min(common_prefix(s.tokens, tokens), most) for s in others}
        own = alike[slot.sequence]
        best = max(others, key=lambda s: alike[s.sequence])
        if alike[best.sequence] - own >= WORTH_SHARING:
            held = self._memory.share(best.sequence, slot.sequence, alike[best.sequence])
        else:
            held = self._memory.keep(slot.sequence, own)
        slot.tokens = list(tokens[:held])
        return held

    def rest(self, slot: Slot) -> None:
        """Mark the job as done; what was read is kept for the next one."""
        self._clock += 1
        slot.busy, slot.used = False, self._clock

    def forget(self, slot: Slot) -> None:
        self._memory.keep(slot.sequence, 0)
        slot.tokens, slot.owner, slot.busy = [], None, False

    def forget_owner(self, owner: object) -> None:
        for slot in self._slots:
            if slot.owner is owner:
                self.forget(slot)

    def forget_idle(self) -> bool:
        """Free the memory of the sequence that has been idle longest; return False if there is
        none."""
        idle = [slot for slot in self._slots if slot.tokens and not slot.busy]
        if idle:
            self.forget(min(idle, key=lambda slot: slot.used))
        return bool(idle)

    def forget_all(self) -> None:
        for slot in (*self._slots, *self._heads):
            self.forget(slot)
