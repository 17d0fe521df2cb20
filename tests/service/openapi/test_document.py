"""The OpenAPI document against the routes, the bodies that they read and their answers."""

import json
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from jsonschema import Draft202012Validator, FormatChecker
from openapi_spec_validator import validate

from models import fake
from models.engine_state import EngineState
from service.api_keys import hash_key
from service.app import build_app
from service.openapi.document import CALLS, DOCUMENT
from service.page import show_file, show_page
from service.settings import Settings
from service.storage.database import DATABASE

from ..conftest import Client, Serve
from ..held import held

KEY = "k" * 32
ANYBODY = {
    "/start-database-interview", "/start-interview", "/prepare-interview-context", "/health",
    "/livez", "/readyz", "/consent", "/finalize-interview", "/session/{id}/end",
    "/ws/interview/{session_id}", "/openapi.json", "/interview/{id}/invitation",
}  # fmt: skip


def document(**settings: Any) -> dict[str, Any]:
    body = build_app(Settings(**settings), fake.engines())[DOCUMENT].body
    found: dict[str, Any] = json.loads(json.dumps(body, default=str))
    return found


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in document()["paths"].items():
        for method, operation in methods.items():
            yield method.upper(), path, operation


def routed(base_path: str = "") -> set[tuple[str, str]]:
    """Methods and paths of the application, its pages left out."""
    app = build_app(Settings(base_path=base_path), fake.engines())
    return {
        (route.method, route.resource.canonical)
        for route in app.router.routes()
        if route.resource and route.method != "HEAD" and route.handler not in (show_page, show_file)
    }


def test_it_is_valid() -> None:
    validate(document())
    validate(document(base_path="/iv"))


def test_it_has_every_route_and_no_other() -> None:
    assert {(method, path) for method, path, _ in operations()} == routed()


def test_every_call_that_is_described_has_a_route() -> None:
    app = build_app(Settings(), fake.engines())
    assert set(CALLS) == {route.handler for route in app.router.routes()} - {show_page, show_file}


def test_operations_have_names_of_their_own() -> None:
    names = [operation["operationId"] for *_, operation in operations()]
    assert len(set(names)) == len(names)


def test_routes_answer_below_every_server() -> None:
    servers = [server["url"] for server in document(base_path="/iv")["servers"]]
    assert servers == ["/iv", "/"]
    below = {(method, f"/iv{path}") for method, path, _ in operations()}
    assert routed("/iv") == below | routed()


def test_it_says_what_needs_a_key() -> None:
    free = {path for _, path, operation in operations() if not operation["security"]}
    assert free == ANYBODY
    perhaps = {path for _, path, operation in operations() if {} in operation["security"]}
    assert perhaps == {"/metrics", "/interviews/{id}/recordings/{number}"}


def strict(schema: Any) -> Any:
    """The same, without fields that it does not name."""
    if isinstance(schema, list):
        return [strict(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    made = {name: strict(each) for name, each in schema.items()}
    return {**made, "additionalProperties": False} if "properties" in schema else made


class Checked:
    """A client that holds every answer against the document."""

    def __init__(self, client: Client, described: dict[str, Any]) -> None:
        self.client = client
        self._described = described
        self.seen: set[tuple[str, str]] = set()

    async def ask(self, method: str, path: str, body: Any = None, **given: object) -> Any:
        operation = self._described["paths"][path][method.lower()]
        address = path.format(**given)
        headers = {"Authorization": f"Bearer {KEY}"} if operation["security"] else {}
        async with self.client.request(method, address, json=body, headers=headers) as response:
            said = operation["responses"].get(
                str(response.status), operation["responses"]["default"]
            )
            if "$ref" in said:
                said = self._described["components"]["responses"]["Error"]
            ((media, content),) = said["content"].items()
            assert response.content_type == media
            if media != "application/json":
                return await response.read()
            answer = await response.json()
        schema = {**strict(content["schema"]), "components": strict(self._described["components"])}
        Draft202012Validator(schema, format_checker=FormatChecker()).validate(answer)
        if response.status < 300:
            self.seen.add((method, path))
        return answer


@pytest.fixture
async def checked(serve: Serve, tmp_path: Any) -> Checked:
    class Voice(fake.SteadyVoice):
        state = EngineState(alive=True)

    client = await serve(
        fake.engines(voice=Voice()), api_keys=(hash_key(KEY),), recordings_dir=tmp_path
    )
    async with client.get("/openapi.json") as response:
        assert response.status == 200
        return Checked(client, await response.json())


async def test_real_answers_are_as_it_says(checked: Checked) -> None:
    made = await checked.ask("POST", "/interviews", {"candidate": "Maria", "questions": ["Why?"]})
    ref = {"interview_id": made["interview_id"]}
    await checked.ask("POST", "/prepare-interview-context", ref)
    await checked.ask("POST", "/start-database-interview", ref)
    await checked.ask("POST", "/start-interview", {"job_description": "Nurse"})
    client = checked.client
    interview = await held(client.app[DATABASE])
    async with client.ws_connect(f"/ws/interview/{made['session_id']}"):
        await checked.ask("GET", "/sessions")
        await checked.ask("GET", "/interviews/{id}", id=made["interview_id"])
    await checked.ask(
        "POST", "/finalize-interview", {"interviewId": str(interview), "transcript": []}
    )
    await checked.ask("DELETE", "/session/{id}/end", id=interview)
    score = {"score": 60, "reason": "It was clear.", "by": "Jo"}
    await checked.ask("PUT", "/interviews/{id}/scores/{question}", score, id=interview, question=0)
    await checked.ask("POST", "/interviews/{id}/assessment", id=interview)
    for path in (
        "/interviews/{id}", "/session/{id}/transcript", "/interview/{id}/live-transcript",
        "/interview/{id}/report",
        "/interviews/{id}/report", "/interviews/{id}/export.json", "/interviews/{id}/export.csv",
        "/interviews/{id}/audit", "/interviews/{id}/recordings", "/interview/{id}/invitation",
    ):  # fmt: skip
        await checked.ask("GET", path, id=interview)
    await checked.ask("POST", "/get-interview-report", {"interviewId": str(interview)})
    for path in ("/interviews", "/health", "/livez", "/readyz", "/consent", "/openapi.json"):
        await checked.ask("GET", path)
    await checked.ask("GET", "/metrics")
    await checked.ask("DELETE", "/interviews/{id}", id=interview)
    silent = {
        ("GET", "/ws/interview/{session_id}"),  # no JSON
        ("GET", "/interviews/{id}/recordings/{number}"),
        ("GET", "/interviews/{id}/report"),
        ("GET", "/interviews/{id}/export.csv"),
        ("GET", "/metrics"),
    }
    assert checked.seen | silent == {(method, path) for method, path, _ in operations()}


async def test_refusals_are_as_it_says(checked: Checked) -> None:
    for method, path, operation in operations():
        names = {each["name"] for each in operation["parameters"] if each["in"] == "path"}
        if names and "session_id" not in names:
            await checked.ask(method, path, {}, **{name: uuid4() for name in names})
        if "requestBody" in operation:
            refused = await checked.ask(method, path, [], **{name: uuid4() for name in names})
            assert refused["code"]


def bodies() -> Iterator[tuple[str, str, str]]:
    """Method, path and each field of the bodies that types decode."""
    schemas = document()["components"]["schemas"]
    for method, path, operation in operations():
        if "requestBody" in operation and path != "/finalize-interview":
            schema = operation["requestBody"]["content"]["application/json"]["schema"]
            kinds = [each["$ref"].rpartition("/")[2] for each in schema.get("anyOf", [schema])]
            fields = {field: None for kind in kinds for field in schemas[kind]["properties"]}
            yield from ((method, path, field) for field in fields)


@pytest.mark.parametrize(("method", "path", "field"), list(bodies()))
async def test_every_field_that_it_names_is_read(
    checked: Checked, method: str, path: str, field: str
) -> None:
    body = {field: {"no": ["such", "value"]}}
    names = {name: uuid4() for name in ("id", "question") if f"{{{name}}}" in path}
    refused = await checked.ask(method, path, body, **names)
    assert refused["code"] == "unprocessable"
    assert refused["detail"].startswith(field)
