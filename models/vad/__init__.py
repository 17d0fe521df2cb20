"""Voice activity detection: WebRTC's, Silero's, or both."""
