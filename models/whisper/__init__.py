"""The recognizer: Whisper by CTranslate2, its queue, and what tells speech from hallucination."""
