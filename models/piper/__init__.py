"""The voice: Piper, text made speakable, the sound of one clause."""
