"""The interviewer's rules, as conversations: what the candidate says, what comes next."""

import msgspec
import pytest

from models.contracts import Message
from pipeline.interview import interviewer
from pipeline.interview.agent import Interviewer
from pipeline.interview.interviewer import Act, Ending, Wanted
from pipeline.interview.plan import Plan, Question
from pipeline.language.english import ENGLISH

from ..interviews import LONG, SILENCE, Interview, plan

Q1, Q2, Q3 = (question.text for question in plan().questions)
UNRECORDED = ENGLISH.sentences.unrecorded


def play(held: Interview, *script):
    """The candidate's turns, each with the act and the question that must follow."""
    for said, *expected in script:
        move = held.say(said)
        asks = [Act(expected[0]), *expected[1:]]
        assert asks == [move.act, *([move.closing] if len(expected) > 1 else [])], said
    return held


def opened(*args, **kwargs) -> Interview:
    held = Interview(plan(*args, **kwargs))
    held.open()
    return held


def test_the_prompt_is_what_the_starter_model_was_trained_on():
    told = Plan(
        (Question("Who are you?"), Question("Why here?")),
        candidate="Ngozi Obi",
        interviewer="Constantine",
        job_title="Curator",
        job_summary="The museum needs a curator.",
        candidate_summary="Worked at a harbour.",
    )
    state = interviewer.begin(told)
    assert state.messages == (
        Message(
            "system",
            "You are Constantine, a friendly interviewer. You are interviewing Ngozi Obi for the "
            "role of Curator. Speak in one or two short sentences and ask one question at a time.\n"
            "Job: The museum needs a curator.\nCandidate: Worked at a harbour.\n"
            "Questions:\n1. Who are you?\n2. Why here?",
        ),
    )


@pytest.mark.parametrize(
    ("said", "note"),
    [
        (LONG, f"Next: acknowledge the answer and ask question 2: {Q2}"),
        ("I fixed things.", "Next: ask a short follow-up about the last answer"),
        ("", f"Next: the answer was not heard, ask again: {Q1}"),
        (
            f"{LONG} Where is the office?",
            f"Next: answer the candidate's question briefly, then ask question 2: {Q2}",
        ),
        (
            "Where is the office?",
            f"Next: answer the candidate's question briefly, then ask question 1: {Q1}",
        ),
        ("I want to stop the interview.", "Next: close the interview"),
    ],
)
def test_the_notes_are_what_the_starter_model_was_trained_on(said, note):
    held = Interview(plan())
    assert held.open().note == f"Next: greet the candidate and ask question 1: {Q1}"
    assert held.say(said).note == note


def test_a_plain_interview_asks_every_question_and_closes():
    held = play(opened(), (LONG, "ask", Q2), (LONG, "ask", Q3), (LONG, "close"))
    assert held.over
    assert held.state.progress.reason == Ending.COMPLETED


def test_short_answers_get_one_follow_up_each_as_the_plan_allows():
    play(
        opened(),
        ("I was a cook.", "follow_up"),
        ("In a hotel.", "ask", Q2),
        ("I look at it.", "follow_up"),
        ("Yes.", "ask", Q3),
    )


@pytest.mark.parametrize(
    ("shares", "at_s", "act"),
    [((), 700, "ask"), ((4, 1, 1), 700, "follow_up"), ((4, 1, 1), 1300, "ask")],
)
def test_a_follow_up_has_the_share_of_the_time_that_the_plan_gives_its_question(shares, at_s, act):
    held = Interview(msgspec.structs.replace(plan(), shares=shares))
    held.open()
    held.at_ms = at_s * 1000
    assert held.say("I was a cook.").act == act


def test_no_follow_ups_where_the_plan_allows_none():
    play(opened(follow_ups=0), ("I was a cook.", "ask", Q2), ("um", "ask", Q3))


def test_i_do_not_know_moves_on():
    play(opened(), ("I don't know.", "ask", Q2), ("Sorry, no idea.", "ask", Q3))


def test_i_do_not_know_is_no_explanation_whatever_was_asked():
    held = play(opened("Can you remember a mistake?", Q2), ("I don't know.", "ask", Q2))
    assert held.moves[-1].opening in ENGLISH.sentences.variants.settled


def test_what_was_asked_too_often_is_answered_before_the_interview_goes_on():
    hello, robot = ("Hello?", "ask_again", Q1), "Are you a robot?"
    held = play(opened(), hello, hello, hello, (robot, "answer", Q1))
    assert held.moves[-1].opening == "I am an automated interviewer."
    held = play(opened(), hello, hello, hello, ("Could you repeat that?", "ask", Q2))
    assert held.moves[-1].opening == "Let us go on to the next question."


def test_what_is_asked_with_the_last_answer_is_answered_before_the_goodbye():
    held = play(opened(Q1), (f"{LONG} Is this recorded?", "close"))
    assert held.moves[-1].opening == UNRECORDED


def test_a_filler_is_no_answer():
    play(opened(), ("Um, okay.", "follow_up"))


def test_yes_is_an_answer_to_a_yes_or_no_question():
    play(opened("Do you have a driving licence?", Q2), ("Yes.", "ask", Q2))


def test_an_answer_that_is_not_heard_is_asked_for_twice():
    play(
        opened(),
        ("", "ask_again", Q1),
        ("", "ask_again", Q1),
        ("", "ask", Q2),
        ("", "ask_again", Q2),
    )


def test_a_question_is_repeated_on_request_but_not_for_ever():
    again = ("Could you repeat the question, please?", "ask_again", Q1)
    held = play(opened(), again, again, again, (again[0], "ask", Q2))
    assert held.moves[1].wanted is None
    assert (held.moves[1].opening, held.moves[1].closing) == ("Of course.", Q1)


def test_a_follow_up_is_repeated_as_it_was_said():
    held = play(opened(), ("I was a cook.", "follow_up"))
    asked = "Could you tell me more about that?"
    play(held, ("Pardon?", "ask_again", asked), ("In a hotel in Porto.", "ask", Q2))


def test_time_to_think_is_given():
    held = play(opened(), ("Let me think about that for a moment.", "ask_again"))
    assert held.moves[-1].closing == "Of course, take your time."
    play(held, (SILENCE, "nudge", Q1), (LONG, "ask", Q2))


def test_a_hello_after_the_greeting_is_answered_and_the_question_asked_again():
    held = play(opened(), ("Hello, can you hear me?", "ask_again", Q1))
    assert held.moves[-1].opening == "Yes, I can hear you."


def test_who_greets_is_greeted_and_asked_again():
    held = play(opened(), ("Hi, I'm Maria, nice to meet you.", "ask_again", Q1))
    assert held.moves[-1].opening == "Hello, Maria."


def test_whoever_asks_for_a_person_is_told_that_a_machine_asks():
    held = play(opened(), ("Are you a real person?", "answer", Q1))
    assert held.moves[-1].opening == "I am an automated interviewer."


@pytest.mark.parametrize(
    ("recording", "told"), [(1, "This conversation is recorded."), (None, UNRECORDED)]
)
def test_whoever_asks_about_a_recording_is_told_what_is_so(recording, told):
    held = Interview(plan(), recording=recording)
    held.open()
    play(held, ("Is this being recorded?", "answer", Q1))
    assert held.moves[-1].opening == told


def test_whoever_asks_who_decides_is_told_that_a_person_does():
    held = play(opened(), ("Who decides?", "answer", Q1))
    assert held.moves[-1].opening == (
        "The decision is made by a person, who can read what we say and an assessment of it."
    )
    assert held.moves[-1].wanted is None


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (
            "Can we go back to the previous question?",
            "I cannot go back to an earlier question, but you may add to it here, together with"
            " your answer to this one.",
        ),
        ("Do I have to answer?", "You do not have to. Say 'next question' to leave it out."),
        (
            "How do I end this?",
            "Say that you would like to stop the interview, and I will end it.",
        ),
        (
            "Can I type instead?",
            "Yes, if your page has a field for it: what you type counts like what you say.",
        ),
    ],
)
def test_whoever_asks_how_or_whether_to_answer_is_told_and_asked_again(asked, told):
    held = play(opened(), (asked, "answer", Q1))
    assert (held.moves[-1].opening, held.moves[-1].wanted) == (told, None)


SET = "This interview is held in English. Please answer in English."
LEFT_OPEN = "You may answer in another language, but I will go on asking in English."


@pytest.mark.parametrize(
    ("any_language", "hears", "told"),
    [
        (False, ("en", "es"), SET),
        (True, ("en", "es"), LEFT_OPEN),
        (True, ("en",), SET),  # the recognizer knows no other
    ],
)
def test_whoever_wants_another_language_is_told_whether_it_is_understood(any_language, hears, told):
    held = msgspec.structs.replace(plan(), any_language=any_language)
    agent = Interviewer(held, hears=hears)
    agent.heard(agent.open(), f"Hello. {Q1}", None)
    move = agent.answer("Can we do this in Spanish?", 5000)
    assert move.opening.startswith(told)
    assert (move.act, move.closing, move.wanted) == (Act.ANSWER, Q1, None)


def test_in_a_language_without_such_words_it_is_passed_on():
    held = Interview(msgspec.structs.replace(plan(), language="ja"))
    held.open()
    play(held, ("Can we do this in Spanish?", "answer", Q1))
    assert held.moves[-1].wanted is Wanted.ANSWER


def test_no_question_of_the_plan_is_lost_because_the_candidate_asks_a_lot():
    asked = ("What is the salary?", "answer", Q1)
    play(opened(), *[asked] * 5, ("Are you a robot?", "answer", Q1), asked, (LONG, "ask", Q2))


def test_a_question_of_the_candidate_does_not_count_as_a_repetition():
    again, asked = ("Pardon?", "ask_again", Q1), ("What is the salary?", "answer", Q1)
    held = play(opened(), again, again, asked, again, again, again, ("Pardon?", "ask", Q2))
    play(held, (SILENCE, "nudge", Q2), ("What is the salary?", "answer", Q2), (SILENCE, "nudge"))


def test_whoever_only_asks_is_told_when_the_time_is_over():
    held = opened(minutes=1)
    while not held.over:
        assert held.at_ms < 80_000
        held.say("What is the salary?")
    assert held.moves[-1].reason == Ending.TIME


def test_whoever_asks_how_much_there_is_to_come_is_told():
    held = play(
        opened(minutes=10), (LONG, "ask", Q2), ("How many questions are left?", "answer", Q2)
    )
    assert held.moves[-1].opening == (
        "This is question 2 of 3, and there are about 10 minutes left."
    )


@pytest.mark.parametrize("asked", ["Are you a robot?", "By the way, is this being recorded?"])
def test_a_question_about_the_interview_after_an_answer_is_not_passed_on(asked):
    held = play(opened(), (f"{LONG} {asked}", "answer", Q2))
    assert held.moves[-1].wanted is None
    assert held.moves[-1].opening in ("I am an automated interviewer.", UNRECORDED)


def test_a_question_about_the_interview_after_a_few_words_is_answered_in_ready_words_too():
    held = play(opened(), ("I like Go. Is this being recorded?", "answer", Q1))
    assert held.moves[-1].opening == UNRECORDED
    assert held.moves[-1].wanted is None


def test_the_candidates_question_is_answered_and_the_present_one_asked_again():
    play(
        opened(),
        ("Do you mean the last job or the one before?", "answer", Q1),
        (LONG, "ask", Q2),
        (f"{LONG} How big is the team?", "answer", Q3),
    )


def test_a_question_with_the_last_answer_is_answered_before_the_end():
    held = play(opened(Q1), (f"{LONG} How big is the team?", "close"))
    assert held.moves[-1].note.startswith("Next: answer the candidate's question briefly, then")
    assert held.moves[-1].instead in ENGLISH.sentences.variants.pass_ons


def test_a_question_may_be_skipped():
    play(opened(), ("Next question, please.", "ask", Q2), ("I'd rather not say.", "ask", Q3))


@pytest.mark.parametrize(
    "words",
    ["I'd like to stop.", "I'm not feeling well. I would like to end the interview.", "Goodbye."],
)
def test_the_candidate_may_stop_at_any_time(words):
    held = play(opened(), (words, "close"))
    assert held.moves[-1].reason == Ending.CANDIDATE_LEFT
    assert held.moves[-1].wanted is None


@pytest.mark.parametrize(
    "words",
    [
        "I'd like to finish by saying that we had to stop the interview series at my last job.",
        "I wanted to leave.",
        "We had to end the project.",
    ],
)
def test_words_about_stopping_do_not_stop_it(words):
    assert opened().say(words).act is not Act.CLOSE


def test_silence_gets_a_nudge_then_the_next_question_then_the_end():
    held = play(
        opened(),
        (SILENCE, "nudge", Q1),
        (SILENCE, "ask", Q2),
        (SILENCE, "nudge", Q2),
        (SILENCE, "close"),
    )
    assert held.moves[-1].reason == Ending.SILENCE


def test_one_word_ends_a_silence():
    held = play(
        opened(),
        (SILENCE, "nudge", Q1),
        (SILENCE, "ask", Q2),
        (LONG, "ask", Q3),
        (SILENCE, "nudge", Q3),
        (SILENCE, "close"),
    )
    assert held.moves[-1].reason == Ending.COMPLETED


def test_a_follow_up_is_nudged_like_a_question():
    held = play(opened(), (SILENCE, "nudge", Q1), ("I was a cook.", "follow_up"))
    play(held, (SILENCE, "nudge", "Could you tell me more about that?"), (SILENCE, "ask", Q2))


def test_silence_at_the_only_question_is_no_completed_interview():
    held = play(opened(Q1), (SILENCE, "nudge", Q1), (SILENCE, "close"))
    assert held.moves[-1].reason == Ending.SILENCE


def test_when_the_time_is_short_there_are_no_follow_ups():
    held = opened(minutes=3)
    held.say(LONG, ms=100_000)  # two of three minutes are two questions' share
    assert held.say("I look at it.", ms=30_000).act is Act.ASK


def test_a_question_that_took_less_than_its_share_leaves_the_rest_to_the_later_ones():
    held = opened(minutes=3)
    held.say(LONG, ms=5_000)
    assert held.say("I look at it.", ms=90_000).act is Act.FOLLOW_UP


def test_when_the_time_is_up_the_interview_ends_after_the_present_answer():
    held = opened(minutes=1)
    assert held.say(LONG, ms=60_000).act is Act.CLOSE
    assert held.state.progress.reason == Ending.TIME


def test_of_a_greeting_that_nobody_heard_nothing_remains():
    held = Interview(plan())
    held.open(hears=0)
    assert held.texts[1:] == []
    assert held.say("Hello?").act is Act.GREET


@pytest.mark.parametrize("said", [None, "Hello?"])
def test_greetings_that_are_never_heard_end_with_the_time(said):
    held = Interview(plan(minutes=1))
    held.open(hears=0)
    assert held.say(said, hears=0, ms=40_000).act is Act.GREET
    assert held.say(said, hears=0, ms=40_000).reason == Ending.TIME


def test_a_question_that_was_cut_off_is_asked_next():
    held = opened()
    assert held.say(LONG, hears=4).question == 1
    move = held.say("And I also trained two people.")
    assert (move.act, move.closing) == (Act.ASK, Q2)
    assert ("user", "And I also trained two people.") in held.texts


@pytest.mark.parametrize(
    ("words", "act"),
    [
        ("Sorry, could you repeat the question?", "ask_again"),
        ("How big is the team?", "answer"),
        ("Give me a second.", "ask"),  # nobody needs time for a question that they do not know
    ],
)
def test_whoever_speaks_into_a_question_with_no_answer_hears_that_question(words, act):
    held = opened()
    assert held.say(LONG, hears=4).question == 1
    play(held, (words, act, Q2))


def test_a_question_of_which_most_was_heard_was_asked():
    held = opened()
    held.say(LONG, hears=8)  # "Thank you. How do you find the cause"
    assert held.say(LONG).closing == Q3


def test_words_over_a_reply_that_had_not_begun_join_the_answer():
    held = opened()
    held.say("I was a cook.", hears=0)
    move = held.say(LONG)
    assert move.closing == Q2
    users = [text for role, text in held.texts if role == "user"]
    assert users == [f"I was a cook. {LONG}"]


def test_silence_after_words_without_a_reply_gets_the_reply():
    held = opened()
    held.say(LONG, hears=0)
    assert held.say(SILENCE).closing == Q2


def test_a_goodbye_that_was_interrupted_is_said_again_shortly():
    held = opened(Q1)
    held.say(LONG, hears=3)
    move = held.say("Wait, one more thing.")
    assert (move.act, move.reason, move.wanted) == (Act.CLOSE, Ending.COMPLETED, None)
    assert move.closing == "Thank you, Maria. Goodbye."


def test_a_turn_without_words_stands_as_inaudible_in_the_dialogue():
    held = opened()
    held.say("")
    assert ("user", "[inaudible]") in held.texts


def test_a_language_without_ready_sentences_gets_bare_questions():
    german = Plan((Question("Was machen Sie?"),), language="de")
    state = interviewer.begin(german)
    assert "\nSpeak German.\n" in state.messages[0].content
    assert interviewer.open_floor(german, state).closing == "Was machen Sie?"


# After a reconnect


def test_after_a_reconnect_the_question_is_asked_again_without_a_greeting():
    held = opened()
    held.say(LONG)
    move = held.reopen()
    assert (move.act, move.closing) == (Act.WELCOME_BACK, Q2)
    assert move.note == f"Next: the answer was not heard, ask again: {Q2}"
    assert move.opening == "Welcome back."


def test_after_a_reconnect_a_question_that_was_cut_off_is_asked():
    held = opened()
    held.say(LONG, hears=2)
    assert held.reopen().closing == Q2


def test_after_a_reconnect_a_follow_up_is_asked_again():
    held = opened()
    held.say("I was a cook.")
    assert held.reopen().closing == "Could you tell me more about that?"


def test_after_a_reconnect_an_answer_that_got_no_reply_is_not_asked_for_again():
    held = opened()
    held.listen(LONG, 0)
    move = held.reopen()
    assert (move.act, move.closing) == (Act.WELCOME_BACK, Q2)
    assert ("user", LONG) in held.texts


def test_after_a_reconnect_a_turn_without_words_is_forgotten():
    held = opened()
    held.listen("", 0)
    assert held.reopen().closing == Q1
    assert [role for role, _ in held.texts].count("user") == 0
    assert interviewer.resume(held.plan, held.entries).messages == held.state.messages


def test_a_follow_up_that_was_repeated_is_known_after_a_reconnect():
    held = play(opened(), ("I was a cook.", "follow_up"), ("Pardon?", "ask_again"))
    assert interviewer.resume(held.plan, held.entries).progress == held.state.progress
    assert held.state.progress.repeats == 1


def test_after_a_reconnect_a_closed_interview_only_says_goodbye():
    held = opened(Q1)
    held.say(LONG)
    assert held.reopen().act is Act.CLOSE


def test_after_a_reconnect_beyond_the_time_the_interview_ends():
    held = opened(minutes=1)
    held.at_ms = 61_000
    assert held.reopen().reason == Ending.TIME


# What the candidate has to be told


AUTOMATED, RECORDED = "I am an automated interviewer.", "This conversation is recorded."


def recorded(hears: int, *args) -> Interview:
    """An interview of which the candidate heard so many words of the greeting."""
    held = Interview(plan(*args), recording=0)
    held.open(hears)
    return held


def test_the_greeting_tells_what_has_to_be_told_before_its_question():
    held = recorded(100)
    assert held.moves[0].opening == (
        f"Hello, Maria, and welcome to this interview. {AUTOMATED} {RECORDED}"
    )
    assert held.moves[0].closing == Q1
    assert held.state.outstanding == ()
    assert held.say(LONG).opening == ""


@pytest.mark.parametrize("hears", [1, 7, 11])
def test_a_notice_that_was_not_heard_to_its_end_is_said_before_the_next_question(hears):
    held = recorded(hears)  # "Hello, Maria, and welcome to this interview. I am an automated"
    assert held.say("I am Maria.").opening == f"{AUTOMATED} {RECORDED}"
    assert held.say(LONG).opening == ""


def test_half_a_notice_is_none():
    held = recorded(14)  # "… I am an automated interviewer. This conversation"
    assert held.state.told == ("automated",)
    assert held.say("I am Maria.", hears=3).opening == RECORDED
    assert held.say("Yes.").opening == RECORDED


@pytest.mark.parametrize(
    ("said", "act", "opening"),
    [
        ("Are you a robot?", Act.ASK_AGAIN, f"{AUTOMATED} {RECORDED}"),
        ("", Act.ASK_AGAIN, f"Sorry, I did not catch that. {AUTOMATED} {RECORDED}"),
        ("Hello?", Act.ASK_AGAIN, f"Yes, I can hear you. {AUTOMATED} {RECORDED}"),
        ("I'd like to stop the interview.", Act.CLOSE, f"{AUTOMATED} {RECORDED}"),
        (SILENCE, Act.ASK, f"{AUTOMATED} {RECORDED}"),
    ],
)
def test_whatever_comes_next_says_what_is_outstanding(said, act, opening):
    move = recorded(3).say(said)
    assert (move.opening, bool(move.closing)) == (opening, True)
    assert move.act in (act, Act.ANSWER)


def test_after_a_reconnect_what_was_not_heard_is_said_and_no_more():
    held = recorded(11)
    assert held.reopen(hears=8).opening == f"Welcome back. {AUTOMATED} {RECORDED}"
    assert held.reopen().opening == f"Welcome back. {RECORDED}"
    assert held.reopen().opening == "Welcome back."


def test_a_recording_that_begins_later_is_told_then():
    held = opened()
    held.recording = 1
    assert held.reopen().opening == f"Welcome back. {RECORDED}"


def test_what_was_recorded_is_told_also_where_the_recording_went_no_further():
    held = recorded(3)
    held.recording = None
    assert RECORDED in held.reopen().opening


@pytest.mark.parametrize(
    ("language", "first"),
    [("de", "Guten Tag, Maria."), ("fr", "Bonjour, Maria."), ("pl", AUTOMATED)],
)
def test_notices_are_said_in_the_language_of_the_interview_if_it_has_words(language, first):
    told = Plan((Question("Q?"),), candidate="Maria", job_title="Cook", language=language)
    move = interviewer.open_floor(told, interviewer.begin(told))
    assert move.opening.startswith(first)
    assert (move.wanted is None) == (language != "pl")
