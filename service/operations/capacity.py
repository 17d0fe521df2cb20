"""The calibration stored for this machine with its models, and the capacity that follows."""

import hashlib
import logging
import os
import tempfile
from pathlib import Path

import msgspec

from models import device
from models.choice import Chosen

from ..settings import Settings
from ..storage.database_engine import normalize
from .calibration import Calibration, Capacity, Machine, capacity, guess

logger = logging.getLogger(__name__)

NAME = "calibration.json"


def kept_at(settings: Settings) -> Path:
    """Return the calibration's path: beside the database's file, or with a Postgres in the models
    folder. Replicas may share that folder, so theirs is named after their kind of machine. Raises
    `DatabaseUnreachable` for what is no URL."""
    if settings.cluster:
        return settings.models_dir / f"calibration-{_kind_of_machine()}.json"
    file = database_file(settings)
    return (file.parent if file else settings.models_dir) / NAME


def _kind_of_machine() -> str:
    """Return a name that machines with the same processor, cores and GPUs have in common."""
    parts = msgspec.json.encode((device.processor(), device.cores(), device.gpus()))
    return hashlib.sha256(parts).hexdigest()[:12]


def database_file(settings: Settings) -> Path | None:
    """Return the path of SQLite's file; None with a Postgres. Raises `DatabaseUnreachable`."""
    url = normalize(settings.database_url)
    if url.get_backend_name() != "sqlite" or url.database in (None, "", ":memory:"):
        return None
    return Path(url.database)


def machine(settings: Settings, chosen: Chosen) -> Machine:
    return Machine(
        processor=device.processor(),
        cores=device.cores(),
        gpus=device.gpus(),
        settings={
            "device": settings.device,
            "compute type": settings.compute_type,
            "threads": str(settings.threads),
        },
        models=chosen.fingerprints,
    )


def session_capacity(settings: Settings, chosen: Chosen) -> Capacity:
    """Return how many interviews to admit on this machine."""
    gpu = bool(device.gpus()) and settings.device != "cpu"
    careful = guess(demonstration=chosen.only_demonstrations, gpu=gpu, cores=device.cores())
    now = machine(settings, chosen)
    return capacity(
        settings.max_sessions, last_calibration(settings), now, settings.endpoint_ms, careful
    )


def last_calibration(settings: Settings) -> Calibration | None:
    """Return the last calibration; None where there is none that this version can read."""
    path = kept_at(settings)
    try:
        return msgspec.json.decode(path.read_bytes(), type=Calibration)
    except FileNotFoundError:
        return None
    except (OSError, msgspec.MsgspecError) as exc:
        logger.warning("%s cannot be used (%s)", path, exc)
        return None


def keep(settings: Settings, calibration: Calibration) -> Path:
    """Store the calibration in the place of the last one, whole or not at all; return its path.
    Raises OSError."""
    path = kept_at(settings)
    path.parent.mkdir(parents=True, exist_ok=True)
    text = msgspec.json.format(msgspec.json.encode(calibration), indent=1)
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f"{NAME}.", delete=False) as file:
        file.write(text + b"\n")
    # Readable by all who may read the models: the calibration may have been made by another user
    # than the service's.
    os.chmod(file.name, 0o644)
    os.replace(file.name, path)
    return path
