"""Numbers of conversations, from the turn-taking itself."""

from dataclasses import replace

from models import fake
from models.errors import EngineBusy, EngineError
from pipeline.conversation import events as e
from pipeline.conversation import output as o
from pipeline.conversation.endpointing import samples as ms
from pipeline.conversation.stats import ConversationStats
from pipeline.conversation.turns import TurnTaking
from pipeline.errors import code_of
from tests.virtual_time import run

from .test_session import Candidate


def counted(*events):
    turns, stats = TurnTaking(), ConversationStats()
    for event in (e.SessionStarted(0), e.ReplyFinished(ms(5000), 1), *events):
        stats.note(event, turns.handle(event))
    return stats


def answered(text="I like it."):
    """Spoken from 6.0 to 8.0 s, understood at 8.3 s."""
    return (
        e.SpeechBegan(ms(6200), ms(6000)),
        e.SpeechPaused(ms(8200), ms(8000)),
        e.Transcribed(ms(8300), 3, text),
    )


def test_a_reply_that_was_ready_when_the_turn_ended_is_a_guess_that_came_true():
    stats = counted(*answered(), e.DeadlineReached(ms(8600)))
    assert (stats.guesses_used, stats.guesses_discarded, stats.spoken) == (1, 0, 1)


def test_a_reply_to_somebody_who_went_on_is_a_guess_thrown_away():
    stats = counted(*answered(), e.SpeechBegan(ms(8400), ms(8390)))
    assert (stats.guesses_used, stats.guesses_discarded, stats.spoken) == (0, 1, 0)


def test_a_reply_that_is_asked_for_when_the_turn_ends_is_no_guess():
    stats = counted(*answered(""), e.DeadlineReached(ms(10_000)), e.TextTyped(ms(11_000), "Yes."))
    assert (stats.guesses_used, stats.guesses_discarded) == (0, 0)
    assert (stats.spoken, stats.typed) == (1, 1)


def test_a_discarded_transcription_is_no_guess():
    stats = counted(*answered()[:2], e.SpeechBegan(ms(8400), ms(8390)))
    assert stats.guesses_discarded == 0


def test_a_cough_over_a_reply_is_a_pause_that_was_resumed():
    replying = (*answered(), e.DeadlineReached(ms(8600)))
    stats = counted(
        *replying, e.PossibleSpeech(ms(9000), ms(8990)), e.PossibleSpeechEnded(ms(9100))
    )
    assert (stats.pauses, stats.resumes, stats.interruptions) == (1, 1, 0)


def test_voice_that_goes_on_over_a_reply_is_an_interruption():
    replying = (*answered(), e.DeadlineReached(ms(8600)))
    stats = counted(
        *replying,
        e.SpeechBegan(ms(9100), ms(9000)),
        e.DeadlineReached(ms(10_100), ms(1000)),
        e.PossibleSpeechEnded(ms(10_200)),
    )
    assert (stats.pauses, stats.resumes, stats.interruptions) == (1, 0, 1)


def test_a_noise_that_was_taken_for_a_turn_is_counted_as_such():
    noise = (
        e.SpeechBegan(ms(6200), ms(6000)),
        e.SpeechPaused(ms(6600), ms(6400)),
        e.Transcribed(ms(6700), 3, ""),
        e.DeadlineReached(ms(9000)),
    )
    stats = counted(*noise)
    assert (stats.noises, stats.spoken) == (1, 0)


def test_errors_have_a_code_and_a_time_out_too():
    assert code_of(EngineBusy("x")) == "engine_busy"
    assert code_of(TimeoutError()) == "timeout"


def test_what_engines_fail_at_is_counted_though_the_conversation_goes_on():
    class Voice(fake.SteadyVoice):
        works = True

        async def speak(self, text, *, ahead=False):
            if self.works and not ahead:
                return await super().speak(text)
            raise EngineError("out of order")

    class NoLlm(fake.ScriptedLlm):
        async def reply(self, messages, *, max_tokens=120, choices=()):
            raise EngineBusy("no time")
            yield ""

    class Deaf(fake.ScriptedTranscriber):
        async def final(self, audio, context=""):
            raise EngineError("out of order")

    async def main():
        voice = Voice()
        engines = fake.Engines(fake.LoudnessVad(), Deaf("I built it."), NoLlm(), voice)
        async with Candidate(engines=engines) as candidate:
            await candidate.until(o.ResponseDone)
            candidate.session.push_text("I built it.")
            await candidate.until(o.ResponseDone, 2)
            voice.works = False
            await candidate.say(1, 2.0)
            await candidate.until(o.ResponseDone, 3)
            return candidate.session.stats

    stats = run(main())
    assert stats.failures["recognizer", "engine_error"] == 1
    assert stats.failures["language_model", "engine_busy"] >= 1
    assert stats.failures["voice", "engine_error"] >= 1


def test_a_typed_answer_has_no_stages_of_the_spoken_one_before():
    async def main():
        engines = fake.Engines(
            fake.LoudnessVad(),
            fake.ScriptedTranscriber("I built it.", delay=0.1),
            fake.ScriptedLlm(),
            fake.SteadyVoice(),
        )
        async with Candidate(engines=engines) as candidate:
            await candidate.until(o.ResponseDone)
            await candidate.say(1, 2.0)
            await candidate.until(o.ResponseDone, 2)
            candidate.session.push_text("Everybody used it.")
            await candidate.until(o.ResponseDone, 3)
            return [done.timing for done in candidate.all(o.ResponseDone)]

    greeting, spoken, typed = run(main())
    assert "voice_to_voice" not in greeting
    assert spoken["transcription"] == 100.0
    assert "transcription" not in typed
    assert all("record" in timing for timing in (greeting, spoken, typed))


def test_a_reply_is_overdue_by_what_its_words_came_late():
    async def main(delay):
        transcriber = fake.ScriptedTranscriber("I built it in Python.", delay=delay)
        engines = replace(fake.engines(), transcriber=transcriber)
        async with Candidate(engines=engines) as candidate:
            await candidate.until(o.ResponseDone)
            await candidate.say(1, 2.0)
            return (await candidate.until(o.ResponseDone, 2)).timing

    in_time, late = run(main(0.1)), run(main(1.0))
    assert abs(in_time["overdue"]) <= 40
    # asked for after 200 ms of a silence of 600, known 1000 ms later
    assert abs(late["overdue"] - 600) <= 40
    assert late["after_commit"] <= 5
