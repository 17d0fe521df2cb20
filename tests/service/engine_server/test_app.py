"""Who may use an engine server, and what it tells those who monitor it."""

import aiohttp
import pytest

from models.engine_state import EngineState
from models.errors import EngineError
from models.fake import ScriptedTranscriber, SteadyVoice
from models.remote.engines import RemoteTranscriber, RemoteVoice
from service.commands.engines import require_key
from service.engine_server import app as engine_app
from service.errors import SettingInvalid
from service.settings import Settings

from .servers import KEY, EngineServerHere, Gate, pool_over, said, servers

ELSEWHERE = {"X-Forwarded-For": "203.0.113.7"}


class Watched(SteadyVoice):
    state = EngineState(alive=True, waiting=3, working=2)


async def status(server, path, **headers):
    url = f"http://127.0.0.1:{server.port}{path}"
    async with aiohttp.ClientSession() as http, http.get(url, headers=headers) as response:
        return response.status, await response.text()


async def handshake(server, **headers):
    async with aiohttp.ClientSession() as http:
        try:
            async with http.ws_connect(f"{server.url}/engines", headers=headers):
                return 101
        except aiohttp.WSServerHandshakeError as exc:
            return exc.status


@pytest.mark.parametrize(
    ("key", "headers", "answer"),
    [
        (KEY, {}, 401),
        (KEY, {"Authorization": "Bearer " + "w" * 24}, 401),
        (KEY, {"Authorization": f"Bearer {KEY}"}, 101),
        (KEY, {"X-API-Key": KEY}, 101),
        ("", {}, 101),
        ("", ELSEWHERE, 403),
        ("", {"Origin": "https://example.com"}, 403),
    ],
)
async def test_engines_are_for_those_who_have_the_key(key, headers, answer):
    async with servers(EngineServerHere(key=key)) as (server,):
        assert await handshake(server, **headers) == answer


def test_a_server_for_other_machines_does_not_start_without_a_key():
    require_key(Settings(host="127.0.0.1"))
    require_key(Settings(host="0.0.0.0", engines_key=KEY))
    with pytest.raises(SettingInvalid, match="set VIVAVOCE_ENGINES_KEY"):
        require_key(Settings(host="0.0.0.0"))


async def test_it_is_ready_when_its_engines_are():
    server = await EngineServerHere().start(loaded=False)
    assert (await status(server, "/livez"))[0] == 200
    answer, text = await status(server, "/readyz")
    assert answer == 503
    assert "being loaded" in text
    server.load()
    assert (await status(server, "/readyz"))[0] == 200
    await server.serving.open_server().leave(0)
    answer, text = await status(server, "/readyz")
    assert answer == 503
    assert "about to stop" in text
    await server.stop()


async def test_a_server_whose_engine_has_stopped_is_not_ready():
    voice = Watched()
    async with servers(EngineServerHere(voice=voice)) as (server,):
        assert (await status(server, "/readyz"))[0] == 200
        voice.state = EngineState(alive=False)
        answer, text = await status(server, "/readyz")
        assert answer == 503
        assert "The voice has stopped" in text


async def test_more_connections_than_it_takes_are_sent_elsewhere(monkeypatch):
    monkeypatch.setattr("models.remote.serving.MOST_CONNECTIONS", 4)
    async with pool_over(server := EngineServerHere()):  # four to a single address
        assert await handshake(server, **{"X-API-Key": KEY}) == 503


async def test_metrics_count_calls_and_show_what_waits():
    gate = Gate("Hello.")
    gate.opened.set()
    async with pool_over(server := EngineServerHere(gate, voice=Watched())) as pool:
        await RemoteTranscriber(pool).open("en").final(said(1))
        _, text = await status(server, "/metrics")
    assert 'vivavoce_engine_calls_total{kind="final",outcome="ok"} 1.0' in text
    assert 'vivavoce_engine_calls_total{kind="speak",outcome="engine_busy"} 0.0' in text
    assert "vivavoce_engine_depth 5.0" in text
    assert 'vivavoce_engine_waiting{engine="voice"} 3.0' in text
    assert "vivavoce_engine_connections 4.0" in text


async def test_metrics_are_for_this_machine_and_for_those_who_have_a_key():
    async with servers(EngineServerHere()) as (server,):
        assert (await status(server, "/metrics"))[0] == 200
        assert (await status(server, "/metrics", **ELSEWHERE))[0] == 401
        assert (await status(server, "/metrics", **ELSEWHERE, **{"X-API-Key": KEY}))[0] == 200


async def test_a_bug_in_an_engine_fails_the_call_alone():
    class Mistaken(ScriptedTranscriber):
        async def final(self, audio, context=""):
            raise KeyError("oops")

    async with pool_over(EngineServerHere(Mistaken("Hello."))) as pool:
        with pytest.raises(EngineError, match="KeyError"):
            await RemoteTranscriber(pool).open("en").final(said(1))
        assert (await RemoteVoice(pool).speak("Well.")).size


def test_every_address_but_the_probes_needs_the_key():
    made = engine_app.build_app(Settings(), engine_app.Serving())
    closed = {
        route.resource.canonical
        for route in made.router.routes()
        if route.handler not in made[engine_app.access.OPEN]
    }
    assert closed == {"/engines"}
