from models.llama.slots import Slots


class Memory:
    """Remembers what it was asked for; like a model that can go back, unless told otherwise."""

    def __init__(self, *, rewinds=True):
        self.rewinds = rewinds
        self.asked = []

    def keep(self, sequence, length):
        self.asked.append(("keep", sequence, length))
        return length if self.rewinds else 0

    def share(self, source, target, length):
        self.asked.append(("share", source, target, length))
        return length if self.rewinds else 0


def hold(slots, owner, tokens, *, form=False):
    """A job of this owner was done with these tokens."""
    slot = slots.take(owner, form=form)
    slots.begin(slot, tokens, leave=0)
    slot.tokens = list(tokens)
    slots.rest(slot)
    return slot


def test_a_conversation_comes_back_to_its_own_sequence():
    slots = Slots(Memory(), dialogues=2, forms=0)
    mine = hold(slots, "me", range(10))
    hold(slots, "you", range(50, 60))
    assert slots.take("me", form=False) is mine
    assert slots.begin(mine, [*range(8), 99], leave=1) == 8


def test_the_last_token_is_read_again_so_that_the_next_can_be_chosen():
    slots = Slots(Memory(), dialogues=1, forms=0)
    slot = hold(slots, "me", range(10))
    assert slots.begin(slot, [*range(10)], leave=1) == 9


def test_the_conversation_that_was_silent_longest_gives_up_its_sequence():
    slots = Slots(Memory(), dialogues=2, forms=0)
    first = hold(slots, "first", [1])
    hold(slots, "second", [2])
    hold(slots, "first", [1, 3])
    assert slots.take("third", form=False) is not first


def test_an_empty_sequence_is_taken_before_anybody_loses_one():
    slots = Slots(Memory(), dialogues=2, forms=0)
    first = hold(slots, "first", [1])
    assert slots.take("second", form=False) is not first


def test_a_busy_sequence_is_nobody_elses():
    slots = Slots(Memory(), dialogues=1, forms=1)
    slots.take("first", form=False)
    assert slots.take("second", form=False) is None
    assert slots.take("a form", form=True) is not None
    assert slots.take("another form", form=True) is None


def test_a_long_beginning_alike_is_taken_from_another_sequence():
    memory = Memory()
    slots = Slots(memory, dialogues=2, forms=0)
    hold(slots, "first", range(100))
    slot = slots.take("second", form=False)
    assert slots.begin(slot, [*range(90), 7, 8], leave=1) == 90
    assert memory.asked[-1] == ("share", 0, 1, 90)


def test_a_short_beginning_alike_is_not_worth_it():
    memory = Memory()
    slots = Slots(memory, dialogues=2, forms=0)
    hold(slots, "first", range(100))
    slot = slots.take("second", form=False)
    assert slots.begin(slot, [*range(9), 7, 8], leave=1) == 0
    assert memory.asked[-1] == ("keep", 1, 0)


def test_a_model_that_cannot_go_back_reads_everything_again():
    slots = Slots(Memory(rewinds=False), dialogues=1, forms=0)
    slot = hold(slots, "me", range(10))
    assert slots.begin(slot, [*range(8), 99], leave=1) == 0
    assert slot.tokens == []


def test_memory_is_freed_from_idle_sequences_only_and_the_oldest_first():
    memory = Memory()
    slots = Slots(memory, dialogues=3, forms=0)
    hold(slots, "old", [1])
    hold(slots, "new", [2])
    slots.take("new", form=False)
    assert slots.forget_idle()
    assert memory.asked[-1] == ("keep", 0, 0)
    assert not slots.forget_idle()


def test_who_leaves_frees_the_sequence():
    slots = Slots(Memory(), dialogues=2, forms=0)
    slot = hold(slots, "me", [1, 2])
    slots.forget_owner("me")
    assert (slot.tokens, slot.owner) == ([], None)
