// Plays the interviewer's pieces of speech without gaps, and can stop at once.

const RATE = 24000;
const LEAD = 0.03; // seconds that the first piece waits, so that a late second one leaves no gap

export class Player {
  /** `onStart()` when sound begins after silence, `onEnd()` when the last piece was heard. */
  constructor(context, { onStart, onEnd }) {
    this.context = context;
    this.onStart = onStart;
    this.onEnd = onEnd;
    this.pieces = new Set();
    this.until = 0; // on the context's clock: when the last piece ends
  }

  get playing() {
    return this.pieces.size > 0;
  }

  /** Queue base64 PCM16. Returns in how many seconds it will be heard. */
  play(base64) {
    const samples = decode(base64);
    const { currentTime, outputLatency = 0 } = this.context;
    if (!samples.length) return Math.max(0, this.until - currentTime);
    const buffer = this.context.createBuffer(1, samples.length, RATE);
    buffer.copyToChannel(samples, 0);
    const source = this.context.createBufferSource();
    source.buffer = buffer;
    source.connect(this.context.destination);
    const fresh = !this.playing;
    const at = Math.max(this.until, currentTime + (fresh ? LEAD : 0));
    source.start(at);
    this.until = at + buffer.duration;
    this.pieces.add(source);
    source.onended = () => this.ended(source);
    if (fresh) this.onStart();
    return at - currentTime + outputLatency;
  }

  ended(source) {
    if (this.pieces.delete(source) && !this.playing) this.onEnd();
  }

  /** The candidate has interrupted: nothing more of what was queued is heard. */
  flush() {
    const dropped = [...this.pieces];
    this.pieces.clear();
    this.until = 0;
    for (const source of dropped) {
      source.onended = null;
      source.stop();
    }
    if (dropped.length) this.onEnd();
  }
}

function decode(base64) {
  const text = atob(base64);
  const view = new DataView(new ArrayBuffer(text.length));
  for (let n = 0; n < text.length; n += 1) view.setUint8(n, text.charCodeAt(n));
  const samples = new Float32Array(text.length >> 1);
  for (let n = 0; n < samples.length; n += 1) samples[n] = view.getInt16(2 * n, true) / 32768;
  return samples;
}
