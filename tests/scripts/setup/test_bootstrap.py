"""Setting a checkout up: what is missing on the machine is said in a sentence."""

import ast
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
NEEDED = (
    *("scripts/__init__.py", "scripts/setup/__init__.py", "scripts/setup/bootstrap.py"),
    *("scripts/setup/step.py", "scripts/setup/llama_library.cmake"),
    *("requirements.lock", "requirements-dev.lock", "requirements-build.lock", "pyproject.toml"),
)
NOWHERE = "http://127.0.0.1:9"
"""Nothing listens on the discard port."""


@pytest.fixture
def checkout(tmp_path):
    """A copy of what a set-up reads."""
    for name in NEEDED:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


def set_up(checkout, *, before="", **env):
    """Its output; `before` runs in the same Python, to play another machine."""
    own = {"HOME": str(checkout), "PATH": os.environ["PATH"], "PIP_CONFIG_FILE": os.devnull}
    program = f"""import shutil
shutil.disk_usage = lambda path: shutil._ntuple_diskusage(10**12, 0, 10**12)
{before}
import runpy, sys
sys.path.insert(0, {str(checkout)!r})
sys.argv = ["bootstrap.py", "run"]
runpy.run_module("scripts.setup.bootstrap", run_name="__main__")
"""
    done = subprocess.run(
        [sys.executable, "-c", program], env=own | env, capture_output=True, text=True
    )
    assert done.returncode
    assert "Traceback" not in done.stderr
    return done.stderr.strip()


def test_an_old_python_is_told_what_to_install(checkout):
    said = set_up(checkout, before="import sys; sys.version_info = (3, 9, 2, 'final', 0)")
    assert "needs 64-bit Python 3.11, 3.12 or 3.13" in said
    assert "3.9" in said


@pytest.mark.parametrize("script", ["bootstrap.py", "step.py"])
def test_an_old_python_can_read_the_set_up_at_all(script):
    ast.parse((ROOT / "scripts/setup" / script).read_text(), feature_version=(3, 7))


def test_a_missing_compiler_is_named_before_anything_is_installed(checkout):
    said = set_up(checkout, PATH=str(checkout))
    assert "No C and C++ compiler was found (cc and c++)" in said
    assert not (checkout / ".venv").exists()


def test_a_python_without_venv_is_told_which_package_brings_it(checkout):
    plain_debian = (
        "import os, subprocess as s; os.getuid = lambda: 1000; run = s.run;"
        "s.run = lambda c, *a, **k: run(['false'] if 'import ensurepip' in c else c, *a, **k)"
    )
    assert "sudo apt-get install python3-venv" in set_up(checkout, before=plain_debian)
    assert not (checkout / ".venv").exists()


def test_a_full_disk_is_noticed_before_anything_is_installed(checkout):
    full = "shutil.disk_usage = lambda path: shutil._ntuple_diskusage(9, 9, 10**8)"
    assert "0.1 GB are free" in set_up(checkout, before=full)
    assert not (checkout / ".venv").exists()


def test_no_network_is_one_sentence_and_not_the_output_of_pip(checkout):
    said = set_up(checkout, PIP_INDEX_URL=NOWHERE, PIP_RETRIES="0")
    assert said.startswith("The package index cannot be reached")
    assert len(said.splitlines()) == 1


@pytest.fixture
def bootstrap(monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "scripts")
    from setup import bootstrap

    return bootstrap


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        (
            "OSError: [Errno 28] No space left on device",
            "The disk is full",
        ),
        (
            "THESE PACKAGES DO NOT MATCH THE HASHES FROM THE FILE",
            "not what the",
        ),
        ("Temporary failure in name resolution", "cannot be reached"),
        ("ssl.SSLCertVerificationError: CERTIFICATE_VERIFY_FAILED", "ca-certificates"),
        ("ERROR: No matching distribution found for onnxruntime==1.32.0", "no ready build"),
        ("g++: fatal error: Killed signal terminated program cc1plus", "out of memory"),
    ],
)
def test_a_known_cause_of_failure_becomes_a_sentence(bootstrap, line, sentence):
    assert sentence in bootstrap.explain(["Collecting aiohttp", line, "more output"])


def test_an_unknown_failure_shows_the_end_of_the_log_and_where_it_is(bootstrap):
    said = bootstrap.explain(["fatal error: ggml.h: No such file or directory"])
    assert "ggml.h" in said
    assert "build/setup.log" in said


def test_the_steps_of_the_compiler_are_shown_as_n_of_m(bootstrap):
    line = "  [12/78] /usr/bin/g++ -DGGML -c /tmp/x/vendor/llama.cpp/src/unicode.cpp -o unicode.o"
    assert bootstrap.compiling(line) == "12/78 unicode.cpp"
    assert bootstrap.compiling("-- Detecting CXX compile features") == ""


def test_every_locked_package_has_a_hash(bootstrap):
    for lock in (*bootstrap.LOCKS.values(), bootstrap.BUILD_LOCK):
        for requirements in bootstrap.blocks(lock).values():
            assert all("--hash=sha256:" in requirement for requirement in requirements)


def test_another_processor_gets_another_build_of_llama_cpp(bootstrap, monkeypatch):
    here = bootstrap.wheel_key()
    assert bootstrap.wheel_key() == here
    monkeypatch.setattr(bootstrap, "processor", lambda: "x86_64 without avx2")
    assert bootstrap.wheel_key() != here


def test_an_installed_llama_cpp_is_neither_compiled_nor_installed_again(
    bootstrap, monkeypatch, tmp_path
):
    steps = []
    python = tmp_path / "bin/python"
    (tmp_path / "llama.whl").touch()
    monkeypatch.setattr(bootstrap, "wheel_folder", lambda: tmp_path)
    monkeypatch.setattr(bootstrap, "run_step", lambda title, *_: steps.append(title))
    monkeypatch.setattr(bootstrap, "pip", lambda *_: [])
    bootstrap.install_llama(python)
    bootstrap.install_llama(python)
    assert steps == ["Installing llama.cpp"]
    monkeypatch.setattr(bootstrap, "processor", lambda: "x86_64 without avx2")
    bootstrap.install_llama(python)
    assert steps == ["Installing llama.cpp"] * 2


def test_a_changed_lock_makes_a_finished_set_up_stale(bootstrap, monkeypatch, tmp_path):
    lock = tmp_path / "requirements.lock"
    lock.write_text(bootstrap.LOCKS["run"].read_text())
    monkeypatch.setitem(bootstrap.LOCKS, "run", lock)
    monkeypatch.setitem(bootstrap.VENVS, "run", tmp_path)
    bootstrap.python("run").parent.mkdir()
    bootstrap.python("run").symlink_to(sys.executable)
    bootstrap.stamp("run").write_text(bootstrap.fingerprint("run"))
    assert bootstrap.is_ready("run")
    lock.write_text(lock.read_text() + "\n")
    assert not bootstrap.is_ready("run")


def test_a_program_that_tests_drive_is_missing_only_where_it_is_not_installed(bootstrap):
    places = {"nginx": "/usr/sbin/nginx", "haproxy": "/usr/sbin/haproxy"}
    for package, place in places.items():
        installed = Path(place).exists() or bool(shutil.which(package))
        assert (package in bootstrap.missing_programs()) is not installed
