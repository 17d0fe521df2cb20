// The public protocol, seen from a client: four REST calls' worth of it and the socket.

const PING_MS = 10_000;
const SILENT_MS = 30_000; // without a pong the connection counts as bad
const CONNECT_MS = 5_000;
const RETRIES = 3;
const RETRY_MS = 2_000;
const BACKLOG = 480_000; // bytes that the network may owe us: about 7 s of audio

const url = (path) => new URL(path, document.baseURI);

const post = (path, body) =>
  ask(path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });

async function ask(path, request) {
  let response;
  try {
    response = await fetch(url(path), request);
  } catch {
    throw new Error("The interview service does not answer. Check the network and try again.");
  }
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) {
    throw new Error(answer.detail ?? answer.message ?? `The service answered ${response.status}.`);
  }
  return answer;
}

/** What the candidate has to agree to: a text, which may be empty, and its version. */
export const consentAsked = () => ask("consent");

export const startInterview = (id, consent) =>
  post("start-database-interview", { interview_id: id, consent });

export const finalizeInterview = (id, transcript) =>
  post("finalize-interview", { interviewId: id, transcript });

export class Connection {
  /**
   * `on` is told what happens: `message(event)`, `trouble(sentence)`, `lost(sentence)`, after both
   * `recovered()`, and once, at the end, `closed(code)`. A connection that breaks is made again, to
   * the same session.
   */
  constructor(sessionId, on) {
    this.url = url(`ws/interview/${sessionId}`);
    this.url.protocol = this.url.protocol.replace("http", "ws");
    this.on = on;
    this.failures = 0;
    this.troubled = false;
    this.open();
  }

  open() {
    const socket = new WebSocket(this.url);
    this.socket = socket;
    const slow = setTimeout(() => socket.close(), CONNECT_MS);
    socket.onopen = () => {
      clearTimeout(slow);
      this.heardAt = performance.now();
      this.pinging = setInterval(() => this.ping(), PING_MS);
    };
    socket.onmessage = ({ data }) => this.receive(JSON.parse(data));
    socket.onclose = ({ code }) => {
      clearTimeout(slow);
      clearInterval(this.pinging);
      this.lost(code);
    };
  }

  receive(event) {
    this.heardAt = performance.now();
    if (this.troubled) this.on.recovered();
    this.troubled = false;
    this.failures = 0;
    if (event.type !== "pong") this.on.message(event);
  }

  ping() {
    if (performance.now() - this.heardAt > SILENT_MS) {
      this.troubled = true;
      this.on.trouble("The connection is poor; what you say may not arrive.");
    }
    this.send({ type: "ping", ts: Date.now() });
  }

  lost(code) {
    const again = !this.left && [1006, 1011].includes(code) && this.failures < RETRIES;
    if (!again) {
      this.on.closed(code);
      return;
    }
    this.failures += 1;
    this.troubled = true;
    this.on.lost(`Connection lost. Reconnecting (${this.failures} of ${RETRIES})…`);
    this.retry = setTimeout(() => this.open(), RETRY_MS);
  }

  send(message) {
    if (this.socket.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(message));
  }

  /** Audio that the network cannot carry now is dropped: late speech would answer nothing. */
  sendAudio(pcm) {
    if (this.socket.bufferedAmount > BACKLOG) return;
    this.send({ type: "audio", audio: btoa(String.fromCharCode(...new Uint8Array(pcm))) });
  }

  close() {
    this.left = true;
    clearTimeout(this.retry);
    clearInterval(this.pinging);
    this.socket.close(1000);
  }
}
