"""The choice of models, and of their share of the machine, that the settings make."""

from models.choice import Choice
from models.device import Machine
from models.manifest import Pool, Server, read
from pipeline.assessment.assessor import Assessor, assessor_of

from .settings import NO_MODEL, Settings


def chosen_models(settings: Settings) -> Choice:
    llm: str | Server = settings.llm_model
    if settings.llm_base_url:
        llm = Server(settings.llm_base_url, settings.llm_model, settings.llm_api_key)
    return Choice(
        models_dir=settings.models_dir,
        recognizer=settings.stt_model,
        language_model=llm,
        voice=settings.tts_voice,
        end_of_turn="" if settings.end_of_turn_model == NO_MODEL else settings.end_of_turn_model,
        vad=settings.vad,
        machine=Machine(settings.device, settings.compute_type, settings.threads, settings.places),
        pool=engine_pool(settings),
    )


def engine_pool(settings: Settings) -> Pool | None:
    """Return the engine servers that the settings name, if they name any."""
    if not settings.engines_url:
        return None
    key, _, _ = settings.engines_key.partition(",")
    return Pool(settings.engines_url, key, settings.engines_fallback)


def assessor(settings: Settings) -> Assessor:
    """Return who assesses. Reads the manifest. Raises `WeightsUnusable` when that is damaged."""
    own = settings.models_dir / settings.llm_model
    size = own.stat().st_size if own.suffix == ".gguf" and own.is_file() else 0
    return assessor_of(settings.llm_model, read(), 0 if settings.llm_base_url else size)
