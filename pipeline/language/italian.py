"""Italian. Everything not given here is as in English."""

import re
from dataclasses import replace

from .english import ENGLISH
from .language import Manners, Sentences, Topics, Variants, bare

VARIANTS = Variants(
    leads=(
        *("Grazie.", "Capisco.", "Molto bene, grazie.", "D'accordo, grazie."),
        *("Ho capito.", "Bene, grazie.", "Va bene, grazie.", "La ringrazio."),
        *("Va bene.", "D'accordo."),
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
    courtesies=(re.compile(r"\b(?:grazie|ringrazio)\b"), re.compile(r"\b(?:capisco|capito)\b")),
)
TOPICS = Topics(
    determiners=frozenset(
        """il lo la i gli le l un uno una mio mia miei mie nostro nostra nostri nostre suo sua suoi
        sue questo questa questi queste ogni molti molte alcuni alcune due tre quattro cinque sei
        sette otto nove dieci""".split()
    ),
    inner=frozenset(
        """e ed o di del della dei delle dello degli a al alla ai alle da dal dalla in nel nella nei
        nelle con senza per su sul sulla tra fra""".split()
    ),
    breaks=frozenset(
        """io tu lui lei noi voi loro mi ti si ci vi che chi dove quando come perché ma se allora
        poi anche molto bene non mai sempre più meno già così qui là è era erano sono sei siamo ho
        hai ha abbiamo hanno avevo aveva avevano stato stata essere avere fare faccio fatto posso
        può poteva devo deve doveva voglio vuole volevo sì eh cioè tutto tutti qualcosa niente
        quindi c'è qual quale quali quanto quanta quanti quante""".split()
    ),
    verbs=re.compile(
        r"(?i)\S{2,}(?:ato|ata|ito|ita|uto|uta|ando|endo|avo|ava|evo|eva|are|ere|ire)"
    ),
    vague=frozenset(
        """tempo anno anni mese mesi settimana settimane giorno giorni ora ore volta volte gente
        persona persone squadra lavoro parte ruolo situazione esempio fine lato cosa cose punto
        domanda risposta caso""".split()
    ),
    yours={
        "mio": "Suo",
        "mia": "Sua",
        "miei": "Suoi",
        "mie": "Sue",
        "nostro": "Suo",
        "nostra": "Sua",
        "nostri": "Suoi",
        "nostre": "Sue",
    },
    untouched=re.compile(
        r"(?i)\b(?:malatt\w*|malat\w*|cancro|depressi\w*|disabil\w*|incinta|gravidanza|divorzi\w*"
        r"|marito|moglie|gay|lesbica|religi\w*|chiesa|moschea|islam|musulman\w*|ebre\w*|cristian\w*"
        r"|sindaca\w*|carcere|asilo|alcol\w*|droghe?|mort\w*|assunt\w*|merda|cazzo|stronz\w*"
        r"|puttana)\b"
    ),
)
MANNERS = Manners(
    first_person=re.compile(r"\b(?:io|mi|me|mio|mia|miei|mie|noi|ci|nostr[oaie]|sono|ho)\b"),
    own=re.compile(
        r"\b(?:ho (?:capito|preso|annotato)|mi segno|non ho|dirmi|farmi"
        r"|mi (?:può|potrebbe|dica|racconti))\b"
    ),
    verdicts=re.compile(
        r"\b(?:eccellent\w*|fantastic\w+|perfett\w+|impressionant\w*|meraviglios\w+|ottim\w+"
        r"|complimenti|congratulazioni|assunt\w+|bravo|brava|prometto|garantis\w+)\b"
    ),
    machine=re.compile(r"\b(?:modello linguistico|assistente|candidat\w*|ia)\b"),
)
ADVICE = {
    "quiet": "La sento appena. Parli più forte o più vicino al microfono, per favore.",
    "clipped": "Il suo microfono è regolato troppo alto. Si allontani un poco, per favore.",
    "silent": "Dal suo microfono non arriva alcun suono. Controlli che sia acceso, per favore.",
    "rate": "Il suo browser invia l'audio a una frequenza diversa da quella prevista.",
    "echo": "Sento la mia voce dai suoi altoparlanti. Con le cuffie può interrompermi.",
    "language": "Questo colloquio è in italiano. Risponda in italiano, per favore.",
}
ITALIAN = replace(
    ENGLISH,
    code="it",
    name="Italian",
    sentences=bare(
        "Grazie mille. Arrivederci.",
        Sentences(
            greeting="Buongiorno{name}.",
            sorry="Mi scusi per l'interruzione.",
            how_far="Questa è la domanda {number} di {count} e restano circa {minutes} minuti.",
            unrecorded="L'audio di questa conversazione non viene conservato, ma ciò che "
            "diciamo viene trascritto.",
            who_decides="La decisione la prende una persona, che può leggere la nostra "
            "conversazione e una valutazione.",
            other_language="Può rispondere in un'altra lingua, ma io continuo a fare le domande "
            "in italiano.",
            go_back="Non posso tornare a una domanda precedente, ma può aggiungere qualcosa qui, "
            "insieme alla risposta a questa.",
            must_answer="Non è obbligatorio rispondere.",
            how_to_stop="Se vuole smettere, termini il colloquio sulla Sua pagina.",
            type_instead="Sì, se la Sua pagina ha un campo apposito: ciò che scrive conta come "
            "ciò che dice.",
            understood="La capisco anche in italiano.",
            advice=ADVICE,
            variants=VARIANTS,
        ),
    ),
    notices={
        "automated": "Sono un sistema automatico per i colloqui.",
        "recorded": "Questa conversazione viene registrata.",
    },
    topics=TOPICS,
    manners=MANNERS,
)
