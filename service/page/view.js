// The page's elements. Knows nothing of audio or of the protocol.

import { Captions } from "./captions.js";
import { FLOOR_WORDS } from "./floor.js";

const element = (id) => document.getElementById(id);

export class View {
  constructor() {
    this.captions = new Captions(element("captions"), element("lines"), element("pending"));
    this.shown = 0;
  }

  on(id, kind, handler) {
    element(id).addEventListener(kind, (event) => {
      if (kind === "submit") event.preventDefault();
      handler(event);
    });
  }

  /** Which of the three sections is there; focus follows, so that a keyboard stays in place. */
  phase(name) {
    document.body.dataset.phase = name;
    for (const id of ["welcome", "interview", "result"]) element(id).hidden = id !== name;
    element("elapsed").hidden = name !== "interview";
    if (name === "interview") element("floor-title").focus();
    if (name === "result") element("result-title").focus();
    if (name === "welcome") element("start").focus();
  }

  busy(isBusy) {
    element("start").disabled = isBusy;
    element("start").textContent = isBusy ? "Starting…" : "Start the interview";
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

  measured(seconds) {
    element("measured").textContent = `${seconds.toFixed(2)} s`;
  }

  reported(seconds) {
    element("reported").textContent = `${seconds.toFixed(2)} s`;
  }

  elapsed(seconds) {
    const rest = String(seconds % 60).padStart(2, "0");
    element("clock").textContent = `${Math.floor(seconds / 60)}:${rest}`;
  }

  recorded(isRecorded) {
    element("recorded").hidden = !isRecorded;
  }

  notice(sentence) {
    element("notice").textContent = sentence;
    element("notice").hidden = !sentence;
  }

  reset() {
    this.captions.clear();
    this.muted(false);
    this.elapsed(0);
    for (const id of ["measured", "reported"]) element(id).textContent = "–";
    element("measures").replaceChildren();
  }

  /** What came of it: a sentence, rows of [name, value], and whether one may start anew. */
  result(sentence, measures, again) {
    element("result-text").textContent = sentence;
    element("measures").replaceChildren(...measures.map(measure));
    element("again").hidden = !again;
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
    element("id-details").open = Boolean(id);
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
