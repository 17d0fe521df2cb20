"""The interviewer's own words, where the comparison of sounds has not noticed the echo."""

import asyncio

import pytest

from pipeline.conversation import commands as c
from pipeline.conversation import events as e
from pipeline.conversation import output as o
from pipeline.conversation.endpointing import samples as ms
from pipeline.conversation.floor import AgentSpeaking, Endpointing, Idle, Part, Turn
from pipeline.conversation.own_words import are_own, has_own
from tests.virtual_time import run

from .test_session import Candidate
from .turn_scripts import answering, interviewer_speaking, play

SAID = "What did you build in your last job, and who used it?"


def test_they_are_recognized_though_misheard():
    assert are_own("did you build in your last", SAID)
    assert are_own("What did you build in your lost job?", SAID)
    assert are_own("Hello, Anna.", "Hello, Ana, and welcome to this interview.")


def test_only_the_latest_of_them_and_several_together_are():
    after = " ".join(["Thank", "you."] * 30)
    assert not are_own("did you build in your last", f"{SAID} {after}")
    assert not has_own("Job?", f"{SAID} {after}")
    assert has_own("Job?", f"{after} {SAID}")
    assert not are_own("What did hear it?", "What else did you hear about it from her?")


def test_other_words_and_a_single_one_are_the_candidates():
    assert not are_own("Sorry, could you repeat that?", SAID)
    assert not are_own("I used it in my last job and liked it", SAID)
    assert not are_own("job", SAID)
    assert not are_own("", SAID)


def test_a_single_one_may_be_the_interviewers():
    assert has_own("Job?", SAID)
    assert not has_own("Wait", SAID)
    assert not has_own("", SAID)


def test_before_an_echo_is_known_by_its_sound_a_single_one_is_the_interviewers_too():
    greeting = "Hello, Ana, and welcome to this interview."
    assert are_own("Hello?", greeting, early=True)
    assert are_own("Hello? Hello?", greeting, early=True)
    assert not are_own("Hello, sorry?", greeting, early=True)
    assert not are_own("Wait.", greeting, early=True)
    assert not are_own("", greeting, early=True)


def over_the_reply():
    turns = interviewer_speaking()
    play(
        (e.PossibleSpeech(ms(9100), ms(9000)), c.PauseReply(4)),
        (e.SpeechBegan(ms(9200), ms(9000)),),
        (
            e.DeadlineReached(ms(9300), ms(300)),
            c.TranscribePartial(5, ms(8700), ms(9300), urgent=True),
        ),
        turns=turns,
    )
    return turns


def test_in_a_partial_transcript_they_interrupt_nothing():
    turns = over_the_reply()
    heard = e.PartialTranscribed(ms(9500), 5, "did you build", own=True)
    play((heard,), (heard,), turns=turns)
    theirs = e.PartialTranscribed(ms(9600), 5, "sorry could you", voiced=ms(600))
    play((theirs, c.AnnounceSpeech(5, ms(9000)), c.StopReply(4)), turns=turns)


def test_in_the_final_transcript_of_voice_over_a_reply_they_are_a_backchannel():
    turns = over_the_reply()
    play(
        (e.SpeechPaused(ms(10_200), ms(10_000)), c.Transcribe(6, ms(8700), ms(10_200))),
        (e.Transcribed(ms(10_300), 6, "did you build", own=True), c.ResumeReply(4)),
        turns=turns,
    )
    assert turns.floor == AgentSpeaking(4)


def test_a_turn_that_began_over_the_reply_and_has_no_other_words_is_none():
    turns = over_the_reply()
    play(
        (e.ReplyFinished(ms(9700), 4), c.AnnounceSpeech(5, ms(9000))),
        (e.SpeechPaused(ms(10_200), ms(10_000)), c.Transcribe(6, ms(8700), ms(10_200))),
        (e.Transcribed(ms(10_300), 6, "did you build", own=True), c.DropTurn(5)),
        turns=turns,
    )
    assert turns.floor == Idle(ms(10_300))


def test_whoever_repeats_the_question_after_it_is_heard():
    turns = answering()
    play(
        (
            e.Transcribed(ms(8300), 3, "What did you build.", own=True),
            c.PrepareReply(4, "What did you build."),
        ),
        turns=turns,
    )


def test_in_a_long_turn_no_words_are_left_of_a_stretch_that_turns_out_to_be_the_interviewers():
    turns = interviewer_speaking()
    first = Part(6, ms(9000), ms(39_000), "Sorry, I was there.", 0.9)
    then = Part(7, ms(39_000), ms(42_000), "And then", 0.9)
    again = Part(8, ms(39_000), ms(45_000))
    turn = Turn(5, ms(9000), ms(45_000), (first, again), over_reply=True, known=then)
    turns.floor = Endpointing(turn, ms(44_800), ms(47_000))
    turns.handle(e.Transcribed(ms(45_100), 8, "did you build", own=True))
    assert isinstance(turns.floor, Endpointing)
    assert turns.floor.turn.text == "Sorry, I was there."


@pytest.mark.parametrize(
    ("after", "said", "own", "ours"),
    [
        (4, "Welcome to this interview.", True, True),
        (4, "Welcome?", False, True),
        (4, "Wait.", False, False),
        (1, "Welcome?", True, True),
        (1, "Wait.", False, False),
    ],
)
def test_a_session_compares_partial_transcripts_with_what_it_says(after, said, own, ours):
    heard = []

    async def main():
        async with Candidate(said) as candidate:
            handle = candidate.session._turns.handle

            def listening(event):
                heard.append(event)
                return handle(event)

            candidate.session._turns.handle = listening
            await candidate.until(o.AudioDelta)
            await asyncio.sleep(after)
            await candidate.say(1, 0.6)

    run(main())
    partial = next(each for each in heard if isinstance(each, e.PartialTranscribed))
    assert (partial.text, partial.own, partial.ours) == (said, own, ours)
