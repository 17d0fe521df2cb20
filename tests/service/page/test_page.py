"""The candidate's page in headless Chromium, with a WAV file as its microphone."""

import re
from itertools import takewhile

import aiohttp
import numpy as np
import pytest
from playwright.async_api import expect

from models import fake
from scripts.measure.server import running
from service.page import FOLDER, files, policy

from ..browser import needs_chromium, visiting
from .conftest import ANSWER, serving


@needs_chromium
async def test_nothing_begins_before_the_candidate_has_agreed(tmp_path, microphone):
    file = tmp_path / "consent.txt"
    file.write_text("We keep what you say.\n\nFor thirty days.")
    given = {"consent_file": str(file), "consent_required": True}
    async with (
        serving(tmp_path, fake.SteadyVoice(0.02), **given) as url,
        visiting(microphone) as visitor,
        aiohttp.ClientSession(url) as http,
    ):
        page = visitor.page
        await page.goto(f"{url}/")
        await expect(page.get_by_text("For thirty days.")).to_be_visible()
        await page.get_by_role("button", name="Start the interview").click()
        await expect(
            page.get_by_role("checkbox", name="I have read this and agree")
        ).to_be_focused()
        await page.keyboard.press("Space")
        await page.get_by_role("button", name="Start the interview").click()
        await visitor.floor("Interviewer is speaking")
        async with http.get("/interviews/interviews") as answer:
            (held,) = (await answer.json())["interviews"]
        async with http.get(f"/interviews/{held['interview_id']}/export.json") as answer:
            (consent,) = (await answer.json())["consents"]
        assert (consent["source"], consent["text"]) == ("service", file.read_text())
        assert visitor.complaints == []


@needs_chromium
async def test_the_candidate_sees_that_the_interview_is_recorded_and_it_is(tmp_path, microphone):
    given = {"recording": True, "recordings_dir": tmp_path / "recordings"}
    async with (
        serving(tmp_path, fake.SteadyVoice(0.02), **given) as url,
        visiting(microphone) as visitor,
    ):
        page = visitor.page
        await page.goto(f"{url}/")
        await expect(page.get_by_text("The interview is recorded")).to_be_visible()
        await page.get_by_role("checkbox", name="I have read this and agree").check()
        await page.get_by_role("button", name="Start the interview").click()
        await visitor.line("Interviewer", "This conversation is recorded.")
        await expect(page.get_by_role("banner")).to_contain_text("recorded")
        interview_id = await page.evaluate("new URLSearchParams(location.search).get('interview')")
        await visitor.end()
        await expect(page.get_by_text("Your interview is complete and saved.")).to_be_visible()
        report = await page.goto(f"{url}/interviews/{interview_id}/report")
        assert report.status == 200
        await expect(page.get_by_label(re.compile("Interviewer at 0:0")).first).to_be_visible()
        assert visitor.complaints == []


@needs_chromium
async def test_an_interview_is_held_in_the_browser(url, microphone):
    async with visiting(microphone) as visitor:
        page = visitor.page
        await page.goto(f"{url}/?debug")
        await page.get_by_role("button", name="Start the interview").click()
        await visitor.floor("Interviewer is speaking")
        await visitor.line("Interviewer", "Please tell me about your background")
        await visitor.floor("Listening to you")
        loud = re.compile("^([4-9]|10)$")
        await expect(page.get_by_role("meter")).to_have_attribute("aria-valuenow", loud)
        await visitor.line("You", re.escape(ANSWER))
        await visitor.floor("Interviewer is speaking")
        await expect(page.get_by_text("Reply heard after")).to_be_visible()
        await expect(page.locator("#measured")).to_have_text(re.compile(r"^\d\.\d\d s$"))
        await expect(page.locator("#reported")).to_have_text(re.compile(r"^\d\.\d\d s$"))
        await visitor.end()
        await visitor.floor("Thank you")
        await expect(page.get_by_text("Questions answered")).to_be_visible()
        assert visitor.complaints == []
        assert "error" not in visitor.kinds()


FLOORS = {
    "response.created sound_started": "speaking",
    "response.created sound_started sound_ended": "thinking",
    "response.created sound_started sound_ended sound_started": "speaking",
    "response.created sound_started sound_ended response.done": "open",
    "response.created sound_started response.done": "speaking",
    "response.created sound_started response.done sound_ended": "open",
    "response.created response.done": "open",
    "response.created sound_started response.done response.created": "speaking",
}


@needs_chromium
async def test_a_gap_in_the_sound_is_nobodys_turn(url, microphone):
    async with visiting(microphone) as visitor:
        await visitor.page.goto(f"{url}/")
        found = await visitor.page.evaluate(
            """async (scripts) => {
              const { nextFloor, shownFloor } = await import("./page/floor.js");
              const floor = (script) => script.split(" ").reduce(nextFloor, "open");
              return scripts.map((script) => shownFloor(floor(script), {}));
            }""",
            list(FLOORS),
        )
    assert dict(zip(FLOORS, found, strict=True)) == FLOORS


@needs_chromium
async def test_an_interruption_silences_the_interviewer_at_once(tmp_path, microphone):
    slow = fake.SteadyVoice(0.2)  # the greeting lasts a quarter of a minute
    async with serving(tmp_path, slow) as url, visiting(microphone) as visitor:
        page = visitor.page
        await page.add_init_script(
            """{
              window.playing = new Set();
              const { start, stop } = AudioBufferSourceNode.prototype;
              AudioBufferSourceNode.prototype.start = function (...when) {
                window.playing.add(this);
                this.addEventListener("ended", () => window.playing.delete(this));
                start.apply(this, when);
              };
              AudioBufferSourceNode.prototype.stop = function (...when) {
                window.playing.delete(this);
                stop.apply(this, when);
              };
            }"""
        )
        await page.goto(f"{url}/")
        await page.click("#start")
        await visitor.floor("Interviewer is speaking")
        await page.evaluate(
            """async () => {
              while (!window.playing.size) await new Promise(requestAnimationFrame);
              const title = document.getElementById("floor-title");
              new MutationObserver(() => {
                const hearing = title.textContent === "Listening to you";
                if (hearing) window.unstopped ??= window.playing.size;
              }).observe(title, { childList: true });
            }"""
        )
        await visitor.floor("Listening to you")
        assert await page.evaluate("window.unstopped") == 0
        begun = visitor.kinds().index("input_audio_buffer.speech_started")
        before_the_next = takewhile(
            lambda kind: kind != "response.created", visitor.kinds()[begun:]
        )
        assert "response.audio.delta" not in before_the_next


@needs_chromium
async def test_the_microphone_sends_short_pieces_of_24_khz_all_the_time(url, microphone):
    async with visiting(microphone) as visitor:
        await visitor.page.goto(f"{url}/")
        await visitor.page.click("#start")
        await visitor.line("Interviewer", "background")
        audio = [message for message in visitor.sent if message["type"] == "audio"]
        assert {len(message["audio"]) for message in audio} == {1920}  # 30 ms: 720 samples, base64


@needs_chromium
async def test_everything_works_from_the_keyboard_alone_and_under_the_base_path(url, microphone):
    async with visiting(microphone) as visitor:
        page = visitor.page
        await page.goto(f"{url}/interviews")
        for _ in range(5):
            await page.keyboard.press("Tab")
            if await page.evaluate("document.activeElement.id") == "start":
                break
        await page.keyboard.press("Enter")
        await visitor.floor("Interviewer is speaking")
        assert visitor.sockets[0].startswith(url.replace("http", "ws") + "/interviews/ws/")
        await expect(page.locator("#floor-title")).to_be_focused()
        reached = []
        while "end" not in reached and len(reached) < 10:
            await page.keyboard.press("Tab")
            reached.append(await page.evaluate("document.activeElement.id"))
        assert reached == ["mute", "answer-done", "end"]
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("button", name="Stay")).to_be_focused()
        await page.keyboard.press("Tab")
        await page.keyboard.press("Enter")
        await visitor.floor("Thank you")
        await expect(page.locator("#result-title")).to_be_focused()
        assert visitor.complaints == []


@needs_chromium
async def test_a_typed_answer_is_captioned_and_answered(url, microphone):
    async with visiting(microphone) as visitor:
        page = visitor.page
        await page.goto(f"{url}/")
        await page.click("#start")
        await visitor.line("Interviewer", "background")
        await page.get_by_label("Type an answer instead").fill("I am a nurse and I like machines.")
        await page.keyboard.press("Enter")
        await visitor.line("You", "I am a nurse and I like machines")
        await expect(page.get_by_label("Type an answer instead")).to_have_value("")


@needs_chromium
async def test_every_control_has_a_name_and_every_section_a_heading(url, microphone):
    async with visiting(microphone, reduced_motion="reduce") as visitor:
        page = visitor.page
        await page.goto(f"{url}/")
        await page.click("#start")
        await visitor.floor("Interviewer is speaking")
        nameless = await page.evaluate(
            """() => [...document.querySelectorAll("button, input, section, [role=meter]")]
              .filter((e) => !e.textContent.trim() && !e.labels?.length && !e.ariaLabel
                && !document.getElementById(e.getAttribute("aria-labelledby")))
              .map((e) => e.outerHTML)"""
        )
        assert nameless == []
        assert await page.get_attribute("html", "lang") == "en"
        moving = "document.getAnimations().filter((a) => a.playState === 'running').length"
        assert await page.evaluate(moving) == 0


def luminance(colour):
    """Relative luminance 0..1 as WCAG 2 defines it, of #rrggbb."""
    parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return float(np.dot([0.2126, 0.7152, 0.0722], linear))


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_text_stands_out_from_its_ground(scheme):
    palettes = re.findall(r":root \{(.*?)\}", (FOLDER / "style.css").read_text(), re.DOTALL)
    colour = dict(re.findall(r"--([\w-]+): (#\w{6});", palettes[scheme]))
    grounds = {
        "ink": ("card", "ground", "tint"),
        "quiet": ("card", "ground", "tint"),
        "on-accent": ("accent",),
        "danger": ("card", "tint"),
        "warn-ink": ("warn-ground",),
    }
    for text, below in grounds.items():
        for ground in below:
            pair = luminance(colour[text]), luminance(colour[ground])
            assert (max(pair) + 0.05) / (min(pair) + 0.05) >= 4.5, (text, ground)


@needs_chromium
async def test_the_microphone_may_run_at_any_rate(url, microphone):
    """Where a browser's microphone cannot run at 24 kHz, the page resamples: the same worklet is
    run on a tone at 48 kHz and has to hand on the same tone."""
    async with visiting(microphone) as visitor:
        await visitor.page.goto(f"{url}/")
        pieces = await visitor.page.evaluate(
            """async () => {
              const context = new OfflineAudioContext(1, 48000, 48000);
              await context.audioWorklet.addModule("page/capture.js");
              const tone = new OscillatorNode(context, { frequency: 1000 });
              const node = new AudioWorkletNode(context, "capture", { numberOfOutputs: 0 });
              const pieces = [];
              node.port.onmessage = ({ data }) => pieces.push([...new Int16Array(data.pcm)]);
              tone.connect(node);
              tone.start();
              await context.startRendering();
              while (pieces.length < 33) await new Promise((go) => setTimeout(go, 10));
              return pieces;
            }"""
        )
        heard = np.concatenate(pieces)
        assert len(heard) in range(23_700, 24_001)
        spectrum = np.abs(np.fft.rfft(heard[720 : 720 + 12_000] * np.hanning(12_000)))
        assert np.argmax(spectrum) == 500  # 1 kHz in bins of 2 Hz
        spectrum[490:511] = 0
        assert (
            spectrum.max()
            < 0.003 * np.abs(np.fft.rfft(heard[720:12_720] * np.hanning(12_000))).max()
        )


@needs_chromium
async def test_a_spoken_answer_is_captioned_by_the_real_engines(microphone):
    with running() as server:
        async with visiting(microphone) as visitor:
            page = visitor.page
            await page.goto(f"{server.url}/")
            await page.click("#start")
            await visitor.line("Interviewer", "[a-z]{3,}")
            await visitor.line("You", "[a-z]{3,}")
            await visitor.floor("Interviewer is speaking")
            await visitor.end()
            await visitor.floor("Thank you")
            assert visitor.complaints == []


async def test_every_file_is_served_with_the_headers_that_fence_it_in(url):
    async with aiohttp.ClientSession() as http:
        for path in ("/", "/interviews/", *(f"/page/{name}" for name in files())):
            async with http.get(url + path) as answer:
                assert answer.status == 200, path
                assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
                assert answer.headers["X-Content-Type-Options"] == "nosniff"
                assert "microphone=(self)" in answer.headers["Permissions-Policy"]
                tag = {"If-None-Match": answer.headers["ETag"]}
            async with http.get(url + path, headers=tag) as again:
                assert (again.status, await again.read()) == (304, b"")
        async with http.get(f"{url}/page/../settings.py") as answer:
            assert answer.status == 404


def test_a_strange_host_does_not_get_into_the_content_policy():
    assert "wss://x.example:8008" in policy("x.example:8008")
    assert "wss:" not in policy("x; script-src *")


def test_the_page_needs_nothing_from_elsewhere_and_no_inline_code():
    for path in FOLDER.iterdir():
        text = path.read_text()
        assert not re.search(r"https?://(?!www\.w3\.org/2000/svg)", text), path
    html = (FOLDER / "index.html").read_text()
    assert not re.search(r"<script(?![^>]* src=)|\sstyle=|\son\w+=", html)
