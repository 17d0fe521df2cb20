"""What the manifest may say of a Whisper model."""

import msgspec


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the model was trained for; the defaults suit every model of OpenAI's making."""

    window: float = 10.0
    """Seconds that it hears at least, filled up with silence; 0: as long as the speech is."""
    use_context: bool = True
    """Whether it understands text said before as a prompt."""
    phrases: bool = False
    """It learned single phrases and ends after the first, so it is given them one by one."""
    knows_silence: bool = True
    """Whether its no-speech probability was trained; if not, doubt alone makes a text no speech."""
    beams: int = 1
    """Texts that are kept while a final one is made; 1: always the likeliest next token."""
    positions: int = 448
    """Tokens of prompt and text together that its decoder has room for."""
