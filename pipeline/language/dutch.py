"""Dutch. Everything not given here is as in English."""

import re
from dataclasses import replace

from .english import ENGLISH
from .language import Manners, Sentences, Topics, Variants, bare

VARIANTS = Variants(
    leads=(
        *("Dank u.", "Ik begrijp het.", "Goed, dank u.", "Prima, dank u."),
        *("Duidelijk.", "Oké, dank u.", "Dank u daarvoor.", "Helder, dank u."),
        "Prima.",
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
    courtesies=(re.compile(r"\bdank\b"), re.compile(r"\bik begrijp\b")),
)
TOPICS = Topics(
    determiners=frozenset(
        """de het een mijn ons onze zijn haar hun deze dit elke ieder alle veel enkele twee drie
        vier vijf zes zeven acht negen tien""".split()
    ),
    inner=frozenset(
        "en of van voor in aan op uit bij met zonder naar over onder tussen door tegen om".split()
    ),
    breaks=frozenset(
        """ik wij we hij zij ze het je jij jullie mij me ons hem die dat wie wat waar wanneer hoe
        waarom omdat want maar dus als toen dan daar hier er zo ook alleen nog al heel erg altijd
        vaak nooit niet geen ja nee was waren ben is zijn bent heb heeft hebben had hadden word
        wordt werd werden kan kunnen kon konden moet moeten moest wil willen wilde zou zouden mag
        doe doen deed gedaan te iets niets alles iemand eigenlijk misschien hoeveel""".split()
    ),
    before_verbs=frozenset({"te", "ik", "wij", "we", "hij", "zij", "ze"}),
    verbs=re.compile(r"(?i)ge\S{2,}(?:d|t|en)"),
    vague=frozenset(
        """tijd jaar jaren maand maanden week weken dag dagen uur uren keer mensen persoon personen
        team werk deel rol situatie voorbeeld einde kant ding dingen punt vraag antwoord
        geval""".split()
    ),
    yours={"mijn": "uw", "ons": "uw", "onze": "uw"},
    untouched=re.compile(
        r"(?i)\b(?:ziek\w*|kanker|depress\w*|burn-?out|gehandicapt\w*|zwanger\w*|scheiding"
        r"|echtgeno\w*|homo\w*|lesbisch\w*|religi\w*|geloof|kerk|moskee|islam|moslim\w*|jood\w*"
        r"|christ\w*|vakbond\w*|gevangenis|asiel\w*|alcohol\w*|drugs|dood|overleden|aangenomen"
        r"|klote\w*|hoer\w*|kut\w*)\b"
    ),
)
MANNERS = Manners(
    first_person=re.compile(r"\b(?:ik|mij|me|mijn|wij|we|ons|onze)\b"),
    own=re.compile(
        r"\b(?:ik (?:begrijp|heb|noteer|schrijf|geef|onthoud|kan)|heb ik|schrijf ik|geef ik"
        r"|neem ik|weet ik|kan ik|(?:kunt|kun|wilt|zou|zoudt) (?:u|je) (?:mij|me))\b"
    ),
    verdicts=re.compile(
        r"\b(?:geweldig\w*|uitstekend\w*|perfect\w*|indrukwekkend\w*|fantastisch\w*|prachtig\w*"
        r"|gefeliciteerd|aangenomen|goed antwoord|goed gedaan|beloof|garandeer)\b"
    ),
    machine=re.compile(r"\b(?:taalmodel|assistent\w*|kandidaat|kandidaten|ai)\b"),
)
ADVICE = {
    "quiet": "Ik hoor u nauwelijks. Spreek alstublieft luider of dichter bij de microfoon.",
    "clipped": "Uw microfoon staat erg hard en vervormt. Ga er alstublieft iets verder vandaan.",
    "silent": "Er komt geen geluid van uw microfoon. Controleer alstublieft of die aanstaat.",
    "rate": "Uw browser stuurt het geluid met een andere snelheid dan hij zegt.",
    "echo": "Ik hoor mezelf uit uw luidsprekers. Met een koptelefoon kunt u mij onderbreken.",
    "language": "Dit gesprek is in het Nederlands. Antwoord alstublieft in het Nederlands.",
}
DUTCH = replace(
    ENGLISH,
    code="nl",
    name="Dutch",
    sentences=bare(
        "Hartelijk dank. Tot ziens.",
        Sentences(
            greeting="Hallo{name}.",
            sorry="Excuses voor de onderbreking.",
            how_far="Dit is vraag {number} van {count} en er zijn nog ongeveer {minutes} minuten.",
            unrecorded="Het geluid van dit gesprek wordt niet bewaard, maar wat we zeggen "
            "wordt opgeschreven.",
            who_decides="De beslissing neemt een mens, die ons gesprek en een beoordeling "
            "ervan kan lezen.",
            other_language="U mag in een andere taal antwoorden, maar ik blijf in het Nederlands "
            "vragen.",
            go_back="Ik kan niet terug naar een eerdere vraag, maar u mag er hier iets over "
            "zeggen, samen met uw antwoord op deze.",
            must_answer="U hoeft daar geen antwoord op te geven.",
            how_to_stop="Als u wilt stoppen, beëindigt u het gesprek op uw pagina.",
            type_instead="Ja, als uw pagina daar een veld voor heeft: wat u typt, telt als wat u "
            "zegt.",
            understood="Ik versta u ook in het Nederlands.",
            advice=ADVICE,
            variants=VARIANTS,
        ),
    ),
    notices={
        "automated": "Ik ben een geautomatiseerde interviewer.",
        "recorded": "Dit gesprek wordt opgenomen.",
    },
    topics=TOPICS,
    manners=MANNERS,
)
