"""German. Everything not given here is as in English."""

from dataclasses import replace

from .english import ENGLISH
from .language import Variants, bare

VARIANTS = Variants(
    leads=(
        *("Vielen Dank.", "Danke.", "Verstehe.", "Gut, danke.", "Alles klar, danke."),
        *("Danke dafür.", "In Ordnung, danke.", "Ich verstehe."),
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
        "Sie nannten ein Stichwort: {topic}. Wie war das genau?",
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
)
GERMAN = replace(
    ENGLISH,
    code="de",
    name="German",
    sentences=bare(
        greeting="Guten Tag{name}.",
        farewell="Vielen Dank. Auf Wiedersehen.",
        sorry="Entschuldigen Sie die Unterbrechung.",
        variants=VARIANTS,
    ),
    notices={
        "automated": "Dieses Gespräch führt ein automatisches System.",
        "recorded": "Dieses Gespräch wird aufgezeichnet.",
    },
)
