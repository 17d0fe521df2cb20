"""Piper as an engine of this machine: its device and threads. See registry.py.

The manifest has no settings for it, because a voice's own JSON has them all.
"""

from .. import device
from ..device import Device, Machine, Wanted
from ..manifest import Located, Voice
from .synthesizer import Piper, cuda_ready


def load(located: Located[Voice], machine: Machine) -> Piper:
    threads = device.share(machine.threads)
    return Piper.load(
        located.weights,
        device=device_for(machine.device),
        threads=threads.voice,
        workers=threads.voice_workers,
        occupied=machine.occupied,
    )


def runs_on(machine: Machine) -> str:
    return device_for(machine.device)


def device_for(wanted: Wanted) -> Device:
    """Return the CPU, unless CUDA was asked for and onnxruntime-gpu is installed. Clauses are short
    and vary in length, so a GPU gains little, and the other two engines need it more."""
    return "cuda" if wanted == "cuda" and cuda_ready() else "cpu"
