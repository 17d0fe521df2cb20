"""Write two channels of speech as Opus in an Ogg file that can be played up to its last whole page,
even when the process that wrote it was killed."""

from pathlib import Path

import av
from av.error import FFmpegError

from models.contracts import SPEAKING_RATE, Samples

# docs/decisions/030-ogg-opus.md: plays up to wherever a killed writer stopped
BIT_RATE = 64_000
"""Bits a second for both channels together: 0.48 MB a minute of an interview (measured). Crosstalk
between the sides is below -80 dB."""
OPTIONS = {
    "application": "audio",
    "compression_level": "0",  # half the work of 5 for the same bits; docs/performance.md
    "frame_duration": "20",
}
PAGE_MICROSECONDS = 200_000
"""Audio in one page, in microseconds. The muxer keeps one page back and fills another, and both are
lost in a crash."""
GRANULES = 48_000
"""Granules a second: Ogg counts Opus in these, whatever the encoder was given."""
_PAGE = b"OggS"
_HEADER = 27
"""Bytes of a page before its segment table."""
_LONGEST_PAGE = _HEADER + 255 + 255 * 255
"""Bytes of the longest page: 255 segments of 255 bytes, with their table (RFC 3533)."""


class OggOpusWriter:
    """A writer of one file; not for two threads at once. The file is created with the first
    samples; every method raises OSError when it cannot be written."""

    def __init__(self, path: Path) -> None:
        """Write to this path; an existing file is overwritten."""
        try:
            self._file = av.open(
                f"file:{path}",
                "w",
                format="ogg",
                options={"page_duration": str(PAGE_MICROSECONDS), "flush_packets": "1"},
            )
            self._stream = self._file.add_stream("libopus", SPEAKING_RATE, options=OPTIONS)
        except FFmpegError as exc:
            raise _os_error(exc) from exc
        self._stream.layout = "stereo"
        self._stream.format = "s16"
        self._stream.bit_rate = BIT_RATE
        self._written = 0

    def write(self, stereo: Samples) -> None:
        """Encode 24 kHz samples of shape (samples, 2): left, right."""
        frame = av.AudioFrame.from_ndarray(stereo.reshape(1, -1), format="s16", layout="stereo")
        frame.sample_rate = SPEAKING_RATE
        frame.pts = self._written
        self._written += len(stereo)
        self._mux(frame)

    def close(self) -> None:
        """Flush what the encoder holds back and write the end of the stream."""
        try:
            self._mux(None)
        finally:
            try:
                self._file.close()
            except FFmpegError as exc:
                raise _os_error(exc) from exc

    def _mux(self, frame: av.AudioFrame | None) -> None:
        try:
            for packet in self._stream.encode(frame):
                self._file.mux(packet)
        except FFmpegError as exc:
            raise _os_error(exc) from exc


def seconds(path: Path) -> float:
    """Return the recording's length in seconds, as far as it can be played; 0 for one that was
    hardly begun.

    Raises OSError."""
    with path.open("rb") as file:
        head = file.read(_HEADER + 1 + 12)
        size = file.seek(0, 2)
        file.seek(max(0, size - 2 * _LONGEST_PAGE))
        tail = file.read()
    if len(head) < _HEADER + 1 + 12 or head[_HEADER + 1 :][:8] != b"OpusHead":
        return 0.0
    skipped = int.from_bytes(head[-2:], "little")
    return max(0, _last_granule(tail) - skipped) / GRANULES


def _last_granule(tail: bytes) -> int:
    """Return the granule position of the last whole page: where it ends, in granules since the
    beginning."""
    at = tail.rfind(_PAGE)
    while at >= 0:
        table = tail[at + _HEADER - 1 :][:256]
        if table and len(table) > table[0]:
            segments = table[1 : table[0] + 1]
            granule = int.from_bytes(tail[at + 6 : at + 14], "little", signed=True)
            if at + _HEADER + len(segments) + sum(segments) <= len(tail) and granule >= 0:
                return granule
        at = tail.rfind(_PAGE, 0, at)
    return 0


def _os_error(exc: FFmpegError) -> OSError:
    return OSError(exc.errno, exc.strerror)
