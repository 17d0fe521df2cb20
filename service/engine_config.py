"""The choice of models, and of their share of the machine, that the settings make."""

from models import load as models
from models.device import Machine
from models.manifest import Server

from .settings import Settings


def chosen_models(settings: Settings) -> models.Choice:
    llm: str | Server = settings.llm_model
    if settings.llm_base_url:
        llm = Server(settings.llm_base_url, settings.llm_model, settings.llm_api_key)
    return models.Choice(
        models_dir=settings.models_dir,
        recognizer=settings.stt_model,
        language_model=llm,
        voice=settings.tts_voice,
        vad=settings.vad,
        machine=Machine(settings.device, settings.compute_type, settings.threads, settings.places),
    )
