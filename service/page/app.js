// Wires the page: start, controls, result.

import { measures } from "./analysis.js";
import { Interview } from "./interview.js";
import { consentAsked, invitationTo } from "./server.js";
import { View } from "./view.js";

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const NOT_WHOLE = "This is not a whole interview number. Please copy all 36 characters of it.";
const LOOK_AGAIN_MS = 10_000;

const view = new View();
let interview = null;
let ticking = null;
let looking = null; // the timer of the next look at the invitation
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
  const address = new URL(location.href);
  if (id) address.searchParams.set("interview", id);
  else address.searchParams.delete("interview");
  history.replaceState(null, "", address);
}

/** Say before the start what the interview is, and whether it can start; wait for a place. */
async function look() {
  forget();
  const id = view.interviewId;
  if (!id) return;
  if (!UUID.test(id)) {
    refuse(NOT_WHOLE);
    return;
  }
  const mine = (looking = setTimeout(look, LOOK_AGAIN_MS));
  let invitation = null;
  let sentence;
  try {
    invitation = await invitationTo(id);
    sentence = invitation.reason;
  } catch (error) {
    if (!error.again) clearTimeout(mine);
    sentence = error.message;
  }
  if (looking !== mine) return; // another number was written, or the interview has begun
  if (invitation?.can_start || invitation?.questions === null) clearTimeout(mine);
  view.invitation(invitation);
  view.notice(sentence);
  view.startable(!sentence);
}

function refuse(sentence) {
  view.invitation(null);
  view.notice(sentence);
  view.startable(false);
}

/** What was known of another number does not count for this one. */
function forget() {
  clearTimeout(looking);
  looking = null;
}

function edited() {
  forget();
  view.notice("");
  view.startable(true);
}

async function start() {
  const invited = view.interviewId;
  if (invited && !UUID.test(invited)) {
    refuse(NOT_WHOLE);
    return;
  }
  forget();
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
      stranded,
      ending,
      unsaved,
      elsewhere,
      over: (analysis, sentence) => over(analysis, sentence, !invited),
    });
    await next.begin();
    interview = next;
    remember(id);
    next.show();
    talking();
  } catch (error) {
    view.notice(error.message);
  } finally {
    view.busy(false);
  }
}

function talking() {
  view.phase("interview");
  ticking = setInterval(() => {
    view.left(interview.countdown.left);
    view.tick();
  }, 250);
}

function stranded() {
  clearInterval(ticking);
  view.trying(null);
  view.notice("");
  view.phase("stranded");
}

async function goOn() {
  if (view.isContinuing) return;
  view.notice("");
  view.continuing(true);
  try {
    await interview.again();
    if (!interview.over) talking();
  } catch (error) {
    view.notice(error.message);
  } finally {
    view.continuing(false);
  }
}

function result(...shown) {
  clearInterval(ticking);
  view.notice("");
  view.result(...shown);
  view.phase("result");
}

function ending() {
  result("One moment", "Your last words are being saved and your interview is evaluated. This can take a minute. Please keep this page open.");
}

function unsaved(sentence) {
  result("Not saved yet", `${sentence} What you have said so far is kept; this page has to tell the service that you have finished.`, { unsaved: true });
}

function elsewhere() {
  result("In another window", "The interview goes on there. You may close this window; to go on here, load it again.");
}

function over(analysis, sentence, practice) {
  if (practice) {
    remember("");
    view.invitation(null);
  }
  result("Thank you", sentence, {
    measures: measures(analysis ?? {}),
    again: practice || !analysis,
  });
}

view.on("start-form", "submit", start);
view.on("interview-id", "input", edited);
view.on("interview-id", "change", look);
view.on("end", "click", async () => {
  if (await view.confirmEnd()) interview.end();
});
view.on("stay", "click", () => view.answerEnd(""));
view.on("end-now", "click", () => view.answerEnd("end"));
view.on("continue", "click", goOn);
view.on("save-again", "click", () => interview.save());
view.on("again", "click", () => view.phase("welcome"));
view.on("answer-done", "click", () => interview.finishAnswer());
view.on("mute", "click", ({ currentTarget }) => {
  interview.muted = currentTarget.getAttribute("aria-pressed") !== "true";
});
view.on("microphone-again", "click", () => interview.askForMicrophone());
view.on("type-form", "submit", () => {
  const text = view.takeTyped();
  if (text) interview.type(text);
});
window.addEventListener("beforeunload", (event) => {
  if (interview && !interview.saved) event.preventDefault();
});
const address = new URLSearchParams(location.search);
view.debug(address.has("debug"));
view.interviewId = address.get("interview") ?? "";
askConsent().catch((error) => view.notice(error.message));
look();
