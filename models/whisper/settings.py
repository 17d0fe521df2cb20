"""Settings that the manifest may give for a Whisper model."""

import msgspec


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Properties of the model that follow from its training; the defaults suit every model by
    OpenAI."""

    window: float = 10.0
    """Minimum length of its window in seconds, padded with silence; 0 means as long as the
    speech."""
    longest: float = 20.0
    """Longest speech in seconds that it is given at once. Whisper takes 30, and some models then
    leave out whole sentences; shorter speech has more ends, at which words are misheard."""
    # docs/decisions/044-no-prompt.md: small models repeat and leave out words with one
    use_context: bool = False
    """True to give it the words before as a prompt."""
    phrases: bool = False
    """True if it learned single phrases and ends after the first, so that it is given them one by
    one."""
    knows_silence: bool = True
    """True if its no-speech probability was trained, and that it describes sounds; if not, doubt
    alone discards a text."""
    beams: int = 1
    """Beam width of final transcripts; 1 always takes the likeliest next token."""
    # docs/decisions/076-doubted-again.md: some models hear better in the window of their training
    doubted: float = 0.0
    """Confidence of a final transcript below which one of the whole 30 s, padded with silence, is
    made as well, and the likelier is taken; 0 means never."""
    positions: int = 448
    """Tokens of prompt and text together that its decoder has room for."""
