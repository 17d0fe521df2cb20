"""What is read back of turns of which the end is not on record."""

import pytest

from pipeline.assessment.measures import measure
from pipeline.assessment.transcript import answers, transcript
from pipeline.conversation.endpointing import samples as ms
from pipeline.conversation.floor import Part, Turn
from pipeline.conversation.unfinished import EVERY, UnfinishedTurn
from pipeline.interview.interviewer import open_floor, resume
from pipeline.interview.plan import Plan, Question
from pipeline.journal import (
    CandidateSpoke,
    CaptionAgreed,
    ClauseSaid,
    Connected,
    ReplyEnded,
    ReplyPlanned,
    whole,
)

WHAT, WHO = "What did you build?", "Who used it?"
PLAN = Plan((Question(WHAT), Question(WHO)))
ASKED = [
    Connected(0),
    ReplyPlanned(100, "r1", "i1", "greet", "Next: …", 0),
    ClauseSaid(100, "r1", WHAT),
    ReplyEnded(3000, "r1", "completed", WHAT, ""),
]
BROKEN_OFF = [
    *ASKED,
    CaptionAgreed(7000, "i2", "I built", 4000),
    CaptionAgreed(9000, "i2", "I built a bridge", 4000),
    CaptionAgreed(30_000, "i2", "I built a bridge over the river", 4000),
    CaptionAgreed(32_000, "i2", "and half of the town", 30_000),
]
SAID = "I built a bridge over the river and half of the town"


def test_what_was_agreed_of_a_turn_that_was_broken_off_is_what_was_said():
    spoke = CandidateSpoke(32_000, "i2", SAID, 4000, 32_000, broken_off=True)
    assert whole(BROKEN_OFF) == [*ASKED, spoke]
    assert whole([*BROKEN_OFF, Connected(32_000)]) == [*ASKED, spoke, Connected(32_000)]
    assert resume(PLAN, BROKEN_OFF).unanswered == SAID
    assert transcript(BROKEN_OFF)[-1].text == SAID
    assert answers(PLAN, BROKEN_OFF)[0].answer == SAID
    assert measure(PLAN, BROKEN_OFF).answer_count == 1


@pytest.mark.parametrize(
    ("said", "question"),
    [
        ("I", WHAT),
        ("So I have", WHAT),
        ("I built a bridge", WHAT),
        ("I built a bridge over the river", WHO),
        (SAID, WHO),
    ],
)
def test_an_answer_that_was_only_begun_is_asked_for_again_and_a_longer_one_is_gone_on_from(
    said, question
):
    state = resume(PLAN, [*ASKED, CaptionAgreed(9000, "i2", said, 4000), Connected(9000)])
    assert state.unanswered == said
    assert open_floor(PLAN, state).closing == question


def test_a_short_answer_that_was_finished_is_gone_on_from():
    spoke = CandidateSpoke(5000, "i2", "A bridge.", 4000, 5000)
    assert open_floor(PLAN, resume(PLAN, [*ASKED, spoke, Connected(5000)])).closing == WHO


def test_a_turn_that_was_finished_is_not_said_twice():
    final = CandidateSpoke(34_000, "i2", "I built a bridge.", 4300, 33_000)
    assert whole([*BROKEN_OFF, final]) == [*ASKED, final]
    assert answers(PLAN, [*BROKEN_OFF, final])[0].answer == "I built a bridge."
    unclear = CandidateSpoke(34_000, "i2", "", 4300, 33_000)
    assert answers(PLAN, [*BROKEN_OFF, unclear])[0].answer == ""


def test_each_turn_that_was_broken_off_stands_where_it_was():
    again = [Connected(32_000), CaptionAgreed(36_000, "i7", "It was a small bridge", 33_000)]
    texts = [e.text for e in whole([*BROKEN_OFF, *again]) if isinstance(e, CandidateSpoke)]
    assert texts == [SAID, "It was a small bridge"]


def test_noise_that_had_a_caption_is_nothing():
    assert (
        whole([*ASKED, CaptionAgreed(7000, "i2", "you", 4000), CaptionAgreed(8000, "i2", "", 4000)])
        == ASKED
    )


class Journal:
    """What is written; durable when it is told so."""

    def __init__(self):
        self.entries, self.waiting = [], []

    def write(self, entry, then):
        self.entries.append(entry)
        self.waiting.append(then)

    def commit(self):
        for then in self.waiting:
            then()
        self.waiting = []


def turn(start=0, *parts, item=2):
    return Turn(item, 0, start, parts)


def written(journal):
    return [(entry.started_ms, entry.text) for entry in journal.entries]


def unfinished():
    journal = Journal()
    return journal, UnfinishedTurn(journal, "item_{}".format, lambda at: at // 16)


def test_the_first_words_are_written_at_once_and_then_every_few_seconds():
    journal, running = unfinished()
    for second, text in enumerate(["", "I", "I built", "I built a", "I built a bridge"]):
        running.goes_on(turn(), {0: text}, "", ms(1000 * second))
        journal.commit()
    assert written(journal) == [(0, "I"), (0, "I built a")]
    assert EVERY == ms(2000)


def test_hypotheses_that_come_seldom_are_written_but_for_their_last_word():
    journal, running = unfinished()
    for second, agreed, newest in [
        (1, "", "I"),
        (4, "I", "I built a bridge"),
        (7, "I built a", "I built a bridge over the river"),
        (8, "I built a bridge", "I built a bridge over the river that"),
        (9.1, "I built a bridge", "I built a bridge over the river that half"),
    ]:
        running.goes_on(turn(), {0: agreed}, newest, ms(round(1000 * second)))
        journal.commit()
    assert written(journal) == [(0, "I built a"), (0, "I built a bridge over the")]


def test_a_late_hypothesis_that_repeats_itself_or_lost_words_is_not_written():
    for newest in "you " * 60, "I":
        journal, running = unfinished()
        for second in 1, 6:
            running.goes_on(turn(), {0: "I built a bridge"}, newest, ms(1000 * second))
            journal.commit()
        assert written(journal) == [(0, "I built a bridge")]


def test_a_stretch_that_was_transcribed_for_good_is_written_at_once_and_once():
    journal, running = unfinished()
    running.goes_on(turn(), {0: "I bill"}, "", ms(5000))
    journal.commit()
    done = Part(7, 0, ms(26_000), "I built a bridge.")
    for at in 26_100, 26_200:
        running.goes_on(turn(ms(26_000), done), {0: "I bill"}, "", ms(at))
        journal.commit()
    assert written(journal) == [(0, "I bill"), (0, "I built a bridge.")]


def test_a_database_that_is_slow_has_one_entry_to_write_and_then_the_newest():
    journal, running = unfinished()
    for second in range(1, 8):
        running.goes_on(turn(), {0: "word " * second}, "", ms(1000 * second))
    journal.commit()
    running.goes_on(turn(), {0: "word " * 8}, "", ms(8000))
    assert [len(text.split()) for _, text in written(journal)] == [1, 8]


def test_of_a_turn_that_was_none_nothing_is_left():
    journal, running = unfinished()
    running.goes_on(turn(), {0: "you"}, "", ms(1000))
    running.dropped(3, ms(1500))
    running.dropped(2, ms(1500))
    assert written(journal) == [(0, "you"), (0, "")]


def test_of_a_reply_that_was_played_less_the_last_account_counts_where_it_ended():
    less = ReplyEnded(3200, "r1", "completed", "What did", "you build?")
    spoke = CandidateSpoke(5000, "i2", SAID, 3100, 5000)
    wanted = [*ASKED[:3], ReplyEnded(3000, "r1", "completed", "What did", "you build?")]
    assert whole([*ASKED, less]) == wanted
    assert whole([*ASKED, spoke, less]) == [*wanted, spoke]
    assert whole([*ASKED, less, less]) == wanted
