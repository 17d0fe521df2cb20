import asyncio
import json
import math
from contextlib import aclosing, asynccontextmanager

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from models.contracts import Message
from models.errors import EngineBusy, EngineError, ModelUnknown
from models.openai import options
from models.openai.connection import Patience
from models.openai.llm import OpenAiCompatibleLlm
from models.openai.request_body import without_notes

DIALOGUE = (Message("system", "rules"), Message("user", "Hi"), Message("system", "Next: ask"))


class Server:
    """Speaks the protocol as scripted, and remembers what it was asked."""

    def __init__(self, *script, status=200, refuses_notes=0, refuses_formats=None):
        self.script = script
        self.status = status
        self.refuses_notes = refuses_notes
        self.refuses_formats = refuses_formats
        """With which status, and which one it takes."""
        self.one_by_one = False
        self.asked = []
        self.authorization = None
        self.sessions = []
        """The session that each request named."""
        self.left = asyncio.Event()

    async def answer(self, request):
        self.authorization = request.headers.get("Authorization")
        self.sessions.append(request.headers.get("X-Session-Id"))
        self.asked.append(asked := await request.json())
        roles = [m["role"] for m in asked["messages"]]
        if self.refuses_notes and "system" in roles[1:]:
            return web.Response(status=self.refuses_notes)
        if self.status != 200:
            return web.Response(status=self.status)
        if self.refuses_formats:
            refused, taken = self.refuses_formats
            if asked.get("response_format", {}).get("type") != taken:
                return web.Response(status=refused)
        if not asked.get("stream"):
            content = self.script[len(self.asked) - 1 if self.one_by_one else 0]
            return web.json_response({"choices": [{"message": {"content": content}}]})
        response = web.StreamResponse()
        await response.prepare(request)
        try:
            for step in self.script:
                if step is None:
                    await asyncio.Event().wait()
                await response.write(step)
        except (asyncio.CancelledError, ConnectionError):
            self.left.set()
            raise
        return response


@asynccontextmanager
async def serving(*script, **settings):
    """A server and an engine that talks to it."""
    server = Server(*script, **settings)
    app = web.Application()
    app.router.add_post("/v1/chat/completions", server.answer)
    async with TestServer(app) as http:
        llm = OpenAiCompatibleLlm(
            str(http.make_url("/v1")), "big", "secret", patience=Patience(token=0.2)
        )
        try:
            yield server, llm
        finally:
            await llm.aclose()


def delta(content, **more):
    return (
        f"data: {json.dumps({'choices': [{'delta': {'content': content, **more}}]})}\n\n".encode()
    )


DONE = b"data: [DONE]\n\n"


async def heard(llm, messages=DIALOGUE):
    return [piece async for piece in llm.open().reply(messages)]


async def test_the_pieces_come_as_they_are_sent():
    async with serving(b": hello\n\n", delta(None), delta(" Good"), delta(" day."), DONE) as (
        _,
        llm,
    ):
        assert await heard(llm) == ["Good", " day."]


async def test_events_cut_anywhere_are_put_together():
    stream = delta("Grüß") + b"event: x\r\n" + delta(" Gott").replace(b"\n", b"\r\n") + DONE
    async with serving(*(stream[n : n + 3] for n in range(0, len(stream), 3))) as (_, llm):
        assert await heard(llm) == ["Grüß", " Gott"]


async def test_what_comes_after_the_end_is_not_read():
    async with serving(delta("Yes."), DONE, delta("No."), None) as (_, llm):
        assert await heard(llm) == ["Yes."]


async def test_the_request_names_the_model_the_key_and_the_messages():
    async with serving(DONE) as (server, llm):
        await heard(llm)
    assert server.authorization == "Bearer secret"
    assert server.asked[0]["model"] == "big"
    assert server.asked[0]["messages"][2] == {"role": "system", "content": "Next: ask"}


async def test_all_requests_of_a_dialogue_name_it_so_that_a_router_finds_its_cache():
    async with serving("Yes.") as (server, llm):
        dialogue, another = llm.open(), llm.open()
        await dialogue.warm(DIALOGUE)
        server.script = (DONE,)
        for each in (dialogue, dialogue, another):
            assert [piece async for piece in each.reply(DIALOGUE)] == []
    first, second, third, other = server.sessions
    assert first == second == third
    assert len(first) == 32
    assert other not in (None, first)


async def test_a_form_belongs_to_no_dialogue():
    async with serving("{}") as (server, llm):
        await llm.fill(DIALOGUE, {})
    assert server.sessions == [None]


async def test_a_dialogue_is_named_again_without_the_notes_that_a_template_refuses():
    async with serving(DONE, refuses_notes=400) as (server, llm):
        await heard(llm)
    assert len(server.sessions) == 2
    assert len(set(server.sessions)) == 1


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (401, EngineError),
        (404, ModelUnknown),
        (429, EngineBusy),
        (503, EngineBusy),
        (502, EngineError),
    ],
)
async def test_a_refusal_is_an_error_of_ours(status, error):
    async with serving(status=status) as (_, llm):
        with pytest.raises(error):
            await heard(llm)
        with pytest.raises(error):
            await llm.fill(DIALOGUE, {})


@pytest.mark.parametrize(
    "broken",
    [b"data: {oops\n\n", b'data: {"error": {"message": "out of memory"}}\n\n', b"data: []\n\n"],
)
async def test_a_broken_stream_is_an_error_after_what_was_good(broken):
    async with serving(delta("Well"), broken) as (_, llm):
        pieces = llm.open().reply(DIALOGUE)
        assert await anext(pieces) == "Well"
        with pytest.raises(EngineError):
            await anext(pieces)


async def test_a_server_that_says_nothing_for_too_long_is_an_error():
    async with serving(delta("Well"), None) as (_, llm):
        with pytest.raises(EngineError, match="too long"):
            await heard(llm)


async def test_a_server_that_is_not_there_is_an_error():
    llm = OpenAiCompatibleLlm("http://127.0.0.1:1/v1", "big")
    with pytest.raises(EngineError, match="cannot be reached"):
        await heard(llm)
    assert llm.state.servers == 0
    await llm.aclose()


async def test_a_server_counts_as_reached_by_its_last_answer():
    async with serving(delta("Well"), DONE) as (_, llm):
        llm._connection.reached = False
        await heard(llm)
        assert llm.state.servers == 1


async def test_leaving_a_reply_closes_the_connection():
    async with serving(delta("Well"), *[delta(" so")] * 10_000, None) as (server, llm):
        async with aclosing(llm.open().reply(DIALOGUE)) as pieces:
            assert await anext(pieces) == "Well"
        await asyncio.wait_for(server.left.wait(), 30)


async def test_a_second_reply_ends_the_first():
    async with serving(delta("Well"), None) as (server, llm):
        stream = llm.open()
        first, second = stream.reply(DIALOGUE), stream.reply(DIALOGUE)
        assert await anext(first) == "Well"
        assert await anext(second) == "Well"
        assert [piece async for piece in first] == []
        await asyncio.wait_for(server.left.wait(), 30)
        await second.aclose()


def weighed(text, **tokens):
    """The answer of a server that gives the probabilities of first tokens."""
    top = [{"token": token, "logprob": math.log(share)} for token, share in tokens.items()]
    choice = {"message": {"content": text}}
    if top:
        choice["logprobs"] = {"content": [{"top_logprobs": top}]}
    return {"choices": [choice]}


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        (weighed("Yes", Yes=0.6, No=0.2, Maybe=0.2), (0.75, 0.25)),
        (weighed("Yes", **{" yes": 0.3, "Y": 0.3, "no": 0.2, "": 0.2}), (0.75, 0.25)),
        (weighed("Maybe", Yes=0.1, Maybe=0.9), (1.0, 0.0)),
        (weighed("No."), (0.0, 1.0)),
        ({"choices": [{"message": {"content": "yes"}, "logprobs": None}]}, (1.0, 0.0)),
    ],
)
def test_options_are_weighed_by_the_servers_probabilities_or_by_its_choice(answer, found):
    assert options.shares(answer, ("Yes", "No")) == pytest.approx(found)


def test_an_answer_that_is_none_of_the_options_is_an_error():
    with pytest.raises(EngineError):
        options.shares(weighed("I cannot tell."), ("Yes", "No"))


async def test_weighing_asks_for_probabilities():
    async with serving("Yes") as (server, llm):
        assert await llm.weigh(DIALOGUE, ("Yes", "No")) == (1.0, 0.0)
        assert (server.asked[0]["logprobs"], server.asked[0]["top_logprobs"]) == (True, options.TOP)


async def test_a_form_asks_for_its_schema():
    async with serving('{"score": 3}') as (server, llm):
        assert await llm.fill(DIALOGUE, {"type": "object"}, max_tokens=7) == '{"score": 3}'
    assert server.asked[0]["response_format"]["json_schema"]["schema"] == {"type": "object"}
    assert server.asked[0]["max_tokens"] == 7


async def test_a_form_that_breaks_off_is_an_error():
    async with serving('{"score": ') as (_, llm):
        with pytest.raises(EngineError, match="no JSON"):
            await llm.fill(DIALOGUE, {})


@pytest.mark.parametrize("status", [400, 500])
async def test_notes_that_a_template_refuses_go_to_the_user_from_then_on(status):
    async with serving(delta("Ok"), DONE, refuses_notes=status) as (server, llm):
        assert await heard(llm) == ["Ok"]
        assert await heard(llm) == ["Ok"]
    roles = [[m["role"] for m in asked["messages"]] for asked in server.asked]
    assert roles == [["system", "user", "system"], ["system", "user"], ["system", "user"]]
    assert server.asked[2]["messages"][1]["content"] == "Hi\n\nNext: ask"


async def test_warming_reads_the_messages_and_never_fails():
    async with serving("x") as (server, llm):
        await llm.open().warm(DIALOGUE)
        assert server.asked[0]["max_tokens"] == 1
    async with serving(status=503) as (_, llm):
        await llm.open().warm(DIALOGUE)


def test_a_conversation_without_notes_alternates():
    roles = ["system", "system", "assistant", "user", "user", "system", "assistant", "assistant"]
    merged = without_notes([Message(role, str(n)) for n, role in enumerate(roles)])
    assert [(m.role, m.content) for m in merged] == [
        ("system", "0"), ("user", "1"), ("assistant", "2"), ("user", "3\n\n4\n\n5"),
        ("assistant", "6 7"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "harmless",
    [
        b"data: \n\n",
        b"data:\r\n\r\n",
        b": keep-alive\n\n",
        b"\xef\xbb\xbf",
        b'event: ping\ndata: {"type": "ping"}\n\n',
        b'data: {"choices": [], "usage": {"total_tokens": 5}}\n\n',
        b'data: {"choices": null, "usage": null, "error": null}\n\n',
        b'data: {"choices": [{"delta": null}]}\n\n',
        b'data: {"choices": [{"index": 0, "finish_reason": "stop"}]}\n\n',
        b'data: {"choices": [{"delta": {"content": null, "role": "assistant"}}]}\n\n',
        b'data: {"choices": [{"delta": {"reasoning_content": "hm"}}]}\n\n',
        b'data: {"choices": [{"delta": {"content": [{"type": "thinking", "thinking": []}]}}]}\n\n',
    ],
)
async def test_what_has_no_text_in_a_stream_is_passed_over(harmless):
    async with serving(harmless, delta("Good"), harmless, delta(" day.")) as (_, llm):
        assert await heard(llm) == ["Good", " day."]


async def test_content_in_parts_is_their_text():
    parts = [
        {"type": "text", "text": "Good "},
        {"type": "image_url"},
        {"type": "text", "text": "day."},
    ]
    async with serving(delta(parts), DONE) as (_, llm):
        assert await heard(llm) == ["Good day."]
    async with serving([{"type": "text", "text": '{"score": 3}'}]) as (_, llm):
        assert await llm.fill(DIALOGUE, {}) == '{"score": 3}'


FORM = '{"score": 3}'


@pytest.mark.parametrize(
    "written", [f"```json\n{FORM}\n```", f"<think>\nhm\n</think>\n\n{FORM}", "\ufeff" + FORM]
)
async def test_a_form_is_taken_out_of_what_stands_around_it(written):
    async with serving(written) as (_, llm):
        assert await llm.fill(DIALOGUE, {"required": ["score"]}) == FORM


@pytest.mark.parametrize("status", [400, 422])
@pytest.mark.parametrize("taken", ["json_object", None])
async def test_a_server_that_refuses_a_schema_is_asked_with_less_from_then_on(status, taken):
    async with serving(FORM, refuses_formats=(status, taken)) as (server, llm):
        schema = {"type": "object", "required": ["score"]}
        assert await llm.fill(DIALOGUE[:2], schema) == FORM
        first = len(server.asked)
        assert await llm.fill(DIALOGUE[:2], schema) == FORM
    formats = [asked.get("response_format", {}).get("type") for asked in server.asked]
    assert formats[first - 1 :] == [taken, taken]
    assert '"required": ["score"]' in server.asked[-1]["messages"][0]["content"]


async def test_a_server_that_refuses_every_form_is_asked_in_the_best_way_again():
    async with serving(status=400) as (server, llm):
        for _ in range(2):
            with pytest.raises(EngineError, match="400"):
                await llm.fill(DIALOGUE[:2], {})
    formats = [asked.get("response_format", {}).get("type") for asked in server.asked]
    assert formats == ["json_schema", "json_object", None] * 2


async def test_a_form_that_reasoning_left_no_room_for_is_asked_with_more(caplog):
    async with serving("<think>hm", FORM) as (server, llm):
        server.one_by_one = True
        assert await llm.fill(DIALOGUE, {"required": ["score"]}, max_tokens=100) == FORM
    assert [asked["max_tokens"] for asked in server.asked] == [100, 2100]
    assert caplog.text.count("reasons before it answers") == 1


async def test_a_server_that_ignores_the_schema_is_told_it_in_words():
    async with serving("Well, I think", FORM, FORM) as (server, llm):
        server.one_by_one = True
        for _ in range(2):
            assert await llm.fill(DIALOGUE, {"required": ["score"]}) == FORM
    formats = [asked["response_format"]["type"] for asked in server.asked]
    assert formats == ["json_schema", "json_object", "json_object"]


async def test_a_server_that_broke_once_is_asked_for_the_schema_again():
    async with serving(FORM, refuses_formats=(500, None)) as (_, llm):
        assert await llm.fill(DIALOGUE[:2], {}) == FORM
        assert llm.format == "json_schema"


async def test_what_writes_no_form_in_any_format_is_an_error():
    async with serving("No.") as (server, llm):
        with pytest.raises(EngineError, match="no JSON"):
            await llm.fill(DIALOGUE, {})
    assert len(server.asked) == 3
