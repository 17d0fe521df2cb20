"""No engine talks to anybody but us."""

import os
import subprocess
import sys
from pathlib import Path

VOICE = Path("models/starter/voice/en_US-starter.onnx").absolute()


def test_onnxruntime_keeps_no_identifier_to_report_with(tmp_path):
    program = f"""
import models
import onnxruntime
onnxruntime.InferenceSession({str(VOICE)!r}, providers=["CPUExecutionProvider"])
"""
    env = {k: v for k, v in os.environ.items() if not k.startswith(("ORT_", "XDG_"))}
    subprocess.run([sys.executable, "-c", program], env=env | {"HOME": str(tmp_path)}, check=True)
    assert list(tmp_path.rglob("*")) == []
