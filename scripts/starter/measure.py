"""One measured figure and the bar that it is held against."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Measure:
    name: str
    value: float
    unit: str
    at_most: float | None = None
    at_least: float | None = None

    @property
    def met(self) -> bool | None:
        """Whether the bar is met; None where there is none."""
        if self.at_most is not None:
            return self.value <= self.at_most
        return None if self.at_least is None else self.value >= self.at_least

    def row(self) -> str:
        bar = ""
        if self.at_most is not None:
            bar = f"<= {self.at_most:g}"
        elif self.at_least is not None:
            bar = f">= {self.at_least:g}"
        verdict = {True: "met", False: "MISSED", None: ""}[self.met]
        return f"{self.name:<58} {self.value:9.3g} {self.unit:<8} {bar:<8} {verdict}"
