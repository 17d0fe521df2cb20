"""Which words of a growing transcript are safe to show: those that two hypotheses in a row agree on
(LocalAgreement-2, Macháček et al. 2023, arXiv:2307.14743). Pure.
"""

import re

UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
"""Scripts written without spaces (Thai to Chinese): there each character counts as a word."""
WORD = re.compile(rf"\s*(?:[{UNSPACED}]|[^\s{UNSPACED}]+)")
ENDING = re.compile(r"[.!?…。！？,;:]+$")


def sameness(word: str) -> str:
    """What of a word must agree: letters and digits, regardless of case."""
    return "".join(character for character in word.casefold() if character.isalnum())


class Agreement:
    """The hypotheses of one turn, each about the same audio and more."""

    def __init__(self) -> None:
        self._last: list[str] = []
        self._agreed = 0

    def feed(self, hypothesis: str) -> str:
        """The newly agreed words, to be appended to those returned before; often empty. A word
        once returned is never taken back, whatever later hypotheses say."""
        words = WORD.findall(hypothesis.strip())
        keys = [sameness(word) for word in words]
        common = 0
        for before, now in zip(self._last, keys, strict=False):
            if before != now:
                break
            common += 1
        self._last = keys
        if common <= self._agreed:
            return ""
        fresh = words[self._agreed : common]
        if common == len(words):  # a hypothesis ends with a full stop only because the audio ends
            fresh[-1] = ENDING.sub("", fresh[-1])
        self._agreed = common
        return "".join(fresh)
