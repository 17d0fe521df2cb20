// The page's elements. Knows nothing of audio or of the protocol.

import { Captions } from "./captions.js";
import { FLOOR_WORDS } from "./floor.js";

const element = (id) => document.getElementById(id);
const PHASES = { welcome: "start", interview: "floor-title", stranded: "stranded-title", result: "result-title" };
const minutes = (count) => (count === 1 ? "1 minute" : `${count} minutes`);

export class View {
  constructor() {
    this.captions = new Captions(element("captions"), element("lines"), element("pending"));
    this.shown = 0;
    this.startWords = "Start the interview";
    this.secondsToTry = null;
  }

  on(id, kind, handler) {
    element(id).addEventListener(kind, (event) => {
      if (kind === "submit") event.preventDefault();
      handler(event);
    });
  }

  /** Which of the sections is there; focus follows, so that a keyboard stays in place. */
  phase(name) {
    document.body.dataset.phase = name;
    for (const id of Object.keys(PHASES)) element(id).hidden = id !== name;
    element("standing").hidden = name !== "interview";
    if (name !== "interview") element("ending").close();
    element(PHASES[name]).focus();
  }

  busy(isBusy) {
    element("start").disabled = isBusy;
    element("start").textContent = isBusy ? "Starting…" : this.startWords;
  }

  /** Whether the interview is just being taken up again; the button keeps the focus. */
  continuing(isContinuing) {
    element("continue").setAttribute("aria-disabled", String(isContinuing));
  }

  get isContinuing() {
    return element("continue").getAttribute("aria-disabled") === "true";
  }

  /** What is known of the interview before it starts; null: nothing. */
  invitation(invitation) {
    const { candidate_name: name, job_title: job, questions, minutes: length, recording, status } = invitation ?? {};
    const rows = [
      ["Candidate", name],
      ["Position", job],
      ["Questions", questions],
      ["Length", length && `up to ${minutes(length)}`],
      ["Sound", recording && "is recorded"],
    ];
    element("invitation").replaceChildren(...rows.filter(([, value]) => value).map(measure));
    element("id-details").open = Boolean(this.interviewId) && !questions;
    this.startWords = status === "in_progress" ? "Continue my interview" : "Start the interview";
    element("start").textContent = this.startWords;
  }

  /** Whether starting has a chance. */
  startable(isStartable) {
    element("start").disabled = !isStartable;
  }

  floor(state) {
    const [title, hint] = FLOOR_WORDS[state];
    element("stage").dataset.floor = state;
    element("floor-title").textContent = title;
    element("floor-hint").textContent = hint;
  }

  /** Loudness 0..1; the meter is logarithmic, from -60 dB to 0. */
  level(loudness) {
    const height = Math.max(0, 1 + Math.log10(Math.max(loudness, 1e-6)) / 3);
    this.shown = Math.max(height, this.shown * 0.9);
    element("level-bar").style.transform = `scaleX(${this.shown.toFixed(3)})`;
    element("level").setAttribute("aria-valuenow", String(Math.round(this.shown * 10)));
  }

  muted(isMuted) {
    element("mute").setAttribute("aria-pressed", String(isMuted));
    element("level-label").textContent = isMuted ? "Microphone (muted)" : "Microphone";
  }

  /** Why there is no microphone, so that the candidate has to type; empty: there is one. */
  microphoneMissing(sentence) {
    const focused = element("no-microphone").contains(document.activeElement);
    element("no-microphone-why").textContent = sentence;
    element("no-microphone").hidden = !sentence;
    for (const id of ["sound-level", "mute", "answer-done"]) element(id).hidden = Boolean(sentence);
    element("typed-label").textContent = sentence ? "Type your answer" : "Type an answer instead";
    if (focused && !sentence) element("mute").focus();
  }

  /** What is wrong with the microphone that there is; empty: nothing. */
  microphoneTrouble(sentence) {
    element("microphone-trouble").textContent = sentence;
    element("microphone-trouble").hidden = !sentence;
  }

  /** What there is to say about another language that is spoken, in that language if it is
   * understood; empty: nothing. */
  otherLanguage(sentence, language) {
    element("other-language").textContent = sentence;
    element("other-language").lang = language;
    element("other-language").hidden = !sentence;
  }

  microphoneAsked() {
    element("no-microphone-why").textContent = "Asking for the microphone…";
  }

  measured(seconds) {
    element("measured").textContent = `${seconds.toFixed(2)} s`;
  }

  reported(seconds) {
    element("reported").textContent = `${seconds.toFixed(2)} s`;
  }

  question(number, all) {
    element("question").textContent = number ? `Question ${number} of ${all}` : "";
  }

  /** Seconds of the interview that are left; null: not known. */
  left(seconds) {
    element("time-left").hidden = seconds === null;
    if (seconds === null) return;
    const rest = String(seconds % 60).padStart(2, "0");
    element("left").textContent = `${Math.floor(seconds / 60)}:${rest}`;
  }

  /** For how long a connection is tried, as a function that says it at any time; null: there is one. */
  trying(secondsLeft) {
    this.secondsToTry = secondsLeft;
    this.tick();
  }

  /** Once a second. */
  tick() {
    element("trying").hidden = !this.secondsToTry;
    if (!this.secondsToTry) return;
    const seconds = this.secondsToTry();
    const rest = String(seconds % 60).padStart(2, "0");
    element("trying").textContent = `We keep trying for another ${Math.floor(seconds / 60)}:${rest} min.`;
  }

  recorded(isRecorded) {
    element("recorded").hidden = !isRecorded;
  }

  notice(sentence) {
    if (element("notice").textContent === sentence) return; // it has been read out
    element("notice").textContent = sentence;
    element("notice").hidden = !sentence;
  }

  reset() {
    this.captions.clear();
    this.muted(false);
    this.question(0, 0);
    this.left(null);
    this.trying(null);
    this.microphoneTrouble("");
    this.otherLanguage("", "");
    for (const id of ["measured", "reported"]) element(id).textContent = "–";
    element("measures").replaceChildren();
  }

  /** What came of it: a sentence, and beside it rows of [name, value], whether one may start anew,
   * and whether it has to be saved again. */
  result(title, sentence, { measures = [], again = false, unsaved = false } = {}) {
    element("result-title").textContent = title;
    element("result-text").textContent = sentence;
    element("measures").replaceChildren(...measures.map(measure));
    element("again").hidden = !again;
    element("save-again").hidden = !unsaved;
  }

  /** Ask whether the interview is to end. Escape, or anything but the button that says so, is no. */
  confirmEnd() {
    const dialog = element("ending");
    dialog.returnValue = "";
    dialog.showModal();
    return new Promise((answer) => {
      dialog.onclose = () => answer(dialog.returnValue === "end");
    });
  }

  answerEnd(answer) {
    element("ending").close(answer);
  }

  debug(wanted) {
    element("latency").hidden = !wanted;
  }

  takeTyped() {
    const field = element("typed");
    const text = field.value.trim();
    field.value = "";
    return text;
  }

  /** What has to be agreed to before the start; an empty text asks nothing. */
  askConsent(text) {
    element("consent-text").textContent = text;
    element("consent").hidden = !text;
    element("consent-given").required = Boolean(text);
  }

  get consentGiven() {
    return element("consent-given").checked;
  }

  get interviewId() {
    return element("interview-id").value.trim();
  }

  set interviewId(id) {
    element("interview-id").value = id;
  }
}

function measure([name, value]) {
  const row = document.createElement("div");
  const term = document.createElement("dt");
  const detail = document.createElement("dd");
  term.textContent = name;
  detail.textContent = value;
  row.append(term, detail);
  return row;
}
