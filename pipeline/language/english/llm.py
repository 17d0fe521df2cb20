"""Text that language models write beside the words to be said."""

import re

from ..language import Directions, Labels

LABELS = Labels(
    own=(
        *("interviewer", "assistant", "ai", "ai interviewer", "ai assistant", "bot", "model"),
        "response",
    ),
    theirs=("candidate", "user", "human", "applicant", "interviewee"),
    notes=("director's note", "director’s note", "stage direction", "internal note"),
    directed=(
        "greet the candidate",
        "acknowledge the answer",
        "ask a short follow-up",
        "answer the candidate",
        "tell the candidate",
        "the answer was not heard",
        "close the interview",
    ),
)

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
DIRECTIONS = Directions(
    _VERBS,
    _NOUNS,
    _BEFORE,
    _STRICT,
    _DOES,
    _VOICE,
    voiced=frozenset({"in", "with"}),
    adverbs=("ly",),
)
