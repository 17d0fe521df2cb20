"""Set this checkout up: python3 -m scripts.setup.bootstrap [run|test|train]

Makes `.venv`, installs exactly what the lock files name (every download checked by its hash) and
compiles llama.cpp for this processor. `test` adds what the tests need; `train` makes `.venv-train`
for the training of the starter models. Doing it again costs nothing while nothing has changed. All
output of the tools goes to build/setup.log; the person sees one line at a time, and one sentence if
it fails.

Standard library only, and no syntax younger than Python 3.7: an old Python gets the sentence, too.
"""

from __future__ import annotations

import fcntl
import hashlib
import itertools
import os
import pathlib
import platform
import re
import shutil
import ssl
import subprocess
import sys

from .step import LOG, ROOT, SPACE_GB, SetupFailed, explain, run_step

VENV = ROOT / ".venv"
VENVS = {"run": VENV, "test": VENV, "train": ROOT / ".venv-train"}
PYTHON = VENV / "bin" / "python"
LOCKS = {
    "run": ROOT / "requirements.lock",
    "test": ROOT / "requirements-dev.lock",
    "train": ROOT / "requirements-train.lock",
}
BUILD_LOCK = ROOT / "requirements-build.lock"

OLDEST, NEWEST = (3, 11), (3, 13)

TRAINING_GB = 9
"""Free space wanted for `.venv-train`: 5.5 GB stay, most of it PyTorch's own libraries."""

# Of llama.cpp only the library is built: no image projector, no helpers of its command-line tools,
# which together take 40 % of the compile time. GGML_NATIVE stays on, its default: the library is
# compiled for the processor it will run on, and compiled anew on another.
LLAMA = "llama-cpp-python"
CMAKE_ARGS = "-DLLAVA_BUILD=OFF -DCMAKE_PROJECT_llama.cpp_INCLUDE={}"
CMAKE_HELPER = ROOT / "scripts" / "setup" / "llama_library.cmake"
CMAKE_TARGET = "llama"

TEST_PROGRAMS = {
    "chromium": ("the page in a browser", ["chromium", "google-chrome"]),
    "postgresql": ("storage on Postgres", ["/usr/lib/postgresql/*/bin/initdb", "initdb"]),
    "pgbouncer": ("the refusal of a pooler", ["/usr/sbin/pgbouncer", "pgbouncer"]),
    "nginx": ("replicas behind nginx", ["/usr/sbin/nginx", "nginx"]),
    "haproxy": ("replicas behind HAProxy", ["/usr/sbin/haproxy", "haproxy"]),
}
"""Debian package: what is tested with it, where its program is found."""


def blocks(lock):
    """A lock file as {package name: [requirement with its hashes, …]}."""
    found = {}
    for block in re.split(r"\n(?=\S)", lock.read_text(encoding="utf-8")):
        name = re.match(r"[A-Za-z0-9_.-]+(?===)", block)
        if name:
            found.setdefault(name.group().lower(), []).append(block)
    return found


def counting(total):
    """A reader of pip's output that counts the packages it takes up."""
    seen = set()

    def steps(line):
        started = re.match(r"(?:Collecting|Requirement already satisfied:) ([A-Za-z0-9_.-]+)", line)
        if started:
            seen.add(started.group(1).lower())
            return f"{len(seen)}/{total} {started.group(1)}"
        return "writing files" if line.startswith("Installing collected") else ""

    return steps


def compiling(line):
    """A reader of ninja's output: `[12/78] …/unicode.cpp.o …`."""
    step = re.match(r"\s*\[(\d+/\d+)\]", line)
    if not step:
        return ""
    source = re.findall(r"[\w.-]+\.(?:cpp|cxx|cc|c)\b", line)
    return "{} {}".format(step.group(1), source[-1] if source else "")


def processor():
    """What a library compiled for this processor depends on."""
    try:
        info = pathlib.Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return platform.machine()
    features = re.search(r"^(?:flags|Features)\s*:.*", info, re.MULTILINE)
    return platform.machine() + (features.group() if features else "")


def cmake_args():
    given = os.environ.get("CMAKE_ARGS", "")
    return f"{CMAKE_ARGS.format(CMAKE_HELPER)} {given}".strip()


def wheel_key():
    """Names a build of llama.cpp: its locked source, how it is built and for which processor."""
    parts = "\n".join(blocks(LOCKS["run"])[LLAMA])
    # Where the helper lies makes no other build: the name has the place that it had at first, so
    # that wheels which are there already keep theirs.
    flags = cmake_args().replace(str(CMAKE_HELPER), "/scripts/llama_library.cmake")
    helper = CMAKE_HELPER.read_text(encoding="utf-8")
    text = "\n".join((parts, flags, helper, CMAKE_TARGET, processor()))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def wheel_folder():
    """Where compiled wheels are kept, for all checkouts of this user where that is possible."""
    home = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    for base in (pathlib.Path(home) / "vivavoce", ROOT / "build"):
        folder = base / "wheels" / wheel_key()
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError:
            continue
        if os.access(str(folder), os.W_OK):
            return folder
    raise SetupFailed(f"Neither {home} nor {ROOT} can be written to.")


def fingerprint(purpose):
    """Changes whenever a finished set-up is no longer good."""
    digest = hashlib.sha256()
    for path in (LOCKS[purpose], BUILD_LOCK, ROOT / "pyproject.toml"):
        digest.update(path.read_bytes())
    digest.update(f"{ROOT}{sys.version_info[:2]}{wheel_key()}".encode())
    return digest.hexdigest()


def stamp(purpose):
    return VENVS[purpose] / f"set-up-for-{purpose}"


def python(purpose):
    return VENVS[purpose] / "bin" / "python"


def is_ready(purpose):
    try:
        return stamp(purpose).read_text() == fingerprint(purpose) and python(purpose).exists()
    except OSError:
        return False


def check_python():
    version = sys.version_info[:2]
    if version < OLDEST or version > NEWEST or sys.maxsize < 2**32:
        raise SetupFailed(
            "Vivavoce needs 64-bit Python 3.11, 3.12 or 3.13, and {} is {}.{}: "
            "install one (Debian 12: sudo apt-get install python3) "
            "or name it with make PYTHON=/path/to/python3.".format(sys.executable, *version)
        )


def check_compiler():
    names = (os.environ.get("CC", "cc"), os.environ.get("CXX", "c++"))
    missing = [name for name in names if not shutil.which(name.split()[0])]
    if missing:
        raise SetupFailed(
            "No C and C++ compiler was found ({}), and llama.cpp has to be compiled for this "
            "machine: sudo apt-get install gcc g++".format(" and ".join(missing))
        )


def check_space(needed):
    free = shutil.disk_usage(str(ROOT)).free / 1e9
    if free < needed:
        raise SetupFailed(
            f"The set-up needs {needed} GB on the disk of {ROOT} and {free:.1f} GB are free."
        )


def runs(*command):
    return not subprocess.run(
        list(map(str, command)), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ).returncode


def make_environment(purpose):
    venv, inside = VENVS[purpose], python(purpose)
    version = f"import sys; sys.exit(sys.version_info[:2] != {sys.version_info[:2]})"
    if inside.exists() and runs(inside, "-c", version) and runs(inside, "-m", "pip", "--version"):
        return
    if venv.exists():
        shutil.rmtree(str(venv))
    if not runs(sys.executable, "-c", "import ensurepip"):
        install_venv()
    command = [sys.executable, "-m", "venv", venv]
    run_step("Making the virtual environment", command, lambda line: "")


def install_venv():
    """Debian keeps what `python3 -m venv` needs in a package of its own."""
    if os.getuid() or not shutil.which("apt-get"):
        raise SetupFailed(
            "This Python cannot make virtual environments (its ensurepip is missing): "
            "sudo apt-get install python3-venv"
        )
    apt_install("Installing python3-venv", ["python3-venv"])


def own_certificates(inside):
    """Options that let a young pip use the certificates it brings, where the system has none."""
    paths = ssl.get_default_verify_paths()
    option = "--use-deprecated=legacy-certs"
    if paths.cafile or (paths.capath and os.listdir(paths.capath)):
        return []
    return [option] if runs(inside, "-m", "pip", option, "--version") else []


def pip(inside, *arguments):
    return [
        inside, "-m", "pip", *arguments,
        "--disable-pip-version-check", "--no-input", "--progress-bar", "off", "--retries", "2",
        *own_certificates(inside),
    ]  # fmt: skip


def install_locked(inside, title, lock):
    """Everything of the lock that comes ready made; llama.cpp is `install_llama`'s."""
    wanted = blocks(lock)
    wanted.pop(LLAMA, None)
    listed = ROOT / "build" / f"install-{lock.stem}.txt"
    listed.write_text("\n".join(itertools.chain(*wanted.values())) + "\n", encoding="utf-8")
    command = pip(inside, "install", "--require-hashes", "--no-deps", "--only-binary", ":all:")
    run_step(title, [*command, "-r", listed], counting(len(wanted)))


def install_llama(inside):
    installed = inside.parent.parent / "llama-build"
    if installed.exists() and installed.read_text() == wheel_key():
        return
    folder = wheel_folder()
    if not list(folder.glob("*.whl")):
        check_compiler()
        listed = ROOT / "build" / "llama.txt"
        listed.write_text("\n".join(blocks(LOCKS["run"])[LLAMA]) + "\n", encoding="utf-8")
        command = pip(inside, "wheel", "-v", "--require-hashes", "--no-deps", "-r", listed)
        options = ["--no-build-isolation", "--no-binary", LLAMA, "--no-cache-dir", "-w", folder]
        env = {
            "CMAKE_ARGS": cmake_args(),
            "SKBUILD_BUILD_TARGETS": CMAKE_TARGET,
            "PATH": "{}{}{}".format(inside.parent, os.pathsep, os.environ["PATH"]),
        }
        run_step("Compiling llama.cpp (once, some minutes)", [*command, *options], compiling, env)
    (wheel,) = folder.glob("*.whl")
    command = pip(inside, "install", "--no-index", "--no-deps", "--force-reinstall", wheel)
    run_step("Installing llama.cpp", command, lambda line: "")
    installed.write_text(wheel_key())


def install_project(inside):
    """The checkout itself, so that the `vivavoce` command runs from it."""
    command = pip(inside, "install", "--no-index", "--no-deps", "--no-build-isolation")
    run_step("Installing vivavoce", [*command, "-e", ROOT], lambda line: "")


def apt_install(title, packages):
    # Runlevel 1 keeps Debian from starting a database server of its own.
    env = {"DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"}
    apt = "apt-get -o DPkg::Lock::Timeout=300"
    command = "{0} update && {0} install -y --no-install-recommends {1}".format(
        apt, " ".join(packages)
    )
    run_step(title, ["sh", "-c", command], lambda line: "", env)


def missing_programs():
    def found(place):
        return any(pathlib.Path("/").glob(place[1:])) if place[0] == "/" else shutil.which(place)

    return [p for p, (_, places) in TEST_PROGRAMS.items() if not any(map(found, places))]


def install_programs():
    """Programs that some tests drive. Without them these tests are skipped, never failed."""
    wanted = missing_programs()
    if wanted and os.getuid() == 0 and shutil.which("apt-get"):
        try:
            apt_install("Installing for the tests: " + ", ".join(wanted), wanted)
        except SetupFailed:
            print(f"That did not succeed; the log is {LOG}.")
    for package in missing_programs():
        print(f"Tests of {TEST_PROGRAMS[package][0]} are skipped: sudo apt-get install {package}")


def set_up(purpose):
    check_python()
    if is_ready(purpose):
        return
    LOG.parent.mkdir(exist_ok=True)
    with (LOG.parent / "setup.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # a second make waits for the first
        if is_ready(purpose):
            return
        LOG.write_text("", encoding="utf-8")
        if not VENVS[purpose].exists():
            check_space(TRAINING_GB if purpose == "train" else SPACE_GB)
            if not list(wheel_folder().glob("*.whl")):
                check_compiler()
        make_environment(purpose)
        inside = python(purpose)
        install_locked(inside, "Installing build tools", BUILD_LOCK)
        install_locked(inside, "Installing packages", LOCKS[purpose])
        install_llama(inside)
        if purpose != "train":
            install_project(inside)
        for done in ("run", "test") if purpose == "test" else (purpose,):
            stamp(done).write_text(fingerprint(done))


def main():
    purpose = sys.argv[1] if len(sys.argv) > 1 else "run"
    if purpose not in LOCKS or len(sys.argv) > 2:
        sys.exit(__doc__)
    try:
        set_up(purpose)
        if purpose == "test":
            install_programs()
    except SetupFailed as exc:
        sys.exit(f"\n{exc}")
    except OSError as exc:
        sys.exit(f"\n{explain([str(exc)])}")
    except KeyboardInterrupt:
        sys.exit("\nInterrupted; the next make goes on from here.")


if __name__ == "__main__":
    main()
