// Wires the page: start, controls, result.

import { measures, summary } from "./analysis.js";
import { Interview } from "./interview.js";
import { View } from "./view.js";

const SAVING = "Your interview is being saved and summarized. This can take a moment.";

const view = new View();
let interview = null;
let ticking = null;

function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

async function start() {
  view.notice("");
  view.busy(true);
  view.reset();
  const next = new Interview(view.interviewId || newId(), view, over);
  try {
    await next.begin();
    interview = next;
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

function end() {
  view.phase("result");
  view.result([SAVING], [], false);
  interview.end();
}

function over(analysis, sentence) {
  clearInterval(ticking);
  view.notice("");
  view.phase("result");
  view.result([sentence, summary(analysis ?? {})], measures(analysis ?? {}), true);
}

view.on("start-form", "submit", start);
view.on("end", "click", end);
view.on("again", "click", () => view.phase("welcome"));
view.on("answer-done", "click", () => interview.finishAnswer());
view.on("mute", "click", ({ currentTarget }) => {
  interview.muted = currentTarget.getAttribute("aria-pressed") !== "true";
});
view.on("type-form", "submit", () => {
  const text = view.takeTyped();
  if (text) interview.type(text);
});
view.interviewId = new URLSearchParams(location.search).get("interview") ?? "";
