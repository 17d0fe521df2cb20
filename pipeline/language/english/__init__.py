"""English, which is complete. Other languages use its words where they have none of their own."""

from ..language import Language
from .intents import ANSWERS, INTENTS, QUESTIONS
from .llm import DIRECTIONS, LABELS
from .manners import MANNERS
from .sentences import NOTICES, SENTENCES
from .steering import STEERING
from .topics import TOPICS
from .turns import BACKCHANNELS, LINKING, UNFINISHED

ENGLISH = Language(
    code="en",
    name="",
    sentences=SENTENCES,
    notices=NOTICES,
    backchannels=BACKCHANNELS,
    unfinished=UNFINISHED,
    linking=LINKING,
    intents=INTENTS,
    questions=QUESTIONS,
    answers=ANSWERS,
    topics=TOPICS,
    manners=MANNERS,
    steering=STEERING,
    labels=LABELS,
    directions=DIRECTIONS,
)
