"""What recording a conversation costs, and what a kill takes from it:

.venv/bin/python -m scripts.bench_recording --minutes 4 --kills 20
"""

import argparse
import asyncio
import base64
import json
import random
import statistics
import subprocess
import tempfile
import time
from pathlib import Path
from uuid import UUID, uuid4

import aiohttp
import numpy as np

from models import load
from models.contracts import SPEAKING_RATE, Samples
from models.ogg_opus import OggOpusWriter, seconds
from pipeline.tape import BLOCK
from scripts.server import FAKES, free_port, launch, wait_until_ready
from service.recordings import path_of
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
SPOKEN_SECONDS = (3.0, 8.0)
"""How long a candidate has spoken when the service is killed."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=4.0, help="of conversation to encode")
    parser.add_argument("--kills", type=int, default=20)
    args = parser.parse_args()
    cost(args.minutes)
    if args.kills:
        lost = asyncio.run(kills(args.kills))
        print(
            f"lost at {len(lost)} kills: p50 {statistics.median(lost):.2f} s, "
            f"most {max(lost):.2f} s"
        )


def cost(minutes: float) -> None:
    """Encode a conversation in the blocks in which sessions hand it on."""
    both = asyncio.run(conversation(minutes))
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
    print(f"{spent / length:.2%} of a core, {size / length * 60 / 1000:.0f} kB a minute")


async def conversation(minutes: float) -> Samples:
    """Both sides take turns; the room is heard on the left."""
    settings = Settings()
    machine = load.Machine("cpu", "auto", 2, 1)
    choice = load.Choice(
        settings.models_dir,
        settings.stt_model,
        settings.llm_model,
        settings.tts_voice,
        "both",
        machine,
    )
    async with load.engines(choice) as engines:
        spoken = [await engines.voice.speak(clause) for clause in CLAUSES]
    draw = np.random.default_rng(1)
    turns = []
    for n, said in enumerate(spoken):
        sides = [np.zeros_like(said), np.zeros_like(said)]
        sides[n % 2] = said
        sides[0] = sides[0] + (draw.standard_normal(len(said)) * ROOM).astype(np.int16)
        turns.append(np.stack(sides, axis=1))
    once = np.concatenate(turns)
    times = round(minutes * 60 * SPEAKING_RATE / len(once)) or 1
    return np.tile(once, (times, 1))


async def kills(count: int) -> list[float]:
    """For each, how many seconds of what a candidate had sent are not in the file."""
    random.seed(1)
    lost = []
    for _ in range(count):
        with tempfile.TemporaryDirectory(prefix="vivavoce-") as folder:
            recordings = Path(folder, "recordings")
            settings = {
                "RECORDING": "true",
                "RECORDINGS_DIR": str(recordings),
                "AUTOCREATE_INTERVIEWS": "true",
            }
            port = free_port()
            child = launch(FAKES, settings, port, folder)
            try:
                sent, interview_id = await spoken_until_killed(child, port, folder)
            finally:
                child.kill()
                child.wait()
            lost.append(sent - seconds(path_of(recordings, interview_id, 1)))
    return lost


async def spoken_until_killed(
    child: subprocess.Popen[bytes], port: int, folder: str
) -> tuple[float, UUID]:
    """Seconds that were sent, and by whom."""
    url = f"http://127.0.0.1:{port}"
    await asyncio.to_thread(wait_until_ready, child, url, folder)
    interview_id = uuid4()
    message = json.dumps({"type": "audio", "audio": base64.b64encode(bytes(2 * CHUNK)).decode()})
    async with aiohttp.ClientSession() as http:
        body = {"interview_id": str(interview_id)}
        async with http.post(f"{url}/start-database-interview", json=body) as answer:
            answer.raise_for_status()
        async with http.ws_connect(f"{url}/ws/interview/{interview_id}") as ws:
            loop = asyncio.get_running_loop()
            began = loop.time()
            until = began + random.uniform(*SPOKEN_SECONDS)
            sent = 0
            while loop.time() < until:
                await ws.send_str(message)
                sent += CHUNK
                await asyncio.sleep(max(0.0, began + sent / SPEAKING_RATE - loop.time()))
            child.kill()
    return sent / SPEAKING_RATE, interview_id


if __name__ == "__main__":
    main()
