// The analysis that finalizing returns, as the few rows that a candidate is shown.

const minutes = (seconds) =>
  `${Math.floor(seconds / 60)}:${String(Math.round(seconds % 60)).padStart(2, "0")} min`;

const ROWS = [
  ["questions_covered", "Questions covered", (value, all) => `${value} of ${all.questions_planned ?? value}`],
  ["answer_count", "Answers", (value) => `${value}`],
  ["talk_time_seconds", "You spoke for", minutes],
  ["words_per_minute", "Words a minute", (value) => `${Math.round(value)}`],
];

/** Pairs of name and value; what the analysis lacks is left out. */
export function measures(analysis) {
  const all = analysis.measures ?? analysis;
  return ROWS.filter(([key]) => typeof all[key] === "number").map(([key, name, words]) => [
    name,
    words(all[key], all),
  ]);
}

export function summary(analysis) {
  return typeof analysis.summary === "string" ? analysis.summary : "";
}
