"""Tell a stage direction, as in "(pauses)" or "*nods and smiles*", from words to be said. Pure."""

import re

LONGEST = 60
_VERBS = frozenset(
    "nods nodding smiles smiling laughs laughing chuckles chuckling sighs sighing grins grinning "
    "pauses pausing waits waiting listens listening leans leaning clears clearing coughs coughing "
    "shrugs shrugging gestures gesturing tilts tilting glances glancing blinks winks whispers "
    "whispering adjusts adjusting jots scribbles raises looks looking takes writes writing".split()
)
_NOUNS = frozenset(
    "pause silence beat laughter smile laugh sigh nod chuckle cough grin applause".split()
)
_BEFORE = frozenset("the a an interviewer assistant short long brief small slight he she".split())
_DOES = re.compile(
    r"(?:looks|looking) (?:at|up|down|away|over|back)\b|(?:takes|writes|writing)(?: \w+)? notes?\b"
    r"|(?:takes) a (?:deep )?(?:breath|moment|sip)\b|raises (?:an? )?(?:eyebrow|hand)s?\b"
    r"|clears (?:his|her|their|my)? ?throat\b|(?:clearing) (?:his|her|their|my)? ?throat\b"
)
_STRICT = frozenset("looks looking takes writes writing raises clears clearing".split())
_VOICE = re.compile(r"(?:in|with) an? [\w ]*(?:voice|tone|smile|nod|laugh|sigh|chuckle)")


def is_direction(inner: str, name: str = "") -> bool:
    """Whether what stood in brackets or asterisks says what somebody does, not what they say.
    `name`: the interviewer's."""
    words = _words(inner)
    text = " ".join(words)
    if not words or len(words) > 9 or any(c.isdigit() for c in inner):
        return False
    if _VOICE.fullmatch(text):
        return True
    acting = _acting(words, name)
    if not acting:
        return False
    if acting[0] in _STRICT:
        return _DOES.match(" ".join(acting)) is not None
    return acting[0] in _VERBS or (acting[0] in _NOUNS and len(acting) == 1)


def may_be_direction(begun: str, name: str = "") -> bool:
    """Whether text that begins so can still become one."""
    if len(begun) > LONGEST or "\n" in begun:
        return False
    words = _words(begun)
    complete = words if begun[-1:].isspace() else words[:-1]
    acting = _acting(complete, name)
    return not acting or acting[0] in _VERBS | _NOUNS or complete[:1] in (["in"], ["with"])


def _acting(words: list[str], name: str) -> list[str]:
    """Without who does it, and how, in front."""
    names = _words(name)
    skipped = 0
    for word in words:
        if word not in _BEFORE and word not in names and not word.endswith("ly"):
            break
        skipped += 1
    return words[skipped:]


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+(?:['’-][^\W_]+)*", text.casefold())
