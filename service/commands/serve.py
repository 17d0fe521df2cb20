"""`vivavoce serve`: check what can be known at once, begin to load, hold interviews.

A candidate whose service was restarted waits. So the language model, which takes longest to load,
is being loaded while most of the program is imported, each of which takes half a second.
"""

import gc
import logging

import msgspec

from models import load as models
from models.choice import Chosen, locate

from ..cluster import requirements
from ..default_models import why_chosen
from ..engine_config import chosen_models
from ..observability import logs
from ..operations import capacity as capacities
from ..settings import Settings

logger = logging.getLogger("vivavoce")


async def run(settings: Settings) -> None:
    """Serve until a signal asks to stop. Raises `StartError` and `EngineError`."""
    requirements.require(settings)
    chosen = locate(chosen_models(settings))
    announce(settings, chosen)
    settings = admitting(settings, chosen)
    choice = chosen_models(settings)
    async with models.early(choice) as early:
        gc.disable()  # it would look at all that is being imported, again and again
        from .. import serving

        gc.freeze()
        gc.enable()
        await serving.run(settings, models.engines(choice, early=early))


def announce(settings: Settings, chosen: Chosen) -> None:
    """Say which models will talk, and which of them are not suitable for real interviews."""
    llm = chosen.language_model
    name = llm.model if isinstance(llm.model, str) else llm.model.id
    judge = f"model {chosen.end_of_turn.model.id}" if chosen.end_of_turn else "rules alone"
    if chosen.pool:
        stand_in = ", or here while none answers" if chosen.pool.fall_back else ""
        servers = " ".join(chosen.pool.urls)
        logs.say(
            settings.log_format,
            f"Recognizer and voice at {servers}{stand_in}, language model {name}",
        )
    elif chosen.recognizer and chosen.voice:
        logs.say(
            settings.log_format,
            f"Recognizer {chosen.recognizer.model.id}, language model {name},"
            f" voice {chosen.voice.model.id}, end of turn by {judge}: {why_chosen(settings)}",
        )
    if chosen.demonstrations:
        logs.say(
            settings.log_format,
            "Demonstration weights: " + ", ".join(chosen.demonstrations) + "."
            " They show that everything works; real interviews need real models (`make models`).",
        )


def admitting(settings: Settings, chosen: Chosen) -> Settings:
    """Return the settings with the number of interviews that this machine holds, and tell the
    operator."""
    capacity = capacities.session_capacity(settings, chosen)
    if capacity.warning:
        logger.warning(capacity.said)
    else:
        logs.say(settings.log_format, capacity.said)
    return msgspec.structs.replace(settings, max_sessions=capacity.places)
