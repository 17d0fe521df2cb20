"""Measures of the voice: how well another recognizer understands it, speed, and its edges."""

import time
from pathlib import Path

import numpy as np
import onnxruntime
from piper import PiperVoice, SynthesisConfig
from pocketsphinx import Decoder

from scripts.starter import speech
from scripts.starter.eval_recognizer import held_out, word_errors
from scripts.starter.measure import Measure

SENTENCE = (
    "I have seven years of experience with network security, and last year we shipped the new "
    "payment service early."
)
CLAUSE = "Tell me a little more about your work."  # eight words
CLAUSES = ["Thank you, Anna.", "That sounds like hard work,", "so what did you do next?", "Yes."]
ROUNDS = 15
CLICK = 0.02  # of the peak; a clause that begins or ends louder than that is heard as a click


def measure(voice_path: Path, limit: int | None = None) -> list[Measure]:
    """Every figure of the voice; limit takes only so many sentences of each kind."""
    voice = PiperVoice.load(voice_path)
    texts = held_out("interview")[:40][:limit] + held_out("general")[:40][:limit]
    decoder = Decoder(loglevel="FATAL", cmn="batch")
    teacher = word_errors(texts, [_heard(decoder, speech.flite(t, "slt", 1, 170)) for t in texts])
    student = word_errors(texts, [_heard(decoder, _spoken(voice, t)) for t in texts])
    session = _session(voice_path)
    long_, short = _inputs(voice, SENTENCE), _inputs(voice, CLAUSE)
    samples = session.run(None, long_)[0].size
    seconds = samples / voice.config.sample_rate
    stretched = session.run(None, _inputs(voice, SENTENCE, 2.0))[0].size / samples
    model_size = sum(path.stat().st_size for path in voice_path.parent.glob("*.onnx*")) / 1e6
    return [
        Measure("word errors of pocketsphinx, teacher (flite slt)", teacher, "%"),
        Measure("word errors of pocketsphinx, starter voice", student, "%"),
        Measure("the voice's errors above the teacher's", student - teacher, "points", at_most=10),
        Measure(
            "real-time factor, one thread", _median(session, long_) / seconds, "", at_most=0.05
        ),
        Measure("first clause of 8 words", 1000 * _median(session, short), "ms", at_most=60),
        Measure("length at length_scale 2, off from twice", abs(stretched - 2), "", at_most=0.1),
        Measure("loudest edge of a clause, share of the peak", _edge(voice), "", at_most=CLICK),
        Measure("size", model_size, "MB", at_most=20),
    ]


def _spoken(voice: PiperVoice, text: str, noise: float = 0.667) -> np.ndarray:
    settings = SynthesisConfig(noise_scale=noise, normalize_audio=False)
    return np.concatenate([chunk.audio_float_array for chunk in voice.synthesize(text, settings)])


def _heard(decoder: Decoder, audio: np.ndarray) -> str:
    """What pocketsphinx understands, with a quarter of a second around and no digital silence."""
    audio = np.pad(audio / max(float(np.abs(audio).max()), 1e-6) * 20_000, 4000)
    audio = audio + np.random.default_rng(0).normal(0, 8, len(audio))
    decoder.start_utt()
    decoder.process_raw(audio.astype("<i2").tobytes(), full_utt=True)
    decoder.end_utt()
    return decoder.hyp().hypstr if decoder.hyp() else ""


def _session(path: Path) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def _inputs(voice: PiperVoice, text: str, length_scale: float = 1.0) -> dict[str, np.ndarray]:
    ids = [i for sentence in voice.phonemize(text) for i in voice.phonemes_to_ids(sentence)]
    return {
        "input": np.array([ids]),
        "input_lengths": np.array([len(ids)]),
        "scales": np.array([0.667, length_scale, 0.8], np.float32),
    }


def _median(session: onnxruntime.InferenceSession, inputs: dict[str, np.ndarray]) -> float:
    """Seconds a run."""
    taken = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        session.run(None, inputs)
        taken.append(time.perf_counter() - start)
    return float(np.median(taken))


def _edge(voice: PiperVoice) -> float:
    """The loudest of the first and last 2 ms of clauses that are spoken one by one.

    Clauses are joined without a fade, so what is left at an edge becomes a step in the sound.
    """
    loudest = 0.0
    for clause in CLAUSES:
        audio = np.abs(_spoken(voice, clause))
        edge = voice.config.sample_rate // 500
        loudest = max(loudest, float(max(audio[:edge].max(), audio[-edge:].max()) / audio.max()))
    return loudest
