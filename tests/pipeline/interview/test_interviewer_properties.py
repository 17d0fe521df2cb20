"""What holds for every interview, whatever the candidate says and whenever they interrupt."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.interview import interviewer, notices, wording
from pipeline.interview.interviewer import Act, Ending
from pipeline.matching import was_heard

from ..interviews import ALL, LONG, SILENCE, Interview, plan

WORDS = st.sampled_from(
    [
        LONG,
        "I was a cook.",
        "um",
        "",
        "Yes.",
        "I don't know.",
        "Could you repeat that?",
        "Hello?",
        "Let me think.",
        "Skip this question.",
        "What is the salary?",
        f"{LONG} What is the salary?",
        SILENCE,
    ]
)
STOP = "I'd like to stop the interview."
HEARS = st.one_of(st.just(ALL), st.integers(0, 12))
TURNS = st.lists(st.tuples(st.one_of(WORDS, st.just(STOP)), HEARS, st.booleans()), max_size=25)
PLANS = st.builds(
    lambda count, follow_ups, minutes: plan(
        *[f"What do you think about subject number {n}?" for n in range(count)],
        follow_ups=follow_ups,
        minutes=minutes,
    ),
    st.integers(1, 4),
    st.integers(0, 3),
    st.integers(1, 5),
)


def bare(state):
    """Without the clock, which only the record knows."""
    return replace(state, elapsed_ms=0)


def played(held: Interview, turns) -> Interview:
    held.open()
    for said, hears, drops in turns:
        if held.over:
            break
        held.reopen(hears) if drops else held.say(said, hears)
    return held


@given(PLANS, TURNS)
@settings(deadline=None)
def test_the_record_gives_back_the_standing_of_the_process_that_wrote_it(told, turns):
    held = Interview(told)
    held.open()
    for said, hears, drops in turns:
        if held.over:
            break
        held.reopen(hears) if drops else held.say(said, hears)
        assert bare(interviewer.resume(told, held.entries)) == bare(held.state)


@given(PLANS, st.lists(WORDS, min_size=1), st.integers(1, 20_000))
@settings(deadline=None)
def test_every_interview_ends_for_a_stated_reason(told, words, pace):
    held = Interview(told)
    held.open()
    bound = 2 + len(told.questions) * (1 + 3) * (interviewer.REPEATS + 3)
    bound += 20 * told.minutes  # turns of whoever only asks: each reply takes three seconds
    for n in range(bound):
        if held.over:
            break
        held.say(words[n % len(words)], ms=pace)
    assert held.over
    reason = Ending(held.state.progress.reason)
    asked = {move.question for move in held.moves if move.question is not None}
    assert asked == set(range(len(told.questions))) or reason is not Ending.COMPLETED


@given(PLANS, TURNS)
@settings(deadline=None)
def test_a_question_is_asked_twice_only_for_a_reason(told, turns):
    held = played(Interview(told), turns)
    new = [m.question for m in held.moves if m.act in (Act.GREET, Act.ASK)]
    heard = [
        move.question
        for move, said in zip(held.moves, replies(held), strict=True)
        if move.act in (Act.GREET, Act.ASK) and was_heard(move.closing, said)
    ]
    assert heard == sorted(set(heard))
    assert new == sorted(new)


@given(PLANS, TURNS)
@settings(deadline=None)
def test_the_greeting_is_heard_at_most_once(told, turns):
    held = played(Interview(told), turns)
    greetings = [
        said for move, said in zip(held.moves, replies(held), strict=True) if move.act is Act.GREET
    ]
    assert sum(map(bool, greetings)) <= 1


@given(PLANS, TURNS)
@settings(deadline=None)
def test_the_dialogue_holds_what_was_heard_and_only_grows(told, turns):
    held = Interview(told)
    held.open()
    before = held.state.messages
    for said, hears, drops in turns:
        if held.over:
            break
        held.reopen(hears) if drops else held.say(said, hears)
        assert held.state.messages[: len(before)] == before
        before = held.state.messages
    spoken = [text for role, text in held.texts if role == "assistant"]
    assert spoken == [said for said in replies(held) if said]


@given(PLANS, TURNS)
@settings(deadline=None)
def test_no_word_of_the_candidate_is_lost(told, turns):
    held = played(Interview(told), turns)
    said = [entry.text for entry in held.entries if hasattr(entry, "started_ms") and entry.text]
    users = [text for role, text in held.texts if role == "user" and text != "[inaudible]"]
    assert " ".join(said) == " ".join([*users, held.state.unanswered]).strip()


@given(PLANS, TURNS)
@settings(deadline=None)
def test_follow_ups_stay_within_their_budget(told, turns):
    held = played(Interview(told), turns)
    assert held.state.progress.follow_ups <= told.questions[0].follow_ups
    limit = sum(question.follow_ups for question in told.questions)
    asked = [m.act for m, said in zip(held.moves, replies(held), strict=True) if said]
    assert asked.count(Act.FOLLOW_UP) <= limit


@given(PLANS, TURNS, st.lists(st.booleans(), max_size=25))
@settings(deadline=None)
def test_what_has_to_be_told_is_said_first_until_it_was_heard(told, turns, recordings):
    held = Interview(told)
    held.open()
    for (said, hears, drops), recording in zip(turns, recordings, strict=False):
        if held.over:
            break
        held.recording = 1 if recording else None
        before = held.state
        move = held.reopen(hears) if drops else held.say(said, hears)
        due = held.state.recorded
        for notice in notices.outstanding(before.told, recorded=due):
            assert wording.notice(told, notice) in move.opening
        assert held.state.told[: len(before.told)] == before.told
        assert len(set(held.state.told)) == len(held.state.told)
        assert bare(interviewer.resume(told, held.entries)) == bare(held.state)
    heard = " ".join(replies(held))
    for notice in held.state.told:
        assert wording.notice(told, notice) in heard
    if any(said.endswith(question.text) for said in replies(held) for question in told.questions):
        assert "automated" in held.state.told


def replies(held: Interview) -> list[str]:
    """What was heard of each reply."""
    return [entry.heard for entry in held.entries if hasattr(entry, "heard")]
