"""Keys that open other people's data. Only their hashes are ever held."""

import hashlib
import hmac
import re
from collections.abc import Sequence
from dataclasses import dataclass

SHORTEST = 24
"""Characters of a key; `openssl rand -hex 32` makes 64."""


@dataclass(frozen=True, slots=True)
class ApiKey:
    name: str
    """Who uses it, for the audit log."""
    digest: bytes
    """SHA-256. A key is long and random, so nothing slower is needed to keep it secret."""


def hash_key(text: str) -> ApiKey:
    """A key as it is written in the settings: `name:key` or only the key, which is then named by
    the beginning of its hash. Raises ValueError when it is too short to be secret."""
    name, colon, key = text.strip().partition(":")
    if not colon:
        name, key = "", name
    if len(key) < SHORTEST or not re.fullmatch(r"[\x21-\x7e]+", key) or len(name) > 60:
        raise ValueError("an API key is not usable")
    digest = _digest(key)
    return ApiKey(name or digest.hex()[:8], digest)


def find_key(key: str, keys: Sequence[ApiKey]) -> ApiKey | None:
    """Whose key this is. It takes the same time for every key that is wrong."""
    digest = _digest(key)
    found = None
    for each in keys:
        if hmac.compare_digest(each.digest, digest):
            found = each
    return found


def _digest(key: str) -> bytes:
    return hashlib.sha256(key.encode("utf-8", "surrogateescape")).digest()
