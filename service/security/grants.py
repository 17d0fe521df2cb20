"""A right to hear one interview's recordings for a while, as a part of their address.

A browser's player asks for a recording by itself, without the key or token with which a program has
asked for the page that the player is in, and some leave out the password that the page was opened
with. So the page's addresses carry this instead. It opens nothing else.
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
"""How long a report can be listened to before it has to be opened again."""


class Grants:
    """Signed with a key that is known to this process only, and gone with it."""

    def __init__(self, *, clock: Callable[[], float] = time.time) -> None:
        self._key = secrets.token_bytes(32)
        self._clock = clock

    def issue(self, who: str, interview_id: UUID) -> str:
        """To somebody who may read the interview; letters, digits, - and _."""
        claim = msgspec.json.encode((int(self._clock()) + SECONDS, who))
        sealed = self._seal(interview_id, claim) + claim
        return base64.urlsafe_b64encode(sealed).decode().rstrip("=")

    def holder(self, grant: str, interview_id: UUID) -> str | None:
        """Whom it was given to; None when it is not valid for this interview, or not any more."""
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
