"""Measure the service on a CUDA machine that has no network and nothing of ours installed.

On a machine with a network, see what has to be carried, and pack it in pieces of at most 30 MiB:

    python3 scripts/gpu_check.py --list-needed
    python3 scripts/gpu_check.py --pack carried --python 3.12

On the CUDA machine, with this checkout and the pieces (all at once, or one `--take` for each that
arrives; the build begins as soon as the sources are there), one command:

    python3 scripts/gpu_check.py --carried carried --out gpu.json

It compiles llama.cpp for the one GPU that it finds, fills weights of real models' shapes with noise
(make_shapes.py) and measures them: the language model with 1 to 64 conversations that generate at
once, the recognizer, and whole interviews (bench.py). Nothing is downloaded and nothing outside
`--state` is written. The JSON is written anew after each step, so what was measured stays when
time (`--minutes`) runs out; a step that fails says why and the others go on. The machine needs
the Python that the pieces were packed for, with pip, numpy and onnxruntime, g++, cmake, ninja and
CUDA's compiler with cuBLAS.
"""

import argparse
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
LIMIT = 30 * 1024 * 1024
"""Bytes of one piece; with this checkout's own 27 MiB and the sources it stays below 64."""
SOURCES = "sources.tar.xz"
PACKAGES = "packages.tar.xz"
LLAMA = "llama-cpp-python"
UNUSED = re.compile(
    r"vendor/llama\.cpp/(docs|media|tests|examples|benches|tools|conversion|gguf-py|models|"
    r"\.github|\.devops)(/|$)|(^|/)\.git(/|$)"
)
"""Of the sources of llama.cpp: most of the bytes, and nothing that the library is made of."""
PROVIDED = {"numpy", "onnxruntime", "hf-xet"}
"""Of requirements.lock: what such a machine has (numpy, onnxruntime), or what no step here uses."""
TOOLS = ("scikit-build-core", "pathspec", "packaging")
"""What builds llama.cpp; they travel with the sources, so that it can begin early."""
EXTRA = ("gguf", "jiwer", "rapidfuzz", "psutil", *TOOLS)
"""What the work here needs beyond the service's own packages."""
AT_ONCE = (1, 2, 4, 8, 16, 32, 64)
SESSIONS = (1, 8)
BENCH_SECONDS = 100
BUILD_MINUTES = 6

parser = argparse.ArgumentParser(
    description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
)
parser.add_argument("--list-needed", action="store_true", help="print what has to be carried")
parser.add_argument("--pack", type=Path, metavar="DIR", help="fetch it and write the pieces there")
parser.add_argument("--python", default="3.12", help="the CUDA machine's Python (with --pack)")
parser.add_argument(
    "--take", type=Path, metavar="DIR", help="keep these pieces, and build if whole"
)
parser.add_argument("--carried", type=Path, metavar="DIR", help="where the pieces lie")
parser.add_argument("--state", type=Path, default=Path("/var/tmp/vivavoce-gpu-check"))
parser.add_argument("--out", type=Path, default=Path("gpu.json"))
parser.add_argument("--minutes", type=float, default=9.0)
parser.add_argument("--device", choices=["cpu", "cuda"], default="cuda", help=argparse.SUPPRESS)
parser.add_argument("--measure", help=argparse.SUPPRESS)


# On a machine with a network


def needed() -> dict[str, str]:
    """Package: version; of the lock, without what is for other systems, and the extras of the
    tests' lock."""
    found = {}
    for name in ("requirements.lock", "requirements-dev.lock"):
        for line in (ROOT / name).read_text(encoding="utf-8").splitlines():
            match = re.match(r"([A-Za-z0-9_.-]+)==([\w.]+)\s*(;[^\\]*)?", line)
            if (
                not match
                or match[1] in PROVIDED
                or re.search("win32|emscripten|< '3", match[3] or "")
            ):
                continue
            if name == "requirements.lock" or match[1] in EXTRA:
                found[match[1]] = match[2]
    return found


def list_needed() -> None:
    print(f"sources, without what the library is not made of: {LLAMA} {needed()[LLAMA]}")
    for name, version in sorted(needed().items()):
        if name != LLAMA:
            print(f"wheel for the CUDA machine's Python: {name} {version}")
    for name in EXTRA:
        if name not in needed():
            print(f"wheel for the CUDA machine's Python: {name}, any version")
    print("--pack fetches all of it and writes pieces of at most 30 MiB.")


def pack(folder: Path, python: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    work = folder / "work"
    wheels = work / "wheels"
    pins = {name: f"{name}=={version}" for name, version in needed().items()}
    sources = [pins.pop(LLAMA), "--no-binary", ":all:"]
    _pip_download(work, *sources)
    platforms = [f"manylinux_2_{n}_x86_64" for n in (39, 34, 31, 28, 27, 26, 24, 17, 12, 5)]
    platforms += ["manylinux2014_x86_64", "manylinux1_x86_64", "any"]
    target = ["--only-binary", ":all:", "--implementation", "cp", "--python-version", python]
    target += [f"--platform={platform}" for platform in platforms]
    for pin in [*pins.values(), *(name for name in EXTRA if name not in pins)]:
        _pip_download(wheels, pin, *target)
    (archive,) = work.glob("llama_cpp_python-*.tar.gz")
    with tarfile.open(archive) as whole, tarfile.open(folder / SOURCES, "w:xz") as lean:
        for member in whole:
            if member.isfile() and not UNUSED.search(member.name):
                lean.addfile(member, whole.extractfile(member))
        for tool in TOOLS:
            (wheel,) = wheels.glob(f"{tool.replace('-', '_')}-*.whl")
            lean.add(wheel, f"wheels/{wheel.name}")
            wheel.unlink()
    with tarfile.open(folder / PACKAGES, "w:xz") as together:
        for wheel in sorted(wheels.glob("*.whl")):
            together.add(wheel, wheel.name)
    for name in (SOURCES, PACKAGES):
        _split(folder / name)
    shutil.rmtree(work)


def _pip_download(folder: Path, *arguments: str) -> None:
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "-d", str(folder)]
    subprocess.run([*command, *arguments], check=True)


def _split(path: Path, limit: int = LIMIT) -> None:
    """`NAME.1-of-3.HASH` …; the hash is that of the whole, so pieces of two tries never mix."""
    content = path.read_bytes()
    name = hashlib.sha256(content).hexdigest()[:12]
    count = -(-len(content) // limit)
    for n in range(count):
        piece = path.with_name(f"{path.name}.{n + 1}-of-{count}.{name}")
        piece.write_bytes(content[n * limit : (n + 1) * limit])
        print(f"{piece}: {piece.stat().st_size / 1e6:.1f} MB")
    path.unlink()


# On the CUDA machine


def take(folder: Path, state: Path) -> None:
    """Keep the pieces that are there; unpack what is whole and begin to build in the background."""
    pieces = state / "pieces"
    pieces.mkdir(parents=True, exist_ok=True)
    for piece in folder.glob("*.tar.xz.*"):
        shutil.copy(piece, pieces)
    for name, action in ((PACKAGES, _install), (SOURCES, _begin_build)):
        done = state / f"{name}.done"
        if not done.exists() and (whole := _joined(pieces, name)):
            action(state, whole)
            done.touch()


def _joined(pieces: Path, name: str) -> Path | None:
    """The archive, if all its pieces are there and it has the hash that they are named by."""
    parts = sorted(pieces.glob(f"{name}.*"), key=lambda p: int(p.name.split(".")[3].split("-")[0]))
    if not parts or len(parts) != int(parts[0].name.split(".")[3].split("-")[2]):
        return None
    whole = pieces / name
    whole.write_bytes(b"".join(part.read_bytes() for part in parts))
    if hashlib.sha256(whole.read_bytes()).hexdigest()[:12] != parts[0].name.rpartition(".")[2]:
        raise SystemExit(f"The pieces of {name} do not fit together; copy them again.")
    return whole


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
    architecture = _gpu()["compute_capability"].replace(".", "")
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


def _gpu() -> dict[str, str]:
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


Step = tuple[str, Callable[[Path], Any]]


def check(options: argparse.Namespace) -> None:
    began = time.monotonic()
    deadline = began + options.minutes * 60
    state = options.state
    figures: dict[str, Any] = {"gpu": _gpu(), "cores": os.cpu_count(), "steps": {}}

    def record(name: str, run: Callable[[], Any]) -> None:
        start = time.monotonic()
        try:
            result = {"result": run()}
        except Exception as exc:  # noqa: BLE001  the other steps are worth having
            result = {"failed": f"{type(exc).__name__}: {exc}"[-2000:]}
        figures["steps"][name] = result | {"seconds": round(time.monotonic() - start, 1)}
        options.out.write_text(json.dumps(figures, indent=1), encoding="utf-8")
        print(name, json.dumps(figures["steps"][name])[:600], flush=True)

    def measured(name: str) -> Any:
        left = deadline - time.monotonic()
        if left < 15:
            raise TimeoutError("no time was left for it")
        command = [sys.executable, __file__, "--measure", name, "--state", str(state)]
        done = subprocess.run(
            command, env=environment(state), capture_output=True, text=True, timeout=left
        )
        if done.returncode:
            raise RuntimeError(done.stderr[-1500:])
        return json.loads(done.stdout.splitlines()[-1])

    if options.carried:
        record("take", lambda: take(options.carried, state))
    record("shapes", lambda: measured("shapes"))
    record("whisper", lambda: measured("whisper"))
    limit = min(deadline, began + BUILD_MINUTES * 60)
    record("compile", lambda: {"seconds": await_build(state, limit)})
    for name in (
        "qwen2.5-1.5b",
        "qwen2.5-7b",
        "interviews-starter",
        "interviews-7b",
        "qwen2.5-0.5b",
    ):
        record(name, lambda name=name: measured(name))


# What is measured, each in a process of its own that has the carried packages


def measure(name: str, shapes: Path, device: str) -> Any:
    if name == "shapes":
        return _make_shapes(shapes)
    if name == "whisper":
        from scripts.measure import bench_shapes as bench

        return {
            p.parent.name: bench.recognizer(p.parent, device, 4)
            for p in sorted(shapes.glob("*/model.bin"))
        }
    if name == "interviews":
        return _interviews(device)
    return _curve(shapes / f"{name}.gguf", device)


def _make_shapes(folder: Path) -> dict[str, int]:
    from scripts.measure import make_shapes as shapes

    for name, whisper in shapes.WHISPERS.items():
        shapes.whisper(folder / name, whisper)
    qwens = shapes.QWENS | {"qwen2.5-7b": shapes.Qwen(3584, 28, 28, 4, 18944)}
    for name, qwen in qwens.items():
        shapes.language_model(folder / f"{name}.gguf", qwen)
    return {str(p.relative_to(folder)): p.stat().st_size for p in folder.rglob("*") if p.is_file()}


def _curve(path: Path, device: str) -> dict[str, Any]:
    import asyncio

    from models.contracts import Message
    from models.llama.llm import LlamaLlm, LlamaSize
    from scripts.measure import bench_shapes as bench

    async def run() -> dict[str, Any]:
        size = LlamaSize(threads=4, sequences=max(AT_ONCE), context=1024)
        llm = LlamaLlm(path, device=device, size=size)
        stream = llm.open()
        await stream.warm([Message("system", "b" * 16)])
        start = time.perf_counter()
        await stream.warm([Message("system", "a" * 900)])
        figures: dict[str, Any] = {"prompt tokens/s": round(900 / (time.perf_counter() - start))}
        stream.close()
        figures["first word"] = bench.spread(await bench.first_words(llm))
        for many in AT_ONCE:
            speeds = [await bench.generate(llm, many, 64) for _ in range(2)]
            figures[f"{many} at once, tokens/s"] = round(max(speeds), 1)
        await llm.aclose()
        return figures

    return asyncio.run(run())


def _interviews(device: str) -> dict[str, Any]:
    """With the starter models, whose words are words: noise can hold no interview."""
    from scripts.measure.server import PRODUCT, running

    figures: dict[str, Any] = {}
    with running(PRODUCT, {"DEVICE": device, "MAX_SESSIONS": "32"}) as server:
        figures["ready, s"] = round(server.ready_seconds, 1)
        for sessions in SESSIONS:
            command = [sys.executable, f"{ROOT}/scripts/bench.py", "--url", server.url, "--json"]
            command += ["--sessions", str(sessions), "--turns", "2"]
            try:
                done = subprocess.run(
                    command, capture_output=True, text=True, timeout=BENCH_SECONDS
                )
            except subprocess.TimeoutExpired:
                figures[f"{sessions} at once"] = f"not done within {BENCH_SECONDS} s"
            else:
                said = json.loads(done.stdout) if done.stdout else done.stderr[-800:]
                figures[f"{sessions} at once"] = said
    return figures


def main() -> None:
    options = parser.parse_args()
    if options.list_needed:
        list_needed()
    elif options.pack:
        pack(options.pack, options.python)
    elif options.measure:
        print(json.dumps(measure(options.measure, options.state / "shapes", options.device)))
    elif options.take:
        take(options.take, options.state)
    else:
        check(options)


if __name__ == "__main__":
    main()
