"""Everything that a machine without a network needs besides this checkout, in one archive:

    vivavoce-bundle.tar
        SHA256SUMS          of all that follows; sha256sum -c reads it
        models/downloaded/  the chosen models, the hashes of their files, and that they were chosen
        wheels/             every Python package that the lock files name, and the compiled
                            llama.cpp, for this processor, with its source for others

`install_bundle.py` puts it in place on the other machine, which must have the same version of
Python and the same kind of processor.
"""

import hashlib
import os
import subprocess
import sys
import tarfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from models import fetched, manifest
from models.manifest import AnyModel

from . import bootstrap
from .choice_record import with_models
from .sources.transfer import DownloadFailed

NAME = "vivavoce-bundle.tar"
SUMS = "SHA256SUMS"
WHEELS = bootstrap.ROOT / "build" / "bundle-wheels"


def make(models: Sequence[AnyModel], models_dir: Path, folder: Path, why: str) -> Path:
    """The archive, which appears when it is complete. Raises `DownloadFailed`."""
    collect_wheels()
    return pack(members(models, models_dir) | chosen(models, why), folder)


def chosen(models: Sequence[AnyModel], why: str) -> dict[str, Path]:
    """The record that makes these models run on the other machine."""
    record = WHEELS.with_name("bundle-chosen.json")
    record.parent.mkdir(parents=True, exist_ok=True)
    record.write_bytes(fetched.encoded(with_models(None, models, f"{why}, from a bundle")))
    return {f"models/{fetched.NAME}": record}


def members(models: Sequence[AnyModel], models_dir: Path) -> dict[str, Path]:
    """What goes into the archive, by its name there. Raises `EngineError` for a damaged model."""
    found = {}
    for model in (model for model in models if not model.shipped):
        manifest.verify(model, models_dir)
        found |= {f"models/{file.path}": models_dir / file.path for file in model.files}
    hashes = models_dir / "downloaded" / SUMS
    if hashes.exists():
        found[f"models/downloaded/{SUMS}"] = hashes
    return found | {f"wheels/{path.name}": path for path in sorted(WHEELS.iterdir())}


def collect_wheels() -> None:
    """All packages of the lock files as files, checked by their hashes. Raises `DownloadFailed`."""
    WHEELS.mkdir(parents=True, exist_ok=True)
    locks = (bootstrap.LOCKS["run"], bootstrap.BUILD_LOCK)
    ready = [block for lock in locks for name, all_ in bootstrap.blocks(lock).items()
             if name != bootstrap.LLAMA for block in all_]  # fmt: skip
    _download("ready", ready, "--only-binary", ":all:")
    llama = bootstrap.blocks(bootstrap.LOCKS["run"])[bootstrap.LLAMA]
    _download("llama", llama, "--no-binary", bootstrap.LLAMA, "--no-build-isolation")
    for wheel in bootstrap.wheel_folder().glob("*.whl"):
        target = WHEELS / wheel.name
        target.unlink(missing_ok=True)
        target.hardlink_to(wheel) if _same_disk(wheel) else target.write_bytes(wheel.read_bytes())
    (WHEELS / "llama-cpp.key").write_text(bootstrap.wheel_key())


def _same_disk(path: Path) -> bool:
    return path.stat().st_dev == WHEELS.stat().st_dev


def _download(name: str, blocks: Sequence[str], *how: str) -> None:
    listed = WHEELS.with_name(f"bundle-{name}.txt")
    listed.write_text("\n".join(blocks) + "\n", encoding="utf-8")
    options = ("--require-hashes", "--no-deps", "--quiet", "-d", str(WHEELS), "-r", str(listed))
    done = subprocess.run(
        list(map(str, bootstrap.pip(sys.executable, "download", *options, *how))),
        capture_output=True,
        text=True,
    )
    if done.returncode:
        last = done.stderr.strip().splitlines()[-12:]
        raise DownloadFailed(f"the Python packages were not fetched: {bootstrap.explain(last)}")


def pack(files: dict[str, Path], folder: Path) -> Path:
    """Write the archive, its checksums first. Raises `DownloadFailed` when there is no room."""
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / NAME
    growing = target.with_suffix(".part")
    try:
        sums = growing.with_suffix(".sums")
        sums.write_text("".join(_sums(files)))
        with tarfile.open(growing, "w") as archive:
            archive.add(sums, SUMS)
            for name, path in files.items():
                archive.add(path.resolve(), name)
        sums.unlink()
        with growing.open("rb+") as file:
            os.fsync(file.fileno())
        growing.replace(target)
    except OSError as exc:
        raise DownloadFailed(f"{target} could not be written: {exc.strerror}") from exc
    return target


def _sums(files: dict[str, Path]) -> Iterator[str]:
    for name, path in files.items():
        with path.open("rb") as file:
            yield f"{hashlib.file_digest(file, 'sha256').hexdigest()}  {name}\n"


if __name__ == "__main__":
    sys.exit("download_models.py --bundle makes the archive")
