"""Batches for the recognizer: shards of speech, spoiled at random, as features and tokens."""

import json
import random
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from scripts.starter import spoiling
from scripts.starter.whisper_net import ENCODER_FRAMES, Text, log_mel

RATE = 16_000
NOISY = 0.5  # share of the speech that has something under it
NARROW = 0.2  # share of the speech that has lost its highs, and at times its lows
BACKGROUNDS = {"babble": 2, "white": 4, "pink": 4, "brown": 1, "hum": 1, "tone": 1, "clicks": 1}
"""How often each is drawn: a hiss hides consonants and takes the most learning."""
WITHOUT_SPEECH = 0.04  # share of examples that hold noise or silence and have an empty transcript
TIMED = 0.06  # share of examples with Whisper's time tokens around the text
POOL = 24  # batches drawn at once and sorted by length, so that little of a batch is padding
VARIANTS, BANK = 6, 30  # noises of each kind made ahead, each of so many seconds
EASY_SECONDS = 3.6
STEP = 25  # frames; windows are multiples of it


@dataclass(frozen=True, slots=True)
class Utterance:
    shard: str
    start: int  # samples
    length: int  # samples
    text: str


@dataclass(frozen=True, slots=True)
class Batch:
    mel: Tensor
    """[batch, 80, frames]"""
    tokens: Tensor
    """[batch, tokens], padded with the end token"""
    counts: Tensor
    """[batch, tokens], 1 where the token is one to learn"""
    letters: list[list[int]]
    frames: list[int]
    """Encoder frames that hold audio."""


class Speech:
    """The shards of a folder."""

    def __init__(self, folder: Path) -> None:
        self._audio: dict[str, np.ndarray] = {}
        self.utterances: list[Utterance] = []
        for index in sorted(folder.glob("*.json")):
            rows = json.loads(index.read_text(encoding="utf-8"))
            samples = np.memmap(index.with_suffix(".pcm"), dtype="<i2", mode="r")
            self._audio[index.stem] = samples
            self.utterances += [Utterance(index.stem, *row[:3]) for row in rows]

    def audio(self, utterance: Utterance) -> np.ndarray:
        samples = self._audio[utterance.shard]
        part = samples[utterance.start : utterance.start + utterance.length]
        return np.asarray(part, dtype=np.float32) / 32768


class Batches:
    """A batch for every step, in parts for so many workers: the same for the same step and part.

    All parts of a batch hold speech of like length in windows of the same length, so that no worker
    waits for another.
    """

    def __init__(
        self, speech: Speech, text: Text, size: int, easy_steps: int, rank: int, workers: int
    ) -> None:
        """`size` utterances a batch. In the first `easy_steps` they are short and as they are:
        without anything harder a new model finds out how to listen."""
        self._speech, self._text, self._size = speech, text, size
        self._easy_steps, self._rank, self._workers = easy_steps, rank, workers
        self._pool: tuple[int, list[list[Utterance]]] = (-1, [])
        self._noises = noises()

    def at(self, step: int) -> Batch:
        """This worker's part of the batch of a step."""
        number, place = divmod(step, POOL)
        if number != self._pool[0]:
            self._pool = (number, self._drawn(number))
        window = random.Random(step).random()
        builder = Builder(self._speech, self._text, self._noises, step * 64 + self._rank)
        mine = self._pool[1][place][self._rank :: self._workers]
        return builder.batch(mine, window, easy=step < self._easy_steps)

    def _drawn(self, number: int) -> list[list[Utterance]]:
        random_, choice = random.Random(number), self._speech.utterances
        if number * POOL < self._easy_steps:
            choice = [utterance for utterance in choice if utterance.length < EASY_SECONDS * RATE]
        drawn = random_.choices(choice, k=self._size * POOL)
        drawn.sort(key=lambda utterance: utterance.length)
        groups = [drawn[i : i + self._size] for i in range(0, len(drawn), self._size)]
        random_.shuffle(groups)
        return groups


def noises() -> dict[str, list[np.ndarray]]:
    """VARIANTS of each kind, BANK seconds long."""
    numpy_ = np.random.default_rng(0)
    return {
        kind: [spoiling.noise(kind, BANK * RATE, numpy_) for _ in range(VARIANTS)]
        for kind in spoiling.KINDS
    }


class Builder:
    """Makes a batch of utterances, spoiled as the seed has it."""

    def __init__(
        self, speech: Speech, text: Text, noises: dict[str, list[np.ndarray]], seed: int
    ) -> None:
        self._speech, self._text, self._noises = speech, text, noises
        self._random = random.Random(seed)
        self._numpy = np.random.default_rng(seed)

    def batch(self, utterances: list[Utterance], window: float, easy: bool) -> Batch:
        """Features and targets; `window`, 0 to 1, chooses how much longer than the speech."""
        sounds, texts = [], []
        for utterance in utterances:
            if easy:
                sounds.append(self._speech.audio(utterance))
                texts.append(utterance.text)
            elif self._random.random() < WITHOUT_SPEECH:
                sounds.append(self._no_speech(utterance.length + self._random.randrange(RATE)))
                texts.append("")
            else:
                sounds.append(self._spoiled(utterance))
                texts.append(utterance.text)
        mels = [log_mel(torch.from_numpy(sound)) for sound in sounds]
        if not easy:
            mels = [self._masked(mel) for mel in mels]
        mel = torch.zeros(len(mels), 80, frames_of(max(m.shape[1] for m in mels), window))
        for row, one in zip(mel, mels, strict=True):
            row[:, : one.shape[1]] = one[:, : row.shape[1]]
        tokens, counts = self._targets(texts, [len(sound) / RATE for sound in sounds])
        frames = [min(m.shape[1], mel.shape[2]) // 2 for m in mels]
        return Batch(mel, tokens, counts, [Text.letters(text) for text in texts], frames)

    def _targets(self, texts: list[str], seconds: list[float]) -> tuple[Tensor, Tensor]:
        text, rows = self._text, []
        for words, duration in zip(texts, seconds, strict=True):
            ids = text.encode(words)
            if words and duration < 10 and self._random.random() < TIMED:
                last = text.time_zero + round(duration / 0.02)
                rows.append([text.start, text.time_zero, *ids, last, text.end])
            else:
                rows.append([text.start, text.untimed, *ids, text.end])
        tokens = torch.full((len(rows), max(map(len, rows))), text.end)
        counts = torch.zeros(tokens.shape)
        for i, row in enumerate(rows):
            tokens[i, : len(row)] = torch.tensor(row)
            counts[i, 2 : len(row)] = 1
        return tokens, counts

    def _no_speech(self, samples: int) -> np.ndarray:
        kind = self._random.choice(("silence", "hiss", *spoiling.KINDS))
        if kind == "silence":
            return np.zeros(samples, np.float32)
        made = self._noise("white" if kind == "hiss" else kind, samples)
        made = made * 10 ** self._random.uniform(-4.5, -0.7)
        if self._random.random() < 0.3:  # a sound that begins or ends within the window
            made[: self._random.randrange(samples)] *= 10 ** self._random.uniform(-3, 0)
        return np.clip(made, -1, 1)

    def _spoiled(self, utterance: Utterance) -> np.ndarray:
        random_, numpy_ = self._random, self._numpy
        sound = self._speech.audio(utterance)
        before, after = random_.randrange(RATE * 4 // 10), random_.randrange(RATE * 6 // 10)
        sound = np.pad(sound, (before, after))
        if random_.random() < 0.06:
            sound = spoiling.in_a_room(sound, numpy_)
        if random_.random() < NOISY:
            sound = spoiling.mixed(sound, self._background(len(sound)), random_.uniform(6, 30))
        if random_.random() < NARROW:
            sound = spoiling.band_limited(
                sound, random_.choice([0.0, 100.0, 300.0]), random_.uniform(3_300, 4_000)
            )
        sound = np.round(sound * 10 ** random_.uniform(-0.9, 0.2) * 32768) / 32768
        return np.clip(sound, -1, 1).astype(np.float32)

    def _noise(self, kind: str, samples: int) -> np.ndarray:
        """A stretch, at most BANK seconds long, of one of the noises."""
        noise = self._random.choice(self._noises[kind])
        start = self._random.randrange(max(1, len(noise) - samples))
        return noise[start : start + samples]

    def _background(self, samples: int) -> np.ndarray:
        kind = self._random.choices(list(BACKGROUNDS), list(BACKGROUNDS.values()))[0]
        if kind != "babble":
            return self._noise(kind, samples)
        talkers = self._random.choices(self._speech.utterances, k=self._random.randint(4, 7))
        return np.sum([np.resize(self._speech.audio(t), samples) for t in talkers], axis=0)

    def _masked(self, mel: Tensor) -> Tensor:
        """With a band and a stretch of time blanked out, narrow ones."""
        band = self._random.randrange(14)
        low = self._random.randrange(80 - band)
        mel[low : low + band] = 0
        stretch = self._random.randrange(max(1, min(12, mel.shape[1] // 15)))
        first = self._random.randrange(mel.shape[1] - stretch)
        mel[:, first : first + stretch] = 0
        return mel


def frames_of(longest: int, draw: float) -> int:
    """Frames of features; mostly just enough, at times the long windows of live use."""
    frames = -(-longest // STEP) * STEP
    if draw < 0.01:
        frames = 2 * ENCODER_FRAMES
    elif draw < 0.06:
        frames = max(frames, ENCODER_FRAMES)
    elif draw < 0.4:
        frames += 2 * STEP
    return min(frames, 2 * ENCODER_FRAMES)
