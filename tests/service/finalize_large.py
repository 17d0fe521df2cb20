"""Post a finalize body of so many MB to a service of our own and print by how many MB the service's
memory grew: python -m tests.service.finalize_large 150"""

import asyncio
import json
import sys
import tempfile
import threading
from collections.abc import AsyncIterator
from uuid import uuid4

import aiohttp
import psutil
from aiohttp import web

from models import fake
from service.app import build_app, runner
from service.settings import Settings


async def body(megabytes: int, interview_id: str) -> AsyncIterator[bytes]:
    """What a client posts after a long interview."""
    second = json.dumps({"type": "response.audio.delta", "timestamp": 1, "delta": "A" * 64_000})
    words = json.dumps({"type": "response.text.done", "timestamp": 1, "text": "And then?"})
    yield f'{{"interviewId": "{interview_id}", "transcript": [{words}'.encode()
    for _ in range(megabytes * 1_000_000 // 64_000):
        yield f",{second},{words}".encode()
    yield b"]}"


async def post(url: str, megabytes: int) -> int:
    interview_id = str(uuid4())
    async with aiohttp.ClientSession(url) as http:
        async with http.post("/start-database-interview", json={"interview_id": interview_id}):
            pass
        data = body(megabytes, interview_id)
        async with http.post("/finalize-interview", data=data) as answer:
            return answer.status


class Highest(threading.Thread):
    """Looks at the memory of this process a hundred times a second."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.bytes = 0
        self.ended = threading.Event()

    def run(self) -> None:
        process = psutil.Process()
        while not self.ended.wait(0.01):
            self.bytes = max(self.bytes, process.memory_info().rss)


async def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/test.db"
        app = build_app(Settings(database_url=url, autocreate_interviews=True), fake.engines())
        running = runner(app)
        await running.setup()
        await web.TCPSite(running, "127.0.0.1", 0).start()
        here = f"http://127.0.0.1:{running.addresses[0][1]}"
        assert await post(here, 1) == 200  # what is loaded once is no growth
        before = psutil.Process().memory_info().rss
        highest = Highest()
        highest.start()
        assert await post(here, int(sys.argv[1])) == 200
        highest.ended.set()
        sys.stdout.write(f"{(highest.bytes - before) / 1e6:.1f}\n")
        await running.cleanup()


if __name__ == "__main__":
    asyncio.run(main())
