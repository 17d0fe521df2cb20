"""Engine servers as a Ray Serve application.

    export RAY_AUTH_MODE=token RAY_USAGE_STATS_ENABLED=0 VIVAVOCE_ENGINES_KEY=…
    serve run vivavoce_engines:app      # in this folder, on a machine of the cluster

Each replica is an engine server with the queues and batches of `vivavoce engines`; Ray starts,
watches and counts the replicas, and its proxy takes the connections of the services
(VIVAVOCE_ENGINES_URL=ws://HEAD:8000). Conversations never run here. The settings of `vivavoce
engines` are read from the environment of the replicas. More or fewer replicas, GPUs and cores:
`serve build`, then `num_gpus` and `autoscaling_config` in its file; docs/scaling.md says more.
"""

import os
from contextlib import AsyncExitStack
from dataclasses import replace
from math import ceil
from typing import Any

from ray import serve

from models.remote.asgi import EngineApplication
from models.remote.serving import EngineServer
from service.api_keys import find_key
from service.commands.engines import loaded
from service.engine_config import chosen_models
from service.engine_server.app import keys_of
from service.errors import SettingInvalid
from service.settings import PREFIX, load

NEEDED = {"RAY_AUTH_MODE": "token", "RAY_USAGE_STATS_ENABLED": "0"}
"""Variables that a cluster which hears candidates has to have: whoever reaches Ray without a token
runs what he likes, and usage statistics go to the internet."""
DEPTH = "depth"
TARGET = 2.0
"""Pieces of work at a replica, waiting and under way, on average: with more of them answers begin
to wait for each other."""
LASTS = 60.0
"""Seconds after which a connection is sent elsewhere: a new replica gets its share of them, and one
that Ray wants to end is empty before its time is up."""


def require_safe(environment: Any) -> None:
    """Refuse a cluster that anybody may use, or one without a key. Raises `SettingInvalid`."""
    wrong = [f"{name}={value}" for name, value in NEEDED.items() if environment.get(name) != value]
    if wrong:
        raise SettingInvalid(f"Set {' and '.join(wrong)} for every process of the Ray cluster.")
    if not environment.get(f"{PREFIX}ENGINES_KEY"):
        raise SettingInvalid("Set VIVAVOCE_ENGINES_KEY (openssl rand -hex 32) for all replicas.")


def by_depth(context: Any) -> tuple[float, dict[str, Any]]:
    """Return how many replicas the work needs, by the mean depth of their queues; bounds and delays
    are Ray's."""
    depths = (context.aggregated_metrics or {}).get(DEPTH, {})
    return max(1, ceil(sum(depths.values()) / TARGET)), {}


@serve.deployment(
    name="engines",
    max_ongoing_requests=256,  # connections, which last; our own queues bound the calls
    graceful_shutdown_timeout_s=LASTS + 15,
    health_check_period_s=2,
    health_check_timeout_s=10,
    ray_actor_options={"num_cpus": 1},
    autoscaling_config={
        "min_replicas": 1,
        "initial_replicas": 2,
        "max_replicas": 8,
        "upscale_delay_s": 10,
        "downscale_delay_s": 300,
        "metrics_interval_s": 2,
        "look_back_period_s": 10,
        "policy": {"policy_function": by_depth},
    },
)
@serve.ingress()
class Engines:
    """One engine server."""

    async def __init__(self) -> None:
        require_safe(os.environ)
        settings = load(os.environ)
        self._keys = keys_of(settings)
        self._stack = AsyncExitStack()
        choice = replace(chosen_models(settings), pool=None)
        served = await self._stack.enter_async_context(loaded(choice))
        self._server = EngineServer(served, lasts=LASTS)

    def __serve_build_asgi_app__(self) -> EngineApplication:
        return EngineApplication(self._server, lambda key: find_key(key, self._keys) is not None)

    async def record_autoscaling_stats(self) -> dict[str, float]:
        """Return what `by_depth` decides by."""
        return {DEPTH: float(self._server.served.depth)}

    async def check_health(self) -> None:
        """Raise when an engine has stopped, so that Ray starts another replica."""
        for name, state in self._server.served.states.items():
            if not state.alive:
                raise RuntimeError(f"the {name} has stopped")

    async def __del__(self) -> None:
        await self._stack.aclose()


def app(_: dict[str, str]) -> serve.Application:
    """Build the application, for `serve run` and `serve build`."""
    require_safe(os.environ)
    return Engines.bind()
