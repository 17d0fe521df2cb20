"""French. Everything not given here is as in English."""

import re
from dataclasses import replace

from .english import ENGLISH
from .language import Manners, Sentences, Topics, Variants, bare

VARIANTS = Variants(
    leads=(
        *("Merci.", "Je vois.", "Très bien, merci.", "D'accord, merci.", "Je comprends."),
        *("Merci pour cela.", "Entendu, merci.", "Bien, merci."),
        *("D'accord.", "Très bien."),
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
    courtesies=(re.compile(r"\bmerci\b"), re.compile(r"\bje (?:vois|comprends)\b")),
)
TOPICS = Topics(
    determiners=frozenset(
        """le la les l un une des du mon ma mes notre nos son sa ses leur leurs ce cet cette ces
        chaque plusieurs quelques deux trois quatre cinq six sept huit neuf dix""".split()
    ),
    inner=frozenset("et ou de d à au aux en dans sur pour par avec sans sous entre vers".split()),
    breaks=frozenset(
        """je j tu il elle on nous vous ils elles me moi te se lui y que qui quoi dont où quand
        comment pourquoi parce car si mais donc alors puis ensuite aussi très bien pas plus jamais
        toujours souvent ne n est était étaient sont suis es ai as a avons avez ont avais avait
        avaient été être avoir fait faire peut peux pouvait dois doit devait veux veut voulais
        voulait oui non euh c'est j'ai c'était d'abord ça cela ici là tout tous quel quelle quels
        quelles combien""".split()
    ),
    verbs=re.compile(r"(?i)\S{2,}(?:é|ée|és|ées|er|ait|ais|aient|ant)"),
    vague=frozenset(
        """temps an ans année années mois semaine semaines jour jours heure heures fois gens
        personne personnes équipe travail partie rôle situation exemple fin côté chose choses point
        question réponse cas""".split()
    ),
    yours={
        "mon": "votre",
        "ma": "votre",
        "mes": "vos",
        "notre": "votre",
        "nos": "vos",
    },
    untouched=re.compile(
        r"(?i)\b(?:malad\w*|cancer|dépress\w*|burn-?out|handicap\w*|enceinte|grossesse|divorc\w*"
        r"|mari|gay|lesbienne|religi\w*|église|mosquée|islam|musulman\w*|juif|juive|chrétien\w*"
        r"|syndica\w*|prison|asile|alcool\w*|drogues?|mort\w*|embauché\w*|merde|putain|con|connard"
        r"|salope)\b"
    ),
)
MANNERS = Manners(
    first_person=re.compile(r"\b(?:je|j|j'\w+|me|m'\w+|moi|mon|ma|mes|nous|notre|nos)\b"),
    own=re.compile(
        r"\b(?:je (?:vois|comprends|note|retiens|garde|transmettrai|sais|peux|ne)"
        r"|j'ai (?:bien )?noté|(?:donner|dire|parler) moi"
        r"|(?:pouvez|pourriez|voulez) vous (?:me|m'\w+))\b"
    ),
    verdicts=re.compile(
        r"\b(?:excellente?s?|formidable|parfait\w*|impressionnant\w*|magnifique|super|génial\w*"
        r"|félicitations|embauché\w*|bonne réponse|bravo|promets|garanti\w*)\b"
    ),
    machine=re.compile(r"\b(?:modèle de langage|assistant\w*|candidat\w*|ia)\b"),
)
ADVICE = {
    "quiet": "Je vous entends à peine. Parlez plus fort ou plus près du micro, s'il vous plaît.",
    "clipped": "Votre micro est réglé trop fort. Éloignez-vous un peu, s'il vous plaît.",
    "silent": "Aucun son ne vient de votre micro. Vérifiez qu'il est activé, s'il vous plaît.",
    "rate": "Votre navigateur envoie le son à une autre fréquence que prévu.",
    "echo": "Je m'entends dans vos haut-parleurs. Avec un casque, vous pouvez m'interrompre.",
    "language": "Cet entretien se déroule en français. Répondez en français, s'il vous plaît.",
}
FRENCH = replace(
    ENGLISH,
    code="fr",
    name="French",
    sentences=bare(
        "Merci beaucoup. Au revoir.",
        Sentences(
            greeting="Bonjour{name}.",
            sorry="Excusez-moi de vous interrompre.",
            how_far="C'est la question {number} sur {count}, il reste environ {minutes} minutes.",
            unrecorded="Le son de cette conversation n'est pas conservé, mais ce que nous "
            "disons est noté par écrit.",
            who_decides="La décision est prise par une personne, qui peut lire notre entretien "
            "et une évaluation.",
            other_language="Vous pouvez répondre dans une autre langue, mais je continue à poser "
            "mes questions en français.",
            go_back="Je ne peux pas revenir à une question précédente, mais vous pouvez la "
            "compléter ici, avec votre réponse à celle-ci.",
            must_answer="Vous n'êtes pas obligé de répondre à cela.",
            how_to_stop="Si vous voulez arrêter, mettez fin à l'entretien sur votre page.",
            type_instead="Oui, si votre page a un champ pour cela : ce que vous écrivez compte "
            "comme ce que vous dites.",
            understood="Je vous comprends aussi en français.",
            advice=ADVICE,
            variants=VARIANTS,
        ),
    ),
    notices={
        "automated": "Je suis un système automatique d'entretien.",
        "recorded": "Cette conversation est enregistrée.",
    },
    topics=TOPICS,
    manners=MANNERS,
)
