"""The language that is spoken: when it is certain, and what follows in whole conversations."""

from dataclasses import replace

import msgspec
import pytest

from models import fake
from models.contracts import Transcript
from models.errors import EngineBusy
from pipeline import journal as r
from pipeline.conversation import output as o
from pipeline.conversation.spoken_language import SpokenLanguage, SpokenTranscripts
from pipeline.interview import interviewer
from pipeline.interview.agent import Interviewer
from pipeline.language.known import LANGUAGES, heard_as
from pipeline.language.language import Topics
from tests.virtual_time import run

from .echo import Echo
from .test_session import LONG, PLAN, Candidate

GERMAN = "Ich habe einen Dienstplan für ein Krankenhaus gebaut, und er ist noch in Gebrauch."
AGAIN = "Drei Pflegerinnen haben ihn jeden Tag benutzt, und alle waren sehr zufrieden damit."
KNOWN = ("en", "de", "fr", "cy")
OPEN = msgspec.structs.replace(PLAN, any_language=True)


def judged(*odds, own="en", now=""):
    """Whether each of the utterances changes the language, and which it is in the end."""
    spoken = SpokenLanguage(own, now, KNOWN)
    return [spoken.changes(start, each) for start, each in enumerate(odds)], spoken.now


def test_one_utterance_is_enough_if_it_is_certain():
    assert judged({"de": 0.95, "nl": 0.05}) == ([True], "de")


def test_what_is_only_likely_has_to_come_twice_in_a_row():
    assert judged({"de": 0.8}) == ([False], "en")
    assert judged({"de": 0.8}, {"de": 0.75}) == ([False, True], "de")
    assert judged({"de": 0.8}, {"en": 0.6}, {"de": 0.8}) == ([False, False, False], "en")
    assert judged({"de": 0.8}, {"fr": 0.8}) == ([False, False], "en")


def test_an_utterance_that_goes_on_counts_once():
    spoken = SpokenLanguage("en", "", KNOWN)
    assert [spoken.changes(7, {"de": 0.8}) for _ in range(3)] == [False, False, False]
    assert spoken.changes(8, {"de": 0.8})


def test_what_was_not_judged_changes_nothing():
    assert judged({"de": 0.8}, {}, {"de": 0.8}) == ([False, False, True], "de")


def test_one_likely_utterance_leads_back_to_the_interviews_language():
    assert judged({"en": 0.75}, now="de") == ([True], "en")
    assert judged({"fr": 0.75}, now="de") == ([False], "de")


@pytest.mark.parametrize("code", ["cy", "es"])
def test_languages_that_are_not_known_on_both_sides_are_not_noticed(code):
    """English by Scots is sometimes taken for Welsh, of which there are no words here."""
    assert judged({code: 0.99}) == ([False], "en")


def transcribers(**spoken):
    odds = {GERMAN: {"de": 0.98}, AGAIN: {"de": 0.98}, LONG: {"en": 0.97}} | spoken
    return fake.ScriptedTranscriber(GERMAN, AGAIN, LONG, languages=("en", "de"), spoken=odds)


def conversation(*numbers, plan=OPEN, **given):
    """A conversation in which these texts are said in turn."""
    transcriber = transcribers()
    engines = replace(fake.engines(), transcriber=transcriber)

    async def main():
        async with Candidate(plan=plan, engines=engines, **given) as candidate:
            for count, number in enumerate(numbers, 1):
                await candidate.until(o.ResponseDone, count)
                await candidate.say(number, 3.0)
                await candidate.until(o.TranscriptCompleted, count)
            await candidate.until(o.ResponseDone, len(numbers) + 1)
        return candidate

    return run(main()), transcriber


def changes(candidate):
    return [(told.language, told.followed) for told in candidate.all(o.LanguageChanged)]


def turns(candidate):
    spoke = [each for each in candidate.record.entries if isinstance(each, r.CandidateSpoke)]
    return [(each.language, each.followed) for each in spoke]


def test_without_a_set_language_the_candidate_is_understood_in_their_own():
    candidate, transcriber = conversation(1, 2)
    assert transcriber.opened_in == ["en", "de"]
    assert changes(candidate) == [("de", True)]
    assert candidate.all(o.LanguageChanged)[0].message == "Ich verstehe Sie auch auf Deutsch."
    assert turns(candidate) == [("de", True), ("de", True)]
    assert "held in English" not in " ".join(candidate.texts())


def test_what_is_said_stays_and_what_is_listened_for_is_the_others():
    mixed = heard_as("en", "de")
    assert (mixed.code, mixed.sentences) == ("en", LANGUAGES["en"].sentences)
    assert mixed.backchannels is LANGUAGES["de"].backchannels
    assert mixed.questions.request is LANGUAGES["en"].questions.request
    assert mixed.topics == Topics()
    assert heard_as("en", "") is heard_as("en", "en") is LANGUAGES["en"]


def test_a_change_back_is_noticed_too():
    candidate, transcriber = conversation(1, 3)
    assert transcriber.opened_in == ["en", "de", "en"]
    assert changes(candidate) == [("de", True), ("en", True)]
    assert candidate.all(o.LanguageChanged)[1].message == ""
    assert turns(candidate) == [("de", True), ("", False)]


def test_in_the_interviews_own_language_nothing_is_told():
    candidate, transcriber = conversation(3)
    assert transcriber.opened_in == ["en"]
    assert changes(candidate) == []
    assert turns(candidate) == [("", False)]


def test_where_a_language_was_set_it_stays_and_the_candidate_is_told_once():
    candidate, transcriber = conversation(1, 2, plan=PLAN)
    assert transcriber.opened_in == ["en"]
    assert changes(candidate) == [("de", False)]
    sentence = LANGUAGES["en"].sentences.advice["language"]
    assert candidate.all(o.LanguageChanged)[0].message == sentence
    assert sum(sentence in text for text in candidate.texts()) == 1
    assert turns(candidate) == [("de", False), ("de", False)]


def test_after_a_restart_the_candidate_is_understood_as_before():
    candidate, _ = conversation(1)
    state = interviewer.resume(OPEN, candidate.record.entries)
    assert state.spoken == "de"
    assert state.spoken == candidate.agent.state.spoken
    again, transcriber = conversation(2, state=state)
    assert transcriber.opened_in == ["de"]
    assert changes(again) == []
    assert turns(again) == [("de", True)]


def spoken_to(voices, plan=OPEN, language="de"):
    """What the interviewer says after the second answer, from memory."""
    agent = Interviewer(plan, voices=voices)
    agent.heard(agent.open(), PLAN.questions[0].text, None)
    agent.speaks(language)
    return agent.answer(GERMAN, 0)


def test_the_interviewer_speaks_the_candidates_language_if_the_voice_does():
    assert spoken_to(("de",)).lead in LANGUAGES["de"].sentences.variants.leads
    assert spoken_to(("de",)).closing == PLAN.questions[1].text
    assert spoken_to(("de",)).task is not None


@pytest.mark.parametrize(
    ("voices", "plan", "language"),
    [(("en",), OPEN, "de"), ((), OPEN, "de"), (("de",), PLAN, "de"), (("pl",), OPEN, "pl")],
)
def test_the_interviewers_sentences_stay_otherwise(voices, plan, language):
    move = spoken_to(voices, plan, language)
    many = LANGUAGES["en"].sentences.variants
    assert move.lead in (*many.leads, *many.acknowledgements)
    assert move.task is None


def test_after_a_restart_a_voice_of_that_language_speaks_it_at_once():
    candidate, _ = conversation(1)
    state = interviewer.resume(OPEN, candidate.record.entries)
    agent = Interviewer(OPEN, state, voices=("de",))
    again, transcriber = conversation(2, 3, agent=agent)
    assert transcriber.opened_in == ["de", "en"]
    assert changes(again) == [("en", True)]
    assert turns(again) == [("de", True), ("", False)]


def test_another_agent_is_told_as_well():
    echo = Echo(follows_language=True)
    conversation(1, agent=echo)
    assert echo.spoken == "de"


def test_words_in_the_wrong_language_are_better_than_none():
    class Busy(fake.ScriptedTranscriber):
        async def final(self, audio, context=""):
            if self.opened_in[-1] == "de":
                raise EngineBusy("later")
            return Transcript("Each have gebout.", "en", spoken={"de": 0.99})

    async def main():
        transcripts = SpokenTranscripts(Busy(languages=("en", "de")), "en", follows=True)
        return await transcripts.final([], "", 0), transcripts.other

    found, other = run(main())
    assert (found.text, other) == ("Each have gebout.", "de")
