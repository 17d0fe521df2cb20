"""Recordings: made while people talk, kept as files, listened to."""
