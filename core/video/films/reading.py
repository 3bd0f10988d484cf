"""A film as messages, in its reader: what it is, pictures that are due, sound, and how it ended."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

import av

from core.errors import VideoError
from core.video.films.clock import Clock
from core.video.films.container import OpenFilm, check_size, open_film
from core.video.films.cuts import with_cuts
from core.video.films.decoding import Damage, Decoded, decoded, decoded_webp, is_webp
from core.video.films.messages import Payload
from core.video.films.pixels import i420_shape, thumb, to_i420, to_rgb, turn_of, upright_size
from core.video.films.sound import SoundReader, form_of
from core.video.films.unreadable import is_encrypted

TELL_EVERY = 0.5  # seconds of work after which a reader without a picture to give says how far it is
MOST_LEAPS = 3  # of a film's clock that are told one by one
Message = tuple[dict[str, Any], Payload]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked of a film. `every`: seconds from one picture to the next, 0 for all; `start` and `end`:
    seconds of the film, `end` None for all; `planes`: I420 in place of RGB; `cuts`: whether they are told.
    """

    every: float = 0.0
    start: float = 0.0
    end: float | None = None
    planes: bool = False
    sound: bool = False
    cuts: bool = False


class Reading:
    """One reading of one film, from its beginning to its end. `shown` starts what is said of it."""

    def __init__(self, file: BinaryIO, shown: str, wanted: Wanted) -> None:
        self._file, self._shown, self._wanted = file, shown, wanted
        self._damage = Damage()
        self._size: tuple[int, int] | None = None
        self._due = wanted.start
        self._told = time.monotonic()
        self._ms = 0.0
        self._notes: list[str] = []
        self._cut_at: float | None = None
        self._form: tuple[int, int] | None = None  # of its sound
        self._read = 0  # pictures within the part that is wanted

    def messages(self) -> Iterator[Message]:
        """Raises `VideoError` where not one picture can be read."""
        if is_webp(self._file):
            film = None
            frames: Iterator[Decoded] = decoded_webp(self._file, self._shown, self._damage)
            nominal, first, zero = 0.1, 0.0, None
            self._has_times = True
        else:
            if is_encrypted(self._file):
                raise VideoError(
                    f"{self._shown}: is encrypted, so its pictures cannot be read. Choose a film without "
                    "protection."
                )
            self._file.seek(0)
            film = open_film(self._file, self._shown)
            self._notes += film.notes
            self._has_times = film.has_times
            first = float((film.video.start_time or 0) * (film.video.time_base or 0))
            nominal, zero = 1 / film.rate, self._seek(film, first)
            film.video.thread_type, film.video.codec_context.thread_count = "AUTO", 2
            audio = [film.audio] if film.audio and self._wanted.sound else []
            frames = decoded(film, [film.video, *audio], self._damage)
        self._nominal, self._clock = nominal, Clock(zero, nominal)
        if film and film.audio:
            self._form = form_of(film.audio)
            self._sound = SoundReader(self._form, self._wanted.start, self._wanted.end, first)
        yield from self._pictures(film, frames)
        if self._size is None:
            raise VideoError(f"{self._shown}: {self._nothing_read()}.")
        yield self._ended(film)

    def _seek(self, film: OpenFilm, first: float) -> float | None:
        """Go to the part that is wanted. `first`, the stamp of the first picture, where that is skipped."""
        if self._wanted.start <= 0:
            return None
        try:
            film.container.seek(int((first + self._wanted.start) * av.time_base), backward=True)
        except (av.error.FFmpegError, OSError):  # no index: read on from here, and skip
            return None
        return first

    def _pictures(self, film: OpenFilm | None, frames: Iterator[Decoded]) -> Iterator[Message]:
        waiting: list[Message] = []  # sound that stands in the file before the first picture
        for frame, t, is_cut in self._timed(frames):
            if isinstance(frame, av.AudioFrame):
                sound = list(self._sound.read(frame))
                if self._size:
                    yield from sound
                elif len(waiting) < 500:
                    waiting += sound
                continue
            if self._wanted.end is not None and t >= self._wanted.end:
                return
            if t < self._wanted.start - self._nominal / 2 + 1e-6:  # times are rounded
                yield from self._progress(t)
                continue
            if self._size is None:
                self._size = upright_size(frame)
                yield self._facts(film, self._size, turned=turn_of(frame)[0])
                yield from waiting
            check_size(frame.width, frame.height, self._shown)
            self._read += 1
            if is_cut:
                self._cut_at = t
            if t < self._due - self._nominal / 2:
                yield from self._progress(t)
                continue
            yield self._picture(frame, t, self._size)

    def _timed(self, frames: Iterator[Decoded]) -> Iterator[tuple[Decoded, float, bool]]:
        """Pictures with their times, and whether each begins a scene; sound as it comes."""
        if not self._wanted.cuts:
            for frame in self._timing(frames):
                t = self._at(frame) if isinstance(frame, av.VideoFrame) else 0.0
                yield frame, t, False
            return
        pictures = (frame for frame in self._timing(frames) if isinstance(frame, av.VideoFrame))
        timed = (((frame, self._at(frame)), thumb(frame)) for frame in pictures)
        for (frame, t), is_cut in with_cuts(timed):
            yield frame, t, is_cut

    def _at(self, frame: av.VideoFrame) -> float:
        """Seconds of the film."""
        return self._clock.at(frame.time if self._has_times else None)

    def _timing(self, frames: Iterator[Decoded]) -> Iterator[Decoded]:
        """`frames`, with the time that decoding them takes."""
        while True:
            start = time.perf_counter()
            frame = next(frames, None)
            self._ms += (time.perf_counter() - start) * 1000
            if frame is None:
                return
            if self._damage.pieces and self._damage.first_at is None:
                self._damage.first_at = self._clock.last or 0.0
            yield frame

    def _picture(self, frame: av.VideoFrame, t: float, size: tuple[int, int]) -> Message:
        if every := self._wanted.every:
            self._due = (math.floor((t + self._nominal / 2) / every) + 1) * every
        start = time.perf_counter()
        pixels: Payload
        if self._wanted.planes:
            pixels, colours = to_i420(frame, size)
            shape: tuple[int, ...] = i420_shape(size)
        else:
            rgb = to_rgb(frame, size)
            pixels, colours, shape = (rgb.data.cast("B"),), None, rgb.shape
        self._ms += (time.perf_counter() - start) * 1000
        cut_at, self._cut_at = self._cut_at, None
        self._told = time.monotonic()
        said = {"is": "picture", "at": t, "cut_at": cut_at, "read": self._read, "shape": shape}
        return said | {"colours": colours}, pixels

    def _progress(self, t: float) -> Iterator[Message]:
        if time.monotonic() - self._told >= TELL_EVERY:
            self._told = time.monotonic()
            yield {"is": "progress", "at": t, "read": self._read}, ()

    def _facts(self, film: OpenFilm | None, size: tuple[int, int], *, turned: bool) -> Message:
        return {
            "is": "facts",
            "size": size,
            "seconds": film.seconds if film else None,
            "rate": 1 / self._nominal,
            "sound": self._form,
            "aspect": _pixel_aspect(film, turned=turned),
        }, ()

    def _ended(self, film: OpenFilm | None) -> Message:
        last = self._clock.last or 0.0
        until = last + self._nominal
        if self._wanted.end is not None:
            until = min(until, self._wanted.end)
        said = film.seconds if film else None
        is_whole = self._wanted.end is None or last + self._nominal < self._wanted.end
        for at, leap in self._clock.leaps[:MOST_LEAPS]:
            self._notes.append(f"Its clock jumps by {leap:,.0f} s at {at:.1f} s. The jump is left out.")
        if (more := len(self._clock.leaps) - MOST_LEAPS) > 0:
            self._notes.append(f"It jumps {more:,} times more. These are left out as well.")
        if self._damage.broke_off:
            self._notes.append(f"It is broken at {until:.1f} s and was checked up to there.")
        elif is_whole and said and said - until > max(1.0, said / 20) and not self._clock.leaps:
            self._notes.append(
                f"It ends at {until:.1f} s, though it says that it lasts {said:,.1f} s. It may be cut off."
            )
        if self._damage.pieces:
            at = self._damage.first_at or 0.0
            self._notes.append(
                f"It is damaged from {at:.1f} s on: {self._damage.pieces} pieces were skipped."
            )
        said_at_end = {"is": "end", "until": until, "read": self._read, "notes": self._notes, "ms": self._ms}
        return said_at_end, ()

    def _nothing_read(self) -> str:
        if self._damage.pictures:
            return f"has no picture between {self._wanted.start:g} s and the end that was asked for"
        if self._damage.pieces or self._damage.broke_off:
            return "holds no picture that can be decoded: it is damaged. Copy or download it again"
        return "holds no pictures. Choose another film"


def _pixel_aspect(film: OpenFilm | None, *, turned: bool) -> tuple[int, int]:
    """Width to height of a pixel as it is shown."""
    aspect = film and film.video.sample_aspect_ratio
    if not aspect or not 0.1 < aspect < 10 or max(aspect.numerator, aspect.denominator) > 10_000:
        return 1, 1
    pair = (aspect.numerator, aspect.denominator)
    return pair[::-1] if turned else pair
