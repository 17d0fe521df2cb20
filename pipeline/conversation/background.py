"""Tell the candidate's voice from people who talk in the background, by its level. Pure.

While the interviewer speaks the candidate is silent, so voice that is heard then for much of the
time is others'. Where the candidate is louder than that, only what is louder is their voice.
"""

from collections import deque
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from .segmenter import ENTER, frames

# docs/decisions/067-background-talk.md: measured in the talk of six people, 10 to 20 dB quieter
SMOOTH = 0.2
"""Weight of a new frame in the mean level: about 100 ms are averaged."""
HELD = frames(300)
"""Frames for which a level counts, so that soft syllables among loud ones are voice."""
RISE = frames(160)
"""Frames among these that have to be loud after others were heard: they are loud for a moment."""
LEAST, MOST = frames(3_000), frames(10_000)
"""Frames with voice in the interviewer's turns from which others are known, and frames of these
turns that are kept."""
TALKING = 0.5
"""Share of voice among them from which somebody talks."""
STEADY, CERTAIN = 8.0, frames(3_000)
"""Decibels between the 10th and the 90th percentile of the level, below which these are several
people, and latest frames that are looked at. One person's level rises and falls more, and has
pauses. Three times as much, and pauses, are allowed to people who are known."""
EVEN = 0.1
"""Decibels below which it is a tone, and nobody."""
LOUD = 90
"""Percentile of the level of others that stands for their loud parts."""
ABOVE = 2.0
"""Decibels above these from which voice may be the candidate's."""
# docs/decisions/078-louder-than-others.md: once is enough
LOUDER = 2.0
"""Decibels by which the candidate has to be louder still, before anything is taken for others'."""
ANEW = frames(2_000)
"""Frames without the candidate's voice after which more is asked of it: others become loud, too."""
SHARE, FURTHEST = 0.33, 4.0
"""Share of the way to the candidate's level that is asked then, and the most decibels."""
SPOKEN, AMONG = frames(300), frames(1_000)
"""Frames with voice, among so many latest ones, that are as loud as the candidate."""
ASSUMED = frames(10_000)
"""Voiced frames of their turns in which a candidate who has not been heard yet is assumed to be
louder than several people."""
FORGET = 0.2 / frames(1_000)
"""Decibels by which the candidate is taken to be less loud with every frame of quieter voice in
their turns: who has moved away from the microphone is heard again."""
# docs/decisions/075-quieter-voice.md: 6 of 102 people were so much quieter for so long
QUIETER, STAYS = 4.0, frames(2_000)
"""Decibels below the candidate's level, and frames for which voice has to stay there, before it may
be others'."""
AT_TIMES, MORE_OFTEN = frames(200), frames(400)
"""Frames among these that may be without voice, or louder; and how many may be louder where there
was voice while the interviewer spoke."""
# docs/decisions/085-as-loud-as-others.md: several people, and one, from turn to turn
ABOUT = 4.0
"""Decibels by which others may be louder than they were in the interviewer's turn."""
FIRST = frames(4_000)
"""Frames at the beginning that tell of several people even where they have interrupted the
greeting. One voice in them may be the candidate's."""
ENOUGH = frames(1_000)
"""Frames of the interviewer's turn before voice that ended it, which tell whether others talk."""
LEARN_EVERY = frames(100)
"""Frames between two judgements."""


class Background:
    def __init__(self) -> None:
        self.listening = False
        """True while the interviewer has the floor, and the candidate is supposed to be silent."""
        self.regular = True
        """True while audio comes in time. What comes all at once was said in an interruption of the
        connection, before the interviewer was heard."""
        self.began = False
        """True if it has become known with the latest frame that others talk."""
        self.level = 0.0
        """Mean level of the latest frames, in decibels."""
        self._others = Others()
        self._assumed = ASSUMED
        self._apart = False
        """True while the candidate is louder than others who are known."""
        self._theirs = Loudness()
        self._quieter = Quieter()
        self._loud: deque[bool] = deque([True], maxlen=HELD)
        self._quiet_for = 0
        """Frames without the candidate's voice."""

    @property
    def least(self) -> float:
        """Return the mean level below which nothing is the candidate's; -inf while others are not
        known, or are as loud as the candidate."""
        return self._others.least if self._apart else -np.inf

    def covers(self, decibels: float, probability: float) -> bool:
        """Take the next frame; return True if voice in it is somebody else's."""
        self.level += SMOOTH * (decibels - self.level) if self.level else decibels
        voiced = probability >= ENTER
        before = self._known
        if self.regular:
            heard = self.level if voiced else -np.inf
            self._others.hear(heard, listening=self.listening, interrupts=self._interrupts())
        self._tell_apart()
        self.began = self._known and not before
        if self.began:
            self._cover()
        if self.listening:
            self._quieter = Quieter()
        elif self.regular:
            at_times = MORE_OFTEN if self._others.talked else AT_TIMES
            quieter_than = self._theirs.level - QUIETER
            self._quieter.add(self.level if voiced else -np.inf, quieter_than, at_times)
            if voiced:
                self._theirs.add(self.level)
                self._assumed -= 1
        self._loud.append(self.level >= self._others.least + self._further())
        loud = sum(self._loud) >= (RISE if self._quiet_for else 1)
        self._quiet_for = 0 if loud else self._quiet_for + 1
        return not loud and (self._known if self.listening else self.least > -np.inf)

    @property
    def quieter(self) -> int:
        """Return for how many frames the voice in a turn has been quieter than the candidate; 0
        unless it is so for a while."""
        return self._quieter.count

    @property
    def as_others(self) -> bool:
        """Return True if others talked in the interviewer's latest turn, and the voice in this turn
        that is quieter than the candidate is about as loud as they were."""
        quieter = self._quieter.levels
        loud = _loud(np.array(quieter)) if quieter else np.inf
        return self.talked and loud <= self._others.loud + ABOUT

    @property
    def talked(self) -> bool:
        """Return True if there was voice for much of the interviewer's latest turn, which was not
        the candidate's. What interrupted the greeting was not, if they have been louder since."""
        others = self._others
        return bool(others.talked and self._theirs.level >= others.doubtful + QUIETER)

    def take_for_others(self) -> None:
        """Take voice that has been quieter than the candidate for that of others from now on."""
        self._others.found(self._quieter.levels)
        self._quieter = Quieter()
        self._cover()

    def _tell_apart(self) -> None:
        """Find whether the candidate is louder than others. Who was, is so until they have become
        as loud as these."""
        others = self._others
        more = 0.0 if self._apart else LOUDER
        assumed = others.several and self._assumed > 0
        louder = assumed or self._theirs.level >= others.least + more
        self._apart = others.least > -np.inf and louder

    def _cover(self) -> None:
        self._quiet_for = 1
        self._loud.extend([False] * HELD)

    def _interrupts(self) -> bool:
        """Return True if this is rather the candidate's voice than that of others."""
        more = self._theirs.level - self._others.least
        return LOUDER <= more < np.inf and self.level >= self._others.least + more / 2

    def _further(self) -> float:
        """Return the decibels by which the candidate's voice has to be louder to begin anew."""
        if self._quiet_for < ANEW:
            return 0.0
        return min(max(SHARE * (self._theirs.level - self._others.least), 0.0), FURTHEST)

    @property
    def _known(self) -> bool:
        """True if others are known, and voice over a reply is taken for theirs."""
        others = self._others
        return others.least > -np.inf and (others.several or self._theirs.level > -np.inf)


class Others:
    """The people who talk in the background, as the interviewer's turns tell of them."""

    def __init__(self) -> None:
        self.several = False
        """True if several people talk at once, so that it cannot be the candidate."""
        self.least = -np.inf
        """The level above which voice may be the candidate's; -inf while others are not known."""
        self.talked = False
        """True if there was voice for much of the interviewer's latest turn."""
        self.doubtful = -np.inf
        """The level of its loud parts if that ended that turn, at the beginning: it may have been
        the candidate's. -inf otherwise."""
        self._talk = Talk()
        self._heard: deque[float] = deque(maxlen=MOST)
        """Levels of the latest frames of the interviewer's turns; -inf without voice."""
        self._learn_in = LEARN_EVERY
        self._listening = False
        self._before = -np.inf, False
        """`least` and `talked` at the beginning of the interviewer's turn."""
        self._early = FIRST
        """Frames of the beginning that are still to come."""
        self._goes_on = False
        """True while voice that has interrupted the interviewer then is listened to."""

    def hear(self, level: float, *, listening: bool, interrupts: bool) -> None:
        """Take the level of the next frame, -inf without voice. What interrupts is not theirs."""
        if self._listening and not listening:
            self._taken()
        elif listening and not self._listening:
            self._before = self.least, self.talked
            self.doubtful = -np.inf
            self._talk = Talk()
        self._listening = listening
        if listening:
            self._talk.add(level, theirs=not interrupts)
            self.talked = self._talk.much
        if not (listening or self._goes_on):
            return
        if not interrupts:
            self._heard.append(level)
        self._learn()
        if self._early:
            self._early = 0 if self.several else self._early - 1
            self._goes_on = self._goes_on and self._early > 0
            if not self._early and not self.several:
                self._heard.clear()  # it may have been the candidate

    @property
    def loud(self) -> float:
        """Return the level that the loud parts of their voice had in the interviewer's latest turn;
        -inf if there was none."""
        return self._talk.loud

    def found(self, levels: Sequence[float]) -> None:
        """Take these levels of a turn for theirs. The next turn of the interviewer shows whether
        they go on to talk."""
        self._heard.clear()
        self._heard.extend(np.resize(levels, LEAST))
        self._early = 0
        self._goes_on = False
        self._learn(at_once=True)

    def _taken(self) -> None:
        """Forget the voice at the end of the interviewer's turn: it may be the candidate's, who has
        taken the floor, unless it is as quiet as others were before. At the beginning it is
        listened to a little longer."""
        if self._early:
            self._goes_on = self._in_voice
            self.doubtful = _loud(np.array(self._heard)) if self._goes_on else -np.inf
        elif not self.several:
            while self._in_voice:
                self._talk.remove(self._heard.pop())
            self.talked = self._talk.much if self._talk.frames >= ENOUGH else self._before[1]
            self._learn(at_once=True)

    @property
    def _in_voice(self) -> bool:
        return any(level > self._before[0] for level in list(self._heard)[-HELD:])

    def _learn(self, *, at_once: bool = False) -> None:
        self._learn_in -= 1
        if self._learn_in > 0 and not at_once:
            return
        self._learn_in = LEARN_EVERY
        heard = np.array(self._heard)
        talk = heard[heard > -np.inf]
        # at the beginning all, because the candidate may have joined in
        latest = heard if self._early else heard[-CERTAIN:]
        if self.several and np.mean(latest > -np.inf) >= TALKING:
            latest = latest[latest > -np.inf]  # they may all pause for a moment
        spread = _spread(latest) if len(heard) >= CERTAIN else np.inf
        self.several = EVEN < spread < (3 * STEADY if self.several else STEADY)
        one = not self._early and len(talk) >= max(LEAST, TALKING * len(heard))
        known = self.several or one
        self.least = _loud(talk) + ABOVE if known else -np.inf


class Talk:
    """The voice in one turn of the interviewer."""

    def __init__(self) -> None:
        self.frames = 0
        """Frames of the turn so far."""
        self._voiced = 0
        self._levels: deque[float] = deque(maxlen=MOST)
        """The levels of the latest with voice."""

    def add(self, level: float, *, theirs: bool = True) -> None:
        """Take the level of the next frame, -inf without voice. What is not theirs is counted, but
        does not tell how loud they are."""
        self.frames += 1
        if level > -np.inf:
            self._voiced += 1
            if theirs:
                self._levels.append(level)

    def remove(self, level: float) -> None:
        """Take back the latest frame, which had this level."""
        self.frames -= 1
        if level > -np.inf:
            self._voiced -= 1
            if self._levels:
                self._levels.pop()

    @property
    def much(self) -> bool:
        """Return True if somebody talked for much of it."""
        return self._voiced >= TALKING * self.frames

    @property
    def loud(self) -> float:
        """Return the level of its loud parts; -inf if there is none."""
        return _loud(np.array(self._levels)) if self._levels else -np.inf


def _loud(levels: NDArray[np.float64]) -> float:
    """Return the level that the loud parts of what is heard have."""
    return float(np.percentile(levels[levels > -np.inf], LOUD))


def _spread(levels: NDArray[np.float64]) -> float:
    """Return the decibels between quiet and loud frames; infinite if there are pauses."""
    quiet, loud = np.percentile(levels, [100 - LOUD, LOUD], method="lower")
    return float(loud - quiet) if quiet > -np.inf else np.inf


class Quieter:
    """Voice in a turn of the candidate that stays quieter than theirs."""

    def __init__(self) -> None:
        self.count = 0
        """Frames of it up to now; 0 if it is not, or not for long."""
        self.levels: list[float] = []
        """The levels of its latest frames."""
        self._latest: deque[float] = deque(maxlen=STAYS)

    def add(self, level: float, limit: float, at_times: int) -> None:
        """Take the level of the next frame, -inf without voice, and that below which it is
        quieter; so many frames may be louder."""
        self._latest.append(level)
        self.levels = [level for level in self._latest if -np.inf < level <= limit]
        silent = self._latest.count(-np.inf)
        louder = len(self._latest) - silent - len(self.levels)
        stays = louder <= at_times and silent <= AT_TIMES
        if len(self._latest) < STAYS or not stays:
            self.count = 0
        else:
            self.count = max(self.count + 1, STAYS - at_times)


class Loudness:
    """The level of the candidate's voice."""

    def __init__(self) -> None:
        self.level = -np.inf
        self._latest: deque[float] = deque(maxlen=AMONG)

    def add(self, level: float) -> None:
        """Take the level of a frame with voice."""
        self._latest.append(level)
        self.level -= FORGET
        if len(self._latest) >= SPOKEN:
            self.level = max(self.level, sorted(self._latest)[-SPOKEN])
