"""Settings that the manifest may give for a GGUF model."""

import msgspec


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Settings for sampling and for the length of the context."""

    temperature: float = 0.0
    top_k: int = 40
    top_p: float = 0.95
    repeat_penalty: float = 1.0
    context: int = 4096
    """Maximum tokens of one conversation."""
