"""Opening a film that a stranger made: only the formats named here, and bounds before anything is decoded."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import BinaryIO

import av
from av.container import InputContainer
from av.error import FFmpegError
from av.stream import Disposition

from core.errors import VideoError
from core.video.films.unreadable import codec_name, what_it_is

MAX_SIDE = 8192  # pixels
MAX_RATE = 1000  # pictures a second
MAX_PIXELS = 4096 * 2304  # 4K; a picture of 8K takes 100 MB, and its decoder twenty of them
_DEMUXERS = "mov,matroska,avi,mpeg,mpegts,mpegvideo,m4v,h264,hevc,gif"
_BUFFER = 2**18  # bytes read at once


@dataclass
class OpenFilm:
    """`notes` are sentences about the film that its viewer should know."""

    container: InputContainer
    video: av.VideoStream
    audio: av.AudioStream | None
    notes: list[str] = field(default_factory=list)

    @property
    def seconds(self) -> float | None:
        """How long it says it lasts; None where that cannot be."""
        said = self.video.duration and float(self.video.duration * (self.video.time_base or 0))
        said = said or (self.container.duration and self.container.duration / av.time_base)
        return said if said and 0 < said < 86_400 else None

    @property
    def rate(self) -> float:
        """Pictures a second, 25 where it says nothing that can be."""
        said = self._said_rate
        return said if 0.01 <= said <= MAX_RATE else 25.0

    @property
    def has_times(self) -> bool:
        """Whether its time stamps can be meant: nobody shows more pictures a second than that."""
        return self._said_rate <= MAX_RATE

    @property
    def _said_rate(self) -> float:
        return float(self.video.average_rate or self.video.guessed_rate or 0)


def open_film(file: BinaryIO, shown: str) -> OpenFilm:
    """Raises `VideoError`, which starts with `shown`, for what is no film or cannot be read here."""
    try:
        container = av.open(
            file,
            "r",
            buffer_size=_BUFFER,
            container_options={"format_whitelist": _DEMUXERS, "protocol_whitelist": "none"},
            metadata_errors="replace",
        )
    except (FFmpegError, ValueError, OSError):
        raise VideoError(f"{shown}: {what_it_is(file)}.") from None
    streams = [s for s in container.streams.video if not s.disposition & Disposition.attached_pic]
    if not streams:
        raise VideoError(f"{shown}: {_without_video(container)}. Choose a film with moving pictures.")
    readable = [stream for stream in streams if stream.codec_context is not None]
    if not readable:
        raise VideoError(
            f"{shown}: is coded as {codec_name(file, video=True)}, which cannot be read here. "
            "Save it as MP4 (H.264)."
        )
    video = max(readable, key=lambda s: (s.codec_context.width or 0) * (s.codec_context.height or 0))
    check_size(video.codec_context.width, video.codec_context.height, shown)
    notes = []
    if len(streams) > 1:
        notes.append(f"It holds {len(streams)} films; the largest is checked.")
    if video.codec_context.color_trc in (16, 18):  # SMPTE ST 2084 and ARIB STD-B67
        notes.append("It is HDR: colours look paler here than on an HDR screen.")
    audio = next((s for s in container.streams.audio if s.codec_context is not None), None)
    if audio is None and container.streams.audio:
        notes.append(f"Its sound is coded as {codec_name(file, video=False)} and is left out.")
    return OpenFilm(container, video, audio, notes)


def check_size(width: int, height: int, shown: str) -> None:
    """Raises `VideoError` for pictures that are too large."""
    if width * height > MAX_PIXELS or max(width, height) > MAX_SIDE:
        raise VideoError(
            f"{shown}: has {width:,} x {height:,} pixels, more than the {MAX_PIXELS:,} of 4K. "
            "Save it smaller and try again."
        )


def _without_video(container: InputContainer) -> str:
    if container.streams.video:
        return "has only sound and a cover picture"
    return "has only sound" if container.streams.audio else "has no pictures in it"
