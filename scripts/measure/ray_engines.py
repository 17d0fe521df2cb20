"""Ray Serve on this machine with the engine servers of deploy/ray, to test and measure them:

    python -m scripts.measure.ray_engines --port 9000 --replicas 2

It starts a Ray of its own, with its token, says `ready` when all replicas run, and ends all of it
when it is told to stop. Services connect to ws://127.0.0.1:PORT. With --grows it starts with one
replica, and Ray adds and ends replicas by the rule of deploy/ray, with shorter delays.
"""

import argparse
import logging
import os
import secrets
import signal
import sys
import tempfile
import threading
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
DELAYS = {
    "min_replicas": 1, "initial_replicas": 1, "upscale_delay_s": 1, "downscale_delay_s": 3,
    "metrics_interval_s": 0.5, "look_back_period_s": 2,
}  # fmt: skip
"""Of autoscaling, in the place of those in deploy/ray: seconds instead of minutes."""


def main() -> None:
    parser = argparse.ArgumentParser(description="Ray Serve with engine servers.")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--replicas", type=int, default=2)
    parser.add_argument("--grows", action="store_true", help="from one to so many replicas")
    asked = parser.parse_args()
    os.environ.update(RAY_AUTH_MODE="token", RAY_USAGE_STATS_ENABLED="0")
    os.environ.setdefault("RAY_AUTH_TOKEN", secrets.token_hex(32))
    paths = [str(ROOT), str(ROOT / "deploy" / "ray"), os.environ.get("PYTHONPATH")]
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, paths))
    sys.path[:0] = paths[:2]  # of this process; the variable is for Ray's own
    with tempfile.TemporaryDirectory(prefix="ray-") as folder:
        run(asked.port, asked.replicas, folder, grows=asked.grows)


def run(port: int, replicas: int, folder: str, *, grows: bool) -> None:
    """Serve until a signal asks to stop."""
    import ray
    from ray import serve
    from vivavoce_engines import Engines, by_depth, require_safe  # type: ignore[import-not-found]

    ray.init(
        num_cpus=replicas + 1,
        include_dashboard=False,
        logging_level=logging.WARNING,
        log_to_driver=False,
        _temp_dir=folder,
        object_store_memory=100_000_000,
    )
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):  # after Ray, which has handlers of its own
        signal.signal(number, lambda *_: stop.set())
    try:
        serve.start(http_options={"host": "127.0.0.1", "port": port})
        require_safe(os.environ)
        # A number that is fixed makes a measurement repeatable.
        number: dict[str, Any] = {"autoscaling_config": None, "num_replicas": replicas}
        if grows:
            number = {
                "autoscaling_config": DELAYS
                | {"max_replicas": replicas, "policy": {"policy_function": by_depth}}
            }
        engines = Engines.options(graceful_shutdown_timeout_s=3, **number)
        serve.run(engines.bind(), name="engines")  # returns when they run
        print("ready", flush=True)
        stop.wait()
        serve.shutdown()
    finally:
        ray.shutdown()


if __name__ == "__main__":
    main()
