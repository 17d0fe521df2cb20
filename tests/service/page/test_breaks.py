"""The page when its connection breaks."""

import asyncio
import json
import re
import time

import pytest
from playwright.async_api import expect

from models import fake
from tests.waiting import until

from ..browser import Visitor, needs_chromium, visiting
from .conftest import ANSWER, completed, invited, serving

PIECE = 0.03
"""Seconds of a message of audio."""
RECONNECTING = "The connection is lost. Reconnecting"


class Network:
    """Between the page and its server: counts its sockets, breaks them, refuses new ones while it
    is `down`, and loses every message while it is `cut_off`."""

    def __init__(self, page):
        self.page = page
        self.down = False
        self.cut_off = False
        self.tries = []
        self.sent = []
        """Of the newest socket: when, and which message."""
        self._sides = ()

    async def watch(self):
        await self.page.route_web_socket(re.compile("/ws/"), self._connect)

    async def _connect(self, route):
        self.tries.append(time.monotonic())
        if self.down:
            await route.close(code=1011)
            return
        self.sent = []
        server = route.connect_to_server()
        self._sides = route, server
        route.on_message(lambda message: self._pass(server, message))
        server.on_message(lambda message: self.cut_off or route.send(message))

    def _pass(self, server, message):
        self.sent.append((time.monotonic(), json.loads(message)))
        if not self.cut_off:
            server.send(message)

    async def cut(self, *, stay_down=False, code=1011):
        self.down = stay_down
        client, server = self._sides
        await client.close(code=code)
        await server.close()

    def tell(self, **event):
        """A message to the page, as if its server had sent it."""
        self._sides[0].send(json.dumps(event))

    async def patience(self, seconds):
        """How long the page is told that its place is kept."""

        async def answered(route):
            answer = await route.fetch()
            told = {**await answer.json(), "grace_seconds": seconds}
            await route.fulfill(response=answer, json=told)

        await self.page.route("**/start-database-interview", answered)

    def kinds(self):
        return [message["type"] for _, message in self.sent]

    def audio(self):
        return [message["audio"] for _, message in self.sent if message["type"] == "audio"]

    def ahead(self):
        """Seconds of audio that the newest socket carried beyond what was said since it opened."""
        since = time.monotonic() - self.sent[0][0] if self.sent else 0.0
        return len(self.audio()) * PIECE - since


async def talking(url, visitor, query="", *, patience=None, muted=True):
    """An interview in which the interviewer speaks; a candidate who is not muted interrupts it."""
    network = Network(visitor.page)
    await network.watch()
    if patience is not None:
        await network.patience(patience)
    await visitor.page.goto(f"{url}/{query}")
    await visitor.page.click("#start")
    if muted:
        await visitor.page.get_by_role("button", name="Mute").click()
    await visitor.line("Interviewer", "[a-z]{3,}")
    return network


@needs_chromium
async def test_a_lost_connection_is_taken_up_again_without_a_click(url, microphone):
    async with visiting(microphone) as visitor:
        page = visitor.page
        network = await talking(url, visitor)
        await network.cut(stay_down=True)
        await expect(page.get_by_role("alert")).to_contain_text(RECONNECTING)
        await expect(
            page.get_by_text(re.compile(r"We keep trying for another 1:[0-5]\d"))
        ).to_be_visible()
        network.down = False
        await visitor.line("Interviewer", "Welcome back")
        await expect(page.get_by_role("alert")).to_be_hidden()
        await expect(page.get_by_text("We keep trying")).to_be_hidden()


@needs_chromium
async def test_a_service_that_vanishes_without_a_word_is_left_after_ten_seconds(url, microphone):
    async with visiting(microphone) as visitor:
        page = visitor.page
        network = await talking(url, visitor)
        network.cut_off, began, sent = True, time.monotonic(), network.sent
        await expect(page.get_by_role("alert")).to_contain_text("The connection is poor")
        await expect(page.get_by_role("alert")).to_contain_text(RECONNECTING)
        network.cut_off = False
        await visitor.line("Interviewer", "Welcome back")
        assert 8 < network.tries[1] - began < 20, "a busy machine is late"
        pings = [at for at, message in sent if message["type"] == "ping" and at > began]
        assert 2 <= len(pings) <= 3, "one every four seconds"


@needs_chromium
async def test_of_what_is_said_to_a_service_that_vanished_the_candidate_learns_too(url, microphone):
    async with visiting(microphone) as visitor:
        network = await talking(url, visitor, muted=False)
        await visitor.floor("Listening to you")
        network.cut_off = True
        alert = visitor.page.get_by_role("alert")
        await expect(alert).to_contain_text("The connection is poor")
        await expect(alert).to_contain_text(RECONNECTING)
        network.cut_off = False
        await expect(alert).to_contain_text("What you said in the meantime was not heard")


@needs_chromium
async def test_of_an_answer_that_could_not_be_recorded_the_candidate_learns_too(url, microphone):
    async with visiting(microphone) as visitor:
        network = await talking(url, visitor, muted=False)
        await visitor.floor("Listening to you")
        network.tell(type="error", code="record_unavailable", message="It has to wait.")
        await network.cut()
        alert = visitor.page.get_by_role("alert")
        await expect(alert).to_contain_text("What you said in the meantime was not heard")
        await expect(alert).to_contain_text("if you are asked the same again")


@needs_chromium
@pytest.mark.parametrize("code", [1001, 1012, 1013])
async def test_what_a_proxy_that_restarts_says_is_a_lost_connection_too(url, microphone, code):
    async with visiting(microphone) as visitor:
        network = await talking(url, visitor)
        await network.cut(code=code)
        await visitor.line("Interviewer", "Welcome back")


@needs_chromium
async def test_it_tries_for_the_whole_time_and_then_offers_to_continue(url, microphone):
    async with visiting(microphone) as visitor:
        page = visitor.page
        network = await talking(url, visitor, patience=8)
        await network.cut(stay_down=True)
        await visitor.floor("The connection is lost")
        await expect(page.locator("#stranded-title")).to_be_focused()
        tries = len(network.tries)
        assert tries > 4
        assert network.tries[-1] - network.tries[1] > 4
        await page.get_by_role("button", name="Continue my interview").click()
        await expect(page.get_by_role("alert")).to_contain_text(RECONNECTING)
        network.down = False
        await visitor.line("Interviewer", "Welcome back")
        await expect(page.get_by_role("alert")).to_be_hidden()
        assert len(network.tries) > tries


@needs_chromium
async def test_what_was_finished_meanwhile_has_its_result(tmp_path, microphone):
    voice = fake.SteadyVoice(0.02)
    async with serving(tmp_path, voice, grace_seconds=1) as url, visiting(microphone) as visitor:
        page = visitor.page
        network = await talking(url, visitor)
        await network.cut(stay_down=True)
        await visitor.floor("The connection is lost")
        await completed(url)
        await page.get_by_role("button", name="Continue my interview").click()
        await expect(page.get_by_text("Your interview is complete and saved.")).to_be_visible()


@needs_chromium
async def test_without_the_service_continuing_says_why_and_may_be_tried_again(url, microphone):
    async with visiting(microphone) as visitor:
        page = visitor.page
        network = await talking(url, visitor, patience=1)
        await network.cut(stay_down=True)
        await visitor.floor("The connection is lost")
        await page.route("**/start-database-interview", lambda route: route.abort())
        await page.get_by_role("button", name="Continue my interview").click()
        await expect(page.get_by_role("alert")).to_contain_text("does not answer")
        await page.unroute_all()
        network.down = False
        await page.get_by_role("button", name="Continue my interview").click()
        await visitor.line("Interviewer", "Welcome back")


@needs_chromium
async def test_what_is_said_in_a_short_break_is_heard_after_it(url, microphone):
    async with visiting(microphone) as visitor:
        network = await talking(url, visitor, muted=False)
        await visitor.floor("Listening to you")
        await network.cut(stay_down=True)
        await asyncio.sleep(1.5)
        network.down = False
        await until(lambda: network.ahead() > 0.9)
        assert any(set(piece) != {"A"} for piece in network.audio()[:30])
        await visitor.line("You", re.escape(ANSWER))


@needs_chromium
async def test_what_is_said_to_a_service_that_no_longer_answers_is_heard_after_it(url, talkative):
    async with visiting(talkative) as visitor:
        network = await talking(url, visitor, muted=False)
        await visitor.floor("Listening to you")
        network.cut_off, sent = True, network.sent
        asked = len(network.kinds())
        await until(lambda: "ping" in network.kinds()[asked:])
        await asyncio.sleep(1)
        network.cut_off = False
        await network.cut()
        await until(lambda: network.sent is not sent and network.ahead() > 0.6)
        assert any(set(piece) != {"A"} for piece in network.audio()[:20])


@needs_chromium
async def test_the_window_that_was_left_for_another_offers_no_new_interview(url, microphone):
    interview_id = await invited(url)
    async with visiting(microphone) as visitor:
        await talking(url, visitor, f"?interview={interview_id}")
        other = Visitor(await visitor.page.context.new_page())
        await talking(url, other, f"?interview={interview_id}")
        await visitor.floor("In another window")
        await expect(visitor.page.get_by_role("button", name="Start another")).to_be_hidden()


@needs_chromium
async def test_what_is_typed_in_a_break_is_sent_after_it(url, microphone):
    async with visiting(microphone) as visitor:
        network = await talking(url, visitor)
        await network.cut(stay_down=True)
        await expect(visitor.page.get_by_role("alert")).to_contain_text(RECONNECTING)
        for answer in ("I typed this.", "And that."):
            await visitor.page.fill("#typed", answer)
            await visitor.page.press("#typed", "Enter")
        network.down = False
        await visitor.line("You", "I typed this")
        await visitor.line("You", "And that")


@needs_chromium
async def test_what_is_typed_in_a_break_is_sent_after_the_candidate_continues(url, microphone):
    async with visiting(microphone) as visitor:
        page = visitor.page
        network = await talking(url, visitor, patience=12)
        await network.cut(stay_down=True)
        await expect(page.get_by_role("alert")).to_contain_text(RECONNECTING)
        await page.fill("#typed", "I typed this.")
        await page.press("#typed", "Enter")
        await visitor.floor("The connection is lost")
        network.down = False
        await page.get_by_role("button", name="Continue my interview").click()
        await visitor.line("You", "I typed this")


@needs_chromium
async def test_what_is_typed_to_a_service_that_no_longer_answers_is_sent_after_it(url, microphone):
    async with visiting(microphone) as visitor:
        page = visitor.page
        network = await talking(url, visitor)
        network.cut_off = True
        asked = len(network.kinds())
        await until(lambda: "ping" in network.kinds()[asked:])
        await page.fill("#typed", "I typed this.")
        await page.press("#typed", "Enter")
        await until(lambda: "text" in network.kinds())
        network.cut_off = False
        await network.cut()
        await visitor.line("You", "I typed this")
        assert network.kinds().count("text") == 1


@needs_chromium
async def test_of_a_longer_break_the_candidate_learns_that_they_were_not_heard(url, microphone):
    async with visiting(microphone) as visitor:
        network = await talking(url, visitor, muted=False)
        await visitor.floor("Listening to you")
        await network.cut(stay_down=True)
        await asyncio.sleep(11)  # longer than the 8 s that are kept, on a busy machine too
        network.down = False
        alert = visitor.page.get_by_role("alert")
        await expect(alert).to_contain_text("What you said in the meantime was not heard")
        await visitor.line("You", re.escape(ANSWER))
        assert network.ahead() < 4
        await expect(alert).to_be_hidden()


@needs_chromium
async def test_after_a_break_it_says_again_that_the_candidate_is_muted(url, microphone):
    async with visiting(microphone) as visitor:
        network = await talking(url, visitor, muted=False)
        assert "mute" not in network.kinds()
        await visitor.page.get_by_role("button", name="Mute").click()
        await network.cut()
        await visitor.line("Interviewer", "Welcome back")
        assert network.sent[0][1] == {"type": "mute", "muted": True}


@needs_chromium
async def test_the_number_of_the_question_and_the_time_are_there_again_after_a_break(
    url, microphone
):
    interview = await invited(url)
    async with visiting(microphone) as visitor:
        page = visitor.page
        network = await talking(url, visitor, f"?interview={interview}")
        await expect(page.get_by_text("Question 1 of 2")).to_be_visible()
        await network.cut(stay_down=True)
        await expect(page.get_by_role("alert")).to_contain_text(RECONNECTING)
        left = page.locator("#left")
        await asyncio.sleep(0.5)
        stopped = await left.text_content()
        await asyncio.sleep(2)
        assert await left.text_content() == stopped, "the interview's clock stands still"
        network.down = False
        await visitor.line("Interviewer", "Welcome back")
        await expect(left).not_to_have_text(stopped)
        await expect(page.get_by_text("Question 1 of 2")).to_be_visible()


@needs_chromium
async def test_the_first_try_is_at_once_and_later_ones_are_up_to_two_seconds_apart(url, microphone):
    async with visiting(microphone) as visitor:
        await visitor.page.goto(f"{url}/")
        waits = await visitor.page.evaluate(
            """async () => {
              const { retryAfter } = await import("./page/connection.js");
              const at = (random) => [0, 1, 2, 3, 4, 9, 400].map((n) => retryAfter(n, random));
              return [at(0), at(1), [...Array(50)].map(() => retryAfter(9))];
            }"""
        )
    low, high, any_ = waits
    assert (low[0], high[0]) == (0, 200)
    assert high[1:] == [400, 800, 1600, 2000, 2000, 2000]
    assert all(first < last for first, last in zip(low[1:], high[1:], strict=True))
    assert len(set(any_)) > 10
    assert max(any_) <= 2000
