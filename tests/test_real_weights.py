"""Hearing, interviewing and assessing with real weights, where they are. Elsewhere these tests do
not run, and the summary of the run says so (tests/conftest.py)."""

import os
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import soxr

from models import load, manifest, registry
from models.choice import Choice
from models.contracts import HEARING_RATE, SPEAKING_RATE, Llm, Reasoning
from models.device import Machine
from models.errors import WeightsMissing
from models.manifest import EndOfTurn, LanguageModel, Located, Recognizer, Voice
from pipeline.interview.llm_part import warm_up
from pipeline.matching import word_errors
from scripts.measure import graded_answers
from scripts.measure.held_out import interviews
from scripts.measure.hold_interview import hold
from scripts.measure.reply_rules import judged

pytestmark = pytest.mark.real_weights

VOICES = ("en_US-kristin-medium", "en_US-joe-medium")
RECOGNIZERS = ("whisper-tiny.en", "whisper-base.en", "whisper-base")
LANGUAGE_MODELS = ("qwen2.5-coder-0.5b-iq4_nl", "qwen2.5-coder-0.5b", "qwen2.5-0.5b")
"""Any of them will do; the first is the fastest."""
FOLDER = Path(os.environ.get("VIVAVOCE_MODELS_DIR", Path(__file__).parents[1] / "models"))
SPOKEN = (
    "I have worked as a nurse in two hospitals for nearly nine years.",
    "Last winter we moved the whole ward to a new building within one weekend.",
)


def found(name: str, kind: type) -> Located | None:
    try:
        return manifest.find(name, kind, FOLDER)
    except WeightsMissing:
        return None


def first_of(names: Sequence[str], kind: type) -> Located:
    """Return the first of these models that is there, or skip the test."""
    for name in names:
        if located := found(name, kind):
            return located
    pytest.skip(f"none of {', '.join(names)} is in {FOLDER}: make models")


@asynccontextmanager
async def engine(names: Sequence[str], kind: type) -> AsyncIterator[Any]:
    located = first_of(names, kind)
    loaded = registry.engine(located.model.engine).load(located, Machine(sessions=2))
    try:
        yield loaded
    finally:
        await loaded.aclose()


@asynccontextmanager
async def language_model() -> AsyncIterator[tuple[Llm, str]]:
    """Provide a language model as the service loads it, and its id."""
    name = first_of(LANGUAGE_MODELS, LanguageModel).model.id
    choice = Choice(FOLDER, language_model=name, machine=Machine(sessions=2))
    async with load.language_model(choice) as llm:
        await warm_up(llm, "tasks")
        yield llm, name


def test_the_models_that_will_do_are_in_the_manifest():
    known = {model.id for model in manifest.read().model}
    assert known.issuperset((*VOICES, *RECOGNIZERS, *LANGUAGE_MODELS))


async def test_speech_of_a_real_voice_is_understood():
    async with (
        engine(VOICES, Voice) as voice,
        engine(RECOGNIZERS, Recognizer) as recognizer,
    ):
        stream = recognizer.open("en")
        for sentence in SPOKEN:
            audio = await voice.speak(sentence)
            heard = await stream.final(soxr.resample(audio, SPEAKING_RATE, HEARING_RATE))
            assert word_errors(sentence, heard.text) <= 0.1, heard.text
            assert heard.confidence > 0.5
        stream.close()


async def test_a_turn_that_is_broken_off_is_told_from_a_finished_one_while_it_is_transcribed():
    async with (
        engine(VOICES, Voice) as voice,
        engine(("smart-turn-v3.2",), EndOfTurn) as judge,
    ):
        stream = judge.open("en")
        for sentence in SPOKEN:
            spoken = soxr.resample(await voice.speak(sentence), SPEAKING_RATE, HEARING_RATE)
            over = await stream.probability(spoken)
            parts = [await stream.probability(spoken[: spoken.size * n // 8]) for n in (3, 6)]
            assert over > 0.5 > max(parts), (sentence, over, parts)
        stream.close()


async def test_two_turns_of_an_interview_ask_the_plans_questions_and_keep_the_role():
    async with language_model() as (llm, _):
        stream = llm.open()
        held = await hold(interviews(1)[0], stream, Reasoning(), turns=3)
        stream.close()
    assert len(held) == 3
    assert all(each.own or each.failed for each in held if each.asked_llm)
    for each, verdicts in zip(held, judged(held), strict=True):
        assert verdicts.get("question verbatim once", True), each.heard
        assert verdicts["keeps its role"], each.heard
        assert verdicts["in the language"], each.heard


async def test_a_good_answer_is_scored_above_an_empty_one_and_every_score_quotes_the_answer():
    answers = replace(graded_answers.tasks(1)[0], spread=False)
    async with language_model() as (llm, name):
        found = await graded_answers.graded(llm, answers, name)
    good, _, empty = (each.score for each in found)
    assert good is not None
    assert good > (empty or 0)
    assert all(each.verbatim and not each.at_fault for each in found)
