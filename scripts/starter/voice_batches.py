"""Batches for the voice, from what voice_data.py wrote."""

import json
import random
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from piper.phoneme_ids import DEFAULT_PHONEME_ID_MAP
from torch import Tensor

from scripts.starter.voice_net import HOP, RATE

LONGEST = 1000  # frames of a sentence
HELD_OUT = 64  # sentences for validation


@dataclass(frozen=True, slots=True)
class Item:
    ids: np.ndarray
    frames: np.ndarray
    """Of every symbol."""
    audio: np.ndarray
    pitch: np.ndarray
    """Hz a frame, 0 where unvoiced."""


@dataclass(frozen=True, slots=True)
class VoiceBatch:
    ids: Tensor
    lengths: Tensor
    durations: Tensor
    pitch: Tensor
    """Normalised log Hz, through unvoiced frames in straight lines."""
    voiced: Tensor
    mask: Tensor
    audio: Tensor


class VoiceData:
    def __init__(self, folder: Path) -> None:
        meta = json.loads((folder / "meta.json").read_text(encoding="utf-8"))
        if (meta["rate"], meta["hop"]) != (RATE, HOP):
            raise SystemExit(f"{folder}: made for another rate or hop")
        audio, hertz = (
            np.fromfile(folder / f, t) for f, t in (("audio.i16", "<i2"), ("pitch.f32", "<f4"))
        )
        items = []
        for row in meta["items"]:
            begin, end = row["start"], row["start"] + sum(row["frames"])
            if end - begin > LONGEST or not set(row["symbols"]) <= set(DEFAULT_PHONEME_ID_MAP):
                continue
            ids = np.array([DEFAULT_PHONEME_ID_MAP[symbol][0] for symbol in row["symbols"]])
            frames = np.array(row["frames"], np.float32)
            items.append(Item(ids, frames, audio[begin * HOP : end * HOP], hertz[begin:end]))
        random.Random(0).shuffle(items)
        self.held_out, self.items = items[:HELD_OUT], items[HELD_OUT:]
        self.seen = {symbol for row in meta["items"] for symbol in row["symbols"]}
        logs = np.log(np.concatenate([item.pitch[item.pitch > 0] for item in items]))
        self.pitch_mean, self.pitch_scale = float(logs.mean()), float(1.5 * logs.std())

    def batches(self, random_: random.Random, frames: int) -> list[list[Item]]:
        """All items once, in random batches of sentences of like length."""
        order = sorted(self.items, key=lambda item: len(item.pitch) * (1 + 0.1 * random_.random()))
        batches: list[list[Item]] = [[]]
        for item in order:
            if batches[-1] and (len(batches[-1]) + 1) * len(item.pitch) > frames:
                batches.append([])
            batches[-1].append(item)
        random_.shuffle(batches)
        return batches

    def together(self, items: list[Item]) -> VoiceBatch:
        """Items as one padded batch."""
        symbols, frames = max(len(i.ids) for i in items), max(len(i.pitch) for i in items)
        ids = torch.zeros(len(items), symbols, dtype=torch.long)
        durations = torch.zeros(len(items), symbols)
        pitch, voiced, mask = (torch.zeros(len(items), frames) for _ in range(3))
        audio = torch.zeros(len(items), frames * HOP)
        for row, item in enumerate(items):
            count, heard = len(item.pitch), np.flatnonzero(item.pitch > 0)
            ids[row, : len(item.ids)] = torch.from_numpy(item.ids)
            durations[row, : len(item.frames)] = torch.from_numpy(item.frames)
            if len(heard):
                line = np.interp(np.arange(count), heard, np.log(item.pitch[heard]))
                line = (line - self.pitch_mean) / self.pitch_scale
                pitch[row, :count] = torch.from_numpy(line.astype(np.float32))
            voiced[row, :count] = torch.from_numpy((item.pitch > 0).astype(np.float32))
            mask[row, :count] = 1
            sound = item.audio.astype(np.float32) / 32768
            audio[row, : count * HOP] = torch.from_numpy(sound)
        lengths = torch.tensor([len(item.ids) for item in items])
        return VoiceBatch(ids, lengths, durations, pitch, voiced, mask, audio)
