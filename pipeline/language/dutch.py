"""Dutch. Everything not given here is as in English."""

from dataclasses import replace

from .english import ENGLISH
from .language import Variants, bare

VARIANTS = Variants(
    leads=(
        *("Dank u.", "Ik begrijp het.", "Goed, dank u.", "Prima, dank u."),
        *("Duidelijk.", "Oké, dank u.", "Dank u daarvoor.", "Helder, dank u."),
    ),
    considering=("Even kijken.", "Laat me even zien.", "Ik kijk even.", "Even nadenken."),
    acknowledgements=(
        *("Dat heb ik genoteerd.", "Dank u voor de uitleg.", "Uw antwoord is genoteerd."),
        *("Dat is goed om te weten.", "Dank u dat u mij dat vertelt.", "Ik schrijf het op."),
    ),
    settled=("Dat geeft niet.", "Geen probleem.", "Dat is prima.", "Maakt niet uit."),
    noted=(
        *("Ik heb genoteerd: {topic}.", "Dit schrijf ik op: {topic}."),
        *("Een punt dat ik onthoud: {topic}.", "Dit neem ik mee: {topic}."),
        *("U noemde dit: {topic}.", "Genoteerd is: {topic}."),
    ),
    more=(
        "Kunt u hier iets meer over vertellen: {topic}?",
        "U noemde dit: {topic}. Hoe ging dat precies?",
        "Kunt u dit wat nader toelichten: {topic}?",
        "Kunt u dit wat uitgebreider beschrijven: {topic}?",
    ),
    follow_ups=(
        "Kunt u daar iets meer over vertellen?",
        "Kunt u daar een voorbeeld van geven?",
        "Wat was precies uw eigen aandeel daarin?",
        "Kunt u dat wat uitgebreider beschrijven?",
    ),
    pass_ons=(
        "Dat weet ik nog niet, maar ik geef uw vraag door.",
        "Dat kan ik zelf niet beantwoorden, maar ik geef het door.",
        "Ik noteer uw vraag en geef die door.",
        "Daar heb ik geen informatie over, dus ik geef uw vraag door.",
    ),
    facts=("Dit weet ik daarover. {fact}", "Ik kan u dit vertellen. {fact}"),
)
DUTCH = replace(
    ENGLISH,
    code="nl",
    name="Dutch",
    sentences=bare(
        greeting="Hallo{name}.",
        farewell="Hartelijk dank. Tot ziens.",
        sorry="Excuses voor de onderbreking.",
        variants=VARIANTS,
    ),
    notices={
        "automated": "Ik ben een geautomatiseerde interviewer.",
        "recorded": "Dit gesprek wordt opgenomen.",
    },
)
