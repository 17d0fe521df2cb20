"""Portuguese. Everything not given here is as in English."""

from dataclasses import replace

from .english import ENGLISH
from .language import Variants, bare

VARIANTS = Variants(
    leads=(
        *("Obrigado.", "Compreendo.", "Muito bem, obrigado.", "Certo, obrigado."),
        *("Estou a ver.", "Entendido, obrigado.", "Bem, obrigado.", "De acordo, obrigado."),
    ),
    considering=("Deixe-me ver.", "Vamos ver.", "Um momento.", "Deixe-me pensar."),
    acknowledgements=(
        *("Tomei nota disso.", "Obrigado pela explicação.", "A sua resposta está anotada."),
        *("É bom saber isso.", "Obrigado por me contar isso.", "Ficou anotado."),
    ),
    settled=("Não faz mal.", "Não há problema.", "Está bem assim.", "Não se preocupe."),
    noted=(
        *("Tomei nota do seguinte: {topic}.", "Fica anotado: {topic}."),
        *("Retenho este ponto: {topic}.", "Terei isto em conta: {topic}."),
        *("Mencionou o seguinte: {topic}.", "Um ponto que anoto: {topic}."),
    ),
    more=(
        "Pode contar-me um pouco mais sobre este ponto: {topic}?",
        "Mencionou o seguinte: {topic}. Como foi exatamente?",
        "Pode explicar melhor este ponto: {topic}?",
        "Pode descrever isto com mais pormenor: {topic}?",
    ),
    follow_ups=(
        "Pode contar-me um pouco mais sobre isso?",
        "Pode dar-me um exemplo?",
        "Qual foi exatamente a sua parte nisso?",
        "Pode descrever isso com mais pormenor?",
    ),
    pass_ons=(
        "Ainda não sei, mas vou encaminhar a sua pergunta.",
        "Não posso responder a isso, mas vou encaminhar a pergunta.",
        "Anoto a sua pergunta e vou encaminhá-la.",
        "Não tenho informação sobre isso, por isso vou encaminhar a sua pergunta.",
    ),
    facts=("Eis o que sei sobre isso. {fact}", "Posso dizer-lhe o seguinte. {fact}"),
)
PORTUGUESE = replace(
    ENGLISH,
    code="pt",
    name="Portuguese",
    sentences=bare(
        greeting="Olá{name}.",
        farewell="Muito obrigado. Até logo.",
        sorry="Desculpe a interrupção.",
        variants=VARIANTS,
    ),
    notices={
        "automated": "Sou um sistema automático de entrevistas.",
        "recorded": "Esta conversa é gravada.",
    },
)
