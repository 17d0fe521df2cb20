// What is left of the interview's time. The service says it now and then; between, time passes.

export class Countdown {
  constructor(now = () => performance.now()) {
    this.now = now;
    this.seconds = null;
    this.since = null; // when it began to run; null while it stands still
  }

  set(seconds) {
    this.seconds = seconds;
    this.since = this.now();
  }

  /** Nobody is connected: the interview's clock stands still. */
  stop() {
    this.seconds = this.left;
    this.since = null;
  }

  /** Whole seconds, never below 0; null as long as nothing is known. */
  get left() {
    if (this.seconds === null || this.since === null) return this.seconds;
    return Math.max(0, this.seconds - Math.floor((this.now() - this.since) / 1000));
  }
}
