"""Turn the candidate's audio into events of turn-taking, and keep time while the client sends
nothing."""

import asyncio
from collections.abc import Callable, Sequence

import numpy as np

from models.contracts import FRAME, HEARING_RATE, SPEAKING_RATE

from .audio_input import AudioInput
from .echo_test import Hold, test
from .events import AudioCleared, DeadlineReached, Event
from .microphone import ArrivalRate, Microphone, Trouble
from .output_queue import OutputQueue
from .resample import Resampler
from .stereo import Recording
from .timekeeping import Judged, Timekeeper
from .turns import TurnTaking

TICK = 0.1
"""Seconds between checks whether audio still comes."""

IRREGULAR = 0.5
"""Seconds by which audio may come later or earlier than usual, before nothing is learned of it."""


class Listening:
    def __init__(
        self,
        hearing: AudioInput,
        recording: Recording,
        turns: TurnTaking,
        arrived: Callable[[int], None],
        happened: Callable[[Event], None],
        troubled: Callable[[Trouble | None], None],
    ) -> None:
        """Make a listener. `arrived` is called with the number of samples that have come and are
        not heard yet; `troubled` when something is wrong with the microphone, and with None when
        it is not any more."""
        self._hearing = hearing
        self._recording = recording
        self._turns = turns
        self._arrived = arrived
        self._happened = happened
        self._troubled = troubled
        self._microphone = Microphone()
        self._arrival_rate = ArrivalRate()
        self._time: Timekeeper | None = None
        """None while nobody is listening."""
        self._rate = SPEAKING_RATE
        self._to_recording = Resampler(SPEAKING_RATE, SPEAKING_RATE)

    @property
    def active(self) -> bool:
        """Return True while somebody is listening."""
        return self._time is not None

    def begin(self) -> int | None:
        """Begin to listen; return the number of the recording, if there is one."""
        now = asyncio.get_running_loop().time()
        self._time = Timekeeper(now)
        self._recording.begin(now)
        return self._recording.number

    def end(self) -> None:
        """Stop listening."""
        self._time = None

    def close(self) -> None:
        """Take no more audio, in either direction."""
        self._recording.close(asyncio.get_running_loop().time())

    def push(self, pcm: bytes) -> None:
        """Hear PCM16 at the client's rate, of any number of bytes: an odd one waits for the
        next."""
        if self._time is None:
            return
        now, left_out = asyncio.get_running_loop().time(), 0
        self._check_rate(len(pcm) // 2, now)
        self._hearing.jitter.came(len(pcm) / 2 / self._rate, now)
        frames = self._hearing.frames(pcm)
        if frames:
            came = [(frame, self._hearing.judge(frame)) for frame in frames]
            at, in_a_turn = self._hearing.at, self._in_a_turn()
            heard, left_out = self._time.came(came, at, now, in_a_turn=in_a_turn)
        bytes_a_frame = FRAME * self._rate // HEARING_RATE * 2
        self._record(pcm[left_out * bytes_a_frame :], now)
        if frames:
            self._check(pcm, came)
            self._listen(heard)
            self._hearing.echo.arrived(self._hearing.at, now)

    def mute(self, *, muted: bool) -> None:
        """Note that the candidate has switched the microphone off, or on again."""
        self._microphone.muted = muted

    def change_rate(self, rate: int) -> None:
        """Set the sample rate of the client's audio from now on."""
        if rate != self._rate:
            self._rate = rate
            self._hearing.change_rate(rate)
            self._to_recording = Resampler(rate, SPEAKING_RATE)

    def forget(self) -> None:
        """Treat what is being said as if it began now."""
        self._hearing.forget()

    def take_for_others(self) -> None:
        """Treat voice that has been quieter than the candidate for a while as others'."""
        self._hearing.take_for_others()

    async def keep_time(self) -> None:
        """Let time pass for a client that sends nothing while it has nothing to say."""
        silence = [(np.zeros(FRAME, dtype=np.int16), 0.0)] * round(TICK * HEARING_RATE / FRAME)
        while True:
            await asyncio.sleep(TICK)
            now = asyncio.get_running_loop().time()
            in_a_turn, muted = self._in_a_turn(), self._microphone.muted
            if self._time and self._time.is_missing(now, in_a_turn=in_a_turn, muted=muted):
                self._recording.passed(len(silence) * FRAME, now)
                self._listen(self._time.assume(len(silence)))
                self._listen(silence, came=False)
            self._recording.check()

    def _check_rate(self, samples: int, now: float) -> None:
        """Hear the audio at the rate at which it comes, whatever the client says."""
        rate = self._arrival_rate.came(samples, now)
        if rate and rate != self._rate:
            self.change_rate(rate)
            self._troubled(Trouble.RATE)

    def _check(self, pcm: bytes, came: Sequence[Judged]) -> None:
        before = self._microphone.trouble
        self._microphone.came(np.frombuffer(pcm[: len(pcm) & ~1], dtype="<i2"))
        for frame, probability in came:
            self._microphone.heard(frame, probability)
        if self._microphone.trouble is not before and not self._hearing.echo.known:
            self._troubled(self._microphone.trouble)

    async def test_echo(self, hold: Hold, outputs: OutputQueue) -> None:
        """Find out whether the interviewer's voice comes back; replies are held meanwhile."""
        if found := await test(self._hearing, hold, outputs):
            self._hearing.echo.begin(found)
            self._echoes(echo=True)

    def _echoes(self, *, echo: bool) -> None:
        """From now on the interviewer's voice is no voice; or it is gone."""
        if echo:
            self._disregard()
        self._troubled(Trouble.ECHO if echo else self._microphone.trouble)

    def _disregard(self) -> None:
        """Treat the voice over the reply as if it had not been."""
        self._hearing.forget()
        self._happened(AudioCleared(self._hearing.at))

    def _in_a_turn(self) -> bool:
        return self._turns.in_a_turn or self._hearing.in_voice

    def _record(self, pcm: bytes, now: float) -> None:
        if self._rate != SPEAKING_RATE:
            pcm = self._to_recording.feed(pcm).tobytes()
        self._recording.arrived(pcm, now)

    def _listen(self, frames: Sequence[Judged], *, came: bool = True) -> None:
        background = self._hearing.background
        if frames:
            self._arrived(len(frames) * FRAME)
            background.regular = self._hearing.jitter.seconds < IRREGULAR
        for frame, probability in frames:
            background.listening = self._turns.replying
            if event := self._hearing.take(frame, probability, came=came):
                self._happened(event)
            if background.began and background.listening:
                self._disregard()
            echo = self._hearing.echo.watch(self._hearing.at, in_voice=self._hearing.in_voice)
            if echo is not None:
                self._echoes(echo=echo)
            deadline = self._turns.deadline
            if deadline is not None and deadline <= self._hearing.at:
                hearing = self._hearing
                now = hearing.at, hearing.voiced, hearing.quietest, hearing.faint
                self._happened(DeadlineReached(*now))
