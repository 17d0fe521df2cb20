"""Hearing, interviewing and assessing with real weights, where they are. Elsewhere these tests do
not run, and the summary of the run says so (tests/conftest.py)."""

import os
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import soxr

from models import manifest, registry
from models.contracts import HEARING_RATE, SPEAKING_RATE, Reasoning
from models.device import Machine
from models.errors import WeightsMissing
from models.manifest import LanguageModel, Located, Recognizer, Voice
from pipeline.matching import word_errors
from scripts.measure.held_out import interviews
from scripts.measure.hold_interview import hold
from scripts.measure.reply_rules import judged

pytestmark = pytest.mark.real_weights

VOICES = ("en_US-kristin-medium", "en_US-joe-medium")
RECOGNIZERS = ("whisper-tiny.en", "whisper-base.en", "whisper-base")
LANGUAGE_MODELS = ("qwen2.5-coder-0.5b", "qwen2.5-0.5b", "qwen2.5-coder-1.5b")
"""Any of them will do; the first is the smallest."""
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


@asynccontextmanager
async def engine(names: Sequence[str], kind: type) -> AsyncIterator[Any]:
    """Provide the engine of the first of these models that is there, or skip the test."""
    located = next(filter(None, (found(name, kind) for name in names)), None)
    if located is None:
        pytest.skip(
            f"none of {', '.join(names)} is in {FOLDER}: scripts/download_models.py {names[0]}"
        )
    loaded = registry.engine(located.model.engine).load(located, Machine(sessions=2))
    try:
        yield loaded
    finally:
        await loaded.aclose()


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


async def test_two_turns_of_an_interview_ask_the_plans_questions_and_keep_the_role():
    async with engine(LANGUAGE_MODELS, LanguageModel) as llm:
        stream = llm.open()
        held = await hold(interviews(1)[0], stream, Reasoning(), turns=3)
        stream.close()
    assert len(held) == 3
    assert not any(each.failed for each in held)
    for each, verdicts in zip(held, judged(held), strict=True):
        assert verdicts.get("question verbatim once", True), each.heard
        assert verdicts["in the language"], each.heard
