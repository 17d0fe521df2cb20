"""Who is let in: how many conversations this process holds, and who holds which session."""
