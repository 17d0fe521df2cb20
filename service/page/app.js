// Wires the page: start, controls, result.

import { measures } from "./analysis.js";
import { Interview } from "./interview.js";
import { consentAsked } from "./server.js";
import { View } from "./view.js";

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

const view = new View();
let interview = null;
let ticking = null;
let asked = null; // what the candidate has to agree to, once it is known

function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

/** Show what has to be agreed to. Raises an error with a sentence for the candidate. */
async function askConsent() {
  asked = await consentAsked();
  view.askConsent(asked.text);
}

function agreed() {
  return asked.text ? { given: view.consentGiven, version: asked.version } : undefined;
}

/** The interview's number in the address, so that reloading the page goes on with it. */
function remember(id) {
  history.replaceState(null, "", id ? `?interview=${encodeURIComponent(id)}` : location.pathname);
}

async function start() {
  const invited = view.interviewId;
  if (invited && !UUID.test(invited)) {
    view.notice("This is not a whole interview number. Please copy all 36 characters of it.");
    return;
  }
  view.notice("");
  view.busy(true);
  view.reset();
  const id = invited || newId();
  try {
    if (!asked) {
      await askConsent();
      if (asked.text) return; // it has to be read first
    }
    const next = new Interview(id, agreed(), view, {
      ending,
      over: (analysis, sentence) => over(analysis, sentence, !invited),
    });
    await next.begin();
    interview = next;
    remember(id);
    view.floor(interview.floor);
    view.phase("interview");
    const began = Date.now();
    ticking = setInterval(() => view.elapsed(Math.round((Date.now() - began) / 1000)), 1000);
  } catch (error) {
    view.notice(error.message);
  } finally {
    view.busy(false);
  }
}

function ending() {
  clearInterval(ticking);
  view.notice("");
  view.phase("result");
  view.result("Your interview is being saved and evaluated. This can take a minute.", [], false);
}

function over(analysis, sentence, practice) {
  clearInterval(ticking);
  if (practice) remember("");
  view.notice("");
  view.phase("result");
  view.result(sentence, measures(analysis ?? {}), practice || !analysis);
}

view.on("start-form", "submit", start);
view.on("end", "click", () => interview.end());
view.on("again", "click", () => view.phase("welcome"));
view.on("answer-done", "click", () => interview.finishAnswer());
view.on("mute", "click", ({ currentTarget }) => {
  interview.muted = currentTarget.getAttribute("aria-pressed") !== "true";
});
view.on("type-form", "submit", () => {
  const text = view.takeTyped();
  if (text) interview.type(text);
});
askConsent().catch((error) => view.notice(error.message));
view.interviewId = new URLSearchParams(location.search).get("interview") ?? "";
