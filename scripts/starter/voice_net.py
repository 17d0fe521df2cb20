"""The voice as a network to train: symbols to durations, pitch and two filters a frame.

An encoder gives every symbol a length; a second network gives every frame its pitch; a third gives
it two cepstra, one filter for a train of pulses and one for noise. The filters are minimum-phase,
the filtered frames are added where they overlap. Everything is a plain tensor operation, so that
voice_export.py can put all of it into one ONNX graph.
"""

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

RATE, HOP, TRANSFORM = 16_000, 128, 512
SYMBOLS = 256
WIDTH = 192
PULSE_CEPSTRUM, NOISE_CEPSTRUM = 96, 40
BINS = TRANSFORM // 2 + 1
LOUDEST = 4.0  # log magnitude


class Block(nn.Module):
    """ConvNeXt block on [batch, length, channels]."""

    def __init__(self, kernel: int, widening: int) -> None:
        super().__init__()
        self.dw = nn.Conv1d(WIDTH, WIDTH, kernel, padding=kernel // 2, groups=WIDTH)
        self.norm = nn.LayerNorm(WIDTH)
        self.up, self.down = nn.Linear(WIDTH, widening * WIDTH), nn.Linear(widening * WIDTH, WIDTH)
        nn.init.normal_(self.down.weight, std=0.02)

    def forward(self, x: Tensor) -> Tensor:
        mixed = self.dw(x.transpose(1, 2)).transpose(1, 2)
        return x + self.down(F.gelu(self.up(self.norm(mixed)), approximate="tanh"))


class Voice(nn.Module):
    def __init__(self, pitch_mean: float = math.log(175.0), pitch_scale: float = 0.15) -> None:
        """Mean and scale of the speaker's log pitch, as measured on the data."""
        super().__init__()
        self.pitch_mean, self.pitch_scale = pitch_mean, pitch_scale
        self.emb = nn.Embedding(SYMBOLS, WIDTH)
        self.enc = nn.ModuleList(Block(5, 2) for _ in range(4))
        self.gru = nn.GRU(WIDTH, WIDTH // 2, batch_first=True, bidirectional=True)
        self.enc_norm = nn.LayerNorm(WIDTH)
        self.dur = nn.Sequential(
            nn.Linear(WIDTH, WIDTH), nn.GELU(approximate="tanh"), nn.Linear(WIDTH, 1)
        )
        self.pos = nn.Linear(4, WIDTH)
        self.pro = nn.ModuleList(Block(9, 2) for _ in range(3))
        self.pro_out, self.pro_in = nn.Linear(WIDTH, 2), nn.Linear(2, WIDTH)
        self.dec = nn.ModuleList(Block(7, 3) for _ in range(6))
        self.dec_norm = nn.LayerNorm(WIDTH)
        self.out = nn.Linear(WIDTH, PULSE_CEPSTRUM + NOISE_CEPSTRUM)
        nn.init.normal_(self.out.weight, std=0.02)
        nn.init.zeros_(self.out.bias)
        with torch.no_grad():  # begin soft, with symbols of about 5 frames
            self.out.bias[0], self.out.bias[PULSE_CEPSTRUM] = -3.5, -4.5
            self.dur[2].bias.fill_(1.8)
        self.register_buffer("can_last", torch.ones(SYMBOLS))
        order = torch.arange(PULSE_CEPSTRUM)
        angle = order[:, None] * (2 * math.pi * torch.arange(BINS) / TRANSFORM)[None]
        falling = 1 / (1 + order / 8.0)[:, None]  # of high orders, which would ring
        self.register_buffer("ccos", falling * torch.cos(angle), persistent=False)
        self.register_buffer("csin", -falling * torch.sin(angle), persistent=False)
        self.register_buffer("window", torch.hann_window(2 * HOP), persistent=False)

    # Text

    def encode(self, ids: Tensor, lengths: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Symbol ids [batch, symbols] -> their states, and log(1 + frames) of each."""
        x = self.emb(ids)
        mask = None
        if lengths is not None:
            mask = (torch.arange(ids.shape[1])[None] < lengths[:, None])[..., None].float()
        for block in self.enc:
            x = block(x if mask is None else x * mask)
        if lengths is None:
            around, _ = self.gru(x)
        else:
            packed = nn.utils.rnn.pack_padded_sequence(
                x, lengths, batch_first=True, enforce_sorted=False
            )
            around, _ = nn.utils.rnn.pad_packed_sequence(
                self.gru(packed)[0], batch_first=True, total_length=ids.shape[1]
            )
        states = self.enc_norm(x + around)
        return states, self.dur(states)[..., 0]

    def frames(
        self, states: Tensor, durations: Tensor, frames: int | Tensor, mask: Tensor | None = None
    ) -> Tensor:
        """Every symbol's state as often as it has frames, with the place of the frame in it."""
        end = torch.cumsum(durations, 1)
        time = torch.arange(frames, device=durations.device, dtype=durations.dtype)[None]
        place = (time[..., None] >= end[:, None, :]).long().sum(-1)
        place = place.clamp(max=durations.shape[1] - 1)
        length, stop = torch.gather(durations, 1, place), torch.gather(end, 1, place)
        since, until = time - (stop - length) + 0.5, stop - time - 0.5
        features = [
            since / length.clamp(min=1),
            torch.log1p(since.clamp(min=0)) * 0.4,
            torch.log1p(until.clamp(min=0)) * 0.4,
            torch.log1p(length) * 0.4,
        ]
        repeated = torch.gather(states, 1, place[..., None].expand(-1, -1, WIDTH))
        x = repeated + self.pos(torch.stack(features, -1))
        return x if mask is None else x * mask[..., None]

    def prosody(self, x: Tensor) -> Tensor:
        """[..., 0] normalised log pitch, [..., 1] logit of being voiced."""
        for block in self.pro:
            x = block(x)
        return self.pro_out(x)

    def decode(
        self, x: Tensor, pitch: Tensor, voiced: Tensor, mask: Tensor | None = None
    ) -> Tensor:
        """The two cepstra of every frame."""
        x = x + self.pro_in(torch.stack([pitch, voiced], -1))
        for block in self.dec:
            x = block(x if mask is None else x * mask[..., None])
        return self.out(self.dec_norm(x))

    # Sound

    def pulses(self, pitch: Tensor, voiced: Tensor, phase: Tensor | float = 0.0) -> Tensor:
        """[batch, frames] -> samples of a band-limited pulse train of unit power.

        A windowed sinc at every whole cycle; a sum of harmonics would cost a hundred times as much.
        """
        hertz = torch.exp(pitch * self.pitch_scale + self.pitch_mean)
        batch, frames = hertz.shape
        fine = F.interpolate(
            torch.stack([hertz, voiced], 1),
            scale_factor=float(HOP),
            mode="linear",
            align_corners=False,
        )
        hertz, gain = fine[:, 0], fine[:, 1]
        inner = torch.cumsum((hertz / RATE).reshape(batch, frames, HOP), 2)
        before = torch.cumsum(inner[:, :, -1], 1) - inner[:, :, -1]
        cycles = ((before - torch.floor(before))[..., None] + inner).reshape(batch, -1) + phase
        cycles = cycles - torch.floor(cycles + 0.5)  # -0.5..0.5, a pulse at 0
        period = RATE / hertz
        away = (cycles * period).clamp(-8, 8)  # samples
        angle = away * (0.95 * math.pi)
        near = angle.abs() < 1e-4
        safe = torch.where(near, torch.ones_like(angle), angle)
        sinc = torch.where(near, torch.ones_like(angle), torch.sin(angle) / safe)
        return sinc * torch.cos(away * (math.pi / 16)) ** 2 * torch.sqrt(period) * gain

    def filters(self, cepstra: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Log magnitude and phase of the pulses' filter, the same of the noise's."""
        pulse, noise = cepstra[..., :PULSE_CEPSTRUM], cepstra[..., PULSE_CEPSTRUM:]
        return (
            (pulse @ self.ccos).clamp(max=LOUDEST),
            pulse @ self.csin,
            (noise @ self.ccos[:NOISE_CEPSTRUM]).clamp(max=LOUDEST),
            noise @ self.csin[:NOISE_CEPSTRUM],
        )

    def windowed(self, samples: Tensor) -> Tensor:
        """[batch, frames * HOP] -> windowed frames of 2 hops, each around its frame's centre."""
        half = HOP // 2
        pieces = F.pad(samples, (half, half)).reshape(samples.shape[0], -1, half)
        stop = pieces.shape[1] - 3
        return torch.cat([pieces[:, j : stop + j : 2] for j in range(4)], -1) * self.window

    @staticmethod
    def overlapped(frames: Tensor) -> Tensor:
        """[batch, frames, TRANSFORM] -> [batch, frames * HOP]."""
        batch, count, size = frames.shape
        parts = size // HOP
        split = frames.reshape(batch, count, parts, HOP)
        added = sum(F.pad(split[:, :, j], (0, 0, j, parts - 1 - j)) for j in range(parts))
        return added.reshape(batch, -1)[:, HOP // 2 : HOP // 2 + count * HOP]

    def sound(
        self,
        cepstra: Tensor,
        pitch: Tensor,
        voiced: Tensor,
        noise: Tensor,
        phase: Tensor | float = 0.0,
    ) -> Tensor:
        """Filtered pulses and filtered noise, as samples."""
        pulse_log, pulse_phase, noise_log, noise_phase = self.filters(cepstra)
        pulses = torch.fft.rfft(self.windowed(self.pulses(pitch, voiced, phase)), TRANSFORM)
        hiss = torch.fft.rfft(self.windowed(noise), TRANSFORM)
        spectrum = pulses * torch.polar(torch.exp(pulse_log), pulse_phase)
        spectrum = spectrum + hiss * torch.polar(torch.exp(noise_log), noise_phase)
        return self.overlapped(torch.fft.irfft(spectrum, TRANSFORM))
