"""A turn whose words do not become more is over, whoever goes on talking."""

import asyncio
from dataclasses import replace

import pytest

from models import fake
from pipeline.conversation import commands as c
from pipeline.conversation import events as e
from pipeline.conversation import output as o
from pipeline.conversation.endpointing import samples as ms
from pipeline.conversation.floor import AgentSpeaking, Endpointing, PossibleBargeIn, UserSpeaking
from pipeline.conversation.stalling import STALLED, Words
from tests.virtual_time import run

from .test_session import LONG, Candidate
from .turn_scripts import after_greeting, play

START = ms(5700)


def heard(at, text, start=START):
    return e.PartialTranscribed(ms(at), 2, text, start)


def speaking():
    return play(
        (e.SpeechBegan(ms(6200), ms(6000)), c.AnnounceSpeech(2, ms(6000))),
        turns=after_greeting(),
    )


def stalled():
    return play(
        (heard(7000, "I like"), c.Caption(2, "I like", START)),
        (heard(8000, "I like it"), c.Caption(2, "I like it", START)),
        (heard(12_900, "I like it"), c.Caption(2, "I like it", START)),
        (
            heard(13_000, "I liked it"),
            c.Caption(2, "I liked it", START),
            c.Transcribe(3, START, ms(13_000)),
        ),
        turns=speaking(),
    )


def over():
    return play(
        (
            e.Transcribed(ms(13_200), 3, "I like it."),
            c.PrepareReply(4, "I like it."),
            c.CommitTurn(2, "I like it.", ms(6000), ms(8000), due=ms(13_000)),
            c.PlayReply(4),
        ),
        turns=stalled(),
    )


def test_audio_that_came_after_what_a_partial_transcript_is_of_does_not_count():
    late = replace(heard(12_900, "I like it"), at=ms(13_300), until=ms(12_900))
    play(
        (heard(7000, "I like"), c.Caption(2, "I like", START)),
        (heard(8000, "I like it"), c.Caption(2, "I like it", START)),
        (late, c.Caption(2, "I like it", START)),
        turns=speaking(),
    )


def test_before_the_first_partial_transcript_nothing_stalls():
    assert not Words().stalled(STALLED)
    assert not Words().left_to_others(STALLED, 0)


def test_it_is_over_five_seconds_after_the_last_new_word():
    over()


def test_with_every_new_word_there_is_more_time():
    turns = speaking()
    for n in range(1, 5):
        turns.handle(heard(6000 + 4000 * n, "word " * n))
    assert isinstance(turns.floor, UserSpeaking)


def test_a_recognizer_that_does_not_answer_ends_no_turn():
    turns = speaking()
    play((heard(7000, "I like"), c.Caption(2, "I like", START)), turns=turns)
    turns.handle(e.DeadlineReached(ms(20_000)))
    assert isinstance(turns.floor, UserSpeaking)


def test_voice_without_a_word_is_over_too():
    turns = speaking()
    turns.handle(heard(7000, ""))
    turns.handle(heard(12_000, ""))
    assert isinstance(turns.floor, Endpointing)


def test_who_is_heard_after_all_goes_on():
    """Partial transcripts may lose what follows a sentence; the final one has it."""
    turns = stalled()
    play((e.Transcribed(ms(13_200), 3, "I like it. And there is more of it."),), turns=turns)
    floor = turns.floor
    assert isinstance(floor, UserSpeaking)
    assert (floor.turn.start, floor.heard) == (ms(13_000), Words())
    play(
        (
            e.SpeechPaused(ms(15_200), ms(15_000)),
            c.Transcribe(4, ms(13_000), ms(15_200)),
        ),
        turns=turns,
    )


def test_a_pause_meanwhile_is_a_pause_like_any_other():
    turns = play(
        (
            e.SpeechPaused(ms(13_100), ms(12_900)),
            c.CancelTranscription(3),
            c.Transcribe(4, START, ms(13_100)),
        ),
        turns=stalled(),
    )
    floor = turns.floor
    assert isinstance(floor, Endpointing)
    assert (floor.until, floor.stalled) == (ms(12_900), None)


@pytest.mark.parametrize(
    ("since", "at", "theirs"),
    [(8000, 9600, True), (8000, 9300, False), (8300, 9600, False), (None, 12_000, False)],
    ids=["both long enough", "too few words for too short", "quieter too late", "not quieter"],
)
def test_quieter_voice_without_a_word_in_two_partial_transcripts_is_others(since, at, theirs):
    turns = speaking()
    turns.handle(heard(8000, "I like it"))
    quieter = None if since is None else ms(since)
    partial = replace(heard(at, "I like it"), at=ms(at + 300), until=ms(at), quieter_since=quieter)
    caption = c.Caption(2, "I like it", START)
    play((partial, caption, *([c.TakeForOthers()] if theirs else [])), turns=turns)
    assert isinstance(turns.floor, UserSpeaking)


def test_quieter_voice_with_another_word_is_the_candidates():
    turns = speaking()
    turns.handle(heard(8000, "I like it"))
    partial = replace(heard(11_000, "I like it so"), quieter_since=ms(8000))
    play((partial, c.Caption(2, "I like it so", START)), turns=turns)


@pytest.mark.parametrize(
    "said",
    [
        [
            "I like it so as to go to it",
            "I like it and it",
            "I like it and it grew",
            "I like it and it grew so",
        ],
        ["in about 1", "in about 14", "in about 145", "in about 1455"],
    ],
    ids=["a transcript that guessed ahead", "a number"],
)
def test_words_become_more_though_their_number_does_not(said):
    turns = speaking()
    for n, text in enumerate(said):
        partial = replace(heard(8000 + 700 * n, text), quieter_since=ms(6000))
        play((partial, c.Caption(2, text, START)), turns=turns)


def quieter_alone():
    """A candidate in a quiet room, who has become quieter, has no new words for a while."""
    turns = speaking()
    turns.handle(heard(8000, "I like it"))
    partial = replace(heard(9600, "I like it"), quieter_since=ms(8000), alone=True)
    caption = c.Caption(2, "I like it", START)
    return play((partial, caption, c.Transcribe(3, START, ms(9600))), turns=turns)


def test_where_nobody_has_talked_before_the_final_transcript_decides():
    turns = play(
        (
            e.Transcribed(ms(9800), 3, "I like it."),
            c.TakeForOthers(),
            c.PrepareReply(4, "I like it."),
            c.CommitTurn(2, "I like it.", ms(6000), ms(8000), due=ms(9600)),
            c.PlayReply(4),
        ),
        turns=quieter_alone(),
    )
    assert isinstance(turns.floor, PossibleBargeIn)


def test_a_final_transcript_that_failed_leaves_nothing_to_others():
    commands = quieter_alone().handle(e.Transcribed(ms(9800), 3, "I like it", failure="timeout"))
    assert c.CommitTurn(2, "I like it", ms(6000), ms(8000), due=ms(9600)) in commands
    assert c.TakeForOthers() not in commands


def test_a_candidate_who_speaks_quieter_than_before_goes_on():
    turns = play(
        (e.Transcribed(ms(9800), 3, "I like it because it is green."),), turns=quieter_alone()
    )
    assert isinstance(turns.floor, UserSpeaking)


def test_words_stop_the_reply_that_is_said_over_the_voice():
    turns = over()
    floor = turns.floor
    assert isinstance(floor, PossibleBargeIn)
    item = floor.turn.item
    play(
        (
            e.DeadlineReached(ms(13_300), ms(300)),
            c.TranscribePartial(item, ms(13_000), ms(13_300), urgent=True),
        ),
        (
            e.PartialTranscribed(ms(13_500), item, "wait a moment"),
            c.AnnounceSpeech(item, ms(13_000)),
            c.StopReply(4),
        ),
        turns=turns,
    )


def test_a_reply_over_voice_without_words_is_said_to_its_end():
    turns = over()
    for at in range(13_300, 16_000, 100):
        for command in turns.handle(e.DeadlineReached(ms(at), ms(at - 13_000))):
            assert isinstance(command, c.TranscribePartial)
    play((e.SpeechPaused(ms(16_200), ms(16_000), ms(100)),), turns=turns)
    assert isinstance(turns.floor, AgentSpeaking)


def test_a_new_stretch_begins_without_words():
    turns = speaking()
    turns.handle(heard(7000, "word " * 40))
    turns.handle(e.DeadlineReached(ms(32_000), ms(20_000)))
    cut = turns.floor.turn.start
    turns.handle(e.PartialTranscribed(ms(36_000), 2, "and", cut))
    assert isinstance(turns.floor, UserSpeaking)
    assert turns.floor.heard.most == 1


def test_a_partial_transcript_of_an_earlier_stretch_says_nothing():
    turns = speaking()
    turns.handle(heard(7000, "word"))
    turns.handle(heard(20_000, "word", START - 1))
    assert isinstance(turns.floor, UserSpeaking)


@pytest.mark.parametrize(("text", "goes_on"), [("", False), ("I like it so", False)])
def test_a_word_more_may_be_a_slip(text, goes_on):
    assert Words(3, 0).exceeded(text) is goes_on
    assert Words(3, 0).exceeded(text + " very much") is (text != "")


def test_a_voice_that_says_nothing_more_does_not_keep_the_interviewer_silent():
    async def main():
        transcriber = replace(fake.engines(), transcriber=fake.ScriptedTranscriber(LONG))
        async with Candidate(engines=transcriber) as candidate:
            await candidate.until(o.ResponseDone)
            candidate.loudness = 1
            await candidate.until(o.TranscriptCompleted, within=STALLED / 16_000 + 3)
            done = await candidate.until(o.ResponseCreated, 2, within=1)
            await asyncio.sleep(0.2)
        return candidate, done

    candidate, _ = run(main())
    assert [turn.text for turn in candidate.all(o.TranscriptCompleted)] == [LONG]
