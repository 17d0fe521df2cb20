"""Ending an interview: the client's log, the assessment and its result, abandoned interviews."""
