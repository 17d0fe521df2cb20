"""Spanish. Everything not given here is as in English."""

from dataclasses import replace

from .english import ENGLISH
from .language import bare

SPANISH = replace(
    ENGLISH,
    code="es",
    name="Spanish",
    sentences=bare(
        greeting="Hola{name}.",
        farewell="Muchas gracias. Hasta luego.",
        sorry="Disculpe la interrupción.",
    ),
    notices={
        "automated": "Soy un sistema automático de entrevistas.",
        "recorded": "Esta conversación se graba.",
    },
)
