"""The voice: Piper, making text speakable, and the audio of a clause."""
