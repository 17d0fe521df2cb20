"""A Hugging Face hub, or a mirror of it, as a source of files.

`huggingface_hub` keeps nothing of a download that was interrupted, so only its questions and
headers are used here. The hub says for each file what it must be: a SHA-256 for large ones, else
the hash that git gives it.
"""

import contextlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

import httpx2
from huggingface_hub import get_hf_file_metadata, get_session, hf_hub_url, is_offline_mode
from huggingface_hub.errors import (
    GatedRepoError,
    HfHubHTTPError,
    OfflineModeIsEnabled,
    RemoteEntryNotFoundError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)
from huggingface_hub.utils import build_hf_headers, hf_raise_for_status  # type: ignore[attr-defined]

from .transfer import TIMEOUT, Refused, Transfer, Unreachable, Wanted, answered, part_headers

ENDPOINT = "https://huggingface.co"
_SHA256 = re.compile(r"[0-9a-f]{64}")
_GIT = re.compile(r"[0-9a-f]{40}")


@dataclass(frozen=True, slots=True)
class Hub:
    """A hub or a mirror of it."""

    endpoint: str = ENDPOINT

    @property
    def name(self) -> str:
        return self.endpoint

    def offers(self, wanted: Wanted) -> bool:
        return wanted.hub

    def answers(self, wanted: Wanted) -> bool:
        return not is_offline_mode() and answered(get_session().head, self._url(wanted))

    def away(self, why: str) -> Unreachable:
        if is_offline_mode():
            return Unreachable(
                "HF_HUB_OFFLINE is set, so nothing is downloaded from the hub: unset it, or "
                "install a bundle"
            )
        return Unreachable(
            f"{self.endpoint} cannot be reached ({why}): look at the network, set https_proxy "
            "behind a proxy or HF_ENDPOINT for a mirror; for a machine without any network make a "
            "bundle on another one (--bundle)"
        )

    def fetch(self, wanted: Wanted, transfer: Transfer) -> str:
        """Fetch one file and put it in its place; its SHA-256. Raises `DownloadFailed`."""
        with _explained(wanted, self):
            expected = self._expected(wanted)

            def fill(file: BinaryIO) -> None:
                # Here, too: the hub's errors are OSErrors, which would be taken for the disk's.
                with _explained(wanted, self):
                    transfer.receive(wanted, file, lambda have: self._connected(wanted, have))

            return transfer.put(wanted, expected, fill)

    def _url(self, wanted: Wanted) -> str:
        return hf_hub_url(
            wanted.source, wanted.name, revision=wanted.revision, endpoint=self.endpoint
        )

    def _expected(self, wanted: Wanted) -> str:
        """The hash that the hub gives the file, after comparing it with the manifest."""
        found = get_hf_file_metadata(
            self._url(wanted), timeout=TIMEOUT.read, endpoint=self.endpoint
        )
        hub = (found.etag or "").lower()
        if found.commit_hash not in (None, wanted.revision):
            raise Refused(
                f"{self.endpoint} gives the commit {found.commit_hash} of {wanted.source} for "
                f"{wanted.revision}: use another mirror"
            )
        if found.size not in (None, wanted.size):
            raise Refused(
                f"{wanted.name} of {wanted.source} has {found.size} bytes on {self.endpoint}, but "
                f"{wanted.size} in the manifest: nothing was downloaded"
            )
        if wanted.sha256 and _SHA256.fullmatch(hub) and hub != wanted.sha256:
            raise Refused(
                f"{wanted.name} of {wanted.source} has the hash {hub} on {self.endpoint}, but "
                f"{wanted.sha256} in the manifest: nothing was downloaded"
            )
        if not wanted.sha256 and not (_SHA256.fullmatch(hub) or _GIT.fullmatch(hub)):
            raise Refused(
                f"{self.endpoint} gives no hash of {wanted.name}, and the manifest has none: "
                "use another mirror"
            )
        return wanted.sha256 or hub

    @contextlib.contextmanager
    def _connected(self, wanted: Wanted, have: int) -> Iterator[httpx2.Response]:
        headers = build_hf_headers() | part_headers(have)
        url = self._url(wanted)
        with get_session().stream("GET", url, headers=headers, timeout=TIMEOUT) as response:
            hf_raise_for_status(response)
            yield response


def hub_of(variables: dict[str, str]) -> Hub:
    """The hub that HF_ENDPOINT names, or else the usual one."""
    return Hub((variables.get("HF_ENDPOINT") or ENDPOINT).rstrip("/"))


@contextlib.contextmanager
def _explained(wanted: Wanted, hub: Hub) -> Iterator[None]:
    """Turn what the libraries raise into a sentence."""
    endpoint = hub.endpoint
    what = f"{wanted.name} of {wanted.source}"
    try:
        yield
    except GatedRepoError as exc:
        raise Refused(
            f"{wanted.source} is given out only to those who accept its terms: do that on "
            f"{endpoint}/{wanted.source} and set HF_TOKEN to your token"
        ) from exc
    except (RemoteEntryNotFoundError, RevisionNotFoundError, RepositoryNotFoundError) as exc:
        raise Refused(
            f"{what} (commit {wanted.revision}) is not on {endpoint}: use another mirror, or, if "
            "the repository was removed, choose another model"
        ) from exc
    except HfHubHTTPError as exc:
        code = exc.response.status_code
        raise Refused(f"{endpoint} answered {code} for {what}: try again later") from exc
    except (OfflineModeIsEnabled, httpx2.HTTPError) as exc:
        raise hub.away(type(exc).__name__) from exc
