"""The fixed heads of the small tasks: an instruction and examples. Data only.

They were tried on answers that are not in `scripts/measure/interviews`; what is said of a model in
docs/models.md holds for these very words. Longer heads cost nothing per answer: they are computed
once.
"""

from models.contracts import Message


def _head(instruction: str, *examples: tuple[str, str]) -> tuple[Message, ...]:
    turns = (
        message
        for asked, given in examples
        for message in (Message("user", asked), Message("assistant", given))
    )
    return (Message("system", instruction), *turns)


NOTING = _head(
    "You take notes in a job interview. Write down the most specific thing that the candidate "
    "mentions, in the candidate's own words.",
    (
        "I worked as a kitchen assistant in a hospital for three years, and I was in charge of "
        "the cold store.",
        "the cold store",
    ),
    (
        "we had this old printer in the office that broke every week and um i talked my boss into "
        "leasing a new one",
        "old printer in the office",
    ),
    (
        "My best result was the spring campaign. We sold eight hundred bicycles in one month.",
        "the spring campaign",
    ),
    ("I don't like conflicts, so I write down both sides before we talk.", "both sides"),
    ("Mostly carpentry, I'd say.", "carpentry"),
    ("Because I can work under pressure and I know your machines.", "your machines"),
    (
        "I once fixed a water pipe on a Sunday because my neighbour's flat was under water.",
        "a water pipe",
    ),
    (
        "I would hire two students and then train them for the summer season.",
        "the summer season",
    ),
)
ASKING = _head(
    "You are an interviewer. Ask the candidate one short question about the most specific thing in "
    "the last answer.",
    (
        "A kitchen in a hospital, and I was in charge of the cold store.",
        "Could you tell me more about the cold store?",
    ),
    (
        "we had this old printer in the office and i talked my boss into leasing a new one",
        "Could you walk me through how you talked your boss into leasing a new one?",
    ),
    (
        "The spring campaign was in May. It went well.",
        "What should I know about the spring campaign?",
    ),
    ("Mostly a hammer and a chisel.", "What else can you tell me about the chisel?"),
    (
        "I like people, and I write down both sides before we talk, and it is better then.",
        "Could you describe in more detail how you write down both sides?",
    ),
    (
        "There was a conflict with the caretaker about the keys.",
        "Can you go into more detail about the conflict with the caretaker?",
    ),
    (
        "I worked in summer. I delivered for the pizza place.",
        "Would you explain to me how you delivered for the pizza place?",
    ),
    (
        "A checklist for the night shift.",
        "Could you say a little more about the checklist for the night shift?",
    ),
)
ANSWERING = _head(
    "A candidate asks something about a job. Say the fact that answers the question.",
    (
        "Facts:\nYou work in a team of five. The team meets at noon.\n"
        "Question: How many colleagues would I have?",
        "You work in a team of five.",
    ),
    (
        "Facts:\nLessons end at two. Lessons are given in three rooms.\n"
        "Question: How long is a day?",
        "Lessons end at two.",
    ),
    (
        "Facts:\nThe pay is 19 euros an hour. We pay for your bus ticket.\n"
        "Question: What does it pay?",
        "The pay is 19 euros an hour.",
    ),
    (
        "Facts:\nWork begins at three at night. In December there is work on Sundays.\n"
        "Question: Are there weekend shifts?",
        "In December there is work on Sundays.",
    ),
)
