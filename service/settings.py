"""All settings of an operator: one frozen struct, made from VIVAVOCE_ variables."""

import difflib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, get_type_hints
from urllib.parse import urlsplit

import msgspec
from aiohttp import web
from msgspec import Meta

from .api_keys import SHORTEST, ApiKey, hash_key
from .errors import SettingInvalid

PREFIX = "VIVAVOCE_"
NO_MODEL = "none"
"""Value of a setting that names a model and may name none."""
DEFAULT_DATABASE = "sqlite+aiosqlite:///data/vivavoce.db"
LOCAL_ORIGINS = tuple(
    f"http://{host}:{port}" for host in ("localhost", "127.0.0.1") for port in (3000, 5173, 8080)
)
"""Addresses where the development servers of front ends usually run."""

Days = Annotated[int, Meta(ge=0, le=36500, description="days from 0, which is for ever, to 36500")]

Origins = Annotated[
    tuple[str, ...],
    Meta(description="* or origins such as https://example.com, separated by commas"),
]

ApiKeys = Annotated[
    tuple[ApiKey, ...],
    Meta(
        description=f"keys of at least {SHORTEST} letters, digits or signs, separated by commas,"
        " each alone or as name:key"
    ),
]
EngineUrls = Annotated[
    tuple[str, ...],
    Meta(description="URLs such as ws://engines:8009, separated by commas"),
]
SECRETS = ("API_KEYS", "ENGINES_KEY", "GRANTS_KEY", "JWT_SECRET", "LLM_API_KEY", "METRICS_KEYS")
"""Settings whose value an error message does not show."""

GUESSED = 4
"""The most interviews that are admitted without a calibration."""


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All settings. `load` makes it; a description says what is allowed, in the words of an error
    message."""

    host: Annotated[str, Meta(min_length=1, description="an address or a host name")] = "127.0.0.1"
    port: Annotated[int, Meta(ge=0, le=65535, description="a whole number from 0 to 65535")] = 8008
    """The port to listen on; 0 takes any free port."""
    base_path: Annotated[
        str,
        Meta(
            pattern=r"^(/[A-Za-z0-9._~-]+)*$",
            description="empty or a path such as /interviews, without a slash at its end",
        ),
    ] = ""
    """Every route answers under this path too."""
    public_url: Annotated[
        str,
        Meta(
            pattern=r"^(https?://([A-Za-z0-9_.-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?"
            r"(/[A-Za-z0-9._~-]+)*/?)?$",
            description="empty or the address of the candidate's page, such as"
            " https://example.com/talk, without a question mark or what follows one",
        ),
    ] = ""
    """Public address of the page; links to it and to reports begin with it."""
    allowed_origins: Origins = LOCAL_ORIGINS
    """Origins whose pages may call the service; its own pages always may."""
    api_keys: ApiKeys = ()
    """Keys for reading other people's data, beside tokens signed as below; see `access`."""
    jwt_secret: Annotated[
        str, Meta(pattern="^(.{32,})?$", description="a secret of at least 32 characters (HS256)")
    ] = ""
    jwt_public_key_file: Annotated[str, Meta(description="a file")] = ""
    """PEM or JWKS: the public keys that tokens are checked with (RS256, ES256)."""
    jwt_audience: str = ""
    """The `aud` that a token must have; empty takes any."""
    jwt_issuer: str = ""
    """The `iss` that a token must have; empty takes any."""
    metrics_keys: ApiKeys = ()
    """Keys that open `/metrics` and nothing else; see `probes`."""
    grants_key: Annotated[
        str, Meta(pattern="^(.{32,})?$", description="a secret of at least 32 characters")
    ] = ""
    """Signs the grants to play recordings; empty takes a key that ends with the process."""
    cluster: Annotated[bool, Meta(description="true or false")] = False
    """True: this is one replica of many on the same Postgres; see `cluster.requirements`."""
    cluster_sessions: Annotated[
        Annotated[int, Meta(ge=1, le=100_000)] | None,
        Meta(description="a whole number from 1 to 100000"),
    ] = None
    """Interviews that all replicas together hold at most; unset, as many as each of them does."""
    database_url: Annotated[
        str,
        Meta(
            pattern=r"^(sqlite|postgres(ql)?)(\+\w+)?://",
            description="a URL that begins with sqlite+aiosqlite:/// or postgresql+asyncpg://",
        ),
    ] = DEFAULT_DATABASE
    database_upgrade: Annotated[Literal["auto", "never"], Meta(description="auto or never")] = (
        "auto"
    )
    """`auto`: the start creates and changes tables; `never`: only `vivavoce db upgrade` does."""
    candidate_query_file: Annotated[str, Meta(description="a file")] = ""
    """SQL that finds the candidate and the job in tables of the site's own; see
    `candidate_query`."""
    autocreate_interviews: Annotated[bool | None, Meta(description="true or false")] = None
    """True: an unknown interview id becomes a default interview; see `autocreate`."""
    models_dir: Annotated[Path, Meta(description="a folder")] = Path("models")
    models_source: Annotated[
        str, Meta(description="hub, index, folders or URLs, separated by commas")
    ] = ""
    """Sources that `make run` and `download_models.py` ask; the service itself fetches nothing."""
    stt_model: Annotated[str, Meta(min_length=1, description="a model's id")] = "starter-recognizer"
    llm_model: Annotated[str, Meta(min_length=1, description="a model's id")] = (
        "starter-interviewer"
    )
    tts_voice: Annotated[str, Meta(min_length=1, description="a voice's id")] = "starter-voice"
    end_of_turn_model: Annotated[str, Meta(min_length=1, description="a model's id, or none")] = (
        NO_MODEL
    )
    """The model that hears whether a candidate has finished; without one the rules decide."""
    llm_base_url: Annotated[
        str,
        Meta(pattern=r"^(https?://.+)?$", description="a URL such as http://localhost:8000/v1"),
    ] = ""
    """An OpenAI-compatible server, used instead of a local LLM."""
    llm_api_key: str = ""
    engines_url: EngineUrls = ()
    """Engine servers (`vivavoce engines`), used instead of a local recognizer and voice."""
    engines_key: Annotated[
        str,
        Meta(
            pattern=r"^([\x21-\x2b\x2d-\x7e]{24,}(,[\x21-\x2b\x2d-\x7e]{24,})*)?$",
            description="keys of at least 24 letters, digits or signs, separated by commas",
        ),
    ] = ""
    """Key of the engine servers. They accept each of these keys, a service sends the first."""
    engines_fallback: Annotated[bool, Meta(description="true or false")] = False
    """True: the models are loaded here too, and work while no engine server answers."""
    vad: Annotated[
        Literal["both", "webrtc", "silero"], Meta(description="both, webrtc or silero")
    ] = "both"
    device: Annotated[Literal["auto", "cpu", "cuda"], Meta(description="auto, cpu or cuda")] = (
        "auto"
    )
    compute_type: Annotated[
        str, Meta(pattern=r"^[a-z0-9_]+$", description="auto, int8, float16, float32 or the like")
    ] = "auto"
    threads: Annotated[int, Meta(ge=0, le=1024, description="a whole number from 0 to 1024")] = 0
    """Threads of the engines; 0 leaves the choice to them."""
    endpoint_ms: Annotated[
        int, Meta(ge=200, le=5000, description="milliseconds from 200 to 5000")
    ] = 600
    """Silence that ends a turn which sounds complete."""
    endpoint_max_ms: Annotated[
        int, Meta(ge=200, le=10000, description="milliseconds from 200 to 10000")
    ] = 2000
    """Silence that ends any turn."""
    max_sessions: Annotated[
        Annotated[int, Meta(ge=1, le=10000)] | None,
        Meta(description="a whole number from 1 to 10000"),
    ] = None
    """Interviews that may go on at once; unset, as many as the machine was measured to hold."""
    grace_seconds: Annotated[int, Meta(ge=0, le=86400, description="seconds from 0 to 86400")] = 120
    """Seconds for which a place is kept for a client whose connection broke."""
    drain_seconds: Annotated[int, Meta(ge=0, le=86400, description="seconds from 0 to 86400")] = 30
    """Seconds for which interviews may go on after the first signal to stop."""
    recording: Annotated[bool, Meta(description="true or false")] = False
    """True: the audio of interviews is recorded; see `recorder`."""
    recordings_dir: Annotated[Path, Meta(description="a folder")] = Path("data/recordings")
    retention_audio_days: Days = 0
    retention_transcript_days: Days = 0
    retention_assessment_days: Days = 0
    retention_audit_days: Days = 0
    """Days for which each class of data is kept; see `retention`."""
    consent_file: Annotated[str, Meta(description="a file")] = ""
    """Text that the candidate's page asks to agree to before an interview; see `consent`."""
    consent_required: Annotated[bool, Meta(description="true or false")] = False
    """True: no interview begins without consent, whichever client asks."""
    log_level: Annotated[
        Literal["debug", "info", "warning", "error"],
        Meta(description="debug, info, warning or error"),
    ] = "info"
    log_format: Annotated[Literal["text", "json"], Meta(description="text or json")] = "text"

    @property
    def places(self) -> int:
        """Return the number of slots. The start sets `max_sessions` (see `capacity`); without it
        nothing was measured."""
        return GUESSED if self.max_sessions is None else self.max_sessions

    @property
    def autocreate(self) -> bool:
        """Return whether unknown ids become default interviews. Unset means yes with the default
        database: nothing else creates interviews there."""
        if self.autocreate_interviews is None:
            return self.database_url == DEFAULT_DATABASE
        return self.autocreate_interviews

    def __repr__(self) -> str:
        """Show no values: some are secrets."""
        return "Settings(…)"


SETTINGS = web.AppKey("SETTINGS", Settings)


def load(env: Mapping[str, str]) -> Settings:
    """Return the settings that these variables define; empty ones count as unset.

    Raises `SettingInvalid` for an unknown name and for a value that is not allowed."""
    hints = get_type_hints(Settings, include_extras=True)
    given: dict[str, Any] = {}
    for variable, text in env.items():
        if not variable.startswith(PREFIX):
            continue
        field = variable.removeprefix(PREFIX).lower()
        if field not in hints or variable != variable.upper():
            raise SettingInvalid(_unknown(variable, hints))
        if text.strip():
            given[field] = _value(variable, text.strip(), hints[field])
    settings = Settings(**given)
    if settings.endpoint_max_ms < settings.endpoint_ms:
        raise SettingInvalid(
            f"{PREFIX}ENDPOINT_MAX_MS is {settings.endpoint_max_ms}, but must not be less than "
            f"{PREFIX}ENDPOINT_MS, which is {settings.endpoint_ms}."
        )
    return settings


def _value(variable: str, text: str, hint: Any) -> Any:
    try:
        if hint is Origins:
            return tuple(_origin(part) for part in text.split(",") if part.strip())
        if hint is ApiKeys:
            return tuple(hash_key(part) for part in text.split(",") if part.strip())
        if hint is EngineUrls:
            return tuple(_engine_url(part.strip()) for part in text.split(",") if part.strip())
        if variable == f"{PREFIX}LOG_LEVEL":
            text = text.lower()
        return msgspec.convert(text, hint, strict=False, dec_hook=lambda kind, value: kind(value))
    except (msgspec.ValidationError, ValueError):
        allowed = next(m.description for m in hint.__metadata__ if isinstance(m, Meta))
        if variable == f"{PREFIX}DATABASE_URL":
            text = text.partition(":")[0] + ":…"  # the rest may hold a password
        if variable.removeprefix(PREFIX) in SECRETS:
            raise SettingInvalid(f"{variable} must be {allowed}.") from None
        raise SettingInvalid(f"{variable} is {text!r}, but must be {allowed}.") from None


def _origin(text: str) -> str:
    """Return one entry of the list as browsers send it. Raises ValueError when it is no origin."""
    text = text.strip().rstrip("/").lower()
    parts = urlsplit(text)
    if text != "*" and (parts.scheme not in ("http", "https") or text.count("/") != 2):
        raise ValueError(text)
    return text


def _engine_url(text: str) -> str:
    """Return the address of an engine server. Raises ValueError when it is none."""
    parts = urlsplit(text)
    if parts.scheme not in ("ws", "wss", "http", "https") or not parts.hostname or parts.query:
        raise ValueError(text)
    return text.rstrip("/")


def _unknown(variable: str, hints: Mapping[str, Any]) -> str:
    names = [PREFIX + name.upper() for name in hints]
    close = difflib.get_close_matches(variable.upper(), names, n=1, cutoff=0.0)
    return f"There is no setting {variable}; did you mean {close[0]}?"
