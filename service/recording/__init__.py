"""Recordings: made during the interview, kept as files, played back."""
