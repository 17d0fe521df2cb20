"""The service on scripted engines, for load tests and client tests: python -m scripts.fake_server

It needs no weights and takes the product's settings. What models/fake.py calls speech is always
understood as the same answer, and the interviewer says what its plan tells it to.
"""

import os

from aiohttp import web

from models import fake
from service.app import build_app
from service.settings import load

ANSWER = "I have worked on web services in Python for six years, and I enjoy it very much."


def main() -> None:
    settings = load(os.environ)
    app = build_app(settings, fake.engines(ANSWER))
    web.run_app(app, host=settings.host, port=settings.port, access_log=None, print=None)


if __name__ == "__main__":
    main()
