// Runs in a page before its own code: a microphone that says what it is told to, and ears that note
// what comes out of the loudspeaker. Both go by the clock of the page's own audio.

(() => {
  const AUDIBLE = 0.001;
  const listen = `registerProcessor("ears", class extends AudioWorkletProcessor {
    constructor() {
      super();
      this.last = 0;
    }
    process([[channel]]) {
      const before = this.last;
      for (let n = 0; channel && n < channel.length; n += 1) {
        if (Math.abs(channel[n]) < ${AUDIBLE}) continue;
        const at = currentFrame + n;
        if (at > this.last + 1) this.port.postMessage({ from: this.last / sampleRate, to: at / sampleRate });
        this.last = at;
      }
      if (this.last !== before) this.port.postMessage({ last: this.last / sampleRate });
      return true;
    }
  });`;
  const connect = AudioNode.prototype.connect;
  let context, ears, lips;
  const heard = { last: 0, silences: [] };

  const First = window.AudioContext;
  window.AudioContext = class extends First {
    constructor(options) {
      super(options);
      context ??= this;
    }
  };
  AudioNode.prototype.connect = function (to, ...rest) {
    if (ears && to === context.destination) connect.call(this, ears);
    return connect.call(this, to, ...rest);
  };
  navigator.mediaDevices.getUserMedia = async () => {
    const code = new Blob([listen], { type: "text/javascript" });
    await context.audioWorklet.addModule(URL.createObjectURL(code));
    ears = new AudioWorkletNode(context, "ears", { numberOfOutputs: 0, channelCount: 1 });
    ears.port.onmessage = ({ data }) => {
      if (data.last) heard.last = data.last;
      else heard.silences.push([data.from, data.to]);
    };
    lips = context.createMediaStreamDestination();
    const hiss = context.createBuffer(1, context.sampleRate, context.sampleRate);
    hiss.getChannelData(0).forEach((_, n, all) => (all[n] = 2e-4 * (Math.random() - 0.5)));
    const room = new AudioBufferSourceNode(context, { buffer: hiss, loop: true });
    connect.call(room, lips);
    room.start();
    return lips.stream;
  };
  window.ears = {
    heard,
    now: () => context.currentTime,
    /** Say base64 PCM16 of 24 kHz; returns when it begins. */
    say(base64) {
      const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
      const samples = new Int16Array(bytes.buffer);
      const buffer = context.createBuffer(1, samples.length, 24000);
      buffer.copyToChannel(Float32Array.from(samples, (sample) => sample / 32768), 0);
      const source = new AudioBufferSourceNode(context, { buffer });
      connect.call(source, lips);
      const at = context.currentTime + 0.05;
      source.start(at);
      return at;
    },
  };
})();
