"""Find the models that run where no setting names one: those that were fetched for this machine, or
else the starter weights."""

from collections.abc import Mapping
from pathlib import Path

from models import fetched
from models.errors import EngineError, WeightsUnusable

from .errors import SettingInvalid
from .settings import NO_MODEL, PREFIX, Settings

MODELS = ("stt_model", "llm_model", "tts_voice", "end_of_turn_model")
"""Settings that name a model."""
STARTERS = Settings()
"""Settings whose models are the starter weights."""


# docs/decisions/046-weights-at-set-up.md: settings are what a person wrote
def with_fetched(variables: Mapping[str, str]) -> Mapping[str, str]:
    """Return the variables and, for models that they do not name, those that were fetched. Raises
    `SettingInvalid`."""
    folder = variables.get(f"{PREFIX}MODELS_DIR", "").strip()
    if folder and not Path(folder).is_dir():
        raise SettingInvalid(_no_folder(Path(folder)))
    try:
        found = fetched.read(Path(folder or STARTERS.models_dir))
    except WeightsUnusable as exc:
        raise SettingInvalid(str(exc)) from exc
    if found is None:
        return variables
    default = {
        "STT_MODEL": found.recognizer,
        "TTS_VOICE": found.voice,
        "END_OF_TURN_MODEL": found.end_of_turn,
    }
    if not variables.get(f"{PREFIX}LLM_BASE_URL", "").strip():  # else it is the server's name
        default["LLM_MODEL"] = found.language_model
    given = {name for name, value in variables.items() if value.strip()}
    chosen = {f"{PREFIX}{name}": value for name, value in default.items() if value}
    return {**variables, **{n: value for n, value in chosen.items() if n not in given}}


def _no_folder(path: Path) -> str:
    where = path.absolute()
    if path.exists():
        return f"{PREFIX}MODELS_DIR is {str(path)!r}, but {where} is not a folder."
    return (
        f"{PREFIX}MODELS_DIR is {str(path)!r}, but there is no folder {where}: `make models` makes"
        " it and fetches models, or name the folder that has them."
    )


def by_default(settings: Settings) -> list[str]:
    """Return the names of the settings whose model is the one that was fetched. Raises
    `WeightsUnusable`."""
    found = fetched.read(settings.models_dir)
    ids = found.ids if found else ()
    return [name for name in MODELS if getattr(settings, name) in ids]


def why_chosen(settings: Settings) -> str:
    """Return, in words, why these models run. Raises `WeightsUnusable`."""
    found = fetched.read(settings.models_dir)
    names = [name for name in MODELS if name != "llm_model" or not settings.llm_base_url]
    running = [value for name in names if (value := getattr(settings, name)) != NO_MODEL]
    if found and all(name in found.ids for name in running):
        return f"fetched for this machine ({found.why})"
    if all(getattr(settings, name) == getattr(STARTERS, name) for name in names):
        return _nothing_chosen(settings) if found is None else "as set"
    if found is None:
        return "as set"
    own = [name for name in running if name not in found.ids]
    return f"as set: {', '.join(own)}; the rest fetched for this machine ({found.why})"


def _nothing_chosen(settings: Settings) -> str:
    """Return why the starter weights run where no choice is on record: weights may lie there all
    the same, copied without it."""
    # Imported only here: it imports numpy, which reads once what `models.ENVIRONMENT` sets.
    from models import manifest

    def lies_there(model: manifest.AnyModel) -> bool:
        try:
            manifest.check(model, settings.models_dir)
        except EngineError:
            return False
        return True

    known = (model for model in manifest.read().model if not model.shipped)
    there = [model.id for model in known if lies_there(model)]
    if not there:
        return "nothing was fetched"
    record = settings.models_dir / fetched.NAME
    return (
        f"{record} is missing, so none of the models beside it ({', '.join(there)}) is chosen:"
        " `make models` chooses, or name them in the settings"
    )
