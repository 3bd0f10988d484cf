"""Checking a film and writing it with its answers at the same time: on two cores both take as long as one."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from core.errors import MaskwiseError, VideoError
from core.scheduling import cancellable, checkpoint
from core.video.films.annotated import AnnotatedFilm
from core.video.films.answer import FilmAnswer
from core.video.films.check import FilmCheck, FilmProgress
from core.video.films.mp4 import MemoryFile

AHEAD = 2.5  # seconds of the film by which the analysis may be ahead: whoever stops it waits for these


class CheckAndDraw:
    """`problem` is why the annotated film was not written, None where it was. The answer is there anyway."""

    def __init__(self, check: FilmCheck, target: Path | MemoryFile, *, blur: bool = False) -> None:
        self.check = check
        self.drawing = AnnotatedFilm(check.film, check.settings, check.sightings, blur=blur)
        self.problem: MaskwiseError | None = None
        self._target = target
        self._given_up = False

    def run(
        self,
        told: Callable[[FilmProgress], object] = lambda progress: None,
        ask: Callable[[], object] = lambda: None,
    ) -> FilmAnswer:
        """As `FilmCheck.run`. `ask` is a question as for `cancellable`, asked on both threads."""
        thread = threading.Thread(target=self._draw, args=(ask,), name="annotated_film", daemon=True)
        thread.start()
        try:
            with cancellable(ask):
                answer = self.check.run(lambda progress: self._told(progress, thread, told))
        except BaseException:
            self._given_up = True
            raise
        finally:
            while thread.is_alive():  # in steps, so that Ctrl-C is heard
                thread.join(0.2)
        return replace(answer, ms={**answer.ms, **self.drawing.ms})

    def _told(
        self, progress: FilmProgress, drawing: threading.Thread, told: Callable[[FilmProgress], object]
    ) -> None:
        told(progress)
        while drawing.is_alive() and progress.at - self.drawing.at > AHEAD and not self.check.is_stopped:
            if self.drawing.is_waiting:  # for the next picture that is analysed, however far that is
                return
            checkpoint()
            drawing.join(0.02)

    def _draw(self, ask: Callable[[], object]) -> None:
        def still_wanted() -> None:
            ask()
            if self._given_up:
                raise VideoError("The film was not checked, so it is not written.")

        try:
            with cancellable(still_wanted):
                self.drawing.write(self._target, still_wanted)
        except MaskwiseError as problem:
            self.problem = problem
        except Exception as fault:
            self.problem = VideoError(
                f"The annotated film was not written, by a fault of Maskwise ({fault!r})."
            )
