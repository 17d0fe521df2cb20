"""Whisper as an engine of this machine: its device, number format and threads. See registry.py."""

import ctranslate2

from .. import device
from ..device import Device, Machine, Wanted
from ..errors import DeviceUnavailable
from ..manifest import Located, Recognizer
from .settings import Settings
from .transcriber import Whisper

_CPU_TYPES = ("int8", "float32")
"""Number formats for a CPU, best first."""
_CUDA_TYPES = ("float16", "int8_float16", "float32")
"""Number formats for a GPU, best first. There int8 saves memory, not time."""


def load(located: Located[Recognizer], machine: Machine) -> Whisper:
    on = device_for(machine.device)
    return Whisper.load(
        located.weights,
        settings=located.model.settings_as(Settings),
        device=on,
        compute_type=compute_type(on, machine.compute_type),
        threads=device.share(machine.threads).recognizer,
        occupied=machine.occupied,
    )


def runs_on(machine: Machine) -> str:
    on = device_for(machine.device)
    return f"{on} in {compute_type(on, machine.compute_type)}"


def device_for(wanted: Wanted) -> Device:
    """Return the device to use. Raises `DeviceUnavailable` when CUDA was asked for and is not
    there."""
    ready = ctranslate2.get_cuda_device_count() > 0
    return device.resolve(wanted, ready, device.NO_GPU)


def compute_type(on: Device, wanted: str = "auto") -> str:
    """Return the number format by CTranslate2's name; for `auto` the best that the device offers.
    Raises `DeviceUnavailable` when the device cannot compute in the wanted one."""
    supported = ctranslate2.get_supported_compute_types(on)
    if wanted == "auto":
        preferred = _CPU_TYPES if on == "cpu" else _CUDA_TYPES
        return next(name for name in preferred if name in supported)
    if wanted not in supported:
        known = ", ".join(sorted(supported))
        raise DeviceUnavailable(f"the {on} cannot compute in {wanted!r}; it can in {known}")
    return wanted
