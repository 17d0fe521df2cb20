"""The interviewer does not hear itself: comparisons of sounds, the guard that makes them, and whole
conversations in virtual time with a client that does not cancel echo."""

import asyncio
import zlib
from dataclasses import replace

import numpy as np
import pytest

from models import fake
from models.contracts import FRAME, HEARING_RATE, SPEAKING_RATE, Engines, Transcript
from pipeline.conversation import output as o
from pipeline.conversation.echo import KEPT, LONGEST_DELAY, SAME, Return, Sent, compare
from pipeline.conversation.echo_guard import GONE, EchoGuard
from pipeline.conversation.echo_test import sound
from tests.virtual_time import run

from .test_session import LONG, Candidate


def speech(seconds, seed, rate=HEARING_RATE):
    """Noise that swells and fades four times a second, as loud as speech."""
    random = np.random.default_rng(seed)
    noise = np.convolve(random.normal(0, 4000, round(seconds * rate)), np.ones(4) / 2, "same")
    swell = np.repeat(random.uniform(0, 1.5, round(seconds * 8) + 1), rate // 8)[: len(noise)]
    return np.clip(noise * swell, -32000, 32000).astype(np.int16)


def came_back(delay, level=0.25, seconds=1.0, other=None, hiss=10):
    sent = speech(3, 1)
    begin, length = LONGEST_DELAY + 8_000, round(seconds * HEARING_RATE)
    echo = sent[begin - delay : begin - delay + length] * level
    heard = echo + np.random.default_rng(2).normal(0, hiss, length)
    if other is not None:
        heard = heard + other[:length]
    return compare(heard.astype(np.int16), sent[begin - LONGEST_DELAY : begin + length])


@pytest.mark.parametrize("delay", [800, 1_600, 3_200, 9_000])
def test_an_echo_has_its_delay_and_its_level(delay):
    found = came_back(delay)
    assert found.certain
    assert abs(found.delay - delay) <= 16
    assert -14 < found.level < -10


def test_another_voice_is_no_echo_and_silence_is_none():
    assert not came_back(800, level=0.0, other=speech(1, 3)).likely
    assert not came_back(800, level=0.0).likely


def test_what_is_hardly_to_be_heard_and_a_single_click_are_no_echo():
    assert not came_back(800, level=0.0005, hiss=0).likely
    sent = np.zeros(LONGEST_DELAY + HEARING_RATE, np.int16)
    sent[LONGEST_DELAY + 4_000] = 30_000
    assert not compare(np.roll(sent, 800)[LONGEST_DELAY:], sent).likely


def test_two_comparisons_show_an_echo_if_they_agree_about_its_delay():
    first, second = (Return(0.4, delay, -12.0, HEARING_RATE) for delay in (800, 800 + SAME))
    assert first.confirms(second)
    assert not first.confirms(replace(second, delay=800 + SAME + 1))
    assert not first.confirms(replace(second, alike=0.1))


def test_a_candidate_who_speaks_louder_than_the_echo_is_heard():
    assert not came_back(800, seconds=0.5, other=speech(1, 3)).certain


def test_what_was_sent_lies_where_it_is_played():
    sent = Sent()
    sent.add(np.full(1_000, 100, np.int16), 500)
    sent.add(np.full(1_000, 200, np.int16), 700)  # after what is played already
    assert set(sent.between(0, 500)) == {0}
    assert set(sent.between(500, 1_500)) == {100}
    assert set(sent.between(1_500, 2_500)) == {200}
    assert set(sent.between(2_500, 3_000)) == {0}
    assert sent.sounds(0, 640)
    assert not sent.sounds(2_880, 9_000)


def test_what_the_client_has_dropped_was_not_sent():
    sent = Sent()
    sent.add(np.full(4_000, 100, np.int16), 0)
    sent.cut(1_600)
    assert set(sent.between(1_600, 4_000)) == {0}
    assert not sent.sounds(1_600, 4_000)


@pytest.mark.parametrize("by", [3_200, -3_200])
def test_what_was_sent_may_turn_out_to_lie_elsewhere(by):
    sent = Sent()
    sent.add(np.full(3_200, 100, np.int16), 0)
    sent.add(np.full(1_600, 200, np.int16), 3_200)
    sent.move(by)
    assert set(sent.between(by, by + 3_200)) == {100}
    assert set(sent.between(by + 3_200, by + 4_800)) == {200}
    assert set(sent.between(by + 4_800, 9_000)) == set(sent.between(by - 3_200, by)) == {0}
    assert sent.sounds(0, 1_600) is (by < 0)
    assert not sent.sounds(max(by, 0) + 4_800, 9_000)


def test_what_was_sent_is_forgotten_after_a_while():
    sent = Sent()
    sent.add(np.full(FRAME, 100, np.int16), 0)
    sent.add(np.full(FRAME, 200, np.int16), 3 * KEPT)
    assert set(sent.between(0, 3 * KEPT)) == {0}
    assert set(sent.between(3 * KEPT, 3 * KEPT + FRAME)) == {200}


class Room:
    """A guard whose microphone hears what it sends later and quieter."""

    def __init__(self, delay=1_600, level=0.25, hiss=10, began=0.0):
        """`began`: time at which the microphone is switched on."""
        self.delay, self.level, self.at, self.hiss = delay, level, 0, hiss
        self.began = began
        self.compared = 0
        """Number of comparisons."""
        self.voice = speech(60, 1, SPEAKING_RATE)
        self.guard = EchoGuard(self.heard)

    def heard(self, start, end):
        self.compared += 1
        sent = self.guard.sent.between(start - self.delay, end - self.delay)
        hiss = np.random.default_rng(start).normal(0, self.hiss, end - start)
        return (sent * self.level + hiss).astype(np.int16)

    def passes(self, seconds, *, in_voice=True, speaks=True):
        """Let this time pass; return what the guard notices."""
        noticed = []
        for _ in range(round(seconds * 50)):
            if speaks:
                begin = self.at * 3 // 2 % (len(self.voice) - 480)
                delta = o.AudioDelta("", "", 0, self.voice[begin : begin + 480])
                self.guard.told(delta, self.began + self.at / HEARING_RATE)
            self.at += FRAME
            self.guard.arrived(self.at, self.began + self.at / HEARING_RATE)
            noticed.append(self.guard.watch(self.at, in_voice=in_voice))
        return [each for each in noticed if each is not None]


def test_an_echo_is_certain_within_half_a_second_of_voice_and_then_no_voice():
    room = Room()
    assert room.passes(0.5, in_voice=False) == []
    assert room.passes(0.55) == [True]
    assert abs(room.guard.known.delay - room.delay) <= 320
    assert room.guard.drowns(room.at)
    room.passes(1.0, speaks=False)
    assert not room.guard.drowns(room.at)


@pytest.mark.parametrize("before", [0.03, 0.5, 2.0])
def test_an_echo_of_what_was_said_before_the_microphone_was_on_is_found_too(before):
    """The interviewer speaks as soon as there is a connection; its clock began long before."""
    room = Room(began=90_000.0)
    for n in range(round(before * 50)):
        delta = o.AudioDelta("", "", 0, room.voice[n * 480 :][:480])
        room.guard.told(delta, room.began - before + n / 50)
    assert room.passes(0.55) == [True]
    assert abs(room.guard.known.delay - room.delay) <= 320


def test_an_echo_that_is_gone_is_noticed_after_a_while():
    room = Room()
    room.passes(1.5)
    room.level = 0.0
    assert room.passes(GONE / 2 + 1) == [False]
    assert not room.guard.drowns(room.at)


def test_an_echo_that_comes_back_now_and_then_is_not_gone():
    room = Room()
    room.passes(1.5)
    for _ in range(3):
        room.level = 0.0
        assert room.passes((GONE - 2) / 2) == []
        room.level = 0.25
        assert room.passes(1.5) == []
    assert room.passes(GONE, speaks=False) == []
    assert room.guard.known


def test_after_an_echo_that_is_gone_another_one_is_found_as_the_first_was():
    room = Room()
    room.passes(1.5)
    room.level = 0.0
    while room.guard.known:
        room.passes(0.02)
    room.level, room.hiss = 0.05, 600
    assert room.passes(0.6) == []  # a doubtful one counts when it is found twice
    assert room.passes(0.3) == [True]


def test_a_doubtful_echo_is_one_when_it_is_found_twice():
    room = Room(level=0.05, hiss=400)
    assert room.passes(0.6) == []
    assert room.passes(0.3) == [True]
    assert not room.guard.known.certain
    assert abs(room.guard.known.delay - room.delay) <= 320


def test_there_is_no_echo_of_nothing():
    room = Room()
    assert room.passes(3, speaks=False) == []
    assert room.compared == 0
    room = Room(level=0.0)
    assert room.passes(3) == []


def test_sounds_are_compared_now_and_then_while_there_is_voice():
    room = Room(level=0.0)
    room.passes(1.0, in_voice=False)
    assert room.compared == 0
    room.passes(1.0)
    assert room.compared == 4
    room.passes(0.2, in_voice=False)
    room.passes(0.2)
    assert room.compared == 4


class NoisyVoice:
    async def speak(self, text, *, ahead=False):
        return speech(len(text) / 15, zlib.crc32(text.encode()), SPEAKING_RATE)


class EnergyVad:
    def open(self):
        return self

    def probability(self, frame):
        return 1.0 if np.sqrt((frame.astype(float) ** 2).mean()) > 200 else 0.0


class HearsAll:
    """A recognizer that understands all that is loud enough as these words."""

    languages, max_seconds = ("en",), 28.0

    def __init__(self, text):
        self.text = text

    def open(self, language, terms=()):
        return self

    async def final(self, audio, context=""):
        await asyncio.sleep(0.1)
        loud = np.abs(audio.astype(int)).max(initial=0) > 400
        return Transcript(self.text if loud else "", "en")

    async def partial(self, audio, context="", *, urgent=False):
        return await self.final(audio)

    def close(self): ...


class Loudspeaker(Candidate):
    """A client whose microphone hears what it plays, after `delay` seconds."""

    def __init__(self, text, delay, level=0.25, **given):
        llm = fake.ScriptedLlm()
        engines = Engines(EnergyVad(), HearsAll(text), llm, NoisyVoice())
        super().__init__(engines=engines, **given)
        self.delay, self.level = delay, level
        self.played = np.zeros(0, np.int16)
        self.sent = 0
        self.voice = np.zeros(0, np.int16)

    async def _receive(self):
        async for output in self.session.outputs():
            self.got.append((asyncio.get_running_loop().time(), output))
            if isinstance(output, o.AudioDelta):
                gap = max(0, self.sent - len(self.played))
                self.played = np.concatenate([self.played, np.zeros(gap, np.int16), output.audio])

    async def _send(self):
        random = np.random.default_rng(0)
        late = round(self.delay * SPEAKING_RATE)
        while True:
            await asyncio.sleep(0.02)
            echo = np.zeros(480)
            back = self.played[max(0, self.sent - late) : max(0, self.sent - late + 480)]
            echo[: len(back)] = back * self.level
            echo[: len(self.voice[:480])] += self.voice[:480]
            self.voice = self.voice[480:]
            self.sent += 480
            heard = np.clip(echo + random.normal(0, 10, 480), -32768, 32767)
            self.session.push_audio(heard.astype("<i2").tobytes())


@pytest.mark.parametrize("delay", [0.05, 0.12, 0.2])
def test_an_interviewer_that_hears_itself_is_not_interrupted_and_says_so(delay):
    async def main():
        async with Loudspeaker("What did you build in your last", delay) as candidate:
            for n in range(3):
                await candidate.until(o.ResponseDone, n + 1)
                await asyncio.sleep(1)
                candidate.session.push_text(LONG)
            await candidate.until(o.ResponseDone, 4)
        return candidate

    candidate = run(main())
    assert candidate.all(o.SpeechStarted) == []
    assert {done.status for done in candidate.all(o.ResponseDone)} == {"completed"}
    assert [told.trouble for told in candidate.all(o.MicrophoneTrouble)] == ["echo"]
    assert sum("use headphones" in text for text in candidate.texts()) == 1


def test_with_an_echo_an_answer_is_still_heard():
    async def main():
        async with Loudspeaker(LONG, 0.1) as candidate:
            await candidate.until(o.ResponseDone)
            await asyncio.sleep(1)
            candidate.voice = speech(3, 7, SPEAKING_RATE)
            done = await candidate.until(o.ResponseDone, 2)
        return candidate, done

    candidate, done = run(main())
    assert [turn.text for turn in candidate.all(o.TranscriptCompleted)] == [LONG]
    assert "Who used it?" in done.text


def test_without_an_echo_an_interruption_stops_the_reply():
    async def main():
        async with Loudspeaker("Sorry, could you repeat that?", 0.1, level=0.0) as candidate:
            await candidate.until(o.AudioDelta)
            await asyncio.sleep(1)
            candidate.voice = speech(2, 7, SPEAKING_RATE)
            done = await candidate.until(o.ResponseDone)
        return done

    assert run(main()).status == "cancelled"


@pytest.mark.parametrize(("level", "echo"), [(0.25, True), (0.05, False), (0.0, False)])
def test_a_client_asks_whether_it_cancels_echo(level, echo):
    async def main():
        async with Loudspeaker(LONG, 0.12, level) as candidate:
            candidate.session.test_echo()
            tested = await candidate.until(o.EchoTested)
            await candidate.until(o.ResponseDone)
        return candidate, tested

    candidate, tested = run(main())
    assert tested.echo is echo
    if level:
        assert abs(tested.delay_ms - 120) <= 60
        assert abs(tested.level_db - 20 * np.log10(level)) < 3
    else:
        assert (tested.delay_ms, tested.level_db) == (None, None)
    first = candidate.all(o.AudioDelta)[0]
    assert np.array_equal(first.audio, sound())
    kinds = [type(each) for _, each in candidate.got if not isinstance(each, o.Progress)]
    heard = kinds.index(o.AudioTranscriptDelta)
    assert kinds.index(o.EchoTested) < heard
    assert {done.status for done in candidate.all(o.ResponseDone)} == {"completed"}


def test_while_the_interviewer_speaks_its_voice_is_the_test():
    async def main():
        async with Loudspeaker(LONG, 0.12) as candidate:
            await candidate.until(o.AudioDelta)
            await asyncio.sleep(0.2)
            candidate.session.test_echo()
            tested = await candidate.until(o.EchoTested)
        return candidate, tested

    candidate, tested = run(main())
    assert tested.echo
    assert all(delta.response != "echo_test" for delta in candidate.all(o.AudioDelta))
