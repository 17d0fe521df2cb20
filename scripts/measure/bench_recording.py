"""What recording conversations costs, and what a kill takes from them:

.venv/bin/python -m scripts.measure.bench_recording --minutes 4 --sessions 10 --kills 20
"""

import argparse
import asyncio
import base64
import json
import random
import statistics
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID, uuid4

import aiohttp
import numpy as np
import psutil

from models import load
from models.choice import Choice
from models.contracts import SPEAKING_RATE, Samples
from models.device import Machine
from pipeline.conversation.stereo import BLOCK
from scripts.measure.server import FAKES, free_port, launch, wait_until_ready
from service.recording.ogg_opus import OggOpusWriter, seconds
from service.recording.recordings import path_of
from service.settings import Settings

CLAUSES = (
    "I have worked on web services in Python for six years, and I enjoy it very much.",
    "Could you tell me about a project that you are proud of?",
    "We built a bridge over the river that half of the town uses every day.",
    "Why do you want this job?",
)
ROOM = 30
"""Loudness of a quiet room in a microphone."""
CHUNK = 2048
"""Samples of a message, as browsers send them: 85 ms."""
HELD_SECONDS = 25.0
"""How long the sessions go on of which the service's share of the processor is measured."""
SPOKEN_SECONDS = (3.0, 8.0)
"""How long a candidate has spoken when the service is killed."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--minutes", type=float, default=4.0, help="of conversation to encode")
    parser.add_argument("--sessions", type=int, default=10, help="at once, with and without")
    parser.add_argument("--kills", type=int, default=20)
    args = parser.parse_args()
    encoding(asyncio.run(conversation(args.minutes)))
    if args.sessions:
        for recording in (False, True):
            asyncio.run(holding(args.sessions, recording))
    if args.kills:
        asyncio.run(killing(args.kills))


async def conversation(minutes: float) -> Samples:
    """Both sides take turns; the room is heard on the left."""
    given = Settings()
    machine = Machine("cpu", "auto", 2, 1)
    names = (given.stt_model, given.llm_model, given.tts_voice, given.vad)
    async with load.engines(Choice(given.models_dir, *names, machine)) as engines:
        spoken = [await engines.voice.speak(clause) for clause in CLAUSES]
    draw = np.random.default_rng(1)
    turns = []
    for n, said in enumerate(spoken):
        sides = [np.zeros_like(said), np.zeros_like(said)]
        sides[n % 2] = said
        sides[0] = sides[0] + (draw.standard_normal(len(said)) * ROOM).astype(np.int16)
        turns.append(np.stack(sides, axis=1))
    once = np.concatenate(turns)
    return np.tile(once, (max(1, round(minutes * 60 * SPEAKING_RATE / len(once))), 1))


def encoding(both: Samples) -> None:
    """In the blocks in which sessions hand it on."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "1.ogg")
        began = time.thread_time()
        writer = OggOpusWriter(path)
        for start in range(0, len(both), BLOCK):
            writer.write(both[start : start + BLOCK])
        writer.close()
        spent = time.thread_time() - began
        size = path.stat().st_size
    length = len(both) / SPEAKING_RATE
    print(f"encoding: {spent / length:.2%} of a core, {size / length * 60 / 1000:.0f} kB a minute")


async def holding(sessions: int, recording: bool) -> None:
    """Conversations with the fakes, in real time."""
    with serving(recording) as (child, url, folder):
        await asyncio.to_thread(wait_until_ready, child, url, folder)
        process = psutil.Process(child.pid)
        before, memory = process.cpu_times(), process.memory_info().rss
        async with aiohttp.ClientSession() as http, asyncio.TaskGroup() as tasks:
            for _ in range(sessions):
                tasks.create_task(spoken(http, url, uuid4(), HELD_SECONDS))
        after = process.cpu_times()
        spent = after.user + after.system - before.user - before.system
        grown = (process.memory_info().rss - memory) / sessions / 2**20
        print(
            f"{'recorded' if recording else 'not recorded'}, {sessions} at once:"
            f" {spent / HELD_SECONDS / sessions:.2%} of a core and {grown:.1f} MB each"
        )


async def killing(count: int) -> None:
    """How many seconds of what a candidate had sent are not in the file."""
    random.seed(1)
    lost = []
    for _ in range(count):
        with serving(recording=True) as (child, url, folder):
            await asyncio.to_thread(wait_until_ready, child, url, folder)
            interview_id = uuid4()
            async with aiohttp.ClientSession() as http:
                length = random.uniform(*SPOKEN_SECONDS)
                sent = await spoken(http, url, interview_id, length, then=child.kill)
            child.wait()
            lost.append(sent - seconds(path_of(Path(folder, "recordings"), interview_id, 1)))
    p50, most = statistics.median(lost), max(lost)
    print(f"lost at {count} kills: p50 {p50:.2f} s, most {most:.2f} s")


@contextmanager
def serving(recording: bool):
    """The service on scripted engines: the process, its address and its folder."""
    with tempfile.TemporaryDirectory(prefix="vivavoce-") as folder:
        settings = {
            "RECORDING": str(recording).lower(),
            "RECORDINGS_DIR": f"{folder}/recordings",
            "AUTOCREATE_INTERVIEWS": "true",
            "MAX_SESSIONS": "100",
        }
        port = free_port()
        child = launch(FAKES, settings, port, folder)
        try:
            yield child, f"http://127.0.0.1:{port}", folder
        finally:
            child.kill()
            child.wait()


async def spoken(
    http: aiohttp.ClientSession, url: str, interview_id: UUID, length: float, then=lambda: None
) -> float:
    """Be in a quiet room for so many seconds, then do this; the seconds that were sent."""
    draw = np.random.default_rng(1)
    room = (draw.standard_normal((20, CHUNK)) * ROOM).astype("<i2")
    messages = [
        json.dumps({"type": "audio", "audio": base64.b64encode(chunk.tobytes()).decode()})
        for chunk in room
    ]
    body = {"interview_id": str(interview_id)}
    async with http.post(f"{url}/start-database-interview", json=body) as answer:
        answer.raise_for_status()
    loop = asyncio.get_running_loop()
    socket = http.ws_connect(f"{url}/ws/interview/{interview_id}", max_msg_size=0)
    async with socket as ws, asyncio.TaskGroup() as tasks:
        reading = tasks.create_task(read(ws))
        began, sent = loop.time(), 0
        while loop.time() < began + length:
            await ws.send_str(messages[sent // CHUNK % len(messages)])
            sent += CHUNK
            await asyncio.sleep(max(0.0, began + sent / SPEAKING_RATE - loop.time()))
        then()
        reading.cancel()
    return sent / SPEAKING_RATE


async def read(ws: aiohttp.ClientWebSocketResponse) -> None:
    async for _ in ws:
        pass


if __name__ == "__main__":
    main()
