"""Spanish. Everything not given here is as in English."""

from dataclasses import replace

from .english import ENGLISH
from .language import Variants, bare

VARIANTS = Variants(
    leads=(
        *("Gracias.", "Entiendo.", "Muy bien, gracias.", "De acuerdo, gracias."),
        *("Ya veo.", "Gracias por eso.", "Bien, gracias.", "Entendido, gracias."),
    ),
    considering=("Déjeme ver.", "Vamos a ver.", "Un momento.", "Déjeme pensar."),
    acknowledgements=(
        *("Lo he anotado.", "Gracias por explicarlo.", "He tomado nota de su respuesta."),
        *("Es bueno saberlo.", "Gracias por contármelo.", "Queda anotado."),
    ),
    settled=("No pasa nada.", "No hay problema.", "Está bien.", "No se preocupe."),
    noted=(
        *("He anotado lo siguiente: {topic}.", "Tomo nota de esto: {topic}."),
        *("Me quedo con este punto: {topic}.", "Lo tendré en cuenta: {topic}."),
        *("Ha mencionado esto: {topic}.", "Queda anotado: {topic}."),
    ),
    more=(
        "¿Podría contarme algo más sobre este punto: {topic}?",
        "Ha mencionado esto: {topic}. ¿Cómo fue exactamente?",
        "¿Podría explicar esto un poco más: {topic}?",
        "¿Podría describirlo con más detalle: {topic}?",
    ),
    follow_ups=(
        "¿Podría contarme algo más sobre eso?",
        "¿Podría darme un ejemplo?",
        "¿Cuál fue exactamente su parte en eso?",
        "¿Podría describirlo con un poco más de detalle?",
    ),
    pass_ons=(
        "Todavía no lo sé, pero trasladaré su pregunta.",
        "No puedo responder a eso yo mismo, pero lo trasladaré.",
        "Tomo nota de su pregunta y la trasladaré.",
        "No tengo información sobre eso, así que trasladaré su pregunta.",
    ),
    facts=("Esto es lo que sé al respecto. {fact}", "Puedo decirle lo siguiente. {fact}"),
)
SPANISH = replace(
    ENGLISH,
    code="es",
    name="Spanish",
    sentences=bare(
        greeting="Hola{name}.",
        farewell="Muchas gracias. Hasta luego.",
        sorry="Disculpe la interrupción.",
        variants=VARIANTS,
    ),
    notices={
        "automated": "Soy un sistema automático de entrevistas.",
        "recorded": "Esta conversación se graba.",
    },
)
