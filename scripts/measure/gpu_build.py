"""Install what was carried to a CUDA machine, and compile llama.cpp for its GPU there."""

import os
import shutil
import subprocess
import sys
import tarfile
import time
from pathlib import Path

from measure.gpu_pieces import PACKAGES, ROOT, SOURCES, joined


def take(folder: Path, state: Path) -> None:
    """Keep the pieces that are there; unpack what is whole and begin to build in the background."""
    pieces = state / "pieces"
    pieces.mkdir(parents=True, exist_ok=True)
    for piece in folder.glob("*.tar.xz.*"):
        shutil.copy(piece, pieces)
    for name, action in ((PACKAGES, _install), (SOURCES, _begin_build)):
        done = state / f"{name}.done"
        if not done.exists() and (whole := joined(pieces, name)):
            action(state, whole)
            done.touch()


def _install(state: Path, archive: Path) -> None:
    with tarfile.open(archive) as together:
        together.extractall(state / "wheels", filter="data")
    _pip_install(state, sorted((state / "wheels").glob("*.whl")))


def _pip_install(state: Path, wheels: list[Path]) -> None:
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps"]
    command += ["--no-compile", "--upgrade", "--target", str(state / "site")]
    subprocess.run([*command, *map(str, wheels)], check=True)


def _begin_build(state: Path, archive: Path) -> None:
    """In a process session of its own, which outlives this program, with its result in `built`."""
    with tarfile.open(archive) as lean:
        lean.extractall(state / "source", filter="data")
    _pip_install(state, list((state / "source/wheels").glob("*.whl")))
    (source,) = (state / "source").glob("llama_cpp_python-*")
    architecture = gpu()["compute_capability"].replace(".", "")
    cmake = "-DLLAVA_BUILD=OFF -DGGML_CUDA=ON -DGGML_CUDA_NCCL=OFF"
    cmake += f" -DCMAKE_PROJECT_llama.cpp_INCLUDE={ROOT}/scripts/setup/llama_library.cmake"
    cmake += f" -DCMAKE_CUDA_ARCHITECTURES={architecture}-real"
    script = f"""
        cd {state}; date +%s.%N > began
        {sys.executable} -m pip wheel --no-index --no-deps --no-build-isolation -w built {source} \
          > build.log 2>&1; echo $? > code; date +%s.%N > ended"""
    env = os.environ | {
        "CMAKE_ARGS": cmake,
        "SKBUILD_BUILD_TARGETS": "llama",
        "SKBUILD_BUILD_DIR": str(state / "build"),
        "PYTHONPATH": str(state / "site"),
        "CMAKE_BUILD_PARALLEL_LEVEL": str(os.cpu_count()),
    }
    subprocess.Popen(["sh", "-c", script], env=env, start_new_session=True)


def gpu() -> dict[str, str]:
    fields = "name,compute_cap,memory.total,driver_version"
    command = ["nvidia-smi", f"--query-gpu={fields}", "--format=csv,noheader"]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    names = ("name", "compute_capability", "memory", "driver")
    return dict(zip(names, said.splitlines()[0].split(", "), strict=True))


def await_build(state: Path, deadline: float) -> float:
    """Seconds that it took; the package is installed beside the others then."""
    while not (state / "ended").exists():
        if time.monotonic() > deadline:
            raise TimeoutError("llama.cpp was still compiling")
        time.sleep(0.5)
    if (state / "code").read_text().strip() != "0":
        raise RuntimeError((state / "build.log").read_text()[-1500:])
    _pip_install(state, list((state / "built").glob("*.whl")))
    return float((state / "ended").read_text()) - float((state / "began").read_text())


def environment(state: Path) -> dict[str, str]:
    """Where the carried packages and a cuBLAS are found. CTranslate2 asks for version 12 by its
    name; where only 13 is there it gets that one, whose functions of these names are the same."""
    libraries = state / "lib"
    libraries.mkdir(exist_ok=True)
    wanted = libraries / "libcublas.so.12"
    if not wanted.exists() and (found := _cublas()):
        wanted.symlink_to(found)
        paths = [str(libraries), str(found.parent)]
    else:
        paths = [str(libraries)]
    paths.append(os.environ.get("LD_LIBRARY_PATH", ""))
    sys.path.insert(0, str(ROOT))
    from models import ENVIRONMENT

    return (
        os.environ
        | ENVIRONMENT
        | {
            "PYTHONPATH": f"{state / 'site'}:{ROOT}:{ROOT / 'scripts'}",
            "LD_LIBRARY_PATH": ":".join(paths),
            # Where the compiler puts its own C++ library into what it links, two copies of it meet
            # in one process and llama.cpp ends with a segmentation fault; so one goes first.
            "LD_PRELOAD": "libstdc++.so.6",
        }
    )


def _cublas() -> Path | None:
    places = [*Path("/usr/local").glob("cuda*/lib64"), *Path("/usr/lib").glob("*-linux-gnu")]
    places += [Path(place) / "nvidia" for place in sys.path]
    for version in (12, 13):
        for place in places:
            for found in place.rglob(f"libcublas.so.{version}") if place.exists() else ():
                return found
    return None
