"""English. `writing.say` is the whole; the other modules have the rules of a topic each."""
