"""German. Everything not given here is as in English."""

from dataclasses import replace

from .english import ENGLISH
from .language import bare

GERMAN = replace(
    ENGLISH,
    code="de",
    name="German",
    sentences=bare(
        greeting="Guten Tag{name}.",
        farewell="Vielen Dank. Auf Wiedersehen.",
        sorry="Entschuldigen Sie die Unterbrechung.",
    ),
    notices={
        "automated": "Dieses Gespräch führt ein automatisches System.",
        "recorded": "Dieses Gespräch wird aufgezeichnet.",
    },
)
