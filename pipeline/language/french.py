"""French. Everything not given here is as in English."""

from dataclasses import replace

from .english import ENGLISH
from .language import bare

FRENCH = replace(
    ENGLISH,
    code="fr",
    name="French",
    sentences=bare(
        greeting="Bonjour{name}.",
        farewell="Merci beaucoup. Au revoir.",
        sorry="Excusez-moi de vous interrompre.",
    ),
    notices={
        "automated": "Je suis un système automatique d'entretien.",
        "recorded": "Cette conversation est enregistrée.",
    },
)
