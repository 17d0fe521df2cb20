from models.contracts import FRAME
from models.vad.webrtc import WebrtcVad

from ..speech import SENTENCES, after_and_before_silence, silence, spoken, voiced

BEGIN = 16_000 // FRAME


def test_silence_is_no_voice():
    assert voiced(WebrtcVad().open(), silence(2)) == []


def test_speech_is_voice_from_its_first_frames_to_shortly_after_its_end():
    for sentence in SENTENCES:
        speech = spoken(sentence)
        end = BEGIN + len(speech) // FRAME
        # the filter has to learn the hiss in the first frames, so those do not count
        frames = [n for n in voiced(WebrtcVad().open(), after_and_before_silence(speech)) if n > 10]
        assert BEGIN - 1 <= frames[0] <= BEGIN + 3
        assert frames[-1] <= end + 8
        assert len(frames) > 0.8 * (end - BEGIN)


def test_streams_do_not_share_state():
    audio = after_and_before_silence(spoken(SENTENCES[0]))
    vad = WebrtcVad()
    other = vad.open()
    voiced(other, audio[:20_000])
    assert voiced(vad.open(), audio) == voiced(WebrtcVad().open(), audio)
