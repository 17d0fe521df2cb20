"""Carry what a CUDA machine without a network needs, in pieces that join to what was split."""

import hashlib
import re
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
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
        split(folder / name)
    shutil.rmtree(work)


def _pip_download(folder: Path, *arguments: str) -> None:
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "-d", str(folder)]
    subprocess.run([*command, *arguments], check=True)


def split(path: Path, limit: int = LIMIT) -> None:
    """`NAME.1-of-3.HASH` …; the hash is that of the whole, so pieces of two tries never mix."""
    content = path.read_bytes()
    name = hashlib.sha256(content).hexdigest()[:12]
    count = -(-len(content) // limit)
    for n in range(count):
        piece = path.with_name(f"{path.name}.{n + 1}-of-{count}.{name}")
        piece.write_bytes(content[n * limit : (n + 1) * limit])
        print(f"{piece}: {piece.stat().st_size / 1e6:.1f} MB")
    path.unlink()


def joined(pieces: Path, name: str) -> Path | None:
    """The archive, if all its pieces are there and it has the hash that they are named by."""
    parts = sorted(pieces.glob(f"{name}.*"), key=lambda p: int(p.name.split(".")[3].split("-")[0]))
    if not parts or len(parts) != int(parts[0].name.split(".")[3].split("-")[2]):
        return None
    whole = pieces / name
    whole.write_bytes(b"".join(part.read_bytes() for part in parts))
    if hashlib.sha256(whole.read_bytes()).hexdigest()[:12] != parts[0].name.rpartition(".")[2]:
        raise SystemExit(f"The pieces of {name} do not fit together; copy them again.")
    return whole
