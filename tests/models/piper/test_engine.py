"""What Piper takes of a machine."""

from models.device import Machine
from models.piper import engine


def test_the_voice_stays_on_the_cpu() -> None:
    assert engine.device_for("auto") == "cpu"
    assert engine.device_for("cpu") == "cpu"
    assert engine.runs_on(Machine("auto")) == "cpu"
