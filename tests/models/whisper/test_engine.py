"""What Whisper takes of a machine."""

import pytest

from models.device import Machine
from models.errors import DeviceUnavailable
from models.whisper import engine
from models.whisper.transcriber import ctranslate2

NO_GPU = ctranslate2.get_cuda_device_count() == 0


@pytest.mark.skipif(not NO_GPU, reason="this machine has a GPU")
def test_without_a_gpu_it_runs_on_the_cpu_and_cuda_is_refused() -> None:
    assert engine.device_for("auto") == "cpu"
    with pytest.raises(DeviceUnavailable, match="no CUDA GPU"):
        engine.device_for("cuda")


def test_the_cpu_computes_in_int8_unless_told_otherwise() -> None:
    assert engine.compute_type("cpu") == "int8"
    assert engine.compute_type("cpu", "float32") == "float32"
    assert engine.runs_on(Machine("cpu", "float32")) == "cpu in float32"


def test_a_number_format_that_the_device_lacks_is_refused() -> None:
    with pytest.raises(DeviceUnavailable, match=r"'float8'; it can in .*int8"):
        engine.compute_type("cpu", "float8")
