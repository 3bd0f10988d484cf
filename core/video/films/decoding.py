"""From packets to pictures and sound in the order of the file, past what is damaged."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, BinaryIO, cast

import av
import numpy as np
from av.error import FFmpegError
from PIL import Image

from core.errors import VideoError
from core.video.films.container import OpenFilm, check_size

MOST_IN_A_ROW = 2000  # pieces that cannot be decoded: the rest of the film will not be otherwise
MAX_PICTURES = 2_000_000  # nine hours at 60 a second
Decoded = av.VideoFrame | av.AudioFrame


@dataclass
class Damage:
    """What could not be read: pieces skipped, and whether the film broke off. `pictures` were decoded."""

    pieces: int = 0
    in_a_row: int = 0
    broke_off: bool = False
    pictures: int = 0
    first_at: float | None = None  # seconds, filled in by whoever knows the time

    def skip(self) -> None:
        self.pieces += 1
        self.in_a_row += 1
        self.broke_off = self.in_a_row >= MOST_IN_A_ROW


def decoded(film: OpenFilm, streams: Sequence[av.stream.Stream], damage: Damage) -> Iterator[Decoded]:
    """What can be decoded of `streams`. Never raises for damage, which is counted."""
    packets = film.container.demux(list(streams))
    while not damage.broke_off and damage.pictures < MAX_PICTURES:
        try:
            packet = next(packets)
        except StopIteration:
            return
        except (FFmpegError, OSError, ValueError):
            damage.broke_off = True
            break
        try:
            frames = packet.decode()
        except (FFmpegError, ValueError):
            damage.skip()
            continue
        yield from _counted(frames, damage)
    for stream in streams:  # what the decoders hold back
        context: Any = stream.codec_context
        try:
            frames = context.decode(None)
        except (FFmpegError, ValueError, EOFError):
            continue
        yield from _counted(frames, damage)


def _counted(frames: Sequence[object], damage: Damage) -> Iterator[Decoded]:
    for frame in cast(Sequence[Decoded], frames):
        if isinstance(frame, av.VideoFrame):
            damage.in_a_row = 0
            damage.pictures += 1
        yield frame


def is_webp(file: BinaryIO) -> bool:
    file.seek(0)
    start = file.read(12)
    file.seek(0)
    return start[:4] == b"RIFF" and start[8:] == b"WEBP"


def decoded_webp(file: BinaryIO, shown: str, damage: Damage) -> Iterator[av.VideoFrame]:
    """Pictures of an animated WebP, which FFmpeg does not read. Raises `VideoError`."""
    try:
        with Image.open(cast(io.BufferedReader, file), formats=("WEBP",)) as picture:
            check_size(*picture.size, shown)
            at = 0
            for number in range(getattr(picture, "n_frames", 1)):
                picture.seek(number)
                frame = av.VideoFrame.from_ndarray(np.array(picture.convert("RGBA")), format="rgba")
                frame.pts, frame.time_base = at, Fraction(1, 1000)
                damage.pictures += 1
                yield frame
                at += max(int(picture.info.get("duration", 0)), 1)
    except VideoError:
        raise
    except Exception as problem:  # a decoder raises whatever a damaged file trips it over
        if not damage.pictures:
            raise VideoError(f"{shown}: is damaged or incomplete. Copy or download it again.") from problem
        damage.broke_off = True
