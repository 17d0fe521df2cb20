"""Making the starter models anew: the chain of steps, stopped and gone on with."""

import os
import re
import signal
import sys
import threading
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture
def train_starter(monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "scripts")
    import train_starter
    from setup import bootstrap

    monkeypatch.setattr(bootstrap, "python", lambda purpose: sys.executable)
    return train_starter


@pytest.fixture
def runner(train_starter, tmp_path):
    kept = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield train_starter.Runner(tmp_path)
    for number, handler in kept.items():
        signal.signal(number, handler)


@pytest.fixture
def step(train_starter, tmp_path):
    """Makes a step of a program."""

    def make(program):
        (tmp_path / "program.py").write_text(program)
        return train_starter.Step("a-step", 1, "program", env={"PYTHONPATH": str(tmp_path)})

    return make


def test_every_step_gives_its_program_options_that_it_has(train_starter):
    for step in train_starter.steps(ROOT / "build/starter", 1.0, 4):
        module, *arguments = step.command.split()
        program = (ROOT / (module.replace(".", "/") + ".py")).read_text()
        for argument in arguments:
            assert not argument.startswith("--") or f'"{argument}"' in program, step.name


def test_every_step_is_in_the_manual(train_starter):
    manual = (ROOT / "docs/starter.md").read_text()
    for step in train_starter.steps(ROOT / "build/starter", 1.0, 4):
        assert step.command.split()[0] in manual


def test_a_share_takes_as_many_steps_and_less_time(train_starter):
    whole = train_starter.steps(ROOT / "build/starter", 1.0, 4)
    part = train_starter.steps(ROOT / "build/starter-0.01", 0.01, 4)
    assert [step.name for step in whole] == [step.name for step in part]
    assert sum(step.minutes for step in part) < sum(step.minutes for step in whole) / 10


@pytest.mark.parametrize("model", ["voice", "recognizer", "interviewer"])
@pytest.mark.parametrize("jobs", [1, 3, 16])
def test_a_training_takes_no_more_processes_than_it_can_use(train_starter, model, jobs):
    (step,) = [s for s in train_starter.steps(ROOT, 1.0, jobs) if s.name == f"{model}-training"]
    assert step.processes == min(jobs, train_starter.MOST)


def test_a_finished_step_is_not_to_do_again(runner, step):
    assert runner.done(step("")) is None
    runner.run(step(""), "A step")
    assert runner.done(step("")) is not None


def test_a_failed_step_shows_the_end_of_its_log_and_stays_to_do(runner, step, train_starter):
    failing = step("raise SystemExit('the teacher has a cold')")
    with pytest.raises(train_starter.SetupFailed, match="the teacher has a cold"):
        runner.run(failing, "A step")
    assert runner.done(failing) is None


def test_the_time_of_a_step_is_that_of_all_its_sittings(runner, step, train_starter, tmp_path):
    failing = step("raise SystemExit(1)")
    with pytest.raises(train_starter.SetupFailed):
        runner.run(failing, "A step")
    (tmp_path / "unfinished" / failing.name).write_text("3000\n")
    with pytest.raises(train_starter.SetupFailed):
        runner.run(failing, "A step")
    mended = step("")
    runner.run(mended, "A step")
    assert 3000 <= runner.done(mended) < 3600


def test_a_stopped_step_saves_and_stays_to_do(runner, step, train_starter, tmp_path):
    saving = step(
        """
import signal, sys
from pathlib import Path
def save(*_):
    Path(__file__).with_name("saved").touch()
    sys.exit(143)
signal.signal(signal.SIGTERM, save)
Path(__file__).with_name("ready").touch()
signal.pause()
"""
    )

    def stop_when_ready():
        while not (tmp_path / "ready").exists():
            os.sched_yield()
        os.kill(os.getpid(), signal.SIGINT)

    stopper = threading.Thread(target=stop_when_ready)
    stopper.start()
    with pytest.raises(train_starter.Stopped):
        runner.run(saving, "A step")
    stopper.join()
    assert (tmp_path / "saved").exists()
    assert runner.done(saving) is None


def test_missing_voices_of_the_teachers_are_one_sentence(train_starter, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(train_starter.SetupFailed) as raised:
        train_starter.check_machine(1.0)
    assert "espeak-ng and flite missing" in str(raised.value)
    assert "sudo apt-get install espeak-ng flite" in str(raised.value)
    assert not re.search(r"\n", str(raised.value))
