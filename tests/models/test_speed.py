"""Measuring engines alone, on scripted ones: every figure is there, and of the right thing."""

from collections.abc import AsyncIterator, Sequence
from types import SimpleNamespace

import numpy as np

from models import fake, speed
from models.contracts import HEARING_RATE, Message

SPEECH = np.full(12 * HEARING_RATE, fake.LOUDNESS, dtype=np.int16)


class CountingLlm(fake.ScriptedLlm):
    """Counts as the engine does."""

    def __init__(self) -> None:
        super().__init__(lambda _: "one two three four five six seven eight", delay=0.001)
        self.counts = SimpleNamespace(read=0, written=0)

    def open(self) -> "CountingLlm":
        return self

    async def warm(self, messages: Sequence[Message]) -> None:
        self.counts.read += 100


class SilentLlm(fake.ScriptedLlm):
    def open(self) -> "SilentLlm":
        return self

    async def reply(
        self, messages: Sequence[Message], *, max_tokens: int = 120, choices: Sequence[str] = ()
    ) -> AsyncIterator[str]:
        for word in ():
            yield word


async def test_a_recognizer_is_measured_with_short_and_long_speech_and_with_several() -> None:
    figures = await speed.recognizer(fake.ScriptedTranscriber("yes", delay=0.01), SPEECH, "en")
    assert set(figures) == {
        "transcription_2_s_ms",
        "transcription_5_s_ms",
        "transcription_10_s_ms",
        "transcription_5_s_4_at_once_ms",
    }
    assert min(figures.values()) >= 10


async def test_a_language_model_is_measured_reading_and_writing() -> None:
    figures = await speed.language_model(CountingLlm(), (1, 3))
    assert set(figures) == {
        "prompt_tokens_per_s",
        "first_word_ms",
        "tokens_per_s_1_at_once",
        "tokens_per_s_3_at_once",
    }
    assert min(figures.values()) > 0


async def test_of_a_server_nobody_knows_what_it_reads() -> None:
    assert "prompt_tokens_per_s" not in await speed.language_model(fake.ScriptedLlm(), (1,))


async def test_a_model_that_says_nothing_writes_at_no_speed() -> None:
    assert (await speed.language_model(SilentLlm(), (2,)))["tokens_per_s_2_at_once"] == 0


def test_texts_count_while_all_of_them_are_being_written() -> None:
    early, late = [0.0, 1.0, 2.0, 3.0, 4.0], [2.0, 3.0, 4.0, 5.0, 6.0]
    assert speed.rate_together([early, late]) == 2
    assert speed.rate_together([early, late, []]) == 2  # this one says nothing


def test_texts_of_which_one_ends_before_the_other_begins_have_no_common_speed() -> None:
    assert speed.rate_together([[0.0, 1.0], [2.0, 3.0]]) == 0
    assert speed.rate_together([]) == 0


async def test_a_voice_is_measured_with_texts_that_it_has_not_said_before() -> None:
    voice = fake.SteadyVoice(delay=0.001)
    figures = await speed.voice(voice)
    assert figures["first_clause_ms"] >= 1
    assert figures["speech_times_real_time"] > 1
    assert len(set(voice.spoken)) == len(voice.spoken)
