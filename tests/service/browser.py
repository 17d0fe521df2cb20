"""A visitor of the page: headless Chromium with a WAV file as its microphone."""

import json
import re
import shutil
from contextlib import asynccontextmanager

import pytest
from playwright.async_api import async_playwright, expect

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
needs_chromium = pytest.mark.skipif(
    CHROMIUM is None, reason="Chromium is not installed (Debian: apt-get install chromium)"
)
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
]
PATIENCE = 60_000
"""Milliseconds; what the microphone plays comes again after 20 s."""
expect.set_options(timeout=PATIENCE)


class Visitor:
    """A page, and all that it said to its console and its server."""

    def __init__(self, page):
        self.page = page
        self.complaints = []
        self.sent = []
        self.received = []
        self.sockets = []
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("websocket", self._socket)

    def _console(self, message):
        if message.type in ("error", "warning"):
            self.complaints.append(message.text)

    def _socket(self, socket):
        self.sockets.append(socket.url)
        socket.on("framesent", lambda frame: self.sent.append(json.loads(frame)))
        socket.on("framereceived", lambda frame: self.received.append(json.loads(frame)))

    def kinds(self):
        return [event["type"] for event in self.received]

    def told_muted(self):
        return [message["muted"] for message in self.sent if message["type"] == "mute"]

    def floor(self, words):
        return expect(self.page.get_by_role("heading", level=1)).to_have_text(words)

    async def end(self):
        await self.page.get_by_role("button", name="End interview").click()
        await self.page.get_by_role("button", name="End it now").click()

    def line(self, speaker, words):
        """A finished line of the captions, as it is announced."""
        lines = self.page.get_by_role("log").get_by_role("listitem")
        wanted = lines.filter(has_text=re.compile(f"{speaker}.*{words}", re.DOTALL))
        return expect(wanted.first).to_be_visible()


@asynccontextmanager
async def visiting(microphone, **options):
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=[*FLAGS, f"--use-file-for-fake-audio-capture={microphone}"],
        )
        context = await browser.new_context(permissions=["microphone"], **options)
        context.set_default_timeout(PATIENCE)
        yield Visitor(await context.new_page())
        await browser.close()
