"""Portuguese. Everything not given here is as in English."""

import re
from dataclasses import replace

from .english import ENGLISH
from .language import Manners, Sentences, Topics, Variants, bare

VARIANTS = Variants(
    leads=(
        *("Obrigado.", "Compreendo.", "Muito bem, obrigado.", "Certo, obrigado."),
        *("Estou a ver.", "Entendido, obrigado.", "Bem, obrigado.", "De acordo, obrigado."),
        *("Muito bem.", "Certo."),
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
    courtesies=(
        re.compile(r"\bobrigado\b"),
        re.compile(r"\b(?:compreendo|entendido|estou a ver)\b"),
    ),
)
TOPICS = Topics(
    determiners=frozenset(
        """o a os as um uma uns umas meu minha meus minhas nosso nossa nossos nossas seu sua seus
        suas este esta estes estas cada vários várias muitos muitas dois duas três quatro cinco
        seis sete oito nove dez""".split()
    ),
    inner=frozenset(
        """e ou de do da dos das em no na nos nas ao à aos às com sem por pelo pela para sobre
        entre""".split()
    ),
    breaks=frozenset(
        """eu tu ele ela nós vocês eles elas me te se lhe que quem onde quando como porque mas
        então depois também muito bem não nunca sempre mais menos já assim aqui ali é era eram são
        sou foi foram está estava estavam estou tenho tem tinha tinham temos ter ser estar fazer
        faço fiz fez posso pode podia devo deve devia quero quer queria sim isso isto tudo todos
        algo nada há qual quais quanto quanta quantos quantas""".split()
    ),
    verbs=re.compile(r"(?i)\S{2,}(?:ado|ada|ido|ida|ando|endo|indo|ava|avam|aram|eram|ei|ou|amos)"),
    vague=frozenset(
        """tempo ano anos mês meses semana semanas dia dias hora horas vez vezes gente pessoa
        pessoas equipa equipe trabalho parte papel situação exemplo fim lado coisa coisas ponto
        pergunta resposta caso""".split()
    ),
    yours={
        "meu": "seu",
        "minha": "sua",
        "meus": "seus",
        "minhas": "suas",
        "nosso": "seu",
        "nossa": "sua",
        "nossos": "seus",
        "nossas": "suas",
    },
    untouched=re.compile(
        r"(?i)\b(?:doen\w*|cancro|câncer|depress\w*|deficien\w*|grávida|gravidez|divórcio|marido"
        r"|esposa|gay|lésbica|religi\w*|igreja|mesquita|islão|muçulman\w*|jude[ui]\w*|cristã\w*"
        r"|sindica\w*|prisão|asilo|álcool|drogas?|morte|morreu|contratad\w*|merda|puta|caralho)\b"
    ),
)
MANNERS = Manners(
    first_person=re.compile(
        r"\b(?:eu|me|mim|meus?|minhas?|nós|noss[oa]s?|sou|tenho|fiz|trabalhei)\b"
    ),
    own=re.compile(r"\b(?:não tenho|contar me|dar me|(?:pode|poderia) me|me (?:conta|conte|dê))\b"),
    verdicts=re.compile(
        r"\b(?:excelentes?|fantástic\w+|perfeit\w+|impressionante\w*|maravilhos\w+|parabéns"
        r"|contratad\w+|boa resposta|prometo|garanto)\b"
    ),
    machine=re.compile(r"\b(?:modelo de linguagem|assistente|candidat\w*|ia)\b"),
)
ADVICE = {
    "quiet": "Quase não o consigo ouvir. Fale mais alto ou mais perto do microfone, por favor.",
    "clipped": "O seu microfone está muito alto e distorce o som. Afaste-se um pouco, por favor.",
    "silent": "Não chega nenhum som do seu microfone. Verifique se está ligado, por favor.",
    "rate": "O seu navegador envia o som a outra frequência do que a indicada.",
    "echo": "Ouço-me nos seus altifalantes. Com auscultadores pode interromper-me.",
    "language": "Esta entrevista é em português. Responda em português, por favor.",
}
PORTUGUESE = replace(
    ENGLISH,
    code="pt",
    name="Portuguese",
    sentences=bare(
        "Muito obrigado. Até logo.",
        Sentences(
            greeting="Olá{name}.",
            sorry="Desculpe a interrupção.",
            how_far="Esta é a pergunta {number} de {count} e restam cerca de {minutes} minutos.",
            unrecorded="O som desta conversa não é guardado, mas o que dizemos fica por escrito.",
            who_decides="A decisão é tomada por uma pessoa, que pode ler a nossa conversa e "
            "uma avaliação dela.",
            other_language="Pode responder noutra língua, mas eu continuo a perguntar em "
            "português.",
            go_back="Não posso voltar a uma pergunta anterior, mas pode acrescentar algo aqui, "
            "juntamente com a resposta a esta.",
            must_answer="Não tem de responder a isso.",
            how_to_stop="Se quiser parar, termine a entrevista na sua página.",
            type_instead="Sim, se a sua página tiver um campo para isso: o que escreve conta como "
            "o que diz.",
            understood="Também o compreendo em português.",
            advice=ADVICE,
            variants=VARIANTS,
        ),
    ),
    notices={
        "automated": "Sou um sistema automático de entrevistas.",
        "recorded": "Esta conversa é gravada.",
    },
    topics=TOPICS,
    manners=MANNERS,
)
