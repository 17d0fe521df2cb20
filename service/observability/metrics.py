"""Metrics in the Prometheus format. No label holds an id or anything that was said.

Events are counted here as they happen; current state is read when a monitoring system asks
(gauges.py). Every application has its own registry.
"""

import asyncio
import platform
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields
from importlib.metadata import PackageNotFoundError, version
from time import perf_counter

from aiohttp import web
from prometheus_client import (
    CollectorRegistry,
    Counter,
    GCCollector,
    Histogram,
    Info,
    ProcessCollector,
)

from models.errors import EngineError
from pipeline.assessment.assess import REASONS, Assessment
from pipeline.conversation import output as o
from pipeline.conversation.replies import STAGES
from pipeline.conversation.stats import ConversationStats
from pipeline.errors import PipelineError
from pipeline.loop_lag import loop_lag

from ..errors import ServiceError
from ..settings import Settings

STAGE_BUCKETS = (
    0.025, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 0.75, 0.9, 1.05, 1.25, 1.5, 2, 3, 5, 10,
)  # fmt: skip
"""Upper bounds in seconds, closest together where an answer begins to feel slow."""
BRIEF_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5)
FINALIZE_BUCKETS = (0.5, 1, 2.5, 5, 10, 15, 20, 30, 40, 50, 60, 90)
CLOSE_CODES = frozenset({1000, 1001, 1005, 1006, 1008, 1009, 1011, 4004, 4409})
"""Close codes that get a label of their own; clients could send any number, each a new series."""
LAG_SAMPLE_SECONDS = 0.25
"""Seconds between two measurements of the event loop's lag."""


class Metrics:
    """The metrics of one application."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.all_stats: list[ConversationStats] = [ConversationStats()]
        """Statistics of the running conversations, after the sum of those that have ended."""
        self._stages = Histogram(
            "vivavoce_stage_seconds",
            "The stages of the interviewer's replies; docs/protocol.md says from when to when.",
            ["stage"],
            buckets=STAGE_BUCKETS,
            registry=self.registry,
        )
        self.commits = self._brief(
            "vivavoce_database_commit_seconds", "Commits, until they are on the disk."
        )
        self.loop_lag = self._brief(
            "vivavoce_event_loop_lag_seconds", "How late the event loop is, four times a second."
        )
        self._finalizing = Histogram(
            "vivavoce_finalize_seconds",
            "Ending and assessing interviews, from the first request on.",
            buckets=FINALIZE_BUCKETS,
            registry=self.registry,
        )
        self._finalize_failures = self._counter(
            "vivavoce_finalize_failures", "Interviews that could not be finalized.", "code"
        )
        self._assessed = self._counter(
            "vivavoce_answers_assessed", "Answers by what came of their assessment.", "outcome"
        )
        self._errors = self._counter("vivavoce_errors", "Errors that clients were told of.", "code")
        self._closed = self._counter(
            "vivavoce_connections_closed", "Sockets by the code they were closed with.", "code"
        )
        self._begin_at_zero()
        ProcessCollector(registry=self.registry)
        GCCollector(registry=self.registry)

    def _brief(self, name: str, help_: str) -> Histogram:
        return Histogram(name, help_, buckets=BRIEF_BUCKETS, registry=self.registry)

    def _counter(self, name: str, help_: str, label: str) -> Counter:
        return Counter(name, help_, [label], registry=self.registry)

    def _begin_at_zero(self) -> None:
        """Create the series that alerts watch, at zero: Prometheus sees no increase in a series
        that did not exist."""
        for stage in STAGES:
            self._stages.labels(stage)
        for code in ("internal_error", "record_unavailable", "database_unavailable", "full"):
            self._errors.labels(code)
        for code in ("internal_error", "database_unavailable"):
            self._finalize_failures.labels(code)
        for close_code in CLOSE_CODES:
            self._closed.labels(str(close_code))
        for outcome in ("assessed", *REASONS):
            self._assessed.labels(outcome)

    def describe(self, settings: Settings) -> None:
        """Publish the version and the models that run here."""
        build = Info("vivavoce_build", "The version that runs.", registry=self.registry)
        build.info({"version": running_version(), "python": platform.python_version()})
        models = Info("vivavoce_models", "The models that talk.", registry=self.registry)
        served = "engine servers" if settings.engines_url else ""
        models.info(
            {
                "recognizer": served or settings.stt_model,
                "language_model": settings.llm_model,
                "voice": served or settings.tts_voice,
            }
        )

    def told(self, output: o.Output) -> None:
        """Count an output that is about to be sent to a client."""
        match output:
            case o.ResponseDone(timing=timing):
                self._timed(timing)
            case o.Failed(code):
                self.error(code)

    def _timed(self, timing: Mapping[str, float]) -> None:
        for stage, ms in timing.items():
            self._stages.labels(stage).observe(ms / 1000)

    def error(self, code: str) -> None:
        self._errors.labels(code).inc()

    def closed(self, code: int | None) -> None:
        """Count a closed socket by its close code. None is a socket that was cut off; clients may
        send codes of their own."""
        known = "none" if code is None else str(code) if code in CLOSE_CODES else "other"
        self._closed.labels(known).inc()

    def assessment(self, assessment: Assessment) -> None:
        for each in assessment.answers:
            self._assessed.labels(each.reason or "assessed").inc()

    @contextmanager
    def conversation(self, stats: ConversationStats) -> Iterator[None]:
        """Count what happens in a conversation, while it goes on and afterwards."""
        self.all_stats.append(stats)
        try:
            yield
        finally:
            self.all_stats.remove(stats)
            _add(self.all_stats[0], stats)

    @contextmanager
    def finalizing(self) -> Iterator[None]:
        began = perf_counter()
        try:
            yield
        except (ServiceError, PipelineError, EngineError) as exc:
            self._finalize_failures.labels(exc.code).inc()
            raise
        except Exception:
            self._finalize_failures.labels("internal_error").inc()
            raise
        self._finalizing.observe(perf_counter() - began)


METRICS = web.AppKey("METRICS", Metrics)
CODE = web.ResponseKey("CODE", str)
"""The error code of the answer, if it reports an error."""


async def count_error(request: web.Request, response: web.StreamResponse) -> None:
    if code := response.get(CODE):
        request.app[METRICS].error(code)


async def watched_loop(app: web.Application) -> AsyncIterator[None]:
    """Measure how late the event loop is for as long as the application runs."""
    async with asyncio.TaskGroup() as tasks:
        watching = tasks.create_task(watch(app[METRICS].loop_lag), name="loop lag")
        yield
        watching.cancel()


async def watch(lag: Histogram) -> None:
    """Measure how late the event loop is, until this is cancelled."""
    async for late in loop_lag(LAG_SAMPLE_SECONDS):
        lag.observe(late)


def _add(total: ConversationStats, stats: ConversationStats) -> None:
    total.failures.update(stats.failures)
    total.worded.update(stats.worded)
    for each in fields(ConversationStats):
        if isinstance(count := getattr(stats, each.name), int):
            setattr(total, each.name, getattr(total, each.name) + count)


def running_version() -> str:
    """Return the version of the program that runs."""
    try:
        return version("vivavoce")
    except PackageNotFoundError:
        return "unknown"
