// One interview: the microphone, the player and the connection, and what each makes of the others.

import { Connection } from "./connection.js";
import { Countdown } from "./countdown.js";
import { nextFloor, shownFloor } from "./floor.js";
import { Microphone } from "./microphone.js";
import { Player } from "./player.js";
import { finalizeInterview, startInterview } from "./server.js";

const RATE = 24000;
const VOICE = 0.02; // loudness (-34 dB) above which the candidate is taken to speak
const FAREWELL_MS = 2000;

const UNKNOWN = 4004;
const ELSEWHERE = 4409;
const NOT_KNOWN = "The service does not know this interview any more. Please start again.";
const MISSED = "What you said in the meantime was not heard. Please say it again.";
const PERHAPS_MISSED =
  "What you said in the meantime was not heard if you are asked the same again. Please say it again then.";

export class Interview {
  /**
   * `consent` is what the candidate has agreed to, if anything. `view` shows what happens.
   * `on.stranded()` is called when the connection could not be made again: `again()` takes it up.
   * `on.ending()` is called when the conversation is over, and then `on.over(analysis | null,
   * sentence)` when its result is there, or `on.unsaved(sentence)`: `save()` tries again.
   * `on.elsewhere()` is called when it goes on in another window.
   */
  constructor(id, consent, view, on) {
    this.id = id;
    this.consent = consent;
    this.view = view;
    this.on = on;
    this.log = [];
    this.floor = "connecting";
    this.over = false;
    this.saved = false;
    this.quiet = false; // whether the candidate has muted the microphone
    this.toldMuted = false;
    this.echoTested = false;
    this.testing = false; // while the sound is played that shows whether the browser cancels echo
    this.countdown = new Countdown();
    this.voicedAt = 0;
    this.answeredAt = null; // when the voice ended that the next reply answers
  }

  /** Raises an error with a sentence for the candidate. */
  async begin() {
    this.context = new AudioContext({ sampleRate: RATE, latencyHint: "interactive" });
    try {
      await this.openMicrophone();
      await this.context.resume();
      this.player = new Player(this.context, {
        onStart: () => this.sounds("sound_started"),
        onEnd: () => this.sounds("sound_ended"),
      });
      await this.join();
    } catch (error) {
      this.release();
      throw error;
    }
  }

  async join() {
    const started = await startInterview(this.id, this.consent);
    this.view.recorded(started.recording);
    const on = {
      message: (event) => this.received(event),
      opened: () => {
        this.toldMuted = false;
        this.tellMuted();
        this.testEcho();
      },
      poor: () => this.view.notice("The connection is poor; what you say may not arrive."),
      lost: (until) => this.lost(until),
      missed: (perhaps) => this.missed(perhaps),
      recovered: () => this.recovered(),
      closed: (code) => this.closed(code),
      gaveUp: () => this.on.stranded(),
    };
    const [graceMs, typed] = [1000 * started.grace_seconds, this.connection?.typed];
    this.connection = new Connection(started.session_id, graceMs, on, typed);
  }

  /** Take it up where it was. Raises an error with a sentence for the candidate. */
  async again() {
    try {
      await this.join();
    } catch (error) {
      if (error.code !== "interview_over") throw error;
      await this.end(); // it was finished meanwhile: there is a result
    }
  }

  /** The candidate wants to try it again. */
  async askForMicrophone() {
    if (this.asking) return;
    this.asking = true;
    this.view.microphoneAsked();
    await this.openMicrophone();
    this.asking = false;
  }

  /** Without a microphone the interview is held by typing. */
  async openMicrophone() {
    const microphone = new Microphone(
      (pcm, level) => this.heard(pcm, level),
      (sentence) => this.withoutMicrophone(sentence),
    );
    try {
      await microphone.open(this.context);
    } catch (error) {
      microphone.close();
      this.withoutMicrophone(error.message);
      return;
    }
    this.microphone = microphone;
    this.microphone.muted = this.quiet;
    this.view.microphoneMissing("");
    this.tellMuted();
    this.show();
  }

  withoutMicrophone(sentence) {
    this.microphone?.close();
    this.microphone = null;
    this.view.microphoneMissing(sentence);
    this.tellMuted();
    this.show();
  }

  heard(pcm, level) {
    this.view.level(level);
    const voiced = level > VOICE;
    if (voiced) this.voicedAt = performance.now();
    this.connection?.sendAudio(pcm, voiced);
  }

  /** The test sound is not the interviewer. */
  sounds(what) {
    if (!this.testing) this.happened(what);
  }

  happened(what) {
    this.floor = nextFloor(this.floor, what);
    this.show();
  }

  show() {
    this.view.floor(shownFloor(this.floor, { muted: this.quiet, typing: !this.microphone }));
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
        this.unheard = false;
        break;
      case "input_audio_buffer.speech_stopped":
        this.answeredAt = this.voicedAt;
        break;
      case "interview.progress":
        this.view.question(event.question, event.questions);
        this.countdown.set(event.seconds_left);
        break;
      case "echo_test.completed":
        this.testing = false;
        break;
      case "language.changed":
        this.view.otherLanguage(event.message, event.followed ? event.language : "");
        break;
      case "microphone.trouble":
        this.view.microphoneTrouble(event.message);
        break;
      case "response.created":
        if (!this.unheard) this.view.notice("");
        break;
      case "response.done":
        if (event.timing?.voice_to_voice) this.view.reported(event.timing.voice_to_voice / 1000);
        break;
      case "interview_ended_by_ai":
        this.countdown.stop();
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
    this.quiet = muted;
    if (this.microphone) this.microphone.muted = muted;
    this.view.muted(muted);
    this.tellMuted();
    this.show();
  }

  /** The service knows of a mute only by being told, each time anew after a break. */
  tellMuted() {
    const muted = this.quiet || !this.microphone;
    if (muted !== this.toldMuted) this.connection?.send({ type: "mute", muted });
    this.toldMuted = muted;
  }

  /** Once: whether the browser cancels what its speakers play. */
  testEcho() {
    if (this.echoTested || !this.microphone) return;
    this.echoTested = this.testing = true;
    this.connection?.send({ type: "echo_test" });
  }

  finishAnswer() {
    this.connection.send({ type: "audio_end" });
  }

  type(text) {
    this.unheard = false;
    this.connection.send({ type: "text", content: text });
    this.happened("typed");
  }

  lost(until) {
    this.countdown.stop();
    this.view.notice("The connection is lost. Reconnecting…");
    this.view.trying(() => Math.max(0, Math.round((until - performance.now()) / 1000)));
    this.view.captions.cut();
    this.happened("connection_lost");
  }

  /** The notice stands until the candidate says something. */
  missed(perhaps) {
    this.unheard = true;
    this.view.notice(perhaps ? PERHAPS_MISSED : MISSED);
  }

  recovered() {
    this.view.trying(null);
    this.view.notice("");
  }

  closed(code) {
    if (this.over) return;
    if (code === UNKNOWN || code === ELSEWHERE) {
      this.over = this.saved = true;
      this.release();
      if (code === ELSEWHERE) this.on.elsewhere();
      else this.on.over(null, NOT_KNOWN);
    } else if (code < 4000) {
      this.end();
    } else {
      this.on.stranded();
    }
  }

  /** Leave, and have the interview stored and looked at. */
  async end() {
    if (this.over) return;
    this.over = true;
    this.connection.close();
    this.release();
    await this.save();
  }

  async save() {
    this.on.ending();
    try {
      const { analysis } = await finalizeInterview(this.id, this.log);
      this.saved = true;
      this.on.over(analysis ?? {}, "Your interview is complete and saved. A person will look at it.");
    } catch (error) {
      this.saved = !error.again;
      if (error.again) this.on.unsaved(error.message);
      else this.on.over(null, error.message);
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
