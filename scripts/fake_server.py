"""The service on scripted engines, for load tests and client tests: python -m scripts.fake_server

It needs no weights and takes the product's settings. What models/fake.py calls speech is always
understood as the same answer, and the interviewer says what its plan tells it to.
"""

import asyncio
import contextlib
import os
import signal

from models import fake
from service.commands.serve import serve
from service.operations import logs
from service.operations.listening import bound
from service.operations.stopping import Stop
from service.settings import Settings, load

ANSWER = "I have worked on web services in Python for six years, and I enjoy it very much."


def main() -> None:
    settings = load(os.environ)
    logs.configure(settings.log_level, settings.log_format)
    asyncio.run(run(settings))


async def run(settings: Settings) -> None:
    stop = Stop()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.signalled)
    with contextlib.closing(bound(settings)) as listener:
        await serve(settings, fake.engines(ANSWER), listener, stop)


if __name__ == "__main__":
    main()
