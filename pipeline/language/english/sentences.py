"""Sentences that an English interviewer says without a language model."""

from ..language import Sentences

SENTENCES = Sentences(
    greeting="Hello{name}, and welcome to this interview.",
    thanks="Thank you.",
    follow_up="Could you tell me a little more about that?",
    not_heard="Sorry, I did not catch that.",
    repeat="Of course.",
    hearing_you="Yes, I can hear you.",
    take_your_time="Of course, take your time.",
    still_there="Take your time.",
    pass_on="I do not know that yet, but I will pass your question on.",
    move_on="Let us go on to the next question.",
    welcome_back="Welcome back.",
    goodbye="That was my last question. Thank you for your time{name}. Goodbye.",
    goodbye_again="Thank you{name}. Goodbye.",
    out_of_time="We have come to the end of our time. Thank you for your answers{name}. Goodbye.",
    stopping="Of course, we will stop here. Thank you for your time{name}. Goodbye.",
    nobody_there="I cannot hear you any more, so I will end the interview here. Thank you{name}, "
    "and goodbye.",
    sorry="I am sorry to interrupt you.",
)
NOTICES = {
    "automated": "I am an automated interviewer.",
    "recorded": "This conversation is recorded.",
}
