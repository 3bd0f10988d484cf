"""Writing a film that plays anywhere: H.264 and AAC in MP4, what players need first at its beginning."""

from __future__ import annotations

import contextlib
import errno
import io
import os
import time
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.error import FFmpegError
from av.video.frame import VideoFrame

from core.errors import VideoError
from core.video.films.reader import Facts, FilmSound

TIME_BASE = Fraction(
    1, 120_000
)  # seconds: 24, 25, 29.97, 30, 50, 59.94 and 60 pictures a second are whole in it
KEY_EVERY = 2.0  # seconds: a player that is told to go somewhere has to decode from the last whole picture on
SOUND_BITS = 128_000  # a second
# As small and as near to the original as by "veryfast", in three fifths of its time. By faster presets as
# they are, films are twice as large and more.
_CODING = {"preset": "superfast", "x264-params": "mbtree=1:rc-lookahead=10", "crf": "23"}
_BLOCK = 1024  # samples that AAC codes at once
_IN_STEP = 0.05  # seconds by which sound may be off before silence is put in, or sound left out


class MemoryFile(io.RawIOBase):
    """A file in memory that may be opened again, as moving the index to the beginning needs it."""

    def __init__(self, data: bytearray | None = None) -> None:
        self.data = bytearray() if data is None else data
        self._at = 0

    def again(self) -> MemoryFile:
        """The same content, with a place of its own."""
        return MemoryFile(self.data)

    def readable(self) -> bool:
        return True

    def writable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        found = bytes(self.data[self._at : None if size < 0 else self._at + size])
        self._at += len(found)
        return found

    def write(self, data: Any) -> int:
        count = len(data)
        if self._at > len(self.data):
            self.data.extend(bytes(self._at - len(self.data)))
        self.data[self._at : self._at + count] = data
        self._at += count
        return count

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        self._at = offset + {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: len(self.data)}[whence]
        return self._at

    def tell(self) -> int:
        return self._at


class Mp4Writer:
    """One film that is written, to a path or into memory. Ends with `close`, before which it does not play.

    `begins` is the time in seconds that becomes its beginning. Raises `VideoError` if it cannot be written.
    """

    def __init__(
        self, target: Path | MemoryFile, facts: Facts, begins: float = 0.0, name: str | None = None
    ) -> None:
        """`name` is what messages call the film, by default that of the file."""
        self._target, self._facts, self._begins = target, facts, begins
        self._name = name or (target.name if isinstance(target, Path) else "The annotated film")
        self.ms = 0.0
        self._last_pts = -1
        self._video: av.VideoStream | None = None
        self._audio: av.AudioStream | None = None
        self._rate, self._channels = facts.sound or (0, 0)
        self._block = np.empty((0, self._channels), np.int16)  # of sound, not coded yet
        self._samples = 0  # that were
        try:
            self._container = self._open()
        except (OSError, FFmpegError) as problem:
            raise self._failed(problem) from None

    def _open(self) -> av.container.OutputContainer:
        options = {"movflags": "faststart"}
        if isinstance(self._target, Path):
            return av.open(str(self._target), "w", format="mp4", options=options)
        memory = self._target
        return av.open(memory, "w", format="mp4", options=options, io_open=lambda *_: memory.again())

    def picture(self, planes: np.ndarray, at: float, colours: tuple[int, int, int] | None = None) -> None:
        """Write a picture of `at` seconds: I420, see `core.video.films.pixels`."""
        start = time.perf_counter()
        try:
            video = self._video or self._begin(planes, colours)
            frame = VideoFrame.from_numpy_buffer(planes, format="yuv420p")  # without a copy
            pts = max(round((at - self._begins) / TIME_BASE), self._last_pts + 1)
            frame.pts, frame.time_base, self._last_pts = pts, TIME_BASE, pts
            self._container.mux(video.encode(frame))
        except (OSError, FFmpegError) as problem:
            raise self._failed(problem) from None
        self.ms += (time.perf_counter() - start) * 1000

    def _begin(self, planes: np.ndarray, colours: tuple[int, int, int] | None) -> av.VideoStream:
        """The streams, once it is known how large the pictures are."""
        rate = Fraction(self._facts.rate).limit_denominator(1001)
        video = self._container.add_stream("libx264", rate=rate)
        context = video.codec_context
        context.width, context.height, context.pix_fmt = planes.shape[1], planes.shape[0] * 2 // 3, "yuv420p"
        context.time_base = video.time_base = TIME_BASE
        context.gop_size = max(1, min(300, round(KEY_EVERY * self._facts.rate)))
        context.sample_aspect_ratio = Fraction(*self._facts.aspect)
        if colours:
            context.colorspace, context.color_primaries, context.color_trc = colours
        context.options = _CODING
        if self._rate:
            layout = "mono" if self._channels == 1 else "stereo"
            self._audio = self._container.add_stream("aac", rate=self._rate, layout=layout)
            self._audio.bit_rate = SOUND_BITS
        self._video = video
        return video

    def sound(self, sound: FilmSound) -> None:
        """Write sound, in step with the pictures: a gap becomes silence, what overlaps is left out."""
        start = time.perf_counter()
        at = round((sound.at - self._begins) * self._rate)
        ahead = at - (self._samples + len(self._block))
        samples = sound.samples
        try:
            if ahead > _IN_STEP * self._rate:
                self._silence(ahead)
            elif -ahead > _IN_STEP * self._rate:
                samples = samples[-ahead:]
            self._add(samples)
        except (OSError, FFmpegError) as problem:
            raise self._failed(problem) from None
        self.ms += (time.perf_counter() - start) * 1000

    def _silence(self, count: int) -> None:
        while count > 0:
            step = min(count, 100 * _BLOCK)
            self._add(self._silent(step))
            count -= step

    def _silent(self, count: int) -> np.ndarray:
        return np.zeros((count, self._channels), np.int16)

    def _add(self, samples: np.ndarray) -> None:
        block = np.concatenate([self._block, samples])
        if self._audio is not None:  # else there is no picture yet
            while len(block) >= _BLOCK:
                self._encode_sound(self._audio, block[:_BLOCK])
                block = block[_BLOCK:]
        self._block = block

    def _encode_sound(self, audio: av.AudioStream, samples: np.ndarray) -> None:
        planar = np.ascontiguousarray(samples.T, np.float32) / 32768
        frame = av.AudioFrame.from_ndarray(planar, format="fltp", layout=audio.layout.name)
        frame.sample_rate, frame.time_base = self._rate, Fraction(1, self._rate)
        frame.pts = self._samples
        self._samples += len(samples)
        self._container.mux(audio.encode(frame))

    def close(self) -> None:
        """Write what is left and the index. The film plays from now on. Raises `VideoError`."""
        start = time.perf_counter()
        try:
            if self._video is not None:
                self._container.mux(self._video.encode())
            if self._audio is not None:
                self._add(self._silent(0))
                if len(self._block) or not self._samples:
                    self._encode_sound(self._audio, self._block if len(self._block) else self._silent(1))
                self._container.mux(self._audio.encode())
            self._container.close()
        except (OSError, FFmpegError) as problem:
            raise self._failed(problem) from None
        self.ms += (time.perf_counter() - start) * 1000
        if self._video is None:
            raise VideoError(f"{self._name}: not written, as there is no picture to write.")

    def abandon(self) -> None:
        """Give up: what was written does not play."""
        with contextlib.suppress(OSError, FFmpegError):
            self._container.close()
        if isinstance(self._target, MemoryFile):
            self._target.data.clear()

    def _failed(self, problem: Exception) -> VideoError:
        return not_written(self._name, problem)


def not_written(name: str, problem: Exception) -> VideoError:
    """Why a film of that name could not be written."""
    if getattr(problem, "errno", 0) == errno.ENOSPC:
        return VideoError(f"{name}: the disk is full, so the film was not written. Make room and try again.")
    why = getattr(problem, "strerror", None) or type(problem).__name__
    return VideoError(f"{name}: cannot be written ({why}). Choose another place.")
