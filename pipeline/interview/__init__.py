"""What the interviewer asks next, in which words: plan, state, moves, replay from the journal."""
