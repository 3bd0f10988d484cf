"""Reading a film in a process of its own: a film's maker decides what decoding it costs, and whether it ends.

As for pictures (`core.images.decoder_process`) that process has bounded memory and no file to write. It
decodes while others work and gives one picture after another, so that no more than a few are ever in memory.
"""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import socket
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from types import TracebackType
from typing import Any

import numpy as np

from core.errors import VideoError
from core.images import start_child
from core.results import Frame
from core.scheduling import checkpoint
from core.video.films.film import Film
from core.video.films.messages import BUFFER, BrokenMessageError, receive, send
from core.video.films.reading import Wanted

log = logging.getLogger(__name__)

PATIENCE_S = 60.0  # without a word: a second of the largest film takes a few, on a busy machine
_ASK_EVERY = 0.1  # seconds


@dataclass(frozen=True, slots=True)
class Facts:
    """What a film says of itself, and what its first picture shows.

    `size` is width and height as it is shown, pixels; `seconds` how long it says it lasts, None where it does
    not or where that cannot be; `rate` pictures a second; `sound` samples a second and channels, None where
    there is none; `aspect` width to height of one pixel.
    """

    size: tuple[int, int]
    seconds: float | None
    rate: float
    sound: tuple[int, int] | None
    aspect: tuple[int, int]


@dataclass(frozen=True, slots=True, eq=False)
class FilmPicture:
    """A picture of a film. `pixels` is (H, W, 3) uint8 RGB, or I420 as in `core.video.films.pixels`.

    `at`: seconds of the film; `cut_at`: when a scene began, if one did since the picture before; `read`: how
    many pictures of the film were decoded so far; `colours`: of I420, colour space, primaries and transfer.
    """

    pixels: np.ndarray
    at: float
    cut_at: float | None
    read: int
    colours: tuple[int, int, int] | None

    @property
    def frame(self) -> Frame:
        return Frame(self.pixels)


@dataclass(frozen=True, slots=True, eq=False)
class FilmSound:
    """`samples` (N, channels) int16 from `at` seconds on."""

    samples: np.ndarray
    at: float


@dataclass(frozen=True, slots=True)
class ReaderProgress:
    """A reader is at `at` seconds, `read` pictures were decoded, and none is due yet."""

    at: float
    read: int


@dataclass(frozen=True, slots=True)
class End:
    """How a reading ended: at which second, after how many pictures. `notes` are sentences for its viewer."""

    until: float
    read: int
    notes: tuple[str, ...] = ()
    ms: float = 0.0  # spent decoding


Item = FilmPicture | FilmSound | ReaderProgress


class _ReaderError(VideoError):
    """Said by a reader, or in its place."""


class FilmReader:
    """One reading of a film, from its beginning to its end, as a context: then its process ends.

    `facts` are there from the start, `end` once all was read. Raises `VideoError` where there is no picture.
    """

    def __init__(self, film: Film, wanted: Wanted = Wanted()) -> None:  # noqa: B008 - frozen
        self._film, self._wanted = film, wanted
        self.end: End | None = None
        self._at, self._read = wanted.start, 0

    def __enter__(self) -> FilmReader:
        self._sock, theirs = socket.socketpair()
        self._sock.settimeout(_ASK_EVERY)
        descriptor = self._film.fileno()
        try:
            with theirs:
                theirs.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, BUFFER)
                self._process = start_child("core.video.films.reader_main", theirs, (descriptor,))
        except OSError as problem:
            self._sock.close()
            raise VideoError(
                f"{self._film.shown}: this machine cannot start a process to read it ({problem.strerror}). "
                "Try again in a moment."
            ) from None
        try:
            asked = {"descriptor": descriptor, "shown": self._film.shown, "wanted": asdict(self._wanted)}
            with contextlib.suppress(ConnectionError):  # it is told of where its answer is missing
                send(self._sock, asked)
            self.facts = self._facts()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def __iter__(self) -> Iterator[Item]:
        """Pictures and sound in the order of the film. Comes to a `checkpoint` while it waits."""
        while self.end is None:
            item = self._next()
            if isinstance(item, End):
                self.end = item
            else:
                yield item

    def close(self) -> None:
        """End the reading. Not from another thread than that which reads."""
        self._sock.close()
        if self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def _facts(self) -> Facts:
        header, _ = self._receive()
        while header.get("is") == "progress":  # it has to read as far as the part that is wanted
            header, _ = self._receive()
        if header.get("is") != "facts":
            raise self._broken()
        try:
            width, height = map(int, header["size"])
            across, down = map(int, header["aspect"])
            seconds = header["seconds"] and float(header["seconds"])
            sound = header["sound"] and (int(header["sound"][0]), int(header["sound"][1]))
            return Facts((width, height), seconds, float(header["rate"]), sound, (across, down))
        except (KeyError, TypeError, ValueError):
            raise self._broken() from None

    def _next(self) -> Item | End:
        try:
            header, payload = self._receive()
            return self._item(header, payload)
        except _ReaderError as problem:
            if not self._read:
                raise
            return End(self._at, self._read, (str(problem), f"It was checked up to {self._at:.1f} s."))
        except (EOFError, ConnectionError, BrokenMessageError, KeyError, TypeError, ValueError):
            log.warning("a film's reader ended with %s", self._process.poll())
            if not self._read:
                raise self._broken() from None
            note = f"Its decoder broke down at {self._at:.1f} s. It was checked up to there."
            return End(self._at, self._read, (note,))

    def _item(self, header: dict[str, Any], payload: bytearray) -> Item | End:
        """Raises `TypeError`, `KeyError` or `ValueError` for what no reader of ours says."""
        if header["is"] == "end":
            return End(
                float(header["until"]), int(header["read"]), tuple(header["notes"]), float(header["ms"])
            )
        at = float(header["at"])
        self._at = at
        if header["is"] == "sound":
            _, channels = self.facts.sound or (0, 1)
            return FilmSound(np.frombuffer(payload, np.int16).reshape(-1, channels), at)
        self._read = int(header["read"])
        if header["is"] == "progress":
            return ReaderProgress(at, self._read)
        pixels = np.frombuffer(payload, np.uint8).reshape([int(side) for side in header["shape"]])
        colours = header["colours"] and (*map(int, header["colours"]),)
        return FilmPicture(pixels, at, header["cut_at"], self._read, colours)

    def _receive(self) -> tuple[dict[str, Any], bytearray]:
        """The next message. Raises `VideoError` when the reader says one, or nothing for too long."""
        deadline = time.monotonic() + PATIENCE_S

        def wait() -> None:
            checkpoint()
            if time.monotonic() > deadline:
                raise _ReaderError(
                    f"{self._film.shown}: takes too long to decode. Save it again with another program."
                )

        try:
            header, payload = receive(self._sock, wait)
        except (EOFError, ConnectionError, BrokenMessageError):
            if not self._read:
                raise self._broken() from None
            raise
        checkpoint()
        if header.get("is") == "error":
            raise _ReaderError(str(header.get("message"))[:2000])
        return header, payload

    def _broken(self) -> VideoError:
        return VideoError(
            f"{self._film.shown}: broke the decoder that read it. Save it again with another program, as MP4."
        )


def read_frames(film: Film, every: float = 0.0) -> Iterator[tuple[Frame, float]]:
    """Each picture of a film with its time in seconds, one at a time in memory. Raises `VideoError`."""
    with FilmReader(film, Wanted(every)) as reader:
        for item in reader:
            if isinstance(item, FilmPicture):
                yield item.frame, item.at
