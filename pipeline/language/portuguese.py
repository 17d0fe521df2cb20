"""Portuguese. Everything not given here is as in English."""

from dataclasses import replace

from .english import ENGLISH
from .language import bare

PORTUGUESE = replace(
    ENGLISH,
    code="pt",
    name="Portuguese",
    sentences=bare(
        greeting="Olá{name}.",
        farewell="Muito obrigado. Até logo.",
        sorry="Desculpe a interrupção.",
    ),
    notices={
        "automated": "Sou um sistema automático de entrevistas.",
        "recorded": "Esta conversa é gravada.",
    },
)
