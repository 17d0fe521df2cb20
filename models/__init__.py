"""One adapter per engine, what the conversation may ask of them, and their weights."""

import os

# onnxruntime reports its use to its maker unless it is told not to before it is loaded.
os.putenv("ORT_DISABLE_TELEMETRY", "1")
