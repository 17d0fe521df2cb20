"""Carries a teacher's phone times over to Piper's symbols, without a learned aligner.

flite prints its phones with their ends; Piper phonemizes the same text with espeak-ng. The two
spellings are aligned by dynamic programming with a table of which symbol may sound as which phone.
"""

from collections.abc import Sequence
from dataclasses import dataclass

TIMELESS = frozenset("ˈˌːʲ̩̪̃ˑ˞")
"""Symbols that mark others and get no time of their own."""
MARKS = frozenset(" ,.;:?!—…\"'()-")
PAUSE = "pau"
WORST = 0.22  # mean cost a phone above which an alignment is not trusted
NEVER = 1e9

_SOUNDS = """
aɪ ay|aʊ aw|ɔɪ oy|eɪ ey|oʊ ow|tʃ ch|dʒ jh|ɜ er|ɚ er|ɝ er|i iy ih y|ɪ ih ax iy|ᵻ ih ax iy eh|
ɛ eh ae ih|e ey eh|æ ae eh|ʌ ah ax|ə ax ah ih uh|ɐ ax ah ey ae|a aa ae ay|ʊ uh ax uw|u uw uh|
ɑ aa ao|ɔ ao aa ow|ɒ aa ao|o ow ao|p p|b b|t t d|d d t|k k|ɡ g|g g|f f|v v f|θ th dh|ð dh th|s s z|
z z s|ʃ sh|ʒ zh jh|h hh|m m|n n|ŋ ng n|l l|ɫ l|ɹ r|r r|j y|w w|ʍ w hh|ɾ t d|ʔ t|x k hh|ɬ l
"""
SOUNDS = {
    entry.split()[0]: entry.split()[1:] for entry in _SOUNDS.replace("\n", "").split("|") if entry
}
"""Symbol or pair of symbols -> the phones that it may be, the usual one first."""
PAIRS = frozenset(name for name in SOUNDS if len(name) == 2)
VOWELS = frozenset("aa ae ah ao aw ax ay eh er ey ih iy ow oy uh uw".split())
_MERGED = "ɹ er,l l,ə l,ə er,ʊ er,ɪ er,ɚ er,ə n,ə m,ɹ r,ə r"
MERGED = frozenset(tuple(pair.split()) for pair in _MERGED.split(","))
"""Where a teacher may speak two of Piper's sounds as one phone."""


@dataclass(frozen=True, slots=True)
class Sound:
    """One sound as Piper writes it: a symbol, or two that belong together."""

    name: str
    places: tuple[int, ...]
    """Positions of its symbols."""


def sounds_of(symbols: Sequence[str]) -> list[Sound]:
    """The sounds of a sequence of Piper's symbols."""
    found, i = [], 0
    while i < len(symbols):
        pair = "".join(symbols[i : i + 2])
        if symbols[i] in TIMELESS or symbols[i] in "^$":
            i += 1
        elif pair in PAIRS:
            found.append(Sound(pair, (i, i + 1)))
            i += 2
        else:
            found.append(Sound(symbols[i], (i,)))
            i += 1
    return found


def difference(name: str, phone: str) -> float:
    """How unlikely it is that this sound is this phone; 0 is certain."""
    if name in MARKS:
        return (0.3 if name == " " else 0.0) if phone == PAUSE else 9.0
    if phone == PAUSE:
        return 9.0
    expected = SOUNDS.get(name)
    if expected is None:
        return 2.0
    if phone in expected:
        return 0.0 if phone == expected[0] else 0.15
    vowels = (expected[0] in VOWELS) + (phone in VOWELS)
    return {2: 0.7, 0: 1.2, 1: 2.5}[vowels]


def aligned(
    sounds: Sequence[Sound], phones: Sequence[tuple[str, int]]
) -> tuple[list[int], float] | None:
    """Frames of every sound and the cost of the alignment; phones are (name, frames).

    None where no alignment exists.
    """
    cost = [[NEVER] * (len(phones) + 1) for _ in range(len(sounds) + 1)]
    step: list[list[tuple[int, int]]] = [[(0, 0)] * (len(phones) + 1) for _ in cost]
    cost[0][0] = 0.0
    for i in range(len(sounds) + 1):
        for j in range(len(phones) + 1):
            for back, extra in _steps(sounds, phones, i, j):
                total = cost[i - back[0]][j - back[1]] + extra
                if total < cost[i][j]:
                    cost[i][j], step[i][j] = total, back
    if cost[-1][-1] >= NEVER:
        return None
    frames, i, j = [0] * len(sounds), len(sounds), len(phones)
    while i or j:
        back = step[i][j]
        if back[1]:
            _share(frames, i, back[0], phones[j - 1][1])
        i, j = i - back[0], j - back[1]
    return frames, cost[-1][-1]


def _steps(
    sounds: Sequence[Sound], phones: Sequence[tuple[str, int]], i: int, j: int
) -> list[tuple[tuple[int, int], float]]:
    """The ways to get to (i, j): how many sounds and phones back, and the cost."""
    if i == 0:
        return []
    name = sounds[i - 1].name
    silent = 0.0 if name == " " else 0.25 if name in MARKS else 1.3
    ways = [((1, 0), silent)]
    if j == 0:
        return ways
    phone = phones[j - 1][0]
    ways.append(((1, 1), difference(name, phone)))
    ways.append(((0, 1), 1.5 if phone == PAUSE or name in MARKS else 1.0))
    if i > 1:
        before = sounds[i - 2].name
        both = (name, phone) in MERGED or (before, phone) in MERGED
        if both and not {name, before} & MARKS:
            merged = 0.2 + min(difference(name, phone), difference(before, phone))
            ways.append(((2, 1), merged))
    return ways


def _share(frames: list[int], end: int, count: int, given: int) -> None:
    """Give a phone's frames to the last sound before `end`, or halves to the last two."""
    if count == 2:
        frames[end - 2] += given // 2
        frames[end - 1] += given - given // 2
    else:
        frames[end - 1] += given
