"""The self-test on scripted engines: what works passes, each fault has a sentence of its own."""

import numpy as np
import pytest

from models import fake
from models.contracts import HEARING_RATE, SPEAKING_RATE
from pipeline.assessment.assessor import Assessor
from pipeline.checks import self_test
from pipeline.checks.self_test import SENTENCES, SelfTestFailed

SENTENCE = SENTENCES["en"]
RATING = Assessor("any", "rating")
VOICE = fake.SteadyVoice()
OPINION = (
    '{"score": 80, "strengths": ["clear"], "improvements": ["results"],'
    ' "evidence": "I wrote a plan first"}'
)


async def test_what_the_voice_says_is_found_without_the_silence_around_it() -> None:
    speech = await self_test.speak(VOICE, "en")
    found = self_test.find(fake.LoudnessVad(), speech)
    longer = len(found) / HEARING_RATE - len(speech) / SPEAKING_RATE
    assert -0.05 < longer < 0.4


@pytest.mark.parametrize("language", SENTENCES)
async def test_the_voice_speaks_the_wanted_language(language: str) -> None:
    voice = fake.SteadyVoice()
    await self_test.speak(voice, language)
    assert voice.spoken == [SENTENCES[language]]


async def test_a_silent_voice_fails() -> None:
    with pytest.raises(SelfTestFailed, match="VIVAVOCE_TTS_VOICE"):
        await self_test.speak(fake.SteadyVoice(0.0), "en")


async def test_speech_that_is_not_found_fails() -> None:
    with pytest.raises(SelfTestFailed, match="VIVAVOCE_VAD"):
        self_test.find(fake.LoudnessVad(), np.zeros(SPEAKING_RATE, dtype=np.int16))


async def test_the_sentence_is_understood_or_the_difference_shown() -> None:
    audio = self_test.find(fake.LoudnessVad(), await self_test.speak(VOICE, "en"))
    heard = await self_test.hear(fake.ScriptedTranscriber(SENTENCE), audio, "en")
    assert heard.word_errors == 0
    with pytest.raises(SelfTestFailed, match="something else"):
        await self_test.hear(fake.ScriptedTranscriber("something else"), audio, "en")


async def test_the_interviewer_words_a_reply_to_an_answer() -> None:
    worded = await self_test.word(fake.ScriptedLlm(lambda _: "a new server"))
    assert worded.text == "a new server"
    with pytest.raises(SelfTestFailed, match="said nothing"):
        await self_test.word(fake.ScriptedLlm(lambda _: "…"))


async def test_an_assessment_is_filled_in() -> None:
    assert await self_test.judge(fake.ScriptedLlm(filled=OPINION), RATING) == 80


async def test_a_citation_of_what_was_not_said_costs_the_score_and_fails_nothing() -> None:
    invented = OPINION.replace("I wrote a plan first", "I saved a million")
    assert await self_test.judge(fake.ScriptedLlm(filled=invented), RATING) is None


@pytest.mark.parametrize("filled", ["", "{", '{"score": "good"}'])
async def test_what_is_no_assessment_fails(filled: str) -> None:
    with pytest.raises(SelfTestFailed, match="assessment"):
        await self_test.judge(fake.ScriptedLlm(filled=filled), RATING)
