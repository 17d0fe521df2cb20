"""API keys that open other people's data. Only their hashes are kept in memory."""

import hashlib
import hmac
import re
from collections.abc import Sequence
from dataclasses import dataclass

SHORTEST = 24
"""Fewest characters of a key; `openssl rand -hex 32` makes 64."""


@dataclass(frozen=True, slots=True)
class ApiKey:
    name: str
    """The key's holder, for the audit log."""
    digest: bytes
    """SHA-256 of the key. A key is long and random, so nothing slower is needed to keep it
    secret."""


def hash_key(text: str) -> ApiKey:
    """Hash a key as written in the settings: `name:key`, or only the key, which is then named by
    the beginning of its hash. Raises ValueError when it is too short to be secret."""
    name, colon, key = text.strip().partition(":")
    if not colon:
        name, key = "", name
    if len(key) < SHORTEST or not re.fullmatch(r"[\x21-\x7e]+", key) or len(name) > 60:
        raise ValueError("an API key is not usable")
    digest = _digest(key)
    return ApiKey(name or digest.hex()[:8], digest)


def find_key(key: str, keys: Sequence[ApiKey]) -> ApiKey | None:
    """Return the matching key, if any. It takes the same time for every key that is wrong."""
    digest = _digest(key)
    found = None
    for each in keys:
        if hmac.compare_digest(each.digest, digest):
            found = each
    return found


def _digest(key: str) -> bytes:
    return hashlib.sha256(key.encode("utf-8", "surrogateescape")).digest()
