"""The service on scripted engines, for load tests and client tests:

    python -m scripts.measure.fake_server

It needs no weights and takes the product's settings. What models/fake.py calls speech is always
understood as the same answer, and the interviewer says what its plan tells it to. Large weights
take long to load: `--loading 20` takes 20 s, and with `--fails` it fails then.
"""

import argparse
import asyncio
import contextlib
import os
import signal
import sys
from contextlib import AbstractAsyncContextManager

from models import fake
from models.contracts import Engines
from models.errors import EngineError, WeightsUnusable
from service.http.listening import bound
from service.observability import logs
from service.operations.stopping import Stop
from service.serving import serve
from service.settings import Settings, load

ANSWER = "I have worked on web services in Python for six years, and I enjoy it very much."


def main() -> None:
    parser = argparse.ArgumentParser(description="The service on scripted engines.")
    parser.add_argument("--loading", type=float, default=0.0, metavar="SECONDS")
    parser.add_argument("--fails", action="store_true", help="loading fails at its end")
    asked = parser.parse_args()
    settings = load(os.environ)
    logs.configure(settings.log_level, settings.log_format)
    failure = WeightsUnusable("These weights are damaged.") if asked.fails else None
    engines = fake.loaded(fake.engines(ANSWER), after=asked.loading, failure=failure)
    try:
        asyncio.run(run(settings, engines))
    except EngineError as exc:
        sys.exit(f"vivavoce: {exc}")


async def run(settings: Settings, engines: AbstractAsyncContextManager[Engines]) -> None:
    stop = Stop()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.signalled)
    with contextlib.closing(bound(settings)) as listener:
        await serve(settings, engines, listener, stop)


if __name__ == "__main__":
    main()
