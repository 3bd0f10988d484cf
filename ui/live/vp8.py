"""Untrusted video is decoded within bounds of size and rate, which aiortc sets none of."""

from __future__ import annotations

import errno
import time

import av
from aiortc.codecs.vpx import Vp8Decoder
from aiortc.jitterbuffer import JitterFrame
from av.frame import Frame

from core.video import MAX_PIXELS
from ui.live.limits import Allowance

MAX_RATE = 60.0  # pictures a second, twice what our page asks a camera for
_KEY_FRAME = 10  # bytes: its tag, a mark, width and height
_MARK = b"\x9d\x01\x2a"


class BoundedVp8Decoder(Vp8Decoder):
    """Asks a key frame for its size before libvpx makes room for it."""

    def __init__(self) -> None:
        super().__init__()
        self._pictures = Allowance(MAX_RATE, MAX_RATE)

    def decode(self, encoded_frame: JitterFrame) -> list[Frame]:
        """Raises `av.FFmpegError`, as aiortc expects of a picture that cannot be decoded."""
        if not self._pictures.spend(time.monotonic()):
            return []
        size = key_frame_size(encoded_frame.data)
        if size is not None and size[0] * size[1] > MAX_PIXELS:
            raise av.InvalidDataError(errno.EINVAL, f"a picture of {size[0]} x {size[1]} pixels is too large")
        return list(super().decode(encoded_frame))


def key_frame_size(data: bytes) -> tuple[int, int] | None:
    """Width and height, or None of a picture that keeps the size of those before (RFC 6386, 9.1)."""
    if len(data) < _KEY_FRAME or data[0] & 1 or data[3:6] != _MARK:
        return None
    return int.from_bytes(data[6:8], "little") & 0x3FFF, int.from_bytes(data[8:10], "little") & 0x3FFF
