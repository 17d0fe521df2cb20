"""Figures that the pages repeat are the ones in the code."""

from pathlib import Path

import pytest

from models.contracts import FRAME, HEARING_RATE, SPEAKING_RATE
from pipeline.conversation import (
    early,
    echo_test,
    endpointing,
    interruption,
    microphone,
    playout,
    segmenter,
    session,
    turn_steps,
)
from pipeline.interview import interviewer
from service.admission import admission
from service.finalization import closing, finalize
from service.http import web
from service.live import client_messages, connection, interview_wire
from service.operations import calibration, probes
from service.recording import recorder
from service.security import limits, tokens

DOCS = Path(__file__).parent.parent / "docs"
POLICY = endpointing.EndpointingPolicy()


def frames_ms(count: int) -> int:
    return count * FRAME * 1000 // HEARING_RATE


def ms(samples: float) -> int:
    return round(samples * 1000 / HEARING_RATE)


def seconds(samples: float) -> str:
    return f"{samples / HEARING_RATE:g}"


def mib(size: int) -> int:
    return size // 2**20


FIGURES = {
    "design": (
        f"{frames_ms(segmenter.START[0])} ms of voice within {frames_ms(segmenter.START[1])},"
        f" over a reply {frames_ms(segmenter.CONTINUE[0])} within"
        f" {frames_ms(segmenter.CONTINUE[1])}.",
        f"before it is kept, up to {seconds(turn_steps.LEAD)} s",
        f"after {ms(segmenter.PAUSE)} ms of silence the final transcription",
        f"or after {seconds(POLICY.shortest)} s of silence",
        f"at most {turn_steps.MAX_TRIES} attempts are made per turn",
        f"from {ms(POLICY.shortest * endpointing.QUICKEST)} ms after an end",
        f"up to {seconds(POLICY.longest)} s, and {seconds(POLICY.limit)} s for somebody who asks",
        f"after {ms(interruption.FIRST_LOOK)} ms of voice"
        f" and every {ms(interruption.LOOK_EVERY)} ms while it goes on",
        f"from the recognizer, {seconds(interruption.UNANSWERED)} s of voice interrupts",
        f"in the first {seconds(turn_steps.ECHO_SETTLES)} s of a connection",
        f"or after {seconds(interruption.GIVE_UP)} s under such voice",
        f"After {turn_steps.LONGEST_TURN // HEARING_RATE // 60} minutes,"
        f" or {interviewer.OVERTIME_MS // 60_000} minutes past the plan's time",
    ),
    "interviews": (
        f"After {seconds(turn_steps.Tuning().silence)} seconds without a word",
        f"the candidate has {seconds(turn_steps.Tuning().silence)} seconds again",
    ),
    "operating": (
        f"may add at most {calibration.ADDED_MS / 1000:g} s to the silence",
        f"`VIVAVOCE_ENDPOINT_MS={ms(POLICY.shortest)}`",
        f"pause for more than {calibration.GAP_MS / 1000:g} s",
        f"at most {calibration.LAG_MS} ms late",
        f"(answers within {probes.DATABASE_SECONDS:g} s,",
        f"Writes are tested every {probes.FRESH_SECONDS:g} s",
        f"the last {early.KEPT_SECONDS} s of it, and {early.KEPT_MESSAGES} typed",
        f"transcribed first, within {session.LAST_WORDS:g} seconds",
        f"or after {connection.HAND_OVER_SECONDS:g} seconds, and the clients go on there",
        f"when only {mib(recorder.SPARED)} MB are free",
    ),
    "deployment": (
        f"pings every {connection.HEARTBEAT_S:g} seconds",
        f"bodies of up to {mib(finalize.LARGEST_BODY)} MB",
        f"finalizing takes up to {closing.ASSESSMENT_SECONDS:g} for the assessment",
    ),
    "security": (
        f"Bodies may have {mib(web.MAX_BODY)} MB",
        f"finalized interview may have {mib(finalize.LARGEST_BODY)} MB",
        f"its first {finalize.AT_ONCE // 1024} KB",
        f"up to {mib(finalize.LARGEST_WITHOUT_ID)} MB if no id",
    ),
    "access": (f"Clocks may differ by {tokens.LEEWAY_SECONDS} s",),
    "troubleshooting": (
        f"a frame of over {mib(connection.MAX_FRAME)} MB",
        f"the service pings every {connection.HEARTBEAT_S:g} s",
    ),
    "protocol": (
        f"the last {early.KEPT_SECONDS} s of audio and the last {early.KEPT_MESSAGES} `text`",
        f"up to {client_messages.MAX_AUDIO_FRAME // 1024} KiB",
        f"the frame is over {client_messages.MAX_AUDIO_FRAME // 1024} KiB",
        f"over {client_messages.MAX_TEXT:,} characters",
        f"a rising tone of {echo_test.SECONDS:g} s",
        f"no more than {-echo_test.LOUD:g} dB quieter",
        f"Audio is sent {playout.LEAD:g} to {playout.LEAD + playout.PIECE / SPEAKING_RATE:.2g} s",
        f"in pieces of {playout.PIECE * 1000 // SPEAKING_RATE} ms",
        f"up to {playout.LONGEST_LEAD - playout.LEAD:.1g} s more",
        f"zeros for {frames_ms(microphone.SILENT_FROM_THE_START) // 1000} s"
        f" ({frames_ms(microphone.SILENT) // 1000} s once there was sound)",
        f"the socket stays open for {interview_wire.LINGER_S:g} s",
        f"more than {limits.AUDIO_RATE:g} s of audio a second,"
        f" after a burst of {limits.AUDIO_BURST:g} s",
        f"more than {limits.MESSAGE_RATE:g} messages a second,"
        f" after a burst of {limits.MESSAGE_BURST:g}",
        f"{limits.REFUSED_BURST:g} refused messages at once, or {limits.REFUSED_RATE:g} a second",
        f"a frame over {mib(connection.MAX_FRAME)} MiB",
        f"{session.LAST_WORDS:g} s after somebody waits for that"
        f" ({session.LAST_WORDS + connection.FINALIZED_WAITS:g} s when the interview is finalized)",
        f"A slot is kept for {admission.PROMISE_SECONDS:g} s after the start",
        f"WebSocket pings for {1.5 * connection.HEARTBEAT_S:g} s,"
        f" or reads nothing for {connection.SEND_TIMEOUT_S:g} s",
    ),
}


@pytest.mark.parametrize(
    ("page", "sentence"), [(page, said) for page, all_ in FIGURES.items() for said in all_]
)
def test_a_figure_on_a_page_is_the_one_in_the_code(page: str, sentence: str) -> None:
    assert sentence in " ".join((DOCS / f"{page}.md").read_text().split())
