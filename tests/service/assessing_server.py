"""The service on scripted engines with a model that assesses, and takes a while for it:
python -m tests.service.assessing_server"""

import asyncio
import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from models import fake
from models.contracts import Message
from scripts.measure.fake_server import run
from service import app
from service.engine_config import assessor
from service.observability import logs
from service.settings import load

from .held import SAID, CountingLlm

LOADING = 0.3
ASSESSING = 3.0
"""Seconds for each answer."""


class Assessor(CountingLlm):
    async def fill(
        self, messages: Sequence[Message], schema: Mapping[str, Any], *, max_tokens: int = 400
    ) -> str:
        await asyncio.sleep(ASSESSING)
        return await super().fill(messages, schema, max_tokens=max_tokens)


def main() -> None:
    settings = load(os.environ)
    # it is asked for ratings, which are the shortest form to script
    app.assessor = lambda given: replace(assessor(given), form="rating")
    logs.configure(settings.log_level, settings.log_format)
    engines = fake.engines(SAID, llm=Assessor(), voice=fake.SteadyVoice(0.004))
    asyncio.run(run(settings, fake.loaded(engines, after=LOADING)))


if __name__ == "__main__":
    main()
