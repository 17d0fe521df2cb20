"""Spanish. Everything not given here is as in English."""

import re
from dataclasses import replace

from .english import ENGLISH
from .language import Manners, Sentences, Topics, Variants, bare

VARIANTS = Variants(
    leads=(
        *("Gracias.", "Entiendo.", "Muy bien, gracias.", "De acuerdo, gracias."),
        *("Ya veo.", "Gracias por eso.", "Bien, gracias.", "Entendido, gracias."),
        *("Muy bien.", "De acuerdo."),
    ),
    considering=("Déjeme ver.", "Vamos a ver.", "Un momento.", "Déjeme pensar."),
    acknowledgements=(
        *("Lo he anotado.", "Gracias por explicarlo.", "He tomado nota de su respuesta."),
        *("Es bueno saberlo.", "Gracias por contármelo.", "Queda anotado."),
    ),
    settled=("No pasa nada.", "No hay problema.", "Está bien.", "No se preocupe."),
    noted=(
        *("He anotado lo siguiente: {topic}.", "Tomo nota de esto: {topic}."),
        *("Me quedo con este punto: {topic}.", "Lo tendré en cuenta: {topic}."),
        *("Ha mencionado esto: {topic}.", "Queda anotado: {topic}."),
    ),
    more=(
        "¿Podría contarme algo más sobre este punto: {topic}?",
        "¿Podría explicar esto un poco más: {topic}?",
        "¿Podría describirlo con más detalle: {topic}?",
    ),
    follow_ups=(
        "¿Podría contarme algo más sobre eso?",
        "¿Podría darme un ejemplo?",
        "¿Cuál fue exactamente su parte en eso?",
        "¿Podría describirlo con un poco más de detalle?",
    ),
    pass_ons=(
        "Todavía no lo sé, pero trasladaré su pregunta.",
        "No puedo responder a eso yo mismo, pero lo trasladaré.",
        "Tomo nota de su pregunta y la trasladaré.",
        "No tengo información sobre eso, así que trasladaré su pregunta.",
    ),
    facts=("Esto es lo que sé al respecto. {fact}", "Puedo decirle lo siguiente. {fact}"),
    courtesies=(re.compile(r"\bgracias\b"), re.compile(r"\b(?:entiendo|entendido|ya veo)\b")),
)
TOPICS = Topics(
    determiners=frozenset(
        """el la los las un una unos unas mi mis nuestro nuestra nuestros nuestras su sus este esta
        estos estas cada varios varias muchos muchas dos tres cuatro cinco seis siete ocho nueve
        diez""".split()
    ),
    inner=frozenset("y e o u de del a al en con sin por para sobre entre hacia desde".split()),
    breaks=frozenset(
        """yo tú él ella nosotros ustedes ellos ellas me te se nos lo le les que qué quien quién
        donde dónde cuando cuándo como cómo porque pero si entonces luego también muy bien no nunca
        siempre más menos ya así aquí allí es era eran son soy fue fueron está estaba estaban estoy
        he has ha hemos han había habían ser estar haber hacer hago hice hizo puedo puede podía
        tengo tiene tenía tuve tuvo quiero quiere quería sí eh eso esto todo algo nada hay
        cuál cuáles cuánto cuánta cuántos cuántas""".split()
    ),
    verbs=re.compile(r"(?i)\S{2,}(?:ado|ada|ido|ida|ando|iendo|aba|aban|aron|ieron|é|ó|amos|imos)"),
    vague=frozenset(
        """tiempo año años mes meses semana semanas día días hora horas vez veces gente persona
        personas equipo trabajo parte papel situación ejemplo final lado cosa cosas punto pregunta
        respuesta caso""".split()
    ),
    yours={
        "mi": "su",
        "mis": "sus",
        "nuestro": "su",
        "nuestra": "su",
        "nuestros": "sus",
        "nuestras": "sus",
    },
    untouched=re.compile(
        r"(?i)\b(?:enferm\w*|cáncer|depresi\w*|discapaci\w*|embaraz\w*|divorci\w*|marido|esposa|gay"
        r"|lesbiana|religi\w*|iglesia|mezquita|islam|musulm\w*|judí\w*|cristian\w*|sindica\w*"
        r"|cárcel|asilo|alcohol\w*|drogas?|muert\w*|contratad\w*|mierda|puta|cabrón|coño)\b"
    ),
)
MANNERS = Manners(
    first_person=re.compile(
        r"\b(?:yo|me|mi|mis|mí|nosotr[oa]s|nos|nuestr[oa]s?|soy|tengo|fui|trabajé|hice)\b"
    ),
    own=re.compile(
        r"\b(?:me quedo|cont(?:ar|ado)me|(?:podría|puede) dar ?me"
        r"|me (?:gustaría|podría|puede|cuenta))\b"
    ),
    verdicts=re.compile(
        r"\b(?:excelentes?|fantástic\w+|perfect\w+|impresionante\w*|maravillos\w+|genial\w*"
        r"|felicidades|enhorabuena|contratad\w+|buena respuesta|prometo|garantiz\w+)\b"
    ),
    machine=re.compile(r"\b(?:modelo de lenguaje|asistente|candidat\w*|ia)\b"),
)
ADVICE = {
    "quiet": "Apenas le oigo. Hable más alto o más cerca del micrófono, por favor.",
    "clipped": "Su micrófono está muy alto y distorsiona. Aléjese un poco, por favor.",
    "silent": "No llega ningún sonido de su micrófono. Compruebe que está encendido, por favor.",
    "rate": "Su navegador envía el sonido a otra frecuencia que la indicada.",
    "echo": "Me oigo en sus altavoces. Con auriculares puede interrumpirme.",
    "language": "Esta entrevista es en español. Responda en español, por favor.",
}
SPANISH = replace(
    ENGLISH,
    code="es",
    name="Spanish",
    sentences=bare(
        "Muchas gracias. Hasta luego.",
        Sentences(
            greeting="Hola{name}.",
            sorry="Disculpe la interrupción.",
            how_far="Es la pregunta {number} de {count} y quedan unos {minutes} minutos.",
            unrecorded="El sonido de esta conversación no se guarda, pero lo que decimos "
            "queda por escrito.",
            who_decides="La decisión la toma una persona, que puede leer nuestra conversación "
            "y una evaluación de ella.",
            other_language="Puede responder en otro idioma, pero yo sigo preguntando en español.",
            go_back="No puedo volver a una pregunta anterior, pero puede añadir algo aquí, junto "
            "con su respuesta a esta.",
            must_answer="No tiene que responder a eso.",
            how_to_stop="Si quiere terminar, finalice la entrevista en su página.",
            type_instead="Sí, si su página tiene un campo para ello: lo que escribe cuenta como "
            "lo que dice.",
            understood="También le entiendo en español.",
            advice=ADVICE,
            variants=VARIANTS,
        ),
    ),
    notices={
        "automated": "Soy un sistema automático de entrevistas.",
        "recorded": "Esta conversación se graba.",
    },
    topics=TOPICS,
    manners=MANNERS,
)
