"""Italian. Everything not given here is as in English."""

from dataclasses import replace

from .english import ENGLISH
from .language import Variants, bare

VARIANTS = Variants(
    leads=(
        *("Grazie.", "Capisco.", "Molto bene, grazie.", "D'accordo, grazie."),
        *("Ho capito.", "Bene, grazie.", "Va bene, grazie.", "La ringrazio."),
    ),
    considering=("Vediamo.", "Mi faccia vedere.", "Un momento.", "Mi lasci pensare."),
    acknowledgements=(
        *("Ne ho preso nota.", "Grazie per la spiegazione.", "Ho annotato la Sua risposta."),
        *("È utile saperlo.", "Grazie per avermelo raccontato.", "L'ho annotato."),
    ),
    settled=("Non fa niente.", "Nessun problema.", "Va bene così.", "Non si preoccupi."),
    noted=(
        *("Ho preso nota: {topic}.", "Mi segno questo punto: {topic}."),
        *("Ho annotato questo: {topic}.", "Lo terrò presente: {topic}."),
        *("Ha menzionato questo: {topic}.", "Un punto che annoto: {topic}."),
    ),
    more=(
        "Potrebbe dirmi qualcosa di più su questo punto: {topic}?",
        "Ha menzionato questo: {topic}. Com'è andata esattamente?",
        "Potrebbe spiegare meglio questo punto: {topic}?",
        "Potrebbe descriverlo più in dettaglio: {topic}?",
    ),
    follow_ups=(
        "Potrebbe dirmi qualcosa di più?",
        "Potrebbe farmi un esempio?",
        "Qual è stata esattamente la Sua parte?",
        "Potrebbe descriverlo un po' più in dettaglio?",
    ),
    pass_ons=(
        "Non lo so ancora, ma inoltrerò la Sua domanda.",
        "Non posso rispondere io, ma la inoltrerò.",
        "Prendo nota della Sua domanda e la inoltrerò.",
        "Non ho informazioni su questo, quindi inoltrerò la Sua domanda.",
    ),
    facts=("Ecco che cosa so in proposito. {fact}", "Le posso dire questo. {fact}"),
)
ITALIAN = replace(
    ENGLISH,
    code="it",
    name="Italian",
    sentences=bare(
        greeting="Buongiorno{name}.",
        farewell="Grazie mille. Arrivederci.",
        sorry="Mi scusi per l'interruzione.",
        variants=VARIANTS,
    ),
    notices={
        "automated": "Sono un sistema automatico per i colloqui.",
        "recorded": "Questa conversazione viene registrata.",
    },
)
