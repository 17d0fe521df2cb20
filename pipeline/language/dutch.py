"""Dutch. Everything not given here is as in English."""

from dataclasses import replace

from .english import ENGLISH
from .language import bare

DUTCH = replace(
    ENGLISH,
    code="nl",
    name="Dutch",
    sentences=bare(
        greeting="Hallo{name}.",
        farewell="Hartelijk dank. Tot ziens.",
        sorry="Excuses voor de onderbreking.",
    ),
    notices={
        "automated": "Ik ben een geautomatiseerde interviewer.",
        "recorded": "Dit gesprek wordt opgenomen.",
    },
)
