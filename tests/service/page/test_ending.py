"""How an interview in the browser goes on to its end, and ends."""

import asyncio
import re

from playwright.async_api import expect

from ..browser import needs_chromium, visiting
from .conftest import invited

SAVED = "is complete and saved"


async def talking(url, visitor, query=""):
    await visitor.page.goto(f"{url}/{query}")
    await visitor.page.click("#start")
    await visitor.floor("Interviewer is speaking")


@needs_chromium
async def test_an_interview_ends_only_after_a_confirmation(url, microphone):
    async with visiting(microphone) as visitor:
        page = visitor.page
        await talking(url, visitor)
        end = page.get_by_role("button", name="End interview")
        asked = page.get_by_role("dialog", name="End the interview?")
        await end.click()
        await expect(asked).to_be_visible()
        await expect(page.get_by_role("button", name="Stay")).to_be_focused()
        await page.keyboard.press("Escape")
        await expect(asked).to_be_hidden()
        await expect(end).to_be_focused()
        await end.click()
        await page.get_by_role("button", name="Stay").click()
        await expect(asked).to_be_hidden()
        await visitor.floor(re.compile("Interviewer is speaking|Listening to you|Your turn"))
        await visitor.end()
        await expect(page.get_by_text(SAVED)).to_be_visible()
        assert visitor.complaints == []


@needs_chromium
async def test_saved_is_said_when_the_service_has_said_it(url, microphone):
    async with visiting(microphone) as visitor:
        page = visitor.page
        arrived, answered = asyncio.Event(), asyncio.Event()

        async def slow(route):
            arrived.set()
            await answered.wait()
            await route.continue_()

        await page.route("**/finalize-interview", slow)
        await talking(url, visitor)
        await visitor.end()
        await arrived.wait()
        await visitor.floor("One moment")
        await expect(page.get_by_text("last words are being saved")).to_be_visible()
        await expect(page.get_by_text(SAVED)).to_be_hidden()
        answered.set()
        await visitor.floor("Thank you")
        await expect(page.get_by_text(SAVED)).to_be_visible()


@needs_chromium
async def test_what_could_not_be_saved_can_be_tried_again(url, microphone):
    async with visiting(microphone) as visitor:
        page = visitor.page
        await page.route("**/finalize-interview", lambda route: route.abort())
        await talking(url, visitor)
        await visitor.end()
        await visitor.floor("Not saved yet")
        await expect(page.get_by_text("does not answer")).to_be_visible()
        again = page.get_by_role("button", name="Try again")
        await again.click()
        await expect(again).to_be_visible()
        refusal = {"detail": "The database is away.", "message": "", "code": "x"}
        await page.unroute_all()
        await page.route(
            "**/finalize-interview", lambda route: route.fulfill(status=503, json=refusal)
        )
        await again.click()
        await expect(page.get_by_text("The database is away.")).to_be_visible()
        await page.unroute_all()
        await again.click()
        await visitor.floor("Thank you")
        await expect(page.get_by_text(SAVED)).to_be_visible()
        await expect(again).to_be_hidden()


@needs_chromium
async def test_leaving_in_the_middle_warns_and_afterwards_does_not(url, microphone):
    async with visiting(microphone) as visitor:
        page = visitor.page
        warned = []
        page.on("dialog", lambda dialog: warned.append(dialog.type))
        await talking(url, visitor)
        async with page.expect_event("dialog") as dialog:
            await page.close(run_before_unload=True)
        await (await dialog.value).dismiss()
        assert warned == ["beforeunload"]
        await visitor.end()
        await expect(page.get_by_text(SAVED)).to_be_visible()
        async with page.expect_event("close"):
            await page.close(run_before_unload=True)
        assert warned == ["beforeunload"]


@needs_chromium
async def test_the_number_of_the_question_and_the_time_left_are_shown(url, microphone):
    interview = await invited(url)
    async with visiting(microphone) as visitor:
        page = visitor.page
        await talking(url, visitor, f"?interview={interview}")
        await expect(page.get_by_role("banner")).to_contain_text("Question 1 of 2")
        left = page.locator("#left")
        await expect(left).to_have_text(re.compile(r"^11:[0-5]\d$"))
        first = await left.text_content()
        await expect(left).not_to_have_text(first)
        assert await left.text_content() < first
        await page.get_by_label("Type an answer instead").fill("I like people and machines a lot.")
        await page.keyboard.press("Enter")
        await visitor.line("Interviewer", "Who are you")
        await expect(page.get_by_role("banner")).to_contain_text("Question 2 of 2")


@needs_chromium
async def test_the_time_left_stands_still_when_it_is_told_to_and_ends_at_nothing(url, microphone):
    async with visiting(microphone) as visitor:
        await visitor.page.goto(f"{url}/")
        seen = await visitor.page.evaluate(
            """async () => {
              const { Countdown } = await import("./page/countdown.js");
              let now = 0;
              const countdown = new Countdown(() => now);
              const seen = [countdown.left];
              countdown.set(90);
              for (now of [0, 999, 1000, 30_500]) seen.push(countdown.left);
              countdown.stop();
              now = 60_000;
              seen.push(countdown.left);
              countdown.set(5);
              for (now of [64_999, 65_000, 99_000]) seen.push(countdown.left);
              return seen;
            }"""
        )
    assert seen == [None, 90, 90, 89, 60, 60, 1, 0, 0]


@needs_chromium
async def test_figures_for_developers_are_shown_to_who_asks_for_them(url, microphone):
    async with visiting(microphone) as visitor:
        await talking(url, visitor)
        await expect(visitor.page.get_by_text("Server's share")).to_be_hidden()
    async with visiting(microphone) as visitor:
        await talking(url, visitor, "?debug")
        await expect(visitor.page.get_by_text("Server's share")).to_be_visible()
        assert "debug" in visitor.page.url
