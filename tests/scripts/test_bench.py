"""bench.py as a person starts it: with its own server and the starter models."""

import json
import os
import subprocess
import sys

from scripts.measure.server import ROOT

STAGES = ("endpoint", "transcription", "voice_to_voice")


def test_two_interviews_are_measured_stage_by_stage():
    command = (sys.executable, "scripts/bench.py", "--sessions", "2", "--turns", "1", "--json")
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert result["failures"] == []
    assert result["answers_measured"] == 2
    times = result["times"]
    for name in ("voice to voice", "minus endpoint", "pong", *(f"stage {s}" for s in STAGES)):
        assert times[name]["p50"] <= times[name]["p95"] <= times[name]["p99"], name
    assert times["voice to voice"]["n"] == 2
    assert times["voice to voice"]["p50"] > times["minus endpoint"]["p50"]
    assert result["rss_mb"]["max"] > 100
    assert result["word_error_rate"] is not None
    assert 0 <= result["stolen_percent"] <= 100 * os.cpu_count()
