"""What is shown of a finished interview: transcripts, the report and its page, exports."""
