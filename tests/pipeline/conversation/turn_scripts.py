"""Scripts for the turn machine: events, each with the commands that must follow."""

from pipeline.conversation import commands as c
from pipeline.conversation import events as e
from pipeline.conversation.endpointing import samples as ms
from pipeline.conversation.turns import TurnTaking


def play(*script, turns=None):
    """Feed each event and check the commands written to its right."""
    turns = turns or TurnTaking()
    for event, *expected in script:
        assert turns.handle(event) == expected, event
    return turns


def look(item, start, end):
    """The transcription of voice over a reply, which waits for it."""
    return c.TranscribePartial(item, start, end, urgent=True)


def after_greeting(at=5000):
    """The greeting was heard; the candidate may speak."""
    return play(
        (e.SessionStarted(0), c.OpenConversation(1)),
        (e.ReplyFinished(ms(at), 1),),
    )


def answering(turns=None):
    """A candidate spoke from 6.0 to 8.0 s and paused; the words are being looked for."""
    return play(
        (e.SpeechBegan(ms(6200), ms(6000)), c.AnnounceSpeech(2, ms(6000))),
        (e.SpeechPaused(ms(8200), ms(8000)), c.Transcribe(3, ms(5700), ms(8200))),
        turns=turns or after_greeting(),
    )


def interviewer_speaking():
    """The answer was complete; its reply (4) is being played since 8.6 s."""
    return play(
        (e.Transcribed(ms(8300), 3, "I like it."), c.PrepareReply(4, "I like it.")),
        (
            e.DeadlineReached(ms(8600)),
            c.CommitTurn(2, "I like it.", ms(6000), ms(8000)),
            c.PlayReply(4),
        ),
        turns=answering(),
    )
