"""Results of a finished interview: transcripts, the report and its page, exports."""
