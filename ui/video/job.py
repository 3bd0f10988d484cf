"""A film that is checked in the background: its page may be left meanwhile, and found again."""

from __future__ import annotations

import contextlib
import logging
import os
import threading
from collections.abc import Callable
from dataclasses import replace

from core.decision import OperatingPoint
from core.errors import MaskwiseError
from core.pipeline import Pipeline
from core.scheduling import Turns, cancellable, cores
from core.video import (
    AnnotatedFilm,
    CheckAndDraw,
    Film,
    FilmAnswer,
    FilmCheck,
    FilmProgress,
    FilmSettings,
    MemoryFile,
)

log = logging.getLogger(__name__)

FILMS = Turns(max(1, cores() // 2))  # at once on this server: each keeps two cores busy
BEHIND_OTHERS = 5  # niceness of a film's threads: pages, photos and live video come first


class _CancelledError(Exception):
    pass


class FilmJob:
    """One check of one film. Safe from any thread; its own ends with it.

    `hold` is called with the bytes that the annotated film takes, and may raise `NoRoomError`.
    """

    def __init__(
        self,
        film: Film,
        pipeline: Pipeline,
        point: OperatingPoint,
        settings: FilmSettings,
        *,
        blur: bool,
        hold: Callable[[int], object],
        answer: FilmAnswer | None = None,
    ) -> None:
        """With `answer`, which the film has got already, it is only drawn."""
        self.film, self.settings, self.blur = film, settings, blur
        self.answer = answer
        self.annotated: bytes | None = None
        self.problem: str | None = None
        self.before = 0  # films that come first
        self.is_done = False
        self._hold, self._only_draw = hold, answer is not None
        self._check = FilmCheck(film, pipeline, settings, point)
        self._cancelled = threading.Event()
        self._drawing: AnnotatedFilm | None = None
        self._thread = threading.Thread(target=self._run, name="film", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop_here(self) -> None:
        """Answer what there is up to now."""
        self._check.stop()

    def cancel(self) -> None:
        """Give up, and forget the film. Does not wait."""
        self._cancelled.set()
        self.annotated = self.answer = None

    @property
    def progress(self) -> FilmProgress | None:
        return self._check.progress

    @property
    def drawn_to(self) -> float | None:
        """How far the film is drawn, seconds, where nothing else is to be done."""
        return self._drawing.at if self._drawing and (self._only_draw or self._check.is_over) else None

    def _run(self) -> None:
        with contextlib.suppress(OSError, AttributeError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), BEHIND_OTHERS)
        try:
            with cancellable(self._ask), FILMS.turn(self._wait):
                self._work()
        except _CancelledError:
            pass
        except MaskwiseError as problem:
            self.problem = str(problem)
        except Exception as fault:
            log.exception("a film of %d bytes could not be checked", self.film.size)
            self.problem = (
                f"{self.film.shown}: could not be checked, by a fault of Maskwise ({type(fault).__name__})."
            )
        finally:
            self.is_done = True
            if self._cancelled.is_set():
                self.annotated = self.answer = None

    def _ask(self) -> None:
        if self._cancelled.is_set():
            raise _CancelledError

    def _wait(self, before: int) -> None:
        self._ask()
        self.before = before

    def _work(self) -> None:
        self.before = 0
        memory = MemoryFile()
        if self.answer is None:
            both = CheckAndDraw(self._check, memory, blur=self.blur)
            self._drawing = both.drawing
            self.answer = both.run(ask=self._ask)
            if both.problem:
                self.answer = replace(self.answer, notes=(*self.answer.notes, str(both.problem)))
                return
        else:
            self._drawing = AnnotatedFilm(self.film, self.settings, self.answer.sightings, blur=self.blur)
            self._drawing.write(memory, self._ask)
        self._hold(len(memory.data))
        self.annotated = bytes(memory.data)
