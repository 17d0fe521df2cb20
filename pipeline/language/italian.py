"""Italian. Everything not given here is as in English."""

from dataclasses import replace

from .english import ENGLISH
from .language import bare

ITALIAN = replace(
    ENGLISH,
    code="it",
    name="Italian",
    sentences=bare(
        greeting="Buongiorno{name}.",
        farewell="Grazie mille. Arrivederci.",
        sorry="Mi scusi per l'interruzione.",
    ),
    notices={
        "automated": "Sono un sistema automatico per i colloqui.",
        "recorded": "Questa conversazione viene registrata.",
    },
)
