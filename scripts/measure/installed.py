"""The models that a service started here would run: those that VIVAVOCE_ variables name, or else
those that were fetched for this machine."""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from models.choice import locate
from models.errors import EngineError
from service.default_models import with_fetched
from service.engine_config import chosen_models
from service.errors import SettingInvalid
from service.settings import load

NAMED = ("STT_MODEL", "LLM_MODEL", "TTS_VOICE", "END_OF_TURN_MODEL")


@dataclass(frozen=True, slots=True)
class Installed:
    settings: Mapping[str, str]
    """The settings that name these models, without their prefix."""
    voice: Path
    """The voice's weights."""


def installed() -> Installed:
    """Exits with a sentence where one of them is missing, or the voice is no Piper voice."""
    try:
        settings = load(with_fetched(os.environ))
        chosen = locate(chosen_models(settings))
    except (SettingInvalid, EngineError) as exc:
        sys.exit(f"The models of this installation cannot be used: {exc}")
    weights = chosen.voice.weights if chosen.voice else None
    if weights is None or weights.suffix != ".onnx":
        sys.exit(f"Candidates need a Piper voice; VIVAVOCE_TTS_VOICE is {settings.tts_voice}.")
    named = {name: str(getattr(settings, name.lower())) for name in NAMED}
    return Installed(named | {"MODELS_DIR": str(settings.models_dir.resolve())}, weights)
