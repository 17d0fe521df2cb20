// Who has the floor, as a pure rule: the next state for what has happened.

/** `open`: the candidate may speak; `hearing`: they do; `thinking`: a reply, or more of it, is on
 * its way; `ending`: the last of it is still heard. */
export function nextFloor(floor, happened) {
  if (floor === "ended") return floor;
  switch (happened) {
    case "interview_ended_by_ai":
      return "ended";
    case "connection_lost":
      return "connecting";
    case "input_audio_buffer.speech_started":
      return "hearing";
    case "input_audio_buffer.speech_stopped":
    case "typed":
      return "thinking";
    case "response.created":
      return floor === "speaking" || floor === "ending" ? "speaking" : "thinking";
    case "sound_started":
      return floor === "open" ? "ending" : "speaking";
    case "sound_ended":
      if (floor === "ending") return "open";
      return floor === "speaking" ? "thinking" : floor;
    case "response.done":
      if (floor === "speaking") return "ending";
      return floor === "thinking" || floor === "connecting" ? "open" : floor;
    default:
      return floor;
  }
}

/** What is shown of it, to whom nobody would hear: it is their turn, but not to speak. */
export function shownFloor(floor, { muted, typing }) {
  if (floor === "ending") return "speaking";
  if (floor !== "open") return floor;
  if (typing) return "typing";
  return muted ? "muted" : floor;
}

const PATIENCE = "The interviewer waits for up to three minutes.";

export const FLOOR_WORDS = {
  connecting: ["Connecting", "One moment, please."],
  open: ["Your turn", "Speak when you are ready."],
  muted: ["You are muted", PATIENCE],
  typing: ["Your turn", `Type your answer. ${PATIENCE}`],
  hearing: ["Listening to you", "Take your time."],
  thinking: ["Preparing a reply", "One moment, please."],
  speaking: ["Interviewer is speaking", "You may interrupt at any time."],
  ended: ["The interview has ended", "Thank you for your time."],
};
