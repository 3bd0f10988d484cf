"""Checking a film: read, followed and judged, one picture at a time in memory."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from core.decision import OperatingPoint
from core.errors import VideoError
from core.pipeline import Pipeline
from core.results import Frame
from core.scheduling import LIVE_FIRST
from core.video.films.answer import FilmAnswer
from core.video.films.film import Film
from core.video.films.following import FORGET_AFTER, Follower
from core.video.films.people import FilmPerson, PeopleLog, label_of
from core.video.films.reader import Facts, FilmPicture, FilmReader, ReaderProgress
from core.video.films.reading import Wanted
from core.video.films.sightings import Glance, Sightings

DEFAULT_EVERY = 0.2  # seconds: what `bench.films` found best; faces are followed in between


@dataclass(frozen=True, slots=True)
class FilmSettings:
    """What is asked of a film. `every`: seconds from one analysed picture to the next, 0 for all; `start` and
    `end`: the part, seconds; `end` None for the rest. Raises `VideoError` for what no film can have.
    """

    every: float = DEFAULT_EVERY
    start: float = 0.0
    end: float | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.every <= 3600:
            raise VideoError(
                f"A picture every {self.every:g} s cannot be analysed. Choose 0 to 3600 seconds."
            )
        if not 0 <= self.start < float("inf"):
            raise VideoError(f"A film cannot be read from {self.start:g} s on. Choose 0 or more.")
        if self.end is not None and not self.start < self.end < float("inf"):
            raise VideoError(
                f"From {self.start:g} s to {self.end:g} s there is no film. The end must be after the start."
            )


@dataclass(frozen=True, slots=True, eq=False)
class FilmProgress:
    """How far a check is. `newest` is the picture analysed last, with its time in `at`, seconds."""

    facts: Facts
    at: float
    read: int
    analysed: int
    people: int
    newest: Frame | None
    seconds_left: float | None


class FilmCheck:
    """One check of one film: `run` does it, on whichever thread; the rest is safe from any."""

    def __init__(
        self, film: Film, pipeline: Pipeline, settings: FilmSettings, point: OperatingPoint | None = None
    ) -> None:
        self.film, self.settings = film, settings
        self.pipeline, self.point = pipeline, point or pipeline.classifier.operating_point
        card = pipeline.classifier.card
        self.sightings = Sightings(card.label_set, self.point, pipeline.detector.name)
        self.facts: Facts | None = None
        self.progress: FilmProgress | None = None
        self._log, self._follower = PeopleLog(), Follower(pipeline, self.point, every=settings.every)
        self._settled: dict[int, float] = {}
        self._stop = threading.Event()

    def stop(self) -> None:
        """Answer what is there up to now."""
        self._stop.set()

    @property
    def is_over(self) -> bool:
        """Whether the analysis has ended."""
        return self.sightings.closed_at is not None

    @property
    def is_stopped(self) -> bool:
        return self._stop.is_set()

    def run(self, told: Callable[[FilmProgress], object] = lambda progress: None) -> FilmAnswer:
        """The answer. `told` is called with every analysed picture and about twice a second.

        Raises `VideoError` where no picture can be read, and what a `checkpoint` raises. However it ends, the
        sightings are closed.
        """
        wanted = Wanted(self.settings.every, self.settings.start, self.settings.end, cuts=True)
        until = self.settings.start
        try:
            with FilmReader(self.film, wanted) as reader:
                self.facts = reader.facts
                until, read, analysed, only = self._each(reader, told)
                if reader.end:
                    until, read = max(reader.end.until, until), reader.end.read
                notes, decode_ms = (reader.end.notes, reader.end.ms) if reader.end else ((), 0.0)
            if only is not None:
                self._follower.look_again(only.frame, only.at)
            self._keep(self._follower.finish())
            self._log.close(until)
        finally:
            self.sightings.close(until, is_stopped=self.is_stopped)
        return FilmAnswer(
            name=self.film.shown,
            size=self.facts.size,
            start=self.settings.start,
            end=until,
            frames=read,
            analysed=analysed,
            people=self._people(),
            sightings=self.sightings,
            model=self.pipeline.classifier.card.name,
            detector=self.pipeline.detector.name,
            notes=notes,
            ms={"decode": decode_ms, **self._follower.ms},
            is_whole=not self.is_stopped,
        )

    def _each(
        self, reader: FilmReader, told: Callable[[FilmProgress], object]
    ) -> tuple[float, int, int, FilmPicture | None]:
        """Analyse all pictures. Where the last ended, how many were read and analysed, and the only one."""
        began = time.monotonic()
        until, read, analysed, only = self.settings.start, 0, 0, None
        newest: Frame | None = None
        for item in reader:
            if self.is_stopped:
                break
            if isinstance(item, FilmPicture):
                newest, read, until = item.frame, item.read, item.at + 1 / reader.facts.rate
                with LIVE_FIRST.step():
                    self._keep(self._follower.add(newest, item.at, cut_at=item.cut_at))
                analysed += 1
                only = item if analysed == 1 else None
            elif isinstance(item, ReaderProgress):
                read, until = item.read, max(until, item.at)
            left = self._left(reader.facts, until, time.monotonic() - began)
            people = len(self._log)
            self.progress = FilmProgress(reader.facts, until, read, analysed, people, newest, left)
            told(self.progress)
        return until, read, analysed, only

    def _left(self, facts: Facts, at: float, spent: float) -> float | None:
        """Seconds that are left, if it goes on as before."""
        ends = [end for end in (facts.seconds, self.settings.end) if end is not None]
        done = at - self.settings.start
        return spent / done * max(0.0, min(ends) - at) if ends and done > 0 and spent > 1 else None

    def _keep(self, glances: list[Glance]) -> None:
        for glance in glances:
            self.sightings.add(glance)
            self._log.add(glance)
            for face in glance.faces:
                self._settled[face.track_id or 0] = glance.at
            for track_id in [t for t, last in self._settled.items() if glance.at - last > 2 * FORGET_AFTER]:
                del self._settled[track_id]
                self._follower.best.settle(track_id, label_of(self._log.segments_of(track_id)))

    def _people(self) -> tuple[FilmPerson, ...]:
        """Numbered from 1 in the order in which they came."""
        return tuple(
            FilmPerson(track_id, segments, self._follower.best.of(track_id, label_of(segments)))
            for track_id, segments in sorted(self._log.segments().items())
        )


def check_film(
    film: Film,
    pipeline: Pipeline,
    settings: FilmSettings = FilmSettings(),
) -> FilmAnswer:
    """The answer to a film. Raises `VideoError`."""
    return FilmCheck(film, pipeline, settings).run()
