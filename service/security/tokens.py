"""JSON Web Tokens of people who have signed in elsewhere. No key is ever fetched over the
network."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jwt
import msgspec
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from ..errors import NotSignedIn, SettingInvalid

LEEWAY_SECONDS = 30
"""Seconds by which the clocks of the issuer and of this machine may differ."""
SUBJECT_CHARACTERS = 200
"""Most characters of a subject, which becomes a name in the audit log."""
SHORTEST_RSA = 2048
"""Fewest bits of an RSA key; RFC 7518 requires as many for RS256."""


@dataclass(frozen=True, slots=True)
class Key:
    """A key and the only algorithm that it is used with: a token does not choose."""

    algorithm: str
    material: Any
    id: str | None = None


class _Set(msgspec.Struct):
    """A JSON Web Key Set (RFC 7517)."""

    keys: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Tokens:
    keys: Sequence[Key]
    audience: str = ""
    """The required audience; empty accepts tokens for any."""
    issuer: str = ""

    def subject(self, token: str) -> str:
        """Return the subject of the token. Raises `NotSignedIn`, which does not say what was wrong
        with the token: that is for the log of its issuer.

        A token without `exp` would be valid for ever, and one without `sub` belongs to nobody, such
        as the public key that pages of some back ends carry."""
        try:
            header = jwt.get_unverified_header(token)
        except (jwt.PyJWTError, UnicodeEncodeError, RecursionError):
            raise _refusal() from None
        for key in self._fitting(header):
            try:
                claims = jwt.decode(
                    token,
                    key.material,
                    algorithms=[key.algorithm],
                    audience=self.audience or None,
                    issuer=self.issuer or None,
                    leeway=LEEWAY_SECONDS,
                    options={"require": ["exp", "sub"], "verify_aud": bool(self.audience)},
                )
            except (jwt.PyJWTError, OverflowError, RecursionError):
                continue
            if _is_name(claims["sub"]) and not claims.get("is_anonymous"):
                return str(claims["sub"])
        raise _refusal()

    def _fitting(self, header: dict[str, Any]) -> list[Key]:
        named = header.get("kid")
        return [
            key
            for key in self.keys
            if key.algorithm == header.get("alg") and (None in (key.id, named) or key.id == named)
        ]


def _is_name(subject: str) -> bool:
    """Return whether the subject can stand in a line of the audit log as it is: a name without line
    breaks, other control characters, marks that change the direction of writing, or lone
    surrogates."""
    return 0 < len(subject.strip()) <= len(subject) <= SUBJECT_CHARACTERS and subject.isprintable()


def secret(text: str) -> list[Key]:
    return [Key("HS256", text.encode())] if text else []


def public_keys(path: str) -> list[Key]:
    """Return the keys of a PEM file or of a JWKS, whichever it is; none without a path.

    Raises `SettingInvalid`."""
    if not path:
        return []
    try:
        content = Path(path).read_bytes()
        keys = _of_set(content) if content.lstrip().startswith(b"{") else [_of_pem(content)]
    except _UNUSABLE as exc:
        reason = exc.strerror if isinstance(exc, OSError) else "no RS256 or ES256 key can be read"
        raise SettingInvalid(
            f"VIVAVOCE_JWT_PUBLIC_KEY_FILE is {path!r}, which cannot be used ({reason}); give a"
            " PEM file with an RSA or P-256 public key, or a JWKS file."
        ) from exc
    return keys


_UNUSABLE = (
    OSError,
    ValueError,
    TypeError,  # a field of a JWK is of the wrong type
    UnsupportedAlgorithm,
    msgspec.MsgspecError,
    jwt.PyJWTError,
)


def _of_pem(content: bytes) -> Key:
    key = load_pem_public_key(content)
    return Key(_algorithm(key), key)


def _of_set(content: bytes) -> list[Key]:
    """Return the signature keys of a JWKS; others, such as those for encryption, are left out."""
    found = []
    for given in msgspec.json.decode(content, type=_Set).keys:
        if given.get("kty") in ("RSA", "EC") and given.get("use", "sig") == "sig":
            key = jwt.PyJWK(given).key
            if isinstance(key, RSAPublicKey | EllipticCurvePublicKey):
                found.append(Key(_algorithm(key), key, given.get("kid")))
    if not found:
        raise ValueError("no key")
    return found


def _algorithm(key: object) -> str:
    """Return the algorithm for the key. Raises ValueError for a key of another kind and for one
    that is too weak."""
    if isinstance(key, RSAPublicKey) and key.key_size >= SHORTEST_RSA:
        return "RS256"
    if isinstance(key, EllipticCurvePublicKey) and isinstance(key.curve, SECP256R1):
        return "ES256"
    raise ValueError("neither RSA nor P-256")


def _refusal() -> NotSignedIn:
    return NotSignedIn("This token is not valid here, or not any more; please sign in again.")
