"""Which pages may call: the rule, and that nothing is carried out for the others."""

from uuid import uuid4

import pytest

from models import fake
from service.app import build_app
from service.security.origins import is_allowed
from service.settings import Settings

from ..conftest import Serve

ID = "4c70e6e6-67ee-4dc4-94ac-3ea122068644"  # the same in every process that collects tests
PAGE = "https://front.example"
WRITES = sorted(
    {
        (route.method, route.resource.canonical.format(id=ID, question=0, number=1))
        for route in build_app(Settings(), fake.engines()).router.routes()
        if route.resource and route.method not in ("GET", "HEAD", "OPTIONS")
    }
)


@pytest.mark.parametrize(
    ("origin", "listed", "answer"),
    [
        ("https://a.example", ("https://a.example",), True),
        ("https://A.example", ("https://a.example",), True),
        ("http://a.example", ("https://a.example",), False),
        ("https://a.example.evil", ("https://a.example",), False),
        ("https://evil.example", ("*",), True),
        ("http://here:8008", (), True),
        ("http://here", (), False),
        ("null", ("https://a.example",), False),
        ("", (), False),
        ("http://[", ("https://a.example",), False),
    ],
)
def test_listed_origins_and_the_services_own_may_call(
    origin: str, listed: tuple[str, ...], answer: bool
) -> None:
    assert is_allowed(origin, "here:8008", listed) is answer


def test_a_page_without_an_origin_is_not_the_services_own() -> None:
    assert not is_allowed("null", "", ())


@pytest.mark.parametrize(("method", "path"), WRITES)
@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://", "https://a.b:8008"])
async def test_what_a_strange_page_sends_is_refused_before_it_is_carried_out(
    serve: Serve, method: str, path: str, origin: str
) -> None:
    client = await serve(allowed_origins=(PAGE,), base_path="/iv")
    body = f'{{"interview_id": "{ID}", "interviewId": "{ID}", "job_description": "Cook"}}'
    for kind in ("text/plain", "application/json", "application/x-www-form-urlencoded"):
        headers = {"Origin": origin, "Content-Type": kind}
        for prefix in ("", "/iv"):
            async with client.request(method, prefix + path, data=body, headers=headers) as told:
                assert told.status == 403
                assert (await told.json())["code"] == "forbidden"
                assert "Access-Control-Allow-Origin" not in told.headers
    async with client.get("/interviews") as response:
        assert (await response.json())["interviews"] == []


@pytest.mark.parametrize("method", ["PATCH", "TRACE", "PROPFIND"])
async def test_methods_that_no_route_has_are_no_way_round_it(serve: Serve, method: str) -> None:
    client = await serve()
    headers = {"Origin": "http://evil.example"}
    async with client.request(method, "/interviews", headers=headers) as response:
        assert response.status == 403


async def test_of_two_origins_each_has_to_be_allowed(serve: Serve) -> None:
    client = await serve(allowed_origins=(PAGE,))
    headers = [("Origin", PAGE), ("Origin", "http://evil.example")]
    async with client.post("/start-interview", json={}, headers=headers) as response:
        assert response.status == 403


async def test_its_own_pages_allowed_ones_and_programs_may_change_things(serve: Serve) -> None:
    client = await serve(allowed_origins=(PAGE,))
    for headers in ({}, {"Origin": PAGE}, {"Origin": f"http://{client.host}:{client.port}"}):
        body = {"job_description": "Cook", "resume_text": "", "candidate_name": "Ana"}
        async with client.post("/start-interview", json=body, headers=headers) as response:
            assert response.status == 200


async def test_pages_at_the_public_address_are_its_own_whatever_host_a_proxy_asks_for(
    serve: Serve,
) -> None:
    client = await serve(public_url="https://People.example/talk", allowed_origins=())
    body = {"job_description": "Cook"}
    for origin, status in (("https://people.example", 200), ("http://people.example", 403)):
        headers = {"Origin": origin}
        async with client.post("/start-interview", json=body, headers=headers) as response:
            assert response.status == status
    path = f"/ws/interview/{uuid4()}"
    socket = await client.ws_connect(path, headers={"Origin": "https://people.example"})
    assert (await socket.receive()).data == 4004


async def test_where_every_page_may_call_every_page_may_hold_interviews(serve: Serve) -> None:
    client = await serve(allowed_origins=("*",))
    headers = {"Origin": "null"}
    body = {"interview_id": ID}
    async with client.post("/start-database-interview", json=body, headers=headers) as response:
        assert response.status == 200
