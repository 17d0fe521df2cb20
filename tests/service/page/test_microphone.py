"""The page with a microphone that is muted, and without one."""

import re
import wave

from playwright.async_api import expect

from models import fake
from models.contracts import HEARING_RATE, Transcript
from pipeline.conversation.turn_steps import LONGEST_PAUSE

from ..browser import needs_chromium, visiting
from .conftest import ANSWER, SameAnswer, invited, serving

WITHOUT = """{
  const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  window.refuse = "%s";
  navigator.mediaDevices.getUserMedia = (wanted) =>
    window.refuse ? Promise.reject(new DOMException("no", window.refuse)) : open(wanted);
}"""


@needs_chromium
async def test_muted_it_goes_on_sending_silence_and_tells_the_service(url, microphone):
    async with visiting(microphone) as visitor:
        page = visitor.page
        await page.goto(f"{url}/")
        await page.click("#start")
        mute = page.get_by_role("button", name="Mute")
        await mute.click()
        await expect(mute).to_have_attribute("aria-pressed", "true")
        await visitor.line("Interviewer", "background")
        await expect(page.get_by_text("Microphone (muted)")).to_be_visible()
        await visitor.floor("You are muted")
        assert LONGEST_PAUSE == 180 * HEARING_RATE
        await expect(page.get_by_text("waits for up to three minutes")).to_be_visible()
        heard = [message["audio"] for message in visitor.sent if message["type"] == "audio"]
        assert set(heard[-1]) == {"A"}
        await mute.click()
        await visitor.floor(re.compile("Your turn|Listening to you"))
        assert visitor.told_muted() == [True, False]
        assert "error" not in visitor.kinds()


@needs_chromium
async def test_a_whole_interview_is_held_by_typing(url, microphone):
    interview = await invited(url)
    async with visiting(microphone) as visitor:
        page = visitor.page
        await page.add_init_script(WITHOUT % "NotAllowedError")
        await page.goto(f"{url}/?interview={interview}")
        await page.get_by_role("button", name="Start the interview").click()
        await expect(page.get_by_text("You can hold this interview by typing")).to_be_visible()
        await expect(page.get_by_text("allow it in the address bar")).to_be_visible()
        for control in ("Mute", "I'm finished"):
            await expect(page.get_by_role("button", name=control)).to_be_hidden()
        for number, question in enumerate(("Why this job", "Who are you"), 1):
            await visitor.line("Interviewer", question)
            await expect(page.get_by_text(f"Question {number} of 2")).to_be_visible()
            await expect(page.get_by_text("Type your answer. The")).to_be_visible()
            await page.get_by_label("Type your answer").fill(ANSWER)
            await page.keyboard.press("Enter")
        await visitor.floor("Thank you")
        await expect(page.get_by_text("is complete and saved")).to_be_visible()
        sent = [message for message in visitor.sent if message["type"] in ("audio", "mute")]
        assert sent == [{"type": "mute", "muted": True}]
        assert visitor.complaints == []
        assert "error" not in visitor.kinds()


@needs_chromium
async def test_a_microphone_that_comes_later_is_used(tmp_path, microphone):
    async with (
        serving(tmp_path, fake.SteadyVoice(0.02)) as url,
        visiting(microphone) as visitor,
    ):
        page = visitor.page
        await page.add_init_script(WITHOUT % "NotFoundError")
        await page.goto(f"{url}/")
        await page.click("#start")
        await expect(page.get_by_text("No microphone was found")).to_be_visible()
        again = page.get_by_role("button", name="Try the microphone again")
        await again.click()
        await expect(page.get_by_text("No microphone was found")).to_be_visible()
        await page.evaluate("window.refuse = ''")
        await again.click()
        await expect(page.get_by_role("meter")).to_be_visible()
        await expect(page.get_by_role("button", name="Mute")).to_be_focused()
        await expect(again).to_be_hidden()
        await visitor.line("You", re.escape(ANSWER))
        assert visitor.told_muted() == [True, False]


@needs_chromium
async def test_a_microphone_that_goes_leaves_typing(url, microphone):
    async with visiting(microphone) as visitor:
        page = visitor.page
        await page.add_init_script(
            """{
              const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
              navigator.mediaDevices.getUserMedia = async (wanted) =>
                (window.stream = await open(wanted));
            }"""
        )
        await page.goto(f"{url}/")
        await page.click("#start")
        await visitor.line("Interviewer", "background")
        await page.evaluate("window.stream.getTracks()[0].dispatchEvent(new Event('ended'))")
        await expect(page.get_by_text("The microphone is gone")).to_be_visible()
        await page.get_by_label("Type your answer").fill("I am a nurse and I like machines.")
        await page.keyboard.press("Enter")
        await visitor.line("You", "I am a nurse and I like machines")


@needs_chromium
async def test_a_microphone_without_sound_is_shown_to_the_candidate(url, tmp_path):
    silent = tmp_path / "silent.wav"
    with wave.open(str(silent), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(48_000)
        file.writeframes(bytes(2 * 48_000))
    async with visiting(silent) as visitor:
        await visitor.page.goto(f"{url}/")
        await visitor.page.click("#start")
        told = visitor.page.get_by_text("No sound comes from your microphone").first
        await expect(told).to_be_visible()
        assert "microphone.trouble" in visitor.kinds()


class German(SameAnswer):
    languages = ("en", "de")

    async def final(self, audio, context=""):
        return Transcript(ANSWER, "en", spoken={"de": 0.99})


@needs_chromium
async def test_another_language_is_shown_to_the_candidate_in_that_language(tmp_path, microphone):
    async with (
        serving(tmp_path, fake.SteadyVoice(0.02), German()) as url,
        visiting(microphone) as visitor,
    ):
        await visitor.page.goto(f"{url}/")
        await visitor.page.click("#start")
        told = visitor.page.locator("#other-language")
        await expect(told).to_have_text("Ich verstehe Sie auch auf Deutsch.")
        assert await told.get_attribute("lang") == "de"
