"""Speech of the teachers' voices, espeak-ng, flite and the starter voice, each varied at random.

Every function returns float32 in -1..1 at 16 kHz.
"""

import io
import json
import os
import random
import subprocess
import wave
from functools import cache
from pathlib import Path

import numpy as np
import onnxruntime
import soxr
from piper import PiperConfig, PiperVoice, SynthesisConfig

RATE = 16_000

ESPEAK_ACCENTS = "en-us en-us en-us en-gb en-gb-x-rp en-gb-scotland en-029 en-gb-x-gbcwmd".split()
ESPEAK_VARIANTS = (
    "Alex Alicia Andrea Andy Annie Denis Diogo Gene Henrique Hugo Jacky Lee Marco Mario Michael "
    "Mike adam anika antonio belinda benjamin boris caleb david ed edward f1 f2 f3 f4 f5 iven "
    "john linda m1 m2 m3 m4 m5 m6 m7 m8 marcelo max michel miguel norbert pablo paul pedro quincy "
    "rob robert sandro shelby steph travis victor zac"
).split()
FLITE_VOICES = "slt slt rms rms awb kal16 kal".split()
STARTER = Path(__file__).parents[2] / "models/starter/voice/en_US-starter.onnx"
TEMPO = [0.9, 0.95, 1.0, 1.0, 1.0, 1.05, 1.1]  # played faster or slower, which shifts pitch too


def espeak(text: str, voice: str, words_per_minute: int, pitch: int) -> np.ndarray:
    """Formant synthesis; pitch 0..99, the voice an accent with or without +variant."""
    command = ["espeak-ng", "-v", voice, "-s", str(words_per_minute), "-p", str(pitch)]
    done = subprocess.run([*command, "--stdout", text], capture_output=True, check=True)
    return _decoded(done.stdout)


def flite(text: str, voice: str, stretch: float, pitch: int) -> np.ndarray:
    """Unit selection and statistical voices; stretch over 1 is slower, pitch is the mean in Hz.

    Each voice has a program of its own, which starts sooner than the one that loads them all.
    """
    path = Path("/dev/shm" if os.path.isdir("/dev/shm") else "/tmp") / f"flite-{os.getpid()}.wav"
    command = [f"flite_cmu_us_{voice}", "--setf", f"duration_stretch={stretch:.2f}"]
    command += ["--setf", f"int_f0_target_mean={pitch}", "-t", text, "-o", str(path)]
    subprocess.run(command, capture_output=True, check=True)
    data = path.read_bytes()
    path.unlink()
    return _decoded(data)


def starter(text: str, length_scale: float, noise: float = 0.667) -> np.ndarray:
    """The voice that the product ships; length_scale over 1 is slower."""
    settings = SynthesisConfig(length_scale=length_scale, noise_scale=noise, normalize_audio=False)
    chunks = list(_starter_voice().synthesize(text, settings))
    return np.concatenate([chunk.audio_float_array for chunk in chunks]).astype(np.float32)


@cache
def _starter_voice() -> PiperVoice:
    """With one thread, because every core has a process that speaks; with more they wait for
    each other in loops that take the cores from all."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(
        str(STARTER), options, providers=["CPUExecutionProvider"]
    )
    settings = STARTER.with_name(f"{STARTER.name}.json").read_text(encoding="utf-8")
    return PiperVoice(session, PiperConfig.from_dict(json.loads(settings)))


def random_speech(text: str, random_: random.Random) -> tuple[np.ndarray, str]:
    """The text in a voice, pace, pitch and loudness drawn at random, and the voice's name."""
    draw = random_.random()
    if draw < 0.35:
        name = f"{random_.choice(ESPEAK_ACCENTS)}+{random_.choice(ESPEAK_VARIANTS)}"
        if random_.random() < 0.3:
            name = name.partition("+")[0]
        audio = espeak(text, name, random_.randint(130, 195), random_.randint(30, 70))
    elif draw < 0.68:
        name = random_.choice(FLITE_VOICES)
        pitch = random_.randint(85, 140) if name != "slt" else random_.randint(140, 210)
        audio = flite(text, name, random_.uniform(0.85, 1.2), pitch)
        name = f"flite-{name}"
    else:
        name = "starter"
        audio = starter(text, random_.uniform(0.8, 1.25), random_.choice([0.0, 0.667, 0.667]))
    audio = soxr.resample(audio, RATE * random_.choice(TEMPO), RATE)
    peak = max(float(np.abs(audio).max()), 1e-3)
    return audio * (random_.uniform(0.2, 0.9) / peak), name


def _decoded(data: bytes) -> np.ndarray:
    with wave.open(io.BytesIO(data)) as file:
        rate = file.getframerate()
    samples = np.frombuffer(data[44 : 44 + (len(data) - 44) // 2 * 2], "<i2")  # length field unset
    return soxr.resample(samples.astype(np.float32) / 32768, rate, RATE)
