// The socket of an interview, made again when it breaks, and what is said while it is broken.

import { url } from "./server.js";

// A machine that vanishes closes no socket, so silence has to tell: each ping is answered at once.
const PING_MS = 4_000;
const POOR_MS = 6_000; // without a word from the service the connection counts as bad
const DEAD_MS = 10_000; // and then as broken, though the browser has not noticed
const WATCH_MS = 500;
const CONNECT_MS = 5_000;
const STABLE_MS = 10_000; // a connection that breaks sooner was none, for the time that is left
const RETRY_MS = [200, 2_000]; // the longest first wait, and the longest of all
const BACKLOG = 480_000; // bytes that the network may owe us: about 7 s of audio
// docs/decisions/014-short-break.md: what was said as the connection broke is sent again
const KEPT = 267; // pieces of 30 ms: 8 s of audio, less than the service takes at once
const LEAD = 10; // of these, before the first voice
const TYPED = 20; // answers typed in a break that wait for its end, however it ends
const FINAL = new Set([1000, 1008, 1009]); // the service has ended it; all others may be tried again
const GONE = 1006;
// docs/decisions/012-told-means-durable.md: these say that all before them is on record
const ON_RECORD = new Set([
  "conversation.item.input_audio_transcription.completed",
  "response.audio_transcript.delta",
]);

/** How long to wait before the next try, after so many failures. The first comes at once, since
 * another replica may take over; those whose replica died all try within a fifth of a second. */
export function retryAfter(failures, random = Math.random()) {
  const [first, longest] = RETRY_MS;
  const wait = Math.min(first * 2 ** failures, longest);
  return failures ? wait * (0.6 + 0.4 * random) : wait * random;
}

export class Connection {
  /**
   * `on` is told what happens: `message(event)`; `opened()`; `poor()`; `lost(until)`, with the time
   * (as `performance.now()` has it) until which it is tried again, and `recovered()` after either;
   * `missed(perhaps)` when something was said that the service will not hear, or perhaps not; and
   * once, at the end, `closed(code)` or `gaveUp()`. `typed` are the answers that an earlier
   * connection could not send.
   */
  constructor(sessionId, graceMs, on, typed = []) {
    this.url = url(`ws/interview/${sessionId}`);
    this.url.protocol = this.url.protocol.replace("http", "ws");
    this.graceMs = graceMs;
    this.on = on;
    this.failures = 0;
    this.brokenAt = null; // when the break began that is not over yet
    this.troubled = false;
    this.kept = [];
    this.typed = [...typed]; // answers that were typed since it broke
    this.asked = false; // whether a ping is not answered yet: what is said now may not be heard
    this.voicedAt = 0;
    this.recordedAt = 0; // when everything that was said was last known to be on record
    this.unrecorded = false; // whether the service has said since that it cannot record
    this.unheard = false; // whether something was said that the service will never know
    this.doubtful = false; // whether something was said that it may not have put on record
    this.open();
  }

  open() {
    const socket = new WebSocket(this.url);
    this.socket = socket;
    this.openedAt = null;
    this.connecting = setTimeout(() => this.drop(), CONNECT_MS);
    socket.onopen = () => this.opened();
    socket.onmessage = ({ data }) => this.receive(JSON.parse(data));
    socket.onclose = ({ code }) => this.ended(code);
  }

  opened() {
    clearTimeout(this.connecting);
    this.openedAt = this.heardAt = performance.now();
    this.pinging = setInterval(() => this.ping(), PING_MS);
    this.watching = setInterval(() => this.watch(), WATCH_MS);
    this.on.opened();
    this.asked = true; // until it answers, what is sent now may be lost as well
    this.sendKept();
    this.ping();
  }

  receive(event) {
    this.heardAt = performance.now();
    this.asked = false;
    if (this.troubled) this.on.recovered();
    if (this.tooLong || this.doubtful) this.on.missed(!this.tooLong);
    this.troubled = this.tooLong = this.doubtful = false;
    if (ON_RECORD.has(event.type)) {
      this.recordedAt = this.heardAt;
      this.unrecorded = false;
    } else if (event.code === "record_unavailable") {
      this.unrecorded = true;
    }
    if (event.type !== "pong") this.on.message(event);
  }

  ping() {
    if (!this.asked) this.forget();
    this.asked = true;
    this.send({ type: "ping", ts: Date.now() });
  }

  watch() {
    const silent = performance.now() - this.heardAt;
    if (silent > DEAD_MS) {
      this.unheard = this.voicedAt > this.heardAt;
      this.drop();
    } else if (silent > POOR_MS && !this.troubled) {
      this.troubled = true;
      this.on.poor();
    }
  }

  /** Wait no longer for a socket that may take minutes to notice that it is broken. */
  drop() {
    this.detach();
    this.socket.close();
    this.ended(GONE);
  }

  ended(code) {
    this.stopTimers();
    if (this.left) return;
    if (FINAL.has(code) || code >= 4000) {
      this.left = true;
      this.on.closed(code);
      return;
    }
    const now = performance.now();
    if (this.openedAt !== null && !this.asked) this.forget();
    if (this.unrecorded && this.voicedAt > this.recordedAt) this.doubtful = true;
    this.unrecorded = false;
    if (this.openedAt !== null && now - this.openedAt > STABLE_MS) {
      this.brokenAt = null;
      this.failures = 0;
    }
    this.brokenAt ??= now;
    this.tryAgain(now, this.brokenAt + this.graceMs);
  }

  tryAgain(now, until) {
    if (now >= until) {
      this.left = true;
      this.on.gaveUp();
      return;
    }
    this.troubled = true;
    this.on.lost(until);
    this.retry = setTimeout(() => this.open(), retryAfter(this.failures));
    this.failures += 1;
  }

  send(message) {
    const open = this.socket.readyState === WebSocket.OPEN;
    if (open) this.socket.send(JSON.stringify(message));
    if (message.type !== "text") return;
    if (!open || this.asked) this.keepTyped(message);
    else this.voicedAt = performance.now();
  }

  /** What was said before a ping that was answered has arrived. */
  forget() {
    this.kept = [];
    this.typed = [];
  }

  /** Audio that the network cannot carry now is dropped: late speech would answer nothing. */
  sendAudio(pcm, voiced) {
    if (voiced) this.voicedAt = performance.now();
    if (this.socket.readyState !== WebSocket.OPEN) {
      if (this.brokenAt !== null && !this.left) this.keep(pcm, voiced);
    } else if (this.socket.bufferedAmount <= BACKLOG) {
      this.send({ type: "audio", audio: btoa(String.fromCharCode(...new Uint8Array(pcm))) });
      if (this.asked) this.keep(pcm, voiced);
    }
  }

  /** What is said in a short break is heard after it, and so is what was said before it, since a
   * ping that was not answered. Of a longer one only that there was voice is kept: the end of a
   * sentence answers nothing. */
  keep(pcm, voiced) {
    if (this.kept.length < KEPT) this.kept.push({ pcm, voiced });
    else this.kept[KEPT - 1] = { pcm: null, voiced: voiced || this.kept[KEPT - 1].voiced };
  }

  sendKept() {
    const { kept, typed } = this;
    this.kept = [];
    this.typed = [];
    const first = kept.findIndex(({ voiced }) => voiced);
    this.tooLong = this.unheard || (first >= 0 && kept.length === KEPT);
    this.unheard = false;
    const heard = !this.tooLong && !this.doubtful && first >= 0;
    const audio = heard ? kept.slice(Math.max(0, first - LEAD)) : [];
    for (const { pcm } of audio) this.sendAudio(pcm, true);
    for (const message of typed) this.send(message);
  }

  /** What is typed in a break, however long, is sent after it, and so is what was typed before it,
   * since a ping that was not answered. */
  keepTyped(message) {
    if (this.typed.length < TYPED) this.typed.push(message);
    else this.unheard = true;
  }

  stopTimers() {
    clearTimeout(this.connecting);
    clearInterval(this.pinging);
    clearInterval(this.watching);
  }

  detach() {
    this.socket.onopen = this.socket.onmessage = this.socket.onclose = null;
  }

  close() {
    this.left = true;
    this.stopTimers();
    clearTimeout(this.retry);
    this.socket.close(1000);
  }
}
