"""What the page says of an interview before it starts."""

import re
from uuid import uuid4

import aiohttp
import pytest
from playwright.async_api import expect

from models import fake

from ..browser import needs_chromium, visiting
from .conftest import invited, post, serving

START = re.compile("Start the interview|Continue my interview")
UNKNOWN = "0d3c2b7a-11c4-4d43-9d4b-6c6a2b6a9e01"


def start(page):
    return page.get_by_role("button", name=START)


@needs_chromium
async def test_an_invitation_says_for_whom_and_for_what_and_how_long_and_takes_no_place(
    url, microphone
):
    interview = await invited(url)
    async with visiting(microphone) as visitor, aiohttp.ClientSession(url) as http:
        page = visitor.page
        await page.goto(f"{url}/?interview={interview}")
        shown = page.get_by_label("Your interview")
        for words in ("Jürgen Groß", "Krankenpfleger (m/w/d)", "up to 12 minutes"):
            await expect(shown).to_contain_text(words)
        await expect(shown.get_by_text("Questions").locator("..")).to_contain_text("2")
        await expect(start(page)).to_be_enabled()
        await expect(page.get_by_role("alert")).to_be_hidden()
        async with http.get("/health") as answer:
            before = (await answer.json())["free"]
        async with http.post(
            "/start-database-interview", json={"interview_id": interview}
        ) as answer:
            assert answer.status == 200
        async with http.get("/health") as answer:
            assert (await answer.json())["free"] == before - 1
        assert visitor.complaints == []


@needs_chromium
async def test_an_interview_that_goes_on_is_continued(url, microphone):
    interview = await invited(url)
    session = (await post(url, "/start-database-interview", interview_id=interview))["session_id"]
    async with visiting(microphone) as visitor, aiohttp.ClientSession(url) as http:
        async with http.ws_connect(f"/ws/interview/{session}") as socket:
            await socket.receive()
        page = visitor.page
        await page.goto(f"{url}/?interview={interview}")
        await page.get_by_role("button", name="Continue my interview").click()
        await visitor.line("Interviewer", "Why this job")


@needs_chromium
@pytest.mark.parametrize(
    ("interview", "sentence"),
    [
        ("nonsense", "not a whole interview number"),
        ("finished", "is already completed"),
        (UNKNOWN, "not found"),
    ],
)
async def test_what_cannot_start_is_said_before_the_start(
    tmp_path, microphone, interview, sentence
):
    voice = fake.SteadyVoice(0.02)
    async with (
        serving(tmp_path, voice, autocreate_interviews=False) as url,
        visiting(microphone) as visitor,
    ):
        other = await invited(url)
        if interview == "finished":
            interview = await invited(url)
            await post(url, "/finalize-interview", interviewId=interview)
        page = visitor.page
        await page.goto(f"{url}/?interview={interview}")
        await expect(page.get_by_role("alert")).to_contain_text(sentence)
        await expect(start(page)).to_be_disabled()
        await expect(page.get_by_label("Your interview")).to_be_hidden()
        await page.get_by_label("Interview number", exact=True).fill(other)
        await expect(page.get_by_role("alert")).to_be_hidden()
        await page.keyboard.press("Tab")
        await expect(page.get_by_label("Your interview")).to_contain_text("Jürgen Groß")
        await start(page).click()
        await visitor.floor("Interviewer is speaking")


@needs_chromium
async def test_a_full_service_says_so_and_the_page_waits_for_a_place(tmp_path, microphone):
    voice = fake.SteadyVoice(0.02)
    async with (
        serving(tmp_path, voice, max_sessions=1) as url,
        visiting(microphone) as visitor,
    ):
        mine, other = await invited(url), str(uuid4())
        await post(url, "/start-database-interview", interview_id=other)
        page = visitor.page
        await page.clock.install()
        await page.goto(f"{url}/?interview={mine}")
        await expect(page.get_by_role("alert")).to_contain_text("places are taken")
        await expect(page.get_by_label("Your interview")).to_contain_text("Jürgen Groß")
        await expect(start(page)).to_be_disabled()
        await post(url, "/finalize-interview", interviewId=other)
        await page.clock.fast_forward(10_000)
        await expect(start(page)).to_be_enabled()
        await expect(page.get_by_role("alert")).to_be_hidden()


@needs_chromium
async def test_a_start_that_is_refused_all_the_same_says_why(tmp_path, microphone):
    voice = fake.SteadyVoice(0.02)
    async with (
        serving(tmp_path, voice, max_sessions=1) as url,
        visiting(microphone) as visitor,
    ):
        mine = await invited(url)
        page = visitor.page
        await page.goto(f"{url}/?interview={mine}")
        await expect(page.get_by_label("Your interview")).to_contain_text("Jürgen Groß")
        await post(url, "/start-database-interview", interview_id=str(uuid4()))
        await start(page).click()
        await expect(page.get_by_role("alert")).to_contain_text("places are taken")
        await expect(start(page)).to_be_enabled()
