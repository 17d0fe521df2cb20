"""Sentences that an English interviewer says without a language model."""

import re

from ..language import Sentences, Variants

VARIANTS = Variants(
    leads=(
        *("Thank you.", "I see.", "All right, thank you.", "Thanks for that.", "I understand."),
        *("Okay, thank you.", "Thank you for that.", "Right, thank you.", "I see, thank you."),
        *("All right.", "Okay, all right.", "Okay, got it.", "Very well."),
    ),
    considering=("Let me see.", "Let me check.", "Well, let me see.", "Let me think."),
    acknowledgements=(
        "I have made a note of that.",
        "That is clear, thank you.",
        "Thank you for explaining that.",
        "I have written that down.",
        "Thank you for telling me about it.",
        "That gives me a picture of it.",
        "Your answer is noted.",
        "That is good to know.",
    ),
    settled=(
        *("That is all right.", "No problem.", "That is fine.", "That is quite all right."),
        "No problem at all.",
    ),
    noted=(
        "I have made a note about {topic}.",
        "You mentioned {topic}.",
        "It is useful to know about {topic}.",
        "I have written down {topic}.",
        "Good to know about {topic}.",
        "I will remember what you said about {topic}.",
        "What you say about {topic} is noted.",
        "So you spoke of {topic}.",
        "It helps me to hear about {topic}.",
        "I have noted {topic}.",
        "That tells me something about {topic}.",
        "I understand what you say about {topic}.",
    ),
    more=(
        "Could you tell me more about {topic}?",
        "What else can you tell me about {topic}?",
        "Could you say a little more about {topic}?",
        "What should I know about {topic}?",
        "Would you tell me a little more about {topic}, please?",
        "Can you go into more detail about {topic}?",
    ),
    ways=(
        "Could you describe in more detail {topic}?",
        "Could you walk me through {topic}?",
        "Could you tell me more about {topic}?",
        "Would you explain to me {topic}?",
        "Could you say a little more about {topic}?",
        "Can you go into more detail about {topic}?",
    ),
    examples=(
        "Could you give me an example that has to do with {topic}?",
        "Can you remember one situation that had to do with {topic}?",
        "Could you describe one case that had to do with {topic}?",
    ),
    follow_ups=(
        "Could you tell me a little more about that?",
        "Could you give me an example of that?",
        "What exactly was your own part in that?",
        "Could you go into a little more detail?",
        "Would you describe that a bit more, please?",
        "What else can you tell me about it?",
    ),
    pass_ons=(
        "I do not know that yet, but I will pass your question on.",
        "I cannot answer that, but I will pass it on.",
        "That is a question for the team, and I will pass it on to them.",
        "I have no information about that, so I will pass your question on.",
        "I will note your question and pass it on.",
    ),
    facts=(
        "Here is what I know about that. {fact}",
        "This is what I have been told. {fact}",
        "What I can tell you is this. {fact}",
        "I can tell you this much. {fact}",
    ),
    courtesies=(re.compile(r"\bthank"), re.compile(r"\bi (?:see|understand)\b")),
)
ADVICE = {
    "quiet": "I can hardly hear you. Please speak up, or come closer to the microphone.",
    "clipped": "Your microphone is set very high and distorts. Please move a little away from it.",
    "silent": "No sound comes from your microphone. Please check that it is switched on.",
    "rate": "Your browser sends sound at another sample rate than it says.",
    "echo": "I can hear myself from your speakers. Please use headphones for interruptions.",
    "language": "This interview is held in English. Please answer in English.",
}
SENTENCES = Sentences(
    greeting="Hello{name}, and welcome to this interview.",
    hello="Hello{name}.",
    not_heard="Sorry, I did not catch that.",
    repeat="Of course.",
    hearing_you="Yes, I can hear you.",
    take_your_time="Of course, take your time.",
    still_there="Take your time.",
    move_on="Let us go on to the next question.",
    welcome_back="Welcome back.",
    goodbye="That was my last question. Thank you for your time{name}. Goodbye.",
    goodbye_again="Thank you{name}. Goodbye.",
    out_of_time="We have come to the end of our time. Thank you for your answers{name}. Goodbye.",
    stopping="Of course, we will stop here. Thank you for your time{name}. Goodbye.",
    nobody_there="I cannot hear you any more, so I will end the interview here. Thank you{name}, "
    "and goodbye.",
    sorry="I am sorry to interrupt you.",
    how_far="This is question {number} of {count}, and there are about {minutes} minutes left.",
    unrecorded="No audio of this conversation is kept, but what we say is written down.",
    who_decides="The decision is made by a person, who can read what we say and an "
    "assessment of it.",
    other_language="You may answer in another language, but I will go on asking in English.",
    go_back="I cannot go back to an earlier question, but you may add to it here, together with "
    "your answer to this one.",
    must_answer="You do not have to. Say 'next question' to leave it out.",
    how_to_stop="Say that you would like to stop the interview, and I will end it.",
    type_instead="Yes, if your page has a field for it: what you type counts like what you say.",
    understood="I understand you in English, too.",
    advice=ADVICE,
    variants=VARIANTS,
)
NOTICES = {
    "automated": "I am an automated interviewer.",
    "recorded": "This conversation is recorded.",
}
