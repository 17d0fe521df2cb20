"""eval_interview.py as a person starts it, with the starter interviewer."""

import json
import subprocess
import sys

from scripts.measure.server import ROOT

COMMAND = (sys.executable, "scripts/eval_interview.py", "--quick", "starter-interviewer")


def evaluate(out) -> str:
    done = subprocess.run(
        (*COMMAND, "--out", str(out)), cwd=ROOT, capture_output=True, text=True, timeout=600
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_table_and_all_figures_are_written_and_a_second_run_goes_on_where_the_first_ended(
    tmp_path,
):
    said = evaluate(tmp_path)
    assert "| question verbatim once (%, ≥ 100) | 100 |" in said
    assert "| evidence verbatim (%, ≥ 100) | 100 |" in said
    figures = json.loads((tmp_path / "quick.json").read_text())["models"]["starter-interviewer"]
    assert {"acknowledgement names a topic", "better of two answers scored higher"} <= {
        each["name"] for each in figures["figures"]
    }
    kept = tmp_path / "starter-interviewer-quick.jsonl"
    whole = kept.read_bytes()
    kept.write_bytes(whole[:-100])  # as an interrupted run leaves it
    assert "7 of 8 parts are there from an earlier run" in evaluate(tmp_path)
    assert len(kept.read_bytes().splitlines()) == len(whole.splitlines())


def test_a_run_that_is_stopped_says_so(tmp_path):
    command = (*COMMAND, "--out", str(tmp_path))
    with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True) as running:
        assert running.stderr
        said = ""
        while "1 of 8 parts" not in said:
            more = running.stderr.read(1)
            assert more, said
            said += more
        running.terminate()
        assert "stopped before the end" in running.stderr.read()
    assert running.returncode == 1
    assert not (tmp_path / "quick.json").exists()
