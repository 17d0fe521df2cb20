"""llama.cpp as an engine of this machine: its device, threads and conversations. See
registry.py."""

import llama_cpp

from .. import device
from ..device import Device, Machine, Wanted
from ..manifest import LanguageModel, Located
from .llm import LlamaLlm, LlamaSize
from .sampling import Sampling
from .settings import Settings


def load(located: Located[LanguageModel], machine: Machine) -> LlamaLlm:
    settings = located.model.settings_as(Settings)
    return LlamaLlm(
        located.weights,
        device=device_for(machine.device),
        sampling=Sampling(
            settings.temperature, settings.top_k, settings.top_p, settings.repeat_penalty
        ),
        size=LlamaSize(
            threads=device.share(machine.threads).language_model,
            occupied=machine.occupied,
            sequences=machine.sessions,
            context=settings.context,
        ),
    )


def runs_on(machine: Machine) -> str:
    return device_for(machine.device)


def device_for(wanted: Wanted) -> Device:
    """Return the device to use. Raises `DeviceUnavailable` when CUDA was asked for and the GPU or
    the library for it is missing."""
    found = wanted != "cpu" and device.cuda_devices() > 0
    device.resolve(wanted, found, device.NO_GPU)
    rebuild = "rebuild it with CMAKE_ARGS=-DGGML_CUDA=on, or use the device cpu"
    return device.resolve(
        wanted,
        found and llama_cpp.llama_supports_gpu_offload(),
        f"llama-cpp-python was built without CUDA: {rebuild}",
    )
