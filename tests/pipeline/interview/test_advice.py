"""What the interviewer says about a candidate's microphone."""

import msgspec
import pytest

from pipeline.conversation.microphone import Trouble
from pipeline.interview import interviewer
from pipeline.interview.interviewer import Act
from pipeline.language.known import LANGUAGES

from ..interviews import Interview, plan

QUIET = LANGUAGES["en"].sentences.advice[Trouble.QUIET]


def troubled(interview, trouble=Trouble.QUIET):
    interview.state = interviewer.troubled(interview.state, trouble)


def begun():
    interview = Interview(plan())
    interview.open()
    return interview


def test_it_is_said_once_before_the_question():
    interview = begun()
    troubled(interview)
    assert interview.say("I worked with machines.").opening.endswith(QUIET)
    troubled(interview)
    assert QUIET not in interview.say("I built a lathe.").opening


def test_what_was_not_heard_is_said_again():
    interview = begun()
    troubled(interview)
    interview.say("I worked with machines.", hears=2)
    assert QUIET in interview.say("I built a lathe.").opening


def test_what_is_well_again_is_not_spoken_of():
    interview = begun()
    troubled(interview)
    troubled(interview, None)
    assert QUIET not in interview.say("I worked with machines.").opening


def test_the_nudge_says_that_there_is_no_sound():
    interview = begun()
    troubled(interview, Trouble.SILENT)
    nudge = interview.say(None)
    assert nudge.act is Act.NUDGE
    assert LANGUAGES["en"].sentences.advice[Trouble.SILENT] in nudge.opening


def test_the_goodbye_is_not_burdened_with_it():
    interview = begun()
    troubled(interview)
    assert QUIET not in interview.say("I have to stop here. Please end the interview.").opening


def test_a_candidate_can_do_nothing_about_a_sample_rate():
    interview = begun()
    troubled(interview, Trouble.RATE)
    rate = LANGUAGES["en"].sentences.advice[Trouble.RATE]
    assert rate not in interview.say("I worked with machines.").opening


@pytest.mark.parametrize("code", LANGUAGES)
def test_it_is_said_in_the_interviews_language(code):
    interview = Interview(msgspec.structs.replace(plan(), language=code))
    interview.open()
    troubled(interview, Trouble.CLIPPED)
    expected = LANGUAGES[code].sentences.advice[Trouble.CLIPPED]
    assert expected in interview.say("Siemens 2019 Python SQL Docker.").opening
