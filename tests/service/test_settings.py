from io import StringIO
from pathlib import Path

import msgspec
import pytest
from dotenv import dotenv_values

from service.errors import SettingInvalid
from service.settings import PREFIX, Settings, load

EXAMPLE = Path(__file__).parents[2] / ".env.example"


def test_nothing_set_means_the_defaults() -> None:
    assert load({"HOME": "/root"}) == Settings()


def test_the_example_names_every_setting_and_no_other() -> None:
    written = dotenv_values(stream=StringIO(EXAMPLE.read_text()), interpolate=False)
    assert sorted(written) == sorted(
        PREFIX + f.name.upper() for f in msgspec.structs.fields(Settings)
    )


def test_the_example_holds_the_defaults() -> None:
    written = dotenv_values(stream=StringIO(EXAMPLE.read_text()), interpolate=False)
    assert load({name: value or "" for name, value in written.items()}) == Settings()


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"VIVAVOCE_PROT": "80"}, "no setting VIVAVOCE_PROT; did you mean VIVAVOCE_PORT?"),
        ({"VIVAVOCE_port": "80"}, "no setting VIVAVOCE_port; did you mean VIVAVOCE_PORT?"),
        ({"VIVAVOCE_MODEL_DIR": "x"}, "did you mean VIVAVOCE_MODELS_DIR?"),
        ({"VIVAVOCE_PORT": "abc"}, "VIVAVOCE_PORT is 'abc', but must be a whole number from 0"),
        ({"VIVAVOCE_PORT": "70000"}, "VIVAVOCE_PORT is '70000', but must be a whole number"),
        ({"VIVAVOCE_VAD": "loud"}, "VIVAVOCE_VAD is 'loud', but must be both, webrtc or silero"),
        ({"VIVAVOCE_BASE_PATH": "x/"}, "VIVAVOCE_BASE_PATH is 'x/', but must be empty or a path"),
        ({"VIVAVOCE_PUBLIC_URL": "example.com"}, "must be empty or the address of the candidate's"),
        (
            {"VIVAVOCE_PUBLIC_URL": "ftp://example.com"},
            "VIVAVOCE_PUBLIC_URL is 'ftp://example.com'",
        ),
        ({"VIVAVOCE_PUBLIC_URL": "https://a.b/?c"}, "without a question mark"),
        ({"VIVAVOCE_PUBLIC_URL": "https://user@a.b"}, "VIVAVOCE_PUBLIC_URL is"),
        ({"VIVAVOCE_PUBLIC_URL": "https://"}, "VIVAVOCE_PUBLIC_URL is"),
        ({"VIVAVOCE_ALLOWED_ORIGINS": "a.b"}, "VIVAVOCE_ALLOWED_ORIGINS is 'a.b', but must be *"),
        ({"VIVAVOCE_MAX_SESSIONS": "0"}, "MAX_SESSIONS is '0', but must be a whole number"),
        ({"VIVAVOCE_MAX_SESSIONS": "many"}, "but must be a whole number from 1 to 10000"),
        ({"VIVAVOCE_AUTOCREATE_INTERVIEWS": "maybe"}, "but must be true or false"),
        ({"VIVAVOCE_LLM_BASE_URL": "localhost"}, "but must be a URL such as http://"),
        ({"VIVAVOCE_ENDPOINT_MS": "3000"}, "VIVAVOCE_ENDPOINT_MAX_MS is 2000, but must not be"),
    ],
)
def test_what_is_wrong_is_named_with_what_is_allowed(given: dict[str, str], told: str) -> None:
    with pytest.raises(SettingInvalid) as refused:
        load(given)
    assert told in str(refused.value)


def test_a_password_is_never_shown() -> None:
    with pytest.raises(SettingInvalid) as refused:
        load({"VIVAVOCE_DATABASE_URL": "mysql://user:secret@host/name"})
    assert "secret" not in str(refused.value)
    assert "secret" not in repr(load({"VIVAVOCE_LLM_API_KEY": "secret"}))


def test_values_have_their_types() -> None:
    settings = load(
        {
            "VIVAVOCE_PORT": " 80 ",
            "VIVAVOCE_MAX_SESSIONS": "12",
            "VIVAVOCE_MODELS_DIR": "/models",
            "VIVAVOCE_ALLOWED_ORIGINS": "https://A.example/, http://b.example:81",
            "VIVAVOCE_LOG_LEVEL": "DEBUG",
            "VIVAVOCE_DEVICE": "",
        }
    )
    assert (settings.port, settings.models_dir) == (80, Path("/models"))
    assert (settings.max_sessions, settings.places) == (12, 12)
    assert settings.allowed_origins == ("https://a.example", "http://b.example:81")
    assert (settings.log_level, settings.device) == ("debug", "auto")


@pytest.mark.parametrize(
    ("given", "made"),
    [
        ({}, True),
        ({"VIVAVOCE_DATABASE_URL": "postgresql://host/name"}, False),
        ({"VIVAVOCE_AUTOCREATE_INTERVIEWS": "false"}, False),
        ({"VIVAVOCE_DATABASE_URL": "sqlite:///x", "VIVAVOCE_AUTOCREATE_INTERVIEWS": "1"}, True),
    ],
)
def test_unknown_interviews_are_made_with_the_default_database_only(
    given: dict[str, str], made: bool
) -> None:
    assert load(given).autocreate is made
