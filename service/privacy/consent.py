"""Ask candidates for their consent, and keep it on record.

The operator writes a text; the candidate's page shows it and wants a tick. The text that was agreed
to is kept word for word with the interview and deleted when the interview is erased. A client that
does not ask is told apart from one that did.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import msgspec
from aiohttp import web
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from ..errors import ConsentMissing, SettingInvalid, Unprocessable
from ..http.web import answer
from ..settings import Settings
from ..storage.tables import Consent
from ..times import iso, utc_now

LONGEST = 20_000
"""Most characters of a text."""
RECORDING = (
    "The interview is recorded: what you say and what the interviewer says is kept as sound."
)


@dataclass(frozen=True, slots=True)
class Asked:
    """The text that candidates agree to here."""

    text: str
    """The text; when it is empty, candidates are asked nothing."""
    required: bool

    @property
    def version(self) -> str:
        """SHA-256 of the text as hex; it changes with every letter."""
        return hash_text(self.text)


ASKED = web.AppKey("ASKED", Asked)


class Given(msgspec.Struct):
    """A candidate's consent as reported by a client. The text is the service's, by its version, or
    one of the client's own."""

    given: bool
    version: str = ""
    text: Annotated[str, msgspec.Meta(max_length=LONGEST)] = ""


def routes() -> list[web.AbstractRouteDef]:
    return [web.get("/consent", show)]


async def show(request: web.Request) -> web.Response:
    """Answer with the text that a client has to ask its candidate about."""
    asked = request.app[ASKED]
    return answer({"text": asked.text, "version": asked.version, "required": asked.required})


def load_text(settings: Settings) -> Asked:
    """Load the text from its file. Raises `SettingInvalid` when there is no text, or one that
    nobody can read."""
    parts = [_read(Path(settings.consent_file))] if settings.consent_file else []
    if settings.recording:
        parts.append(RECORDING)
    asked = Asked("\n\n".join(parts), settings.consent_required)
    if asked.required and not asked.text:
        raise SettingInvalid(
            "VIVAVOCE_CONSENT_REQUIRED is true, but there is nothing to agree to; set"
            " VIVAVOCE_CONSENT_FILE."
        )
    return asked


def decide(asked: Asked, given: Given | None, *, before: bool = False) -> Consent:
    """Return the consent to store, for any interview; `before` says that the candidate had agreed
    already.

    Raises `ConsentMissing` and `Unprocessable`."""
    if given is None:
        if asked.required and not before:
            raise ConsentMissing(
                "Before this interview the candidate has to agree to a text; this page has not"
                " asked for it."
            )
        return Consent(version="", source="none")
    if not given.given:
        raise ConsentMissing("Without the candidate's consent the interview cannot begin.")
    text = given.text or asked.text
    if not text or not (given.text or given.version):
        raise Unprocessable("consent: give the version of the text that was shown, or the text.")
    version = hash_text(text)
    if given.version not in ("", version):
        raise ConsentMissing("The text to agree to has changed; please reload this page.")
    ours = version == asked.version
    if asked.required and not ours:
        raise ConsentMissing("The candidate has to agree to the text of this service.")
    source = "service" if ours else "client"
    return Consent(version=version, given_at=utc_now(), text=text, source=source)


async def keep(db: AsyncSession, interview_id: UUID, consent: Consent) -> None:
    """Store the consent. The first of equal ones stays: a page that is loaded anew asks again."""
    if await db.get(Consent, (interview_id, consent.version)) is not None:
        return
    consent.interview_session_id = interview_id
    try:
        async with db.begin_nested():
            db.add(consent)
    except IntegrityError:
        return  # another request stored it first


async def consents(db: AsyncSession, interview_id: UUID) -> list[Consent]:
    """Return the interview's consents, the oldest first."""
    query = select(Consent).where(Consent.interview_session_id == interview_id)
    return list(await db.scalars(query.order_by(Consent.created_at)))


def has_agreed(consents: Sequence[Consent]) -> bool:
    return any(each.given_at for each in consents)


async def require(db: AsyncSession, asked: Asked, interview_id: UUID) -> None:
    """Raise `ConsentMissing` where an interview must not begin without consent and has none."""
    if asked.required and not has_agreed(await consents(db, interview_id)):
        raise ConsentMissing("This interview cannot begin before the candidate has agreed to it.")


def fields(consent: Consent) -> dict[str, Any]:
    """Return the consent's fields for exports and answers."""
    return {
        "given_at": iso(consent.given_at) if consent.given_at else None,
        "source": consent.source,
        "version": consent.version,
        "text": consent.text,
    }


def hash_text(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _read(path: Path) -> str:
    try:
        text = path.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as exc:
        raise SettingInvalid(
            f"VIVAVOCE_CONSENT_FILE is {str(path)!r}, but that file cannot be read as UTF-8 text."
        ) from exc
    if not text or len(text) > LONGEST - len(RECORDING) - 2:
        raise SettingInvalid(f"VIVAVOCE_CONSENT_FILE has {len(text)} characters; 1 to 19 000 do.")
    return text
