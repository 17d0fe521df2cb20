"""What llama.cpp takes of a machine."""

import pytest

from models import device
from models.errors import DeviceUnavailable
from models.llama import engine


@pytest.mark.skipif(device.cuda_devices() > 0, reason="this machine has a GPU")
def test_without_a_gpu_it_runs_on_the_cpu_and_cuda_is_refused() -> None:
    assert engine.device_for("auto") == "cpu"
    with pytest.raises(DeviceUnavailable, match="no CUDA GPU"):
        engine.device_for("cuda")
