"""The interviewer: plan, state, moves, wording, and replay from the journal."""
