from hypothesis import given
from hypothesis import strategies as st

from models.contracts import Message
from models.llama.token_log import Generated, TokenLog, common_prefix, shortened


class Letters:
    """One token per character; a joint is the negative initial of the role."""

    def __init__(self):
        self.tokenized = []

    def role(self, index, role):
        return role

    def message(self, before, role, content):
        if content:
            self.tokenized.append(content)
        return [-ord(role[0]), *map(ord, content)]

    def plain(self, text):
        self.tokenized.append(text)
        return [*map(ord, text)]


def said(text, *sizes):
    """A generated text whose tokens are pieces of these sizes; token n is 1000 + n."""
    ends = [sum(sizes[: n + 1]) for n in range(len(sizes))]
    return Generated(text, tuple(range(1000, 1000 + len(sizes))), tuple(ends))


SYSTEM, USER, NOTE = (
    Message("system", "rules"),
    Message("user", "I did it."),
    Message("system", "Next: ask"),
)
DIALOGUE = (SYSTEM, USER, NOTE)


def prompt(log, *messages, limit=1000):
    return log.prompt(messages, limit, reply=True).tokens


def test_old_turns_are_never_tokenized_again():
    chat = Letters()
    log = TokenLog(chat)
    first = prompt(log, *DIALOGUE)
    chat.tokenized.clear()
    second = prompt(log, *DIALOGUE, Message("assistant", "Hm"), USER)
    assert chat.tokenized == ["Hm", "I did it."]
    assert second[: len(first)] == first


def test_a_reply_that_was_heard_whole_keeps_the_generated_tokens():
    log = TokenLog(Letters())
    prompt(log, *DIALOGUE)
    log.said(said("Thank you.", 5, 5))
    tokens = prompt(log, *DIALOGUE, Message("assistant", "Thank you."))
    assert tokens[-4:-1] == [-ord("a"), 1000, 1001]


def test_a_reply_that_was_cut_keeps_the_tokens_up_to_there():
    log = TokenLog(Letters())
    log.said(said("Thank you so much.", 5, 4, 3, 6))
    tokens = prompt(log, *DIALOGUE, Message("assistant", "Thank you s"))
    assert tokens[-5:-1] == [1000, 1001, ord(" "), ord("s")]


def test_nothing_that_was_heard_is_an_empty_turn():
    log = TokenLog(Letters())
    log.said(said("Thank you.", 5, 5))
    assert prompt(log, SYSTEM, Message("assistant", ""))[-2:] == [-ord("a"), -ord("a")]


def test_a_question_added_to_a_reply_goes_on_from_its_tokens():
    log = TokenLog(Letters())
    log.said(said("Ok.", 3))
    tokens = prompt(log, SYSTEM, Message("assistant", "Ok. Why?"))
    assert tokens[-7:-1] == [1000, *map(ord, " Why?")]


def test_a_speculative_reply_is_remembered_while_others_are_tried():
    log = TokenLog(Letters())
    log.said(said("Yes, go on.", 11))
    log.said(said("Yes", 3))
    log.said(
        said(
            "",
        )
    )
    assert prompt(log, SYSTEM, Message("assistant", "Yes, go on."))[-2] == 1000


def test_a_changed_user_message_changes_only_itself():
    log = TokenLog(Letters())
    one = prompt(log, SYSTEM, Message("user", "I did"), NOTE)
    two = prompt(log, SYSTEM, Message("user", "I did it all"), NOTE)
    assert common_prefix(one, two) == len("xrulesx" + "I did")


def test_when_the_context_is_full_the_oldest_turns_go_and_the_system_prompt_stays():
    log = TokenLog(Letters())
    turns = [m for n in range(20) for m in (USER, Message("assistant", f"ok {n}"))]
    fitted = log.prompt([SYSTEM, *turns, USER], 200, reply=True)
    assert len(fitted.tokens) <= 150
    assert fitted.kept < 42
    assert fitted.tokens[:6] == [-ord("s"), *map(ord, "rules")]
    assert fitted.tokens[6] == -ord("u")
    assert fitted.tokens[-11:] == [-ord("u"), *map(ord, USER.content), -ord("a")]


def test_after_turns_were_left_out_the_next_ones_only_add():
    log = TokenLog(Letters())
    turns = [m for n in range(20) for m in (USER, Message("assistant", f"ok {n}"))]
    one = log.prompt([SYSTEM, *turns, USER], 200, reply=False).tokens
    two = log.prompt([SYSTEM, *turns, USER, NOTE], 200, reply=True).tokens
    assert two[: len(one)] == one


def test_a_single_turn_that_is_too_long_loses_its_middle():
    log = TokenLog(Letters())
    answer = "begin " + "x" * 500 + " end"
    tokens = log.prompt([SYSTEM, Message("user", answer), NOTE], 100, reply=True).tokens
    text = "".join(chr(token) for token in tokens if token > 0)
    assert len(tokens) <= 100
    assert text.startswith("rulesbegin ")
    assert text.endswith(" endNext: ask")


def test_a_conversation_that_became_shorter_keeps_its_last_turn():
    log = TokenLog(Letters())
    turns = [m for n in range(20) for m in (USER, Message("assistant", f"ok {n}"))]
    log.prompt([SYSTEM, *turns, USER], 200, reply=True)
    fitted = log.prompt([SYSTEM, Message("user", "x" * 300)], 200, reply=True)
    assert (fitted.kept, len(fitted.tokens)) == (2, 200)


def test_a_new_conversation_on_the_same_stream_starts_whole():
    log = TokenLog(Letters())
    turns = [m for n in range(20) for m in (USER, Message("assistant", f"ok {n}"))]
    log.prompt([SYSTEM, *turns, USER], 200, reply=True)
    assert log.prompt([*DIALOGUE], 200, reply=True).kept == 3


@given(st.lists(st.integers(0, 3)), st.lists(st.integers(0, 3)))
def test_the_common_prefix_is_the_longest(one, other):
    n = common_prefix(one, other)
    assert one[:n] == other[:n]
    assert one[n : n + 1] != other[n : n + 1] or n == len(one) == len(other)


@given(st.lists(st.text("aé🎉 ", min_size=1, max_size=3), min_size=1), st.integers(0, 40))
def test_kept_tokens_are_exactly_the_text_before_the_cut(pieces, length):
    text = "".join(pieces)
    ends = [len("".join(pieces[: n + 1])) for n in range(len(pieces))]
    tokens, reached = Generated(text, tuple(range(len(pieces))), tuple(ends)).up_to(length)
    assert reached <= length
    assert "".join(pieces[: len(tokens)]) == text[:reached]


def test_a_token_that_is_part_of_a_character_is_not_kept():
    half = Generated("ab", (1, 2, 3), (1, 1, 2))
    assert half.up_to(1) == ((1,), 1)


@given(st.lists(st.lists(st.integers(), max_size=30).map(tuple), max_size=8), st.integers(0, 100))
def test_shortened_parts_fit_and_short_ones_stay(parts, limit):
    result = shortened(parts, limit)
    assert sum(map(len, result)) <= max(limit, 0)
    longest = max(map(len, result), default=0)
    for before, after in zip(parts, result, strict=True):
        assert before == after or len(after) == longest
        assert before[: (len(after) + 1) // 2] == after[: (len(after) + 1) // 2]


MESSAGES = st.lists(
    st.builds(
        Message,
        st.sampled_from(["system", "user", "assistant"]),
        st.text("abc ", max_size=20),
    ),
    min_size=1,
    max_size=12,
)


@given(st.lists(MESSAGES, min_size=1, max_size=4), st.integers(20, 120))
def test_whatever_is_asked_fits_the_context(conversations, limit):
    log = TokenLog(Letters())
    for messages in conversations:
        fitted = log.prompt(messages, limit, reply=True)
        assert 0 < len(fitted.tokens) <= limit
        assert 1 <= fitted.kept <= len(messages)


@given(MESSAGES, st.text("abc ", min_size=1, max_size=9))
def test_a_log_that_has_seen_much_gives_the_same_tokens_as_a_new_one(messages, more):
    used = TokenLog(Letters())
    for n in range(len(messages)):
        used.prompt([*messages[:n], Message("user", more)], 1000, reply=True)
    assert prompt(used, *messages) == prompt(TokenLog(Letters()), *messages)
