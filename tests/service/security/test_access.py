"""Who may read other people's data: with keys, with tokens, and without either."""

import base64
import json
import time
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import jwt
import pytest
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from models import fake
from service.api_keys import find_key, hash_key
from service.app import OPEN, build_app
from service.errors import DatabaseUnavailable, NotSignedIn, SettingInvalid
from service.recording import recordings
from service.security import access
from service.security.tokens import Tokens, public_keys, secret
from service.settings import Settings, load
from service.storage.database import DATABASE
from service.storage.tables import AuditEntry

from ..conftest import Client, Serve
from ..held import held

KEY = "recruiting:" + "k" * 32
SECRET = "s" * 40
LATER = 4_000_000_000
BEARER = {"Authorization": "Bearer " + "k" * 32}


async def asked(client: Client, headers: dict[str, str] | None = None) -> int:
    async with client.get("/interviews", headers=headers or {}) as response:
        return response.status


def guarded(app: web.Application) -> list[tuple[str, str]]:
    """Method and path of each route that is not open."""
    return [
        (route.method, route.resource.canonical)
        for route in app.router.routes()
        if route.resource and route.method != "HEAD" and route.handler not in OPEN
    ]


def test_only_the_candidates_routes_are_open() -> None:
    routes = guarded(build_app(Settings(), fake.engines()))
    assert sorted(routes) == [
        ("DELETE", "/interviews/{id}"),
        ("GET", "/interview/{id}/live-transcript"),
        ("GET", "/interview/{id}/report"),
        ("GET", "/interviews"),
        ("GET", "/interviews/{id}"),
        ("GET", "/interviews/{id}/audit"),
        ("GET", "/interviews/{id}/export.csv"),
        ("GET", "/interviews/{id}/export.json"),
        ("GET", "/interviews/{id}/recordings"),
        ("GET", "/interviews/{id}/recordings/{number}"),
        ("GET", "/interviews/{id}/report"),
        ("GET", "/session/{id}/transcript"),
        ("GET", "/sessions"),
        ("POST", "/get-interview-report"),
        ("POST", "/interviews"),
        ("POST", "/interviews/{id}/assessment"),
        ("PUT", "/interviews/{id}/scores/{question}"),
    ]


def at(path: str, interview_id: UUID) -> str:
    """An address of this route."""
    return path.format(id=interview_id, question=0, number=1)


@pytest.mark.parametrize("base_path", ["", "/interviews"])
async def test_every_other_route_needs_the_key_and_the_open_ones_do_not(
    serve: Serve, base_path: str
) -> None:
    client = await serve(api_keys=(hash_key(KEY),), base_path=base_path)
    for method, path in guarded(client.app):
        if (method, path) == ("GET", base_path):
            continue  # the page is there, not the list
        filled = at(path, uuid4())
        async with client.request(method, filled) as response:
            assert (response.status, path) == (401, path)
            assert (await response.json())["code"] == "not_signed_in"
            assert response.headers["WWW-Authenticate"].startswith("Bearer")
    async with client.get(f"{base_path}/health") as response:
        assert response.status == 200
    body = {"interview_id": str(uuid4())}
    async with client.post(f"{base_path}/start-database-interview", json=body) as response:
        assert response.status == 200


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        (BEARER, 200),
        ({"X-API-Key": "k" * 32}, 200),
        ({"Authorization": "Basic " + base64.b64encode(b"me:" + b"k" * 32).decode()}, 200),
        ({"Authorization": "Basic !"}, 401),
        ({"Authorization": "Basic é"}, 401),
        ({"Authorization": "Bearer " + "k" * 31}, 401),
        ({"Authorization": "Bearer "}, 401),
        ({"Authorization": "Bearer \udcff"}, 401),
        ({"Authorization": "recruiting:" + "k" * 32}, 401),
        ({"X-Forwarded-For": "127.0.0.1"}, 401),
    ],
)
async def test_a_key_comes_in_any_of_three_ways_and_whole(
    serve: Serve, headers: dict[str, str], status: int
) -> None:
    client = await serve(api_keys=(hash_key("x" * 40), hash_key(KEY)))
    assert await asked(client, headers) == status


async def test_a_browser_that_opens_a_report_is_asked_for_the_key(serve: Serve) -> None:
    client = await serve(api_keys=(hash_key(KEY),))
    path = f"/interviews/{uuid4()}/report"
    async with client.get(path, headers={"Accept": "text/html"}) as response:
        assert response.headers["WWW-Authenticate"].startswith("Basic")


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Host": "localhost:8008"}, 200),
        ({"X-Forwarded-For": "127.0.0.1"}, 403),
        ({"Forwarded": "for=127.0.0.1"}, 403),
        *(
            ({name: "here"}, 403)
            for name in (
                "X-Forwarded-Host",
                "X-Forwarded-Proto",
                "x-forwarded-port",
                "X-Forwarded",
                "X-Client-IP",
                "True-Client-IP",
                "CF-Connecting-IP",
                "X-Real-IP",
                "Via",
                "CF-Ray",
                "X-Cluster-Client-IP",
                "Fastly-Client-IP",
                "X-Original-URL",
                "X-Original-Forwarded-For",
                "X-Envoy-External-Address",
                "Fly-Client-IP",
                "X-ProxyUser-Ip",
                "X-Azure-ClientIP",
                "Forwarded-For",
                "X-Remote-Addr",
                "CDN-Loop",
            )
        ),
        ({"X-Request-ID": "1", "X-Requested-With": "curl", "User-Agent": "via"}, 200),
        ({"Host": "interviews.example.com"}, 403),
        ({"Host": "["}, 403),
        ({"Origin": "https://elsewhere.example"}, 403),
        ({"Origin": "http://localhost:5173"}, 200),
        (BEARER, 200),
    ],
)
async def test_without_a_key_only_this_machine_and_no_strange_page_is_answered(
    serve: Serve, headers: dict[str, str], status: int
) -> None:
    assert await asked(await serve(), headers) == status


async def test_a_page_of_any_origin_may_not_use_what_the_browser_sends_by_itself(
    serve: Serve,
) -> None:
    elsewhere = {"Origin": "https://elsewhere.example"}
    password = base64.b64encode(b":" + b"k" * 32).decode()
    client = await serve(api_keys=(hash_key(KEY),), allowed_origins=("*",))
    assert await asked(client, elsewhere | {"Authorization": f"Basic {password}"}) == 403
    assert await asked(client, elsewhere | BEARER) == 200
    assert await asked(await serve(allowed_origins=("*",)), elsewhere) == 403


def signed(
    key: Any = SECRET, algorithm: str = "HS256", kid: str | None = None, **claims: Any
) -> str:
    given = {"sub": "u1", "exp": LATER, **claims}
    headers = {"kid": kid} if kid else None
    kept = {name: value for name, value in given.items() if value is not None}
    return jwt.encode(kept, key, algorithm, headers=headers)


def pem(key: Any) -> bytes:
    found: bytes = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return found


CURVE = ec.generate_private_key(ec.SECP256R1())


@pytest.mark.parametrize(
    "claims",
    [
        {"exp": None},
        {"exp": int(time.time()) - 3600},
        {"nbf": LATER},
        {"sub": None},
        {"sub": ""},
        {"sub": "   "},
        {"sub": "a\nb\u0000"},
        {"sub": "recruiter\x1b[2K"},
        {"sub": "a\u2028key:board"},
        {"sub": "\u202euser"},
        {"sub": "\ud83d"},
        {"sub": "a" * 201},
        {"sub": ["u1"]},
        {"is_anonymous": True},
        {"aud": "candidates"},
        {"aud": None},
        {"iss": "somebody"},
    ],
)
def test_a_token_that_lacks_anything_is_refused(claims: dict[str, Any]) -> None:
    tokens = Tokens(secret(SECRET), audience="recruiters", issuer="us")
    whole = {"aud": "recruiters", "iss": "us"}
    assert tokens.subject(signed(**whole)) == "u1"
    with pytest.raises(NotSignedIn):
        tokens.subject(signed(**{**whole, **claims}))


def test_tokens_of_another_secret_or_of_no_algorithm_are_refused() -> None:
    tokens = Tokens(secret(SECRET))
    deep = base64.urlsafe_b64encode(b"[" * 6000).decode() + ".b.c"
    unsigned = jwt.encode({"sub": "u1", "exp": LATER}, None, "none")
    strange = ("x", "a.b.c", "", "\udcff", "\udcff.b.c", deep)
    for token in (signed("x" * 40), unsigned, *strange):
        with pytest.raises(NotSignedIn):
            tokens.subject(token)


def test_a_public_key_is_no_secret_to_sign_with(tmp_path: Path) -> None:
    path = tmp_path / "key.pem"
    path.write_bytes(pem(CURVE))
    tokens = Tokens(public_keys(str(path)))
    assert tokens.subject(signed(CURVE, "ES256")) == "u1"
    header, body = (
        base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=")
        for part in ({"alg": "HS256", "typ": "JWT"}, {"sub": "u1", "exp": LATER})
    )
    hmac = jwt.algorithms.HMACAlgorithm(jwt.algorithms.HMACAlgorithm.SHA256)
    mac = hmac.sign(f"{header}.{body}".encode(), path.read_bytes())
    forged = f"{header}.{body}.{base64.urlsafe_b64encode(mac).decode().rstrip('=')}"
    with pytest.raises(NotSignedIn):
        tokens.subject(forged)


def test_the_keys_of_a_set_are_chosen_by_their_id(tmp_path: Path) -> None:
    other = ec.generate_private_key(ec.SECP256R1())
    big = rsa.generate_private_key(65537, 2048)
    of_curve = jwt.algorithms.ECAlgorithm(jwt.algorithms.ECAlgorithm.SHA256)
    of_rsa = jwt.algorithms.RSAAlgorithm(jwt.algorithms.RSAAlgorithm.SHA256)
    path = tmp_path / "keys.json"
    keys = [
        {**of_curve.to_jwk(CURVE.public_key(), as_dict=True), "kid": "one"},
        {**of_curve.to_jwk(other.public_key(), as_dict=True), "kid": "two"},
        {**of_rsa.to_jwk(big.public_key(), as_dict=True), "kid": "three"},
        {"kty": "oct", "k": "c2VjcmV0", "kid": "four"},
    ]
    path.write_text(json.dumps({"keys": keys}))
    tokens = Tokens(public_keys(str(path)))
    assert tokens.subject(signed(other, "ES256", "two")) == "u1"
    assert tokens.subject(signed(other, "ES256")) == "u1"
    assert tokens.subject(signed(big, "RS256", "three")) == "u1"
    with pytest.raises(NotSignedIn):
        tokens.subject(signed(other, "ES256", "one"))


@pytest.mark.parametrize(
    "content",
    [
        b"", b"{", b"{}", b'{"keys": []}', b'{"keys": 5}', b'{"keys": [5]}',
        b'{"keys": [{"kty": "EC", "crv": "P-256", "x": 5, "y": 6}]}', b"-----BEGIN X-----",
    ],
)  # fmt: skip
def test_a_key_file_that_cannot_be_used_stops_the_start(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "key.pem"
    path.write_bytes(content)
    for given in (str(path), str(tmp_path / "missing")):
        with pytest.raises(SettingInvalid, match="JWT_PUBLIC_KEY_FILE"):
            access.load_access(Settings(jwt_public_key_file=given))


def test_a_private_key_is_not_taken_for_a_public_one(tmp_path: Path) -> None:
    path = tmp_path / "key.pem"
    whole = CURVE.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.write_bytes(whole)
    with pytest.raises(SettingInvalid):
        public_keys(str(path))


async def test_a_token_opens_what_a_key_opens_and_is_named_in_the_log(serve: Serve) -> None:
    client = await serve(jwt_secret=SECRET, api_keys=(hash_key(KEY),))
    interview_id = await held(client.app[DATABASE])
    token = {"Authorization": f"Bearer {signed()}"}
    for headers in (token, BEARER, token):
        async with client.get(f"/interviews/{interview_id}", headers=headers) as response:
            assert response.status == 200
    async with client.get(f"/interviews/{interview_id}/audit", headers=BEARER) as response:
        entries = (await response.json())["entries"]
    assert [(entry["who"], entry["action"]) for entry in entries] == [
        ("key:recruiting", "read audit log"),
        ("user:u1", "read interview"),
        ("key:recruiting", "read interview"),
        ("user:u1", "read interview"),
    ]


async def test_every_guarded_route_leaves_an_entry_in_the_log(serve: Serve, tmp_path: Path) -> None:
    client = await serve(fake.engines(), recordings_dir=tmp_path)
    interview_id = await held(client.app[DATABASE])
    recordings.reserve(tmp_path, interview_id)
    async with client.post("/finalize-interview", json={"interviewId": str(interview_id)}):
        pass
    bodies = {
        "/interviews": {},
        "/get-interview-report": {"interviewId": str(interview_id)},
        "/interviews/{id}/scores/{question}": {"score": 1, "reason": "r", "by": "b"},
    }
    routes = sorted(guarded(client.app), key=lambda route: route[0] == "DELETE")
    for number, (method, path) in enumerate(routes, 1):
        filled = at(path, interview_id)
        body = bodies.get(path) if method != "GET" else None
        async with client.request(method, filled, json=body) as response:
            assert response.status < 300, (method, path, await response.text())
        assert len(await logged(client)) == number, path
    assert {entry.who for entry in await logged(client)} == {"loopback"}


async def logged(client: Client) -> list[AuditEntry]:
    async with client.app[DATABASE].read() as db:
        return list(await db.scalars(select(AuditEntry)))


async def test_the_database_refuses_to_change_an_entry_of_the_log(
    serve: Serve, database_url: str
) -> None:
    client = await serve(database_url=database_url)
    await asked(client)
    with pytest.raises((IntegrityError, DatabaseUnavailable)):
        async with client.app[DATABASE].write() as db:
            await db.execute(update(AuditEntry).values(who="nobody"))
    assert [entry.who for entry in await logged(client)] == ["loopback"]


def test_keys_are_held_as_hashes_and_never_shown() -> None:
    settings = load({"VIVAVOCE_API_KEYS": f"{KEY}, {'b' * 24}"})
    assert settings.api_keys[0].name == "recruiting"
    assert "kkkk" not in repr(settings.api_keys)
    assert find_key("k" * 32, settings.api_keys) == settings.api_keys[0]
    assert find_key("recruiting", settings.api_keys) is None
    for name, value in (("API_KEYS", "tooshort"), ("JWT_SECRET", "tooshort")):
        with pytest.raises(SettingInvalid) as refused:
            load({f"VIVAVOCE_{name}": value})
        assert "tooshort" not in str(refused.value)
