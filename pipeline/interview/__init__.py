"""What the interviewer asks next, and how: plan, state, moves, wording, and replay from the
journal."""
