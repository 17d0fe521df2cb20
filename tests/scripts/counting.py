"""How many bytes came: the progress that a person would see."""

from collections import Counter
from typing import Any


class Counting:
    def __init__(self) -> None:
        self.by_file: Counter[str] = Counter()
        self.ended_files: list[str] = []

    @property
    def bytes(self) -> int:
        return self.by_file.total()

    def began(self, wanted: Any, already: int) -> None:
        self.by_file[wanted.name] += already

    def grew(self, wanted: Any, by: int) -> None:
        self.by_file[wanted.name] += by

    def ended(self, wanted: Any) -> None:
        self.ended_files.append(wanted.name)
