"""The stages of `vivavoce check`, from the settings to a sentence that is spoken and understood."""

import asyncio
import shutil
import tempfile
from contextlib import AsyncExitStack, closing
from functools import partial
from pathlib import Path

import msgspec
from sqlalchemy import text

from models import device, manifest
from models.choice import Choice, devices, locate
from models.manifest import EndOfTurn, LanguageModel, Located, Recognizer, Server, Voice
from models.openai.model_server import require_answer
from models.remote.answering import require_answer as require_server

from ..cluster import requirements
from ..cluster.neighbours import replicas, require_none
from ..default_models import by_default, why_chosen
from ..engine_config import chosen_models
from ..http.listening import PortTaken, bound
from ..privacy import consent
from ..recording.shared_folder import require_shared
from ..security import access
from ..settings import PREFIX, Settings
from ..storage import candidate_query
from ..storage.database import open_database, state_of
from ..storage.database_engine import normalize
from ..storage.pooler import require_sessions
from ..storage.schema import newest
from . import capacity
from .calibration import interviews
from .engine_check import EngineCheck
from .running_instance import running
from .stages import StageFailed, Stages

LEAST_FREE = 300_000_000
"""Free bytes on the database's disk below which the service should not be started: some hundred
interviews, and what SQLite needs beside them."""
MB, GB = 10**6, 10**9

MODELS = ("recognizer", "language model", "voice", "end of turn")


async def check(settings: Settings, stages: Stages) -> None:
    """Run all stages. Nothing is changed: no tables are made, no model is downloaded."""
    looking = _Looking(settings)
    await stages.run("settings", looking.at_settings)
    await stages.run("folders", looking.at_folders)
    for name in MODELS:
        await stages.run(name, partial(looking.at_model, name))
    await stages.run("device", looking.at_device)
    await stages.run("database", looking.at_database)
    await stages.run("port", looking.at_port)
    await stages.run("capacity", looking.at_capacity, MODELS)
    async with AsyncExitStack() as stack:
        engines = EngineCheck(settings, stack)
        await stages.run("loading", engines.load, (*MODELS, "device"))
        await stages.run("speaking", engines.speak, ("loading",))
        await stages.run("listening", engines.find, ("speaking",))
        await stages.run("understanding", engines.hear, ("listening",))
        await stages.run("interviewing", engines.word, ("loading",))
        await stages.run("assessing", engines.judge, ("loading",))


class _Looking:
    """The stages that need no engine."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._choice = chosen_models(settings)

    async def at_settings(self) -> str:
        requirements.require(self._settings)
        access.load_access(self._settings)
        consent.load_text(self._settings)
        candidate_query.load_query(self._settings)
        changed = [
            PREFIX + field.name.upper()
            for field in msgspec.structs.fields(Settings)
            if getattr(self._settings, field.name) != field.default
            and field.name not in by_default(self._settings)
        ]
        said = f"set: {', '.join(changed)}" if changed else "all have their defaults"
        return f"{said}; models {why_chosen(self._settings)}"

    async def at_folders(self) -> str:
        return await asyncio.to_thread(_room, self._settings)

    async def at_model(self, name: str) -> str:
        llm = self._choice.language_model
        if name == "language model" and isinstance(llm, Server):
            await require_answer(llm.base_url, llm.api_key)
        if self._choice.pool and name != "language model":
            hello = await require_server(self._choice.pool)
            has = {
                "recognizer": hello.recognizer,
                "voice": hello.voice,
                "end of turn": hello.end_of_turn or "no model",
            }
            there = f"{has[name]} of the engine servers {' '.join(self._choice.pool.urls)}"
            if not self._choice.local:
                return there
            files = await asyncio.to_thread(_check_files, self._choice, name)
            return f"{there}; while none answers {files}"
        return await asyncio.to_thread(_check_files, self._choice, name)

    async def at_device(self) -> str:
        return await asyncio.to_thread(_devices, self._choice)

    async def at_database(self) -> str:
        url = normalize(self._settings.database_url)
        shown = url.render_as_string(hide_password=True)
        file = capacity.database_file(self._settings)
        if file and not await asyncio.to_thread(file.exists):
            if self._settings.database_upgrade == "never":
                raise StageFailed(f"{shown} is not there; run `vivavoce db upgrade`.")
            return f"{shown} will be made at the first start"
        if self._settings.cluster:
            await require_sessions(url)
        state = await state_of(url)
        beside: list[str] = []
        if not state.current and self._settings.database_upgrade == "auto":
            return f"{shown} answers; the next start brings its tables to version {newest()}"
        async with open_database(self._settings.database_url, upgrade=False) as database:
            async with database.write() as db:
                nothing = text("UPDATE interview_sessions SET status = status WHERE 1 = 0")
                await db.execute(nothing)
            await candidate_query.load_query(self._settings).check(database)
            if not self._settings.cluster:
                await require_none(database)
            elif beside := await replicas(database):
                await require_shared(database, self._settings)
        told = f"{shown} can be written to, tables of version {newest()}"
        return f"{told}; replicas: {', '.join(beside)}" if beside else told

    async def at_port(self) -> str:
        where = f"{self._settings.host}:{self._settings.port}"
        try:
            with closing(bound(self._settings)):
                return f"{where} is free"
        except PortTaken:
            if (found := await running(self._settings)) is None:
                raise
            held = interviews(found.interviews)
            return f"{where} is in use by a Vivavoce that answers /health; it holds {held}"

    async def at_capacity(self) -> str:
        return capacity.session_capacity(self._settings, locate(self._choice)).said


def _room(settings: Settings) -> str:
    """Check the free space in the folders that are written to."""
    file = capacity.database_file(settings)
    folders = [file.parent] if file else []
    if settings.recording:
        folders.append(settings.recordings_dir)
    told = [_writable(folder.absolute()) for folder in folders]
    return "; ".join(told) or "nothing but the database is written to"


def _writable(folder: Path) -> str:
    there = next(each for each in (folder, *folder.parents) if each.exists())
    try:
        tempfile.TemporaryFile(dir=there).close()
    except OSError as exc:
        raise StageFailed(
            f"{there} cannot be written to by this user ({exc.strerror}); give it the folder"
            " (chown), or name another one in VIVAVOCE_DATABASE_URL or VIVAVOCE_RECORDINGS_DIR."
        ) from exc
    free = shutil.disk_usage(there).free
    if free < LEAST_FREE:
        raise StageFailed(f"Only {free / GB:.2f} GB are free in {folder}; make room there.")
    return f"{folder} can be written to, {free / GB:.1f} GB free"


def _check_files(choice: Choice, name: str) -> str:
    """Verify one model's files by reading every byte."""
    folder, llm = choice.models_dir, choice.language_model
    located: Located[Recognizer] | Located[LanguageModel] | Located[Voice] | Located[EndOfTurn]
    if name == "recognizer":
        located = manifest.find(choice.recognizer, Recognizer, folder)
    elif name == "voice":
        located = manifest.find(choice.voice, Voice, folder)
    elif name == "end of turn":
        if not choice.end_of_turn:
            return "no model: the rules decide"
        located = manifest.find(choice.end_of_turn, EndOfTurn, folder)
    elif isinstance(llm, Server):
        return f"{llm.model} of the server {llm.base_url}"
    else:
        located = manifest.find(llm, LanguageModel, folder)
    model = located.model
    if not model.files:
        return f"{model.id}, a model of your own: there is no hash to compare it with"
    manifest.verify(model, folder)
    files = "1 file" if len(model.files) == 1 else f"{len(model.files)} files"
    return f"{model.id}: {files}, {model.size / MB:.0f} MB, as in the manifest"


def _devices(choice: Choice) -> str:
    parts = [f"{part} {on}" for part, on in devices(choice).items()]
    names = device.gpus() or (device.processor(),)
    return f"{', '.join(parts)}; {device.cores()} cores, {', '.join(names)}"
