"""German. Everything not given here is as in English."""

import re
from dataclasses import replace

from .english import ENGLISH
from .language import Manners, Sentences, Topics, Variants, bare

VARIANTS = Variants(
    leads=(
        *("Vielen Dank.", "Danke.", "Verstehe.", "Gut, danke.", "Alles klar, danke."),
        *("Danke dafür.", "In Ordnung, danke.", "Ich verstehe."),
        *("Alles klar.", "In Ordnung."),
    ),
    considering=("Mal sehen.", "Einen Moment.", "Ich sehe nach.", "Lassen Sie mich nachsehen."),
    acknowledgements=(
        *("Das habe ich notiert.", "Danke für die Erklärung.", "Ihre Antwort ist notiert."),
        *("Das ist gut zu wissen.", "Danke, dass Sie mir davon erzählen."),
        "Das habe ich mir aufgeschrieben.",
    ),
    settled=("Das ist in Ordnung.", "Kein Problem.", "Das macht nichts.", "Schon gut."),
    noted=(
        *("Notiert habe ich: {topic}.", "Ein Stichwort dazu: {topic}."),
        *("Das habe ich mir gemerkt: {topic}.", "Festgehalten ist: {topic}."),
        *("Ich schreibe dazu auf: {topic}.", "Das nehme ich mit: {topic}."),
    ),
    more=(
        "Können Sie dazu etwas mehr sagen: {topic}?",
        "Wie war das genau: {topic}?",
        "Können Sie das näher beschreiben: {topic}?",
    ),
    follow_ups=(
        "Können Sie etwas mehr darüber erzählen?",
        "Können Sie mir dafür ein Beispiel geben?",
        "Was war dabei Ihr eigener Anteil?",
        "Können Sie das etwas genauer beschreiben?",
    ),
    pass_ons=(
        "Das weiß ich noch nicht, aber ich gebe Ihre Frage weiter.",
        "Das kann ich selbst nicht beantworten, aber ich gebe es weiter.",
        "Ich notiere Ihre Frage und gebe sie weiter.",
        "Dazu habe ich keine Angaben, ich gebe Ihre Frage aber weiter.",
    ),
    facts=("Dazu weiß ich Folgendes. {fact}", "Ich kann Ihnen dazu sagen: {fact}"),
    courtesies=(re.compile(r"\bdank"), re.compile(r"\bverstehe\b")),
)
TOPICS = Topics(
    determiners=frozenset(
        """der die das den dem des ein eine einen einem einer eines mein meine meinen meinem meiner
        unser unsere unseren unserem unserer kein keine keinen jede jeden jedes alle viele einige
        zwei drei vier fünf sechs sieben acht neun zehn beide""".split()
    ),
    inner=frozenset(
        """und oder von vom für in im an am auf aus bei beim mit ohne zu zum zur nach über unter
        zwischen durch gegen um vor hinter neben""".split()
    ),
    breaks=frozenset(
        """ich wir er sie es du ihr mich mir uns ihn ihm ihnen dich sich man wer was wo wann wie
        warum welche dass weil wenn als ob aber sondern denn dann dort hier da so auch nur noch
        schon sehr immer oft nie nicht ja nein doch mal eben halt eigentlich vielleicht war waren
        bin ist sind bist hat haben habe hatte hatten wird werden wurde wurden kann können konnte
        konnten muss müssen musste mussten will wollen wollte wollten soll sollte sollten darf
        mache machen gemacht damit davon dabei darauf dafür dazu dies diese dieser dieses etwas
        nichts alles jemand gibt""".split()
    ),
    before_verbs=frozenset({"zu"}),
    verbs=re.compile(r"[a-zäöüß]\S*"),  # nouns are written with a capital
    vague=frozenset(
        """zeit jahr jahre jahren monat monate monaten woche wochen tag tage tagen stunde stunden
        mal leute menschen team arbeit teil weg rolle situation beispiel ende seite sache sachen
        ding dinge punkt frage antwort fall herr frau""".split()
    ),
    yours={
        "mein": "Ihr",
        "meine": "Ihre",
        "meinen": "Ihren",
        "meinem": "Ihrem",
        "meiner": "Ihrer",
        "meines": "Ihres",
        "unser": "Ihr",
        "unsere": "Ihre",
        "unseren": "Ihren",
        "unserem": "Ihrem",
        "unserer": "Ihrer",
        "unseres": "Ihres",
    },
    untouched=re.compile(
        r"(?i)\b(?:krank\w*|krebs|depress\w*|burn-?out|behinder\w*|schwanger\w*|schwerbehind\w*"
        r"|scheidung|ehemann|ehefrau|schwul\w*|lesb\w*|religion|kirche|moschee|islam|muslim\w*"
        r"|jude\w*|jüdisch\w*|christ\w*|gewerkschaft\w*|partei|gefängnis|asyl\w*|alkohol\w*"
        r"|drogen|tod|gestorben|eingestellt|zusage|punktzahl|scheiß\w*|arsch\w*|fick\w*|hure\w*)\b"
    ),
)
MANNERS = Manners(
    first_person=re.compile(r"\b(?:ich|mich|mir|mein\w*|wir|uns|unser\w*)\b"),
    own=re.compile(
        r"\b(?:ich (?:verstehe|sehe|höre|habe|notiere|gebe|schreibe|weiß)|habe ich|notiere ich"
        r"|schreibe ich|weiß ich|nehme ich|kann ich"
        r"|(?:können|könnten|würden|möchten|erzählen|sagen|beschreiben|geben) sie mir)\b"
    ),
    verdicts=re.compile(
        r"\b(?:großartig\w*|hervorragend\w*|ausgezeichnet\w*|perfekt\w*|beeindruckend\w*|toll\w*"
        r"|super|wunderbar\w*|glückwunsch|eingestellt|zusage|gute antwort|sehr gut|richtig|falsch"
        r"|verspreche|garantiere)\b"
    ),
    machine=re.compile(r"\b(?:sprachmodell|assistent\w*|kandidat\w*|bewerber\w*|ki)\b"),
)
ADVICE = {
    "quiet": "Ich höre Sie kaum. Bitte sprechen Sie lauter oder näher am Mikrofon.",
    "clipped": "Ihr Mikrofon ist zu laut eingestellt. Bitte gehen Sie etwas weiter davon weg.",
    "silent": "Von Ihrem Mikrofon kommt kein Ton. Bitte prüfen Sie, ob es eingeschaltet ist.",
    "rate": "Ihr Browser sendet den Ton in einer anderen Abtastrate als angegeben.",
    "echo": "Ich höre mich aus Ihren Lautsprechern. Mit Kopfhörern können Sie mich unterbrechen.",
    "language": "Dieses Gespräch wird auf Deutsch geführt. Bitte antworten Sie auf Deutsch.",
}
GERMAN = replace(
    ENGLISH,
    code="de",
    name="German",
    sentences=bare(
        "Vielen Dank. Auf Wiedersehen.",
        Sentences(
            greeting="Guten Tag{name}.",
            sorry="Entschuldigen Sie die Unterbrechung.",
            how_far="Das ist Frage {number} von {count}, und es bleiben etwa {minutes} Minuten.",
            unrecorded="Der Ton dieses Gesprächs wird nicht aufbewahrt, aber was wir sagen, "
            "wird mitgeschrieben.",
            who_decides="Die Entscheidung trifft ein Mensch, der unser Gespräch und eine "
            "Auswertung davon lesen kann.",
            other_language="Sie können in einer anderen Sprache antworten, ich frage aber weiter "
            "auf Deutsch.",
            go_back="Zu einer früheren Frage kann ich nicht zurück, aber Sie können hier etwas "
            "dazu sagen, zusammen mit Ihrer Antwort auf diese.",
            must_answer="Sie müssen darauf nicht antworten.",
            how_to_stop="Wenn Sie aufhören möchten, beenden Sie das Gespräch auf Ihrer Seite.",
            type_instead="Ja, wenn Ihre Seite ein Feld dafür hat: Was Sie tippen, zählt wie das, "
            "was Sie sagen.",
            understood="Ich verstehe Sie auch auf Deutsch.",
            advice=ADVICE,
            variants=VARIANTS,
        ),
    ),
    notices={
        "automated": "Dieses Gespräch führt ein automatisches System.",
        "recorded": "Dieses Gespräch wird aufgezeichnet.",
    },
    topics=TOPICS,
    manners=MANNERS,
)
