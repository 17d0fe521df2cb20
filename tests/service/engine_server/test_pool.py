"""Engines on engine servers, over the real wire, and what happens when servers fail."""

import asyncio
from dataclasses import asdict, replace

import aiohttp
import numpy as np
import pytest
from aiohttp.test_utils import unused_port

from models.contracts import Transcript
from models.errors import EngineBusy, EngineError, LanguageUnsupported
from models.fake import ScriptedEndOfTurn, ScriptedTranscriber, SteadyVoice
from models.remote.engines import RemoteEndOfTurn, RemoteTranscriber, RemoteVoice
from models.remote.pool import KeyRefused, NoServer, Patience, Pool
from tests.waiting import until

from .servers import KEY, QUICK, EngineServerHere, Full, Gate, Line, pool_over, said, servers


async def test_the_three_engines_answer_as_those_of_one_process():
    async with pool_over(EngineServerHere()) as pool:
        transcriber = RemoteTranscriber(pool)
        assert transcriber.languages == ("en",)
        assert transcriber.max_seconds == ScriptedTranscriber.max_seconds
        stream = transcriber.open("en", ("Kafka",))
        assert (await stream.final(said(2), "context")).text == "Bye."
        partial = await stream.partial(said(1))
        assert partial is not None
        assert partial.text == "Hello."
        stream.close()
        spoken = await RemoteVoice(pool).speak("Good morning.")
        assert spoken.tolist() == (await SteadyVoice().speak("Good morning.")).tolist()
        judge = RemoteEndOfTurn(pool).open("en")
        assert await judge.probability(said(1)) == 0.75
        judge.close()


async def test_servers_with_different_models_are_named(caplog):
    async with pool_over(EngineServerHere(), EngineServerHere(voice_id="another")):
        pass
    assert "some-recognizer, another" in caplog.text
    assert "all have to run the same models" in caplog.text


async def test_a_server_is_told_that_a_partial_is_urgent():
    told = []

    class Curious(ScriptedTranscriber):
        async def partial(self, audio, context="", *, urgent=False):
            told.append(urgent)

    async with pool_over(EngineServerHere(Curious())) as pool:
        stream = RemoteTranscriber(pool).open("en")
        await stream.partial(said(1))
        await stream.partial(said(1), urgent=True)
        stream.close()
    assert told == [False, True]


async def test_a_transcript_arrives_with_all_that_the_recognizer_says_of_it():
    whole = Transcript("Ja.", "en", 0.5, 0.1, {"de": 0.9}, 0.2)

    class Telling(ScriptedTranscriber):
        async def final(self, audio, context=""):
            return whole

    async with pool_over(EngineServerHere(Telling())) as pool:
        stream = RemoteTranscriber(pool).open("en")
        assert asdict(await stream.final(said(1))) == asdict(whole)
        stream.close()


async def test_an_empty_clause_is_empty_speech():
    async with pool_over(EngineServerHere()) as pool:
        assert (await RemoteVoice(pool).speak("")).size == 0


async def test_only_what_a_judge_hears_is_sent():
    judge = ScriptedEndOfTurn(0.5)
    async with pool_over(EngineServerHere(end_of_turn=judge)) as pool:
        await RemoteEndOfTurn(pool).open("en").probability(said(1, 60.0))
    assert judge.asked == [8 * 16_000]


async def test_a_language_that_the_servers_do_not_understand_is_refused_at_once():
    async with pool_over(EngineServerHere()) as pool:
        with pytest.raises(LanguageUnsupported, match="'de'"):
            RemoteTranscriber(pool).open("de")


async def test_calls_that_wait_are_answered_side_by_side():
    gate = Gate("Hello.")
    async with pool_over(EngineServerHere(gate)) as pool:
        transcriber = RemoteTranscriber(pool)
        async with asyncio.TaskGroup() as tasks:
            finals = [tasks.create_task(transcriber.open("en").final(said(1))) for _ in range(50)]
            await gate.asked.wait()
            assert (await RemoteVoice(pool).speak("Meanwhile.")).size
            gate.opened.set()
        assert {final.result().text for final in finals} == {"Hello."}


async def test_a_call_whose_caller_left_is_dropped_at_the_server():
    gate = Gate("Hello.")
    async with pool_over(EngineServerHere(gate)) as pool, asyncio.TaskGroup() as tasks:
        final = tasks.create_task(RemoteTranscriber(pool).open("en").final(said(1)))
        await gate.asked.wait()
        final.cancel()
        await gate.left.wait()


async def test_when_a_service_is_gone_its_calls_are_dropped():
    gate = Gate("Hello.")
    async with pool_over(EngineServerHere(gate)) as pool:
        final = RemoteTranscriber(pool).open("en").final(said(1))
        async with asyncio.TaskGroup() as tasks:
            asked = tasks.create_task(asyncio.wait_for(_failure(final), 30))
            await gate.asked.wait()
            await pool.aclose()
        assert "closed" in str(asked.result())
        await gate.left.wait()


async def _failure(call):
    with pytest.raises(EngineError) as failed:
        await call
    return failed.value


async def test_a_connection_that_breaks_in_the_middle_of_a_call_costs_no_call():
    gate = Gate("Hello.")
    server = EngineServerHere(gate)
    async with pool_over(server) as pool:
        async with asyncio.TaskGroup() as tasks:
            final = tasks.create_task(RemoteTranscriber(pool).open("en").final(said(1)))
            await gate.asked.wait()
            await server.serving.open_server().close()  # all connections
            await gate.left.wait()
            gate.opened.set()
        assert final.result().text == "Hello."
        assert gate.finals == 2


async def test_a_connection_that_has_just_ended_is_not_asked_again_and_again():
    async with pool_over(EngineServerHere()) as pool:
        for link in pool._links:
            link.retire()  # before anybody else runs
        assert (await RemoteTranscriber(pool).open("en").final(said(1))).text == "Hello."


async def asked_until(gate, transcriber, tasks):
    """Call the servers one after the other, until the call is one that waits at the gate."""
    calls = []
    while not gate.asked.is_set():
        call = tasks.create_task(transcriber.open("en").final(said(1)))
        calls.append(call)
        await until(lambda call=call: gate.asked.is_set() or call.done())
    return calls


async def test_a_server_that_is_gone_without_a_word_costs_no_call(monkeypatch):
    monkeypatch.setattr("models.remote.pool.BEAT", 1.0)
    gate = Gate("Hello.")
    async with servers(EngineServerHere(gate), EngineServerHere()) as (far, near):
        line = Line(far.port)
        async with line.laid() as url:
            pool = Pool([url, near.url], KEY, patience=QUICK)
            await pool.connect(within=30)
            await until(lambda: len(pool.servers) == 2)
            async with asyncio.TaskGroup() as tasks:
                finals = await asked_until(gate, RemoteTranscriber(pool), tasks)
                line.cut()
            assert {final.result().text for final in finals} == {"Hello."}
            assert (gate.finals, len(pool.servers)) == (1, 1)
            await pool.aclose()


async def test_engines_that_are_restarted_cost_no_call():
    server = EngineServerHere()
    async with pool_over(server) as pool:
        transcriber = RemoteTranscriber(pool)
        stream = transcriber.open("en")
        assert (await stream.final(said(1))).text == "Hello."
        await server.stop()
        async with asyncio.TaskGroup() as tasks:
            final = tasks.create_task(stream.final(said(2)))
            await until(lambda: pool.fault != "")
            assert not transcriber.state.works
            await server.start()
        assert final.result().text == "Bye."


async def test_a_partial_is_not_waited_for_while_no_server_answers():
    server = EngineServerHere()
    async with pool_over(server) as pool:
        stream = RemoteTranscriber(pool).open("en")
        await server.stop()
        await until(lambda: pool.fault != "")
        assert await stream.partial(said(1)) is None


async def test_a_call_goes_to_the_server_that_has_less_to_do():
    busy, free = Gate("Hello."), ScriptedTranscriber("Hello.")
    async with pool_over(EngineServerHere(busy), EngineServerHere(free)) as pool:
        transcriber = RemoteTranscriber(pool)
        async with asyncio.TaskGroup() as tasks:
            await asked_until(busy, transcriber, tasks)
            for _ in range(5):
                assert (await transcriber.open("en").final(said(1))).text == "Hello."
            busy.opened.set()
        assert busy.finals == 1


async def test_a_server_that_has_too_much_to_do_sends_a_call_to_another():
    async with pool_over(EngineServerHere(Full()), EngineServerHere()) as pool:
        for _ in range(10):
            assert (await RemoteTranscriber(pool).open("en").final(said(1))).text == "Hello."


async def test_when_all_have_too_much_to_do_the_caller_hears_it_as_from_its_own_engine():
    async with pool_over(EngineServerHere(Full())) as pool:
        with pytest.raises(EngineBusy, match="256 stretches"):
            await RemoteTranscriber(pool).open("en").final(said(1))


async def test_more_calls_than_a_connection_takes_are_refused_at_once():
    gate = Gate("Hello.")
    async with pool_over(EngineServerHere(gate)) as pool:
        transcriber = RemoteTranscriber(pool)
        async with asyncio.TaskGroup() as tasks:
            finals = [
                tasks.create_task(transcriber.open("en").final(said(1)))
                for _ in range(128 * 4)  # four connections to a single address
            ]
            await gate.asked.wait()
            await until(lambda: gate.finals == 128 * 4)
            with pytest.raises(EngineBusy, match="128 calls wait"):
                await transcriber.open("en").final(said(1))
            gate.opened.set()
        assert len({final.result().text for final in finals}) == 1


async def test_a_slow_server_is_not_waited_for_longer_than_the_deadline():
    gate, patience = Gate("Hello."), Patience(call=0.1, retry=0.01)
    async with pool_over(EngineServerHere(gate), patience=patience) as pool:
        with pytest.raises(EngineError, match=r"did not answer within 0\.1 s"):
            await RemoteTranscriber(pool).open("en").final(said(1))
        await gate.left.wait()


async def test_a_local_engine_stands_in_for_a_slow_server():
    gate, patience = Gate("Far."), replace(QUICK, call_before_local=0.1)
    async with pool_over(EngineServerHere(gate), patience=patience) as pool:
        local = ScriptedTranscriber("Near.")
        stream = RemoteTranscriber(pool, local).open("en")
        assert (await stream.final(said(1))).text == "Near."
        assert pool.answering == 0  # connected, but too slow
        await gate.left.wait()
        gate.opened.set()
        assert (await stream.final(said(1))).text == "Near."  # it is left alone for a while
        stream.close()


async def test_local_engines_stand_in_while_no_server_answers_and_no_longer():
    server = EngineServerHere()
    async with pool_over(server) as pool:
        stream = RemoteTranscriber(pool, ScriptedTranscriber("Near.")).open("en")
        voice = RemoteVoice(pool, SteadyVoice(0.01))
        judge = RemoteEndOfTurn(pool, ScriptedEndOfTurn(0.1)).open("en")
        assert (await stream.final(said(1))).text == "Hello."
        assert (voice.state.works, voice.state.servers) == (True, 1)
        await server.stop()
        await until(lambda: pool.fault != "")
        assert (voice.state.works, voice.state.servers) == (True, 0)
        assert (await stream.final(said(1))).text == "Near."
        assert (await stream.partial(said(1))).text == "Near."
        assert (await voice.speak("Well.")).size == 5 * 240
        assert await judge.probability(said(1)) == 0.1
        await server.start()
        await until(lambda: pool.fault == "")
        assert (await stream.final(said(1))).text == "Hello."
        assert (await voice.speak("Well.")).size == 5 * 1200
        assert await judge.probability(said(1)) == 0.75
        stream.close()


async def test_a_wrong_key_is_said_without_the_key():
    with pytest.raises(KeyRefused, match="VIVAVOCE_ENGINES_KEY") as refused:
        async with pool_over(EngineServerHere(), key="w" * 24):
            pytest.fail("it was let in")
    assert "w" * 24 not in str(refused.value)


async def test_each_of_a_servers_keys_opens_it():
    both = EngineServerHere(key=f"{KEY},{'n' * 24}")
    async with pool_over(both, key="n" * 24) as pool:
        assert (await RemoteVoice(pool).speak("Hello.")).size


async def test_no_server_is_waited_for_only_as_long_as_asked():
    pool = Pool((f"ws://127.0.0.1:{unused_port()}",), patience=QUICK)
    with pytest.raises(NoServer, match="cannot be reached"):
        await pool.connect(within=1)
    assert "cannot be reached" in pool.fault
    await pool.aclose()


async def test_servers_may_start_after_the_service():
    late = EngineServerHere(port=unused_port())
    pool = Pool((late.url,), KEY, patience=QUICK)
    async with asyncio.TaskGroup() as tasks:
        connecting = tasks.create_task(pool.connect())
        await late.start(loaded=False)  # takes no connection while it loads
        await until(lambda: "503" in pool.fault)
        late.load()
        await connecting
    await pool.aclose()
    await late.stop()


async def test_a_server_that_leaves_finishes_its_calls_and_gets_no_new_ones():
    gate = Gate("Hello.")
    leaves, stays = EngineServerHere(gate), EngineServerHere()
    async with pool_over(leaves, stays) as pool:
        transcriber = RemoteTranscriber(pool)
        async with asyncio.TaskGroup() as tasks:
            finals = await asked_until(gate, transcriber, tasks)
            leaving = tasks.create_task(leaves.serving.open_server().leave(5.0))
            await until(lambda: len(pool.servers) == 1)
            assert not leaving.done()
            assert (await transcriber.open("en").final(said(2))).text == "Bye."
            gate.opened.set()
            await leaving
        assert {final.result().text for final in finals} == {"Hello."}
        assert gate.finals == 1


async def test_a_client_that_speaks_something_else_is_closed():
    headers = {"Authorization": f"Bearer {KEY}"}
    async with (
        servers(EngineServerHere()) as (server,),
        aiohttp.ClientSession(headers=headers) as http,
        http.ws_connect(f"{server.url}/engines") as socket,
    ):
        await socket.receive()  # what it has
        await socket.send_bytes(b"nonsense")
        assert (await socket.receive()).type is aiohttp.WSMsgType.CLOSE
        assert socket.close_code == 1002


async def test_a_server_of_another_version_is_not_used():
    async with servers(EngineServerHere()) as (server,):
        server.serving.open_server()._hello = b"\x00"
        pool = Pool((server.url,), KEY, patience=QUICK)
        with pytest.raises(NoServer, match="of this version"):
            await pool.connect(within=3)
        await pool.aclose()


async def test_samples_from_a_server_cannot_be_changed_by_mistake():
    async with pool_over(EngineServerHere()) as pool:
        spoken = await RemoteVoice(pool).speak("Hello.")
        with pytest.raises(ValueError, match="read-only"):
            spoken[0] = np.int16(1)
