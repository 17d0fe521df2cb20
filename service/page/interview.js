// One interview: the microphone, the player and the connection, and what each makes of the others.

import { nextFloor } from "./floor.js";
import { Microphone } from "./microphone.js";
import { Player } from "./player.js";
import { Connection, finalizeInterview, startInterview } from "./server.js";

const RATE = 24000;
const VOICE = 0.02; // loudness (-34 dB) above which the candidate is taken to speak
const FAREWELL_MS = 2000;

const SENTENCES = {
  4004: "The service does not know this interview any more. Please start again.",
  4409: "The interview goes on in another window.",
};

export class Interview {
  /**
   * `consent` is what the candidate has agreed to, if anything. `view` shows what happens. `on.ending()` is called when the conversation is over, and then
   * `on.over(analysis | null, sentence)` when its result is there, each at most once.
   */
  constructor(id, consent, view, on) {
    this.id = id;
    this.consent = consent;
    this.view = view;
    this.on = on;
    this.log = [];
    this.floor = "connecting";
    this.over = false;
    this.voicedAt = 0;
    this.answeredAt = null; // when the voice ended that the next reply answers
  }

  /** Raises an error with a sentence for the candidate. */
  async begin() {
    this.context = new AudioContext({ sampleRate: RATE, latencyHint: "interactive" });
    try {
      this.microphone = new Microphone((pcm, level) => this.heard(pcm, level));
      await this.microphone.open(this.context);
      await this.context.resume();
      const { session_id: session, recording } = await startInterview(this.id, this.consent);
      this.view.recorded(recording);
      this.player = new Player(this.context, {
        onStart: () => this.happened("sound_started"),
        onEnd: () => this.happened("sound_ended"),
      });
      this.connection = new Connection(session, {
        message: (event) => this.received(event),
        trouble: (sentence) => this.view.notice(sentence),
        lost: (sentence) => this.lost(sentence),
        recovered: () => this.view.notice(""),
        closed: (code) => this.closed(code),
      });
    } catch (error) {
      this.release();
      throw error;
    }
  }

  heard(pcm, level) {
    this.view.level(level);
    if (level > VOICE) this.voicedAt = performance.now();
    this.connection?.sendAudio(pcm);
  }

  happened(what) {
    this.floor = nextFloor(this.floor, what);
    this.view.floor(this.floor);
  }

  received(event) {
    if (event.type !== "response.audio.delta") this.log.push(note(event));
    this.happened(event.type);
    this.caption(event);
    switch (event.type) {
      case "response.audio.delta":
        this.sounded(this.player.play(event.delta));
        break;
      case "input_audio_buffer.speech_started":
        this.player.flush();
        break;
      case "input_audio_buffer.speech_stopped":
        this.answeredAt = this.voicedAt;
        break;
      case "response.created":
        this.view.notice("");
        break;
      case "response.done":
        if (event.timing?.voice_to_voice) this.view.reported(event.timing.voice_to_voice / 1000);
        break;
      case "interview_ended_by_ai":
        this.farewell = setTimeout(() => this.end(), FAREWELL_MS);
        break;
      case "error":
        this.view.notice(event.message);
        break;
    }
  }

  caption(event) {
    const { captions } = this.view;
    switch (event.type) {
      case "conversation.item.input_audio_transcription.delta":
        captions.add("candidate", event.delta);
        break;
      case "conversation.item.input_audio_transcription.completed":
        captions.finish("candidate", event.transcript);
        break;
      case "response.audio_transcript.delta":
        captions.add("interviewer", event.delta);
        break;
      case "response.audio_transcript.done":
        captions.finish("interviewer", event.transcript);
        break;
    }
  }

  /** The first piece of a reply to spoken words tells how long the candidate has waited. */
  sounded(inSeconds) {
    if (this.answeredAt === null) return;
    this.view.measured((performance.now() - this.answeredAt) / 1000 + inSeconds);
    this.answeredAt = null;
  }

  set muted(muted) {
    this.microphone.muted = muted;
    this.view.muted(muted);
  }

  finishAnswer() {
    this.connection.send({ type: "audio_end" });
  }

  type(text) {
    this.connection.send({ type: "text", content: text });
    this.happened("typed");
  }

  lost(sentence) {
    this.view.notice(sentence);
    this.view.captions.cut();
    this.happened("connection_lost");
  }

  closed(code) {
    if (this.over) return;
    if (!(code in SENTENCES)) {
      this.end();
      return;
    }
    this.over = true;
    this.release();
    this.on.over(null, SENTENCES[code]);
  }

  /** Leave, and have the interview stored and looked at. */
  async end() {
    if (this.over) return;
    this.over = true;
    this.connection.close();
    this.release();
    this.on.ending();
    try {
      const { analysis } = await finalizeInterview(this.id, this.log);
      this.on.over(analysis ?? {}, "Your interview is complete and saved. A person will look at it.");
    } catch (error) {
      this.on.over(null, error.message);
    }
  }

  release() {
    clearTimeout(this.farewell);
    this.player?.flush();
    this.microphone?.close();
    this.context.close();
  }
}

function note(event) {
  return { type: event.type, timestamp: new Date().toISOString(), data: event };
}
