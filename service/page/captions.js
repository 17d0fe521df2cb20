// What both sides say, as lines. Only finished lines enter the log that screen readers announce.

const NAMES = { interviewer: "Interviewer", candidate: "You" };

export class Captions {
  constructor(root, lines, pending) {
    this.root = root;
    this.lines = lines;
    this.pending = pending;
    this.open = { interviewer: "", candidate: "" };
  }

  /** More words of a line that is not finished. */
  add(speaker, text) {
    const before = this.open[speaker];
    const gap = before && !/\s$/.test(before) && !/^[\s,.;:!?]/.test(text) ? " " : "";
    this.open[speaker] = before + gap + text;
    this.show(speaker);
  }

  /** The whole line, in place of what was added; an empty one was no speech after all. */
  finish(speaker, text) {
    this.open[speaker] = "";
    if (text.trim()) {
      const line = document.createElement("li");
      fill(line, speaker, text);
      this.lines.append(line);
    }
    this.show(this.open.interviewer ? "interviewer" : "candidate");
  }

  /** The rest of what is open will not come: it stands as it is. */
  cut() {
    for (const [speaker, text] of Object.entries(this.open)) this.finish(speaker, text);
  }

  clear() {
    this.open = { interviewer: "", candidate: "" };
    this.lines.replaceChildren();
    this.show("candidate");
  }

  show(speaker) {
    const text = this.open[speaker];
    this.pending.hidden = !text;
    fill(this.pending, speaker, text);
    this.root.scrollTop = this.root.scrollHeight;
  }
}

function fill(line, speaker, text) {
  line.className = `line ${speaker}${line.id === "pending" ? " pending" : ""}`;
  const name = document.createElement("span");
  name.className = "speaker";
  name.textContent = NAMES[speaker];
  const words = document.createElement("span");
  words.className = "words";
  words.textContent = text;
  line.replaceChildren(name, " ", words);
}
