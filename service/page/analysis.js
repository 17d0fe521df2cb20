// The few rows of the analysis that a candidate is shown. Scores are advice to the person who
// decides, and read without them they would mislead.

const minutes = (seconds) =>
  `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")} min`;

const ROWS = [
  ["questions_answered", "Questions answered", (value, all) => `${value} of ${all.questions_planned}`],
  ["candidate_talk_s", "You spoke for", minutes],
  ["words_per_minute", "Your pace", (value) => `${Math.round(value)} words a minute`],
  ["duration_s", "The interview took", minutes],
];

/** Pairs of name and value; what could not be measured is left out. */
export function measures({ measures: all = {} }) {
  const measured = ROWS.filter(([key]) => typeof all[key] === "number");
  return measured.map(([key, name, words]) => [name, words(all[key], all)]);
}
