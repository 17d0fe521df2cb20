// The candidate's microphone: asks for it, and hands on 30 ms pieces of 24 kHz PCM16.

const SOUND = {
  channelCount: 1,
  echoCancellation: true, // or the interviewer would hear and interrupt itself
  noiseSuppression: true,
  autoGainControl: true,
};

const REASONS = {
  NotAllowedError: "The browser may not use the microphone. To speak, allow it in the address bar, then try again.",
  NotFoundError: "No microphone was found. To speak, connect one, then try again.",
  NotReadableError: "Another program is using the microphone. To speak, close it there, then try again.",
};
const UNPLUGGED = "The microphone is gone. To speak, connect it again, then try again.";

export class Microphone {
  /** `onPiece(pcm: ArrayBuffer, level: 0..1)` is called about 33 times a second, and
   * `onGone(sentence)` when no more will come. */
  constructor(onPiece, onGone) {
    this.onPiece = onPiece;
    this.onGone = onGone;
  }

  /** Raises an error with a sentence for the candidate. */
  async open(context) {
    if (!navigator.mediaDevices?.getUserMedia) {
      throw new Error("Browsers give a microphone only to pages served by https or from localhost.");
    }
    try {
      this.stream = await navigator.mediaDevices.getUserMedia({ audio: SOUND });
    } catch (error) {
      throw new Error(REASONS[error.name] ?? `The microphone does not open: ${error.message}`);
    }
    for (const track of this.stream.getTracks()) track.onended = () => this.onGone(UNPLUGGED);
    this.context = await this.connect(context);
  }

  /** In the page's 24 kHz context, or in one of the microphone's own rate where that is not allowed. */
  async connect(context) {
    let source;
    try {
      source = context.createMediaStreamSource(this.stream);
    } catch {
      context = this.own = new AudioContext();
      source = context.createMediaStreamSource(this.stream);
    }
    await context.audioWorklet.addModule(new URL("capture.js", import.meta.url));
    this.node = new AudioWorkletNode(context, "capture", { numberOfOutputs: 0, channelCount: 1 });
    this.node.port.onmessage = ({ data }) => this.onPiece(data.pcm, data.level);
    source.connect(this.node);
    return context;
  }

  /** Muted, it goes on sending silence: the server's clock is the audio that it hears. */
  set muted(muted) {
    for (const track of this.stream?.getTracks() ?? []) track.enabled = !muted;
  }

  close() {
    if (this.node) this.node.port.onmessage = null;
    this.node?.disconnect();
    for (const track of this.stream?.getTracks() ?? []) track.stop();
    this.own?.close();
  }
}
