// The microphone's samples as 30 ms pieces of 24 kHz PCM16. Runs in the audio thread.

const RATE = 24000;
const PIECE = 720; // 30 ms
const HALF = 16; // taps on each side of the resampler's filter

/** Band-limited resampling; browsers that cannot run a microphone in a 24 kHz context need it. */
class Resampler {
  constructor(from) {
    this.step = from / RATE;
    this.cutoff = Math.min(1, RATE / from);
    this.history = new Float32Array(0);
    this.position = HALF; // of the next output sample, in samples of `history`
  }

  resample(input) {
    const all = new Float32Array(this.history.length + input.length);
    all.set(this.history);
    all.set(input, this.history.length);
    const output = [];
    for (; this.position + HALF < all.length; this.position += this.step) {
      output.push(this.interpolate(all, this.position));
    }
    const keepFrom = Math.max(0, Math.floor(this.position) - HALF);
    this.history = all.slice(keepFrom);
    this.position -= keepFrom;
    return output;
  }

  interpolate(samples, at) {
    const centre = Math.floor(at);
    let sum = 0;
    for (let n = Math.max(0, centre - HALF + 1); n <= centre + HALF; n += 1) {
      const x = n - at;
      const phase = Math.PI * x * this.cutoff;
      const sinc = Math.abs(phase) < 1e-9 ? 1 : Math.sin(phase) / phase;
      const window = 0.5 + 0.5 * Math.cos((Math.PI * x) / HALF);
      sum += samples[n] * sinc * window * this.cutoff;
    }
    return sum;
  }
}

class Capture extends AudioWorkletProcessor {
  constructor() {
    super();
    this.resampler = sampleRate === RATE ? null : new Resampler(sampleRate);
    this.piece = new Int16Array(PIECE);
    this.filled = 0;
    this.energy = 0;
  }

  process([[channel]]) {
    if (!channel) return true;
    for (const sample of this.resampler ? this.resampler.resample(channel) : channel) {
      const clipped = Math.max(-1, Math.min(1, sample));
      this.piece[this.filled] = Math.round(clipped * 32767);
      this.energy += clipped * clipped;
      this.filled += 1;
      if (this.filled === PIECE) this.hand();
    }
    return true;
  }

  hand() {
    const level = Math.sqrt(this.energy / PIECE);
    this.port.postMessage({ pcm: this.piece.buffer, level }, [this.piece.buffer]);
    this.piece = new Int16Array(PIECE);
    this.filled = 0;
    this.energy = 0;
  }
}

registerProcessor("capture", Capture);
