"""The film with its answers drawn on it: read once more, some way behind the analysis."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from core.drawing import annotate_planes, blur_planes
from core.files import written_whole
from core.scheduling import LIVE_FIRST
from core.video.films.check import FilmSettings
from core.video.films.film import Film
from core.video.films.mp4 import MemoryFile, Mp4Writer, not_written
from core.video.films.reader import FilmPicture, FilmReader, FilmSound
from core.video.films.reading import Wanted
from core.video.films.sightings import Sightings
from core.video.films.timeline import FaceTimeline
from core.video.films.writing import BackgroundWriter


class AnnotatedFilm:
    """Draws one film. `ms` by stage: draw, encode; `at` is how far it is, seconds of the film."""

    def __init__(
        self, film: Film, settings: FilmSettings, sightings: Sightings, *, blur: bool = False
    ) -> None:
        self._film, self._settings, self._sightings, self._blur = film, settings, sightings, blur
        self.ms = {"draw": 0.0, "encode": 0.0}
        self.at = settings.start
        self._timeline: FaceTimeline | None = None

    @property
    def is_waiting(self) -> bool:
        """Whether it can go on only once more of the film is analysed."""
        return self._timeline is not None and self._timeline.is_waiting

    def write(self, target: Path | MemoryFile, wait: Callable[[], object] = lambda: None) -> None:
        """Write the film to `target`, while it is analysed or afterwards, as far as it was analysed.

        `wait` is called while the analysis is not so far; what it raises ends the writing, and a file that
        was there stays as it was. Raises `VideoError`.
        """
        timeline = self._timeline = FaceTimeline(self._sightings, wait)
        if isinstance(target, MemoryFile):
            self._write(target, None, timeline)
            return
        try:
            with written_whole(target) as part:
                self._write(part, target.name, timeline)
        except OSError as problem:
            raise not_written(target.name, problem) from None

    def _write(self, target: Path | MemoryFile, name: str | None, timeline: FaceTimeline) -> None:
        settings = self._settings
        wanted = Wanted(0.0, settings.start, settings.end, planes=True, sound=True)
        with FilmReader(self._film, wanted) as reader:
            coder = Mp4Writer(target, reader.facts, settings.start, name)
            writer = BackgroundWriter(coder)
            try:
                self._draw_all(reader, writer, timeline)
                writer.close()
            except BaseException:
                writer.abandon()
                raise
            finally:
                self.ms["encode"] = coder.ms

    def _draw_all(self, reader: FilmReader, writer: BackgroundWriter, timeline: FaceTimeline) -> None:
        for item in reader:
            if isinstance(item, (FilmSound, FilmPicture)) and not self._put(item, writer, timeline):
                return

    def _put(self, item: FilmSound | FilmPicture, writer: BackgroundWriter, timeline: FaceTimeline) -> bool:
        """Write a piece. False where the film was not analysed so far."""
        if isinstance(item, FilmSound):  # which may come before pictures of an earlier moment
            if not timeline.is_cut_off(item.at):
                writer.sound(item)
            return True
        faces = timeline.faces_at(item.at)  # waits for the analysis
        if timeline.is_over(item.at):
            return False
        with LIVE_FIRST.step():
            start = time.perf_counter()
            if self._blur:
                blur_planes(item.pixels, timeline.hidden_at(item.at))
            annotate_planes(item.pixels, faces, *(item.colours or ())[:1])
            self.ms["draw"] += (time.perf_counter() - start) * 1000
        writer.picture(item.pixels, item.at, item.colours)
        self.at = item.at
        return True
