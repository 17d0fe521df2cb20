"""Grants to play one interview's recordings for a while, carried in their address.

A browser's player asks for a recording by itself, without the key or token with which a program has
asked for the page that the player is in, and some leave out the password that the page was opened
with. So the page's addresses carry a grant instead. It opens nothing else.
"""

import base64
import binascii
import hmac
import secrets
import time
from collections.abc import Callable
from uuid import UUID

import msgspec

# docs/decisions/034-player-grant.md: a player cannot send a header
SEAL_BYTES = 32
SECONDS = 3600
"""Seconds for which a report's recordings can be played before it has to be opened again."""


class Grants:
    """The issuer and checker of grants, signed with this secret; without one, with a key that only
    this process knows and that is gone with it."""

    def __init__(self, secret: str = "", *, clock: Callable[[], float] = time.time) -> None:
        self._key = secret.encode() or secrets.token_bytes(32)
        self._clock = clock

    def issue(self, who: str, interview_id: UUID) -> str:
        """Return a grant for somebody who may read the interview; letters, digits, - and _."""
        claim = msgspec.json.encode((int(self._clock()) + SECONDS, who))
        sealed = self._seal(interview_id, claim) + claim
        return base64.urlsafe_b64encode(sealed).decode().rstrip("=")

    def holder(self, grant: str, interview_id: UUID) -> str | None:
        """Return to whom the grant was issued; None when it is not valid for this interview, or has
        expired."""
        try:
            whole = base64.b64decode(grant + "=" * (-len(grant) % 4), altchars="-_", validate=True)
        except (binascii.Error, ValueError):
            return None
        seal, claim = whole[:SEAL_BYTES], whole[SEAL_BYTES:]
        if not hmac.compare_digest(seal, self._seal(interview_id, claim)):
            return None
        until, who = msgspec.json.decode(claim, type=tuple[int, str])
        return who if self._clock() < until else None

    def _seal(self, interview_id: UUID, claim: bytes) -> bytes:
        return hmac.digest(self._key, interview_id.bytes + claim, "sha256")
