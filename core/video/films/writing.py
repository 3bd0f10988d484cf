"""Writing a film on a thread of its own: while a picture is encoded, the next one is read and drawn on."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from functools import partial
from queue import Full, Queue

import numpy as np

from core.scheduling import LIVE_FIRST, cancellable, checkpoint
from core.video.films.mp4 import Mp4Writer
from core.video.films.reader import FilmSound

WAITING = 4  # pieces that wait to be written: of 4K each picture takes 12 MB
_LOOK_UP = 0.1  # seconds


class _GivenUpError(Exception):
    pass


class BackgroundWriter:
    """Gives an `Mp4Writer` what it is given, in order. Its thread ends with `close` or `abandon`.

    For one thread. What the writer raises is raised by a later call, `close` at the latest. Calls wait while
    `WAITING` pieces do, and then come to a `checkpoint` again and again.
    """

    def __init__(self, writer: Mp4Writer) -> None:
        self._writer = writer
        self._pieces: Queue[Callable[[], None] | None] = Queue(WAITING)  # None is the film's end
        self._problem: BaseException | None = None
        self._is_given_up = False
        self._thread = threading.Thread(target=self._work, name="film_writer", daemon=True)
        self._thread.start()

    def picture(self, planes: np.ndarray, at: float, colours: tuple[int, int, int] | None = None) -> None:
        """As `Mp4Writer.picture`. `planes` must not be changed any more."""
        self._put(partial(self._writer.picture, planes, at, colours))

    def sound(self, sound: FilmSound) -> None:
        self._put(partial(self._writer.sound, sound))

    def close(self) -> None:
        """Wait until all is written. The film plays from now on."""
        self._put(None)
        while self._thread.is_alive():
            checkpoint()
            self._thread.join(_LOOK_UP)
        self._raise_problem()

    def abandon(self) -> None:
        """Give up, what waits included: what was written does not play."""
        self._is_given_up = True
        while self._thread.is_alive():
            with contextlib.suppress(Full):
                self._pieces.put_nowait(None)
            self._thread.join(_LOOK_UP)
        self._writer.abandon()

    def _put(self, piece: Callable[[], None] | None) -> None:
        while True:
            self._raise_problem()
            try:
                self._pieces.put(piece, timeout=_LOOK_UP)
                return
            except Full:
                checkpoint()

    def _raise_problem(self) -> None:
        if self._problem is not None:
            raise self._problem

    def _work(self) -> None:
        try:
            with cancellable(self._ask):
                while (piece := self._pieces.get()) is not None:
                    with LIVE_FIRST.step():
                        piece()
                checkpoint()
                self._writer.close()
        except BaseException as problem:
            self._problem = problem

    def _ask(self) -> None:
        if self._is_given_up:
            raise _GivenUpError
