"""French. Everything not given here is as in English."""

from dataclasses import replace

from .english import ENGLISH
from .language import Variants, bare

VARIANTS = Variants(
    leads=(
        *("Merci.", "Je vois.", "Très bien, merci.", "D'accord, merci.", "Je comprends."),
        *("Merci pour cela.", "Entendu, merci.", "Bien, merci."),
    ),
    considering=("Voyons.", "Voyons voir.", "Je regarde.", "Laissez-moi voir."),
    acknowledgements=(
        *("C'est noté.", "Merci pour ces explications.", "J'ai bien noté votre réponse."),
        *("C'est bon à savoir.", "Merci de m'en avoir parlé.", "Je l'ai bien noté."),
    ),
    settled=("Ce n'est pas grave.", "Pas de problème.", "Aucun souci.", "C'est très bien."),
    noted=(
        *("J'ai bien noté : {topic}.", "Je retiens ceci : {topic}."),
        *("Un point que je note : {topic}.", "Je garde cela en tête : {topic}."),
        *("Voilà ce que j'ai noté : {topic}.", "Vous avez mentionné ceci : {topic}."),
    ),
    more=(
        "Pourriez-vous m'en dire un peu plus sur ce point : {topic} ?",
        "Vous avez mentionné ceci : {topic}. Comment cela s'est-il passé ?",
        "Pourriez-vous préciser ce point : {topic} ?",
        "Pourriez-vous décrire cela plus en détail : {topic} ?",
    ),
    follow_ups=(
        "Pourriez-vous m'en dire un peu plus ?",
        "Pourriez-vous me donner un exemple ?",
        "Quelle a été votre propre part dans tout cela ?",
        "Pourriez-vous décrire cela plus en détail ?",
    ),
    pass_ons=(
        "Je ne le sais pas encore, mais je transmettrai votre question.",
        "Je ne peux pas y répondre moi-même, mais je transmettrai.",
        "Je note votre question et je la transmettrai.",
        "Je n'ai pas d'information à ce sujet, je transmettrai donc votre question.",
    ),
    facts=("Voici ce que je sais à ce sujet. {fact}", "Je peux vous dire ceci. {fact}"),
)
FRENCH = replace(
    ENGLISH,
    code="fr",
    name="French",
    sentences=bare(
        greeting="Bonjour{name}.",
        farewell="Merci beaucoup. Au revoir.",
        sorry="Excusez-moi de vous interrompre.",
        variants=VARIANTS,
    ),
    notices={
        "automated": "Je suis un système automatique d'entretien.",
        "recorded": "Cette conversation est enregistrée.",
    },
)
