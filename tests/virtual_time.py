"""Run what takes time on a clock that jumps to the next timer: an hour of sleeping takes none."""

from scripts.measure.virtual_time import run

__all__ = ["run"]
