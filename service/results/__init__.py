"""What comes of an interview: finalizing, assessment, transcripts, reports, a person's word."""
