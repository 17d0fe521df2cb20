"""Install from a bundle, without any network: python3 scripts/install_bundle.py BUNDLE [FOLDER]

The bundle is what `download_models.py --bundle` made. Every file of it is compared with its hash
before anything is used. The models go to FOLDER (models, unless VIVAVOCE_MODELS_DIR is set), then
the set-up runs from the bundle's packages alone.

Standard library only, and no syntax younger than Python 3.7, like bootstrap.py.
"""

from __future__ import annotations

import hashlib
import os
import pathlib
import shutil
import subprocess
import sys
import tarfile

from setup import bootstrap

UNPACKED = bootstrap.ROOT / "build" / "bundle"
CHUNK = 1 << 20


class BundleUnusable(Exception):
    """Says in one sentence why."""


def unpack(bundle, folder):
    """Unpack into `folder`, comparing every file; what is in the archive besides is refused."""
    shutil.rmtree(str(folder), ignore_errors=True)
    folder.mkdir(parents=True)
    try:
        with tarfile.open(str(bundle)) as archive:
            sums = checksums(archive)
            members = iter(archive)
            next(members)  # the checksums themselves
            for member in members:
                if not member.isfile() or member.name not in sums:
                    raise BundleUnusable(f"{bundle} holds {member.name}, which does not belong.")
                if copied(archive.extractfile(member), folder / member.name) != sums.pop(
                    member.name
                ):
                    raise BundleUnusable(f"{member.name} in {bundle} is damaged: copy it again.")
    except (tarfile.TarError, EOFError) as exc:
        raise BundleUnusable(f"{bundle} is damaged or no bundle: {exc}") from exc
    if sums:
        raise BundleUnusable(f"{bundle} lacks {min(sums)}: copy it again.")


def checksums(archive):
    """{name: SHA-256} of the first member, which lists all others."""
    first = archive.next()
    if first is None or first.name != "SHA256SUMS":
        raise BundleUnusable("That is no bundle: it does not begin with SHA256SUMS.")
    lines = archive.extractfile(first).read().decode().splitlines()
    sums = {name: sha for sha, _, name in (line.partition("  ") for line in lines)}
    for name in sums:
        parts = pathlib.PurePosixPath(name).parts
        if ".." in parts or parts[:1] not in (("models",), ("wheels",)):
            raise BundleUnusable(f"The bundle wants to write {name}; nothing was installed.")
    return sums


def copied(source, target):
    """Write a member to its place; its SHA-256."""
    target.parent.mkdir(parents=True, exist_ok=True)
    sha = hashlib.sha256()
    with target.open("wb") as file:
        for chunk in iter(lambda: source.read(CHUNK), b""):
            sha.update(chunk)
            file.write(chunk)
    return sha.hexdigest()


def place_models(unpacked, models_dir):
    """Move the models to where the service looks; known hashes of others there stay, and so does a
    choice that was made there."""
    for path in sorted((unpacked / "models").rglob("*")):
        target = models_dir / path.relative_to(unpacked / "models")
        if path.is_dir():
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        if path.name == "chosen.json" and target.exists():
            if target.read_bytes() != path.read_bytes():
                print(f"{target} keeps its choice of models; without it the bundle's would run.")
        elif path.name == "SHA256SUMS" and target.exists():
            lines = set(target.read_text().splitlines()) | set(path.read_text().splitlines())
            target.write_text("".join(line + "\n" for line in sorted(lines)))
        else:
            shutil.move(str(path), str(target))


def place_llama(wheels):
    """The compiled llama.cpp is for one kind of processor; on another its source is compiled."""
    if (wheels / "llama-cpp.key").read_text() == bootstrap.wheel_key():
        folder = bootstrap.wheel_folder()
        for wheel in wheels.glob("llama_cpp_python-*.whl"):
            shutil.copy(str(wheel), str(folder))


def set_up(wheels):
    """Run the set-up with the bundle as its only package index."""
    offline = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(wheels)}
    os.environ.update(offline)
    bootstrap.set_up("run")


def main():
    if not 2 <= len(sys.argv) <= 3:
        sys.exit(__doc__)
    models_dir = pathlib.Path(
        sys.argv[2] if len(sys.argv) == 3 else os.environ.get("VIVAVOCE_MODELS_DIR") or "models"
    )
    try:
        unpack(pathlib.Path(sys.argv[1]), UNPACKED)
        place_models(UNPACKED, models_dir)
        place_llama(UNPACKED / "wheels")
        set_up(UNPACKED / "wheels")
    except (BundleUnusable, bootstrap.SetupFailed) as exc:
        sys.exit(f"\n{exc}")
    except OSError as exc:
        sys.exit(f"\n{bootstrap.explain([str(exc)])}")
    shutil.rmtree(str(UNPACKED), ignore_errors=True)
    program = bootstrap.ROOT / "scripts" / "download_models.py"
    command = [bootstrap.PYTHON, program, "--verify", "--models-dir", models_dir]
    sys.exit(subprocess.call(list(map(str, command))))


if __name__ == "__main__":
    main()
