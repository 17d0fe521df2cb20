"""The recognizer: Whisper on CTranslate2, its queue, and the rules that tell speech from
hallucination."""
