"""Try the sources of files in order, several files at once."""

import shutil
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Thread
from typing import Protocol

from .index import Index
from .transfer import DownloadFailed, Progress, Refused, Transfer, Unreachable, Wanted

PARALLEL = 4
SECONDS_TO_ANSWER = 6.0
"""For all sources together, when they are asked whether they are there."""


class Source(Protocol):
    @property
    def name(self) -> str:
        """Its address, for people."""
        ...

    def offers(self, wanted: Wanted) -> bool:
        """Whether it would have the file."""
        ...

    def answers(self, wanted: Wanted) -> bool:
        """Whether the source can be reached just now. It would have the file, if anything."""
        ...

    def away(self, why: str) -> Unreachable:
        """The sentence that it cannot be reached."""
        ...

    def fetch(self, wanted: Wanted, transfer: Transfer) -> str:
        """Fetch one file and put it in its place; its SHA-256. Raises `DownloadFailed`: `Refused`
        and `Unreachable` when another source may help."""
        ...


@dataclass(slots=True)
class Sources:
    """The sources, in the order in which they are tried."""

    sources: Sequence[Source]
    pause: Callable[[float], None] = time.sleep
    """Waits for so many seconds, between two tries."""
    stopped: Event = field(default_factory=Event)
    """Set when a file failed: the others end, and nothing more can be fetched with this object."""
    away: dict[str, Unreachable] = field(default_factory=dict)
    """Names of sources that could not be reached, which are not asked again, and why."""
    failed: dict[str, DownloadFailed] = field(default_factory=dict)
    """Names of sources that did not give what they offered, and why."""

    def fetch_all(self, files: Sequence[Wanted], progress: Progress) -> dict[Path, str]:
        """Fetch several at once; the SHA-256 of each. The first that fails stops all others, and
        the next try goes on where they were. Raises `DownloadFailed`."""
        transfer = Transfer(progress, self.pause, self.stopped)
        largest_first = sorted(files, key=lambda file: -file.size)
        indexes = [source for source in self.sources if isinstance(source, Index)]
        for index in indexes:
            index.needed.update(p.package.name for file in files for p in file.pieces)
        pool = ThreadPoolExecutor(PARALLEL)
        running = {pool.submit(self.fetch, file, transfer): file for file in largest_first}
        try:
            found = {running[done].target: done.result() for done in as_completed(running)}
        except BaseException as exc:
            self.stopped.set()
            # Somebody who presses Ctrl-C does not wait for a server that is silent.
            pool.shutdown(wait=not isinstance(exc, KeyboardInterrupt), cancel_futures=True)
            raise
        pool.shutdown()
        for index in indexes:
            shutil.rmtree(index.folder, ignore_errors=True)  # wheels that were not needed after all
        return found

    def fetch(self, wanted: Wanted, transfer: Transfer) -> str:
        """Fetch one file from the first source that gives it; its SHA-256. Raises
        `DownloadFailed`."""
        reasons: list[DownloadFailed] = []
        for source in self.sources:
            if source.name in self.away:
                reasons.append(self.away[source.name])
                continue
            if len(self.sources) > 1 and not source.offers(wanted):
                continue
            try:
                return source.fetch(wanted, transfer)
            except Unreachable as exc:
                self.away[source.name] = exc
                reasons.append(exc)
            except Refused as exc:
                self.failed[source.name] = exc
                reasons.append(exc)
        if not reasons:
            raise Refused(f"none of the sources has {wanted.name} of {wanted.source}")
        if len(reasons) == 1:
            raise reasons[0]
        # Advice on how to reach a source helps only where nothing else is known.
        told = [str(reason) for reason in reasons if not isinstance(reason, Unreachable)]
        told += [f"{name} cannot be reached" for name in self.away] if told else map(str, reasons)
        raise DownloadFailed(f"no source gives {wanted.name}: {'; '.join(told)}")

    @property
    def answering(self) -> list[Source]:
        """Those that can be reached, as far as is known."""
        return [source for source in self.sources if source.name not in self.away]

    def probe(self, files: Sequence[Wanted]) -> None:
        """Ask all sources at once whether they can be reached; the others are not asked again.
        `files` are some that are wanted."""
        there: dict[str, bool] = {}

        def ask(source: Source) -> None:
            offered = next((file for file in files if source.offers(file)), None)
            there[source.name] = offered is not None and source.answers(offered)

        # Not a pool, which would be waited for: looking up a name may take half a minute.
        asking = [Thread(target=ask, args=[each], daemon=True) for each in self.sources]
        until = time.monotonic() + SECONDS_TO_ANSWER
        for thread in asking:
            thread.start()
        for thread in asking:
            thread.join(max(0.0, until - time.monotonic()))
        for source in self.sources:
            if not there.get(source.name):
                self.away[source.name] = source.away("it does not answer as it should")

    def again(self) -> "Sources":
        """Those that have given what they offered, for another try."""
        away = self.away | {name: Unreachable(str(why)) for name, why in self.failed.items()}
        return Sources(self.sources, self.pause, away=away)

    def offer(self, files: Sequence[Wanted]) -> bool:
        """Whether each of these files would be had from a source that can be reached."""
        return all(any(source.offers(file) for source in self.answering) for file in files)
