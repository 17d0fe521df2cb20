"""The life of a turn: audio in, turn-taking, transcription, the reply, audio out."""
