"""Which words over a reply want the floor: how sure the recognizer is, and what it sounds like."""

import pytest

from pipeline.conversation.interruption import (
    BELIEVED_AT_LAST,
    FAINT,
    LAUGH,
    Evidence,
    Heard,
    Look,
    Sound,
    interrupted,
    look_at,
)


@pytest.mark.parametrize(("length", "wants"), [(LAUGH - 1, False), (LAUGH, True)])
def test_nobody_laughs_for_so_long_that_doubted_words_could_be_laughter(length: int, wants: bool):
    doubted = Heard("I did that last year.", BELIEVED_AT_LAST - 0.1)
    assert interrupted(doubted, length) is wants


def test_doubted_words_in_speech_are_faint_evidence_unless_they_are_hardly_heard_at_all():
    assert look_at(Heard("Wait.", FAINT, Sound.SPEECH)).faint
    assert not look_at(Heard("Wait.", FAINT - 0.05, Sound.SPEECH)).faint


def test_faint_evidence_is_kept_until_more_comes():
    faint = Look(faint=frozenset({"wait"}))
    evidence = Evidence().also(faint).also(Look())
    assert evidence.confirms(faint)
    assert not evidence.confirms(Look())


def test_a_word_of_the_interviewers_that_comes_again_needs_more_voice_to_interrupt():
    heard = Heard("Work.", 0.9, Sound.SPEECH, 0.0)
    brief = look_at(heard, ours=True, brief=True)
    evidence = Evidence().also(brief)
    assert not evidence.confirms(brief)
    assert evidence.confirms(look_at(heard, ours=True))
