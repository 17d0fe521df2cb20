"""English. `writing.say` applies all rules; each other module has those of one topic."""
