"""What is said of a film against what is true of it."""

from __future__ import annotations

import bisect
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, fields
from itertools import pairwise

import numpy as np

from bench.film_scenes import MadeFilm, TrueFace
from core.boxes import iou
from core.labels import CANNOT_TELL, NOT_PROPERLY
from core.pipeline import Pipeline
from core.results import FaceResult, Frame
from core.video import Film, FilmAnswer, FilmSettings, check_film, read_frames

SAME = 0.3  # IoU from which a box is of a face
STAYS = 0.5  # seconds for which somebody has to be there to be counted
Who = tuple[int, int]
Seen = dict[Who, FaceResult]


@dataclass(slots=True)
class FilmScore:
    """Person-seconds: `there` in truth, `found` of these, `told` of these, `right` of these. `people` is how
    many there are, `counted` how many were; `switches`: how often somebody got another number; `changes`:
    how often the answer of somebody changed, beyond those of the mask. `film_s` and `took_s`: seconds.
    """

    there: float = 0.0
    found: float = 0.0
    told: float = 0.0
    right: float = 0.0
    people: int = 0
    counted: int = 0
    switches: int = 0
    changes: int = 0
    film_s: float = 0.0
    took_s: float = 0.0
    by_label: dict[str, list[float]] = field(default_factory=dict)  # told and right

    def add(self, other: FilmScore) -> None:
        for each in fields(self):
            if each.name != "by_label":
                setattr(self, each.name, getattr(self, each.name) + getattr(other, each.name))
        for label, (told, right) in other.by_label.items():
            mine = self.by_label.setdefault(label, [0.0, 0.0])
            mine[0], mine[1] = mine[0] + told, mine[1] + right

    def cells(self) -> list[str]:
        """people, counted, found, told, right, switches, changes, speed."""
        return [
            *(str(n) for n in (self.people, self.counted)),
            *(_percent(*pair) for pair in ((self.found, self.there), (self.told, self.found))),
            f"{_percent(self.right, self.told)} of {self.told:.0f} s",
            *(str(n) for n in (self.switches, self.changes)),
            f"{self.film_s / self.took_s:.2f} x" if self.took_s else "",
        ]


def followed(made: MadeFilm, data: bytes, pipeline: Pipeline, every: float) -> FilmScore:
    """Of the film as Maskwise answers it: people followed, answers voted."""
    film = Film(data, made.name)
    start = time.perf_counter()
    answer = check_film(film, pipeline, FilmSettings(every))
    took = time.perf_counter() - start
    film.close()
    segments = {person.id: person.segments for person in answer.people}

    def said(face: FaceResult, t: float) -> str | None:
        mine = segments.get(face.track_id or 0, ())
        return next((s.answer for s in mine if s.start - 1e-6 <= t < s.end + 1e-6), None)

    glances = [(glance.at, glance.faces) for glance in answer.sightings]
    score = _score(made, glances, said)
    score.counted, score.switches, score.took_s = len(answer.people), _switches(made, answer), took
    return score


def each_alone(made: MadeFilm, data: bytes, pipeline: Pipeline, every: float) -> FilmScore:
    """Of each picture answered alone, as a photo is."""
    film = Film(data, made.name)
    start = time.perf_counter()
    glances = [(t, pipeline.check(frame).faces) for frame, t in read_frames(film, every)]
    took = time.perf_counter() - start
    film.close()
    score = _score(made, glances, lambda face, t: face.answer)
    score.took_s = took
    return score


def _score(
    made: MadeFilm,
    glances: Sequence[tuple[float, Sequence[FaceResult]]],
    said: Callable[[FaceResult, float], str | None],
) -> FilmScore:
    times = made.times()
    score = FilmScore(film_s=made.seconds)
    ats = [at for at, _ in glances]
    seen = [matched(made.truth(at), faces) for at, faces in glances]
    stays: dict[Who, float] = {}
    before: dict[Who, tuple[str, str]] = {}
    for t, until in pairwise([*times, made.seconds]):
        mine = seen[_nearest(ats, t)] if seen else {}
        for face in made.truth(t):
            if not face.counts:
                continue
            lasts = until - t
            score.there += lasts
            stays[face.who] = stays.get(face.who, 0.0) + lasts
            answer = said(mine[face.who], t) if face.who in mine else None
            if answer is None:
                continue
            score.found += lasts
            if answer == CANNOT_TELL:
                continue
            is_right = answer == face.label or (answer == NOT_PROPERLY and face.label != "with_mask")
            told = score.by_label.setdefault(face.label, [0.0, 0.0])
            score.told, told[0] = score.told + lasts, told[0] + lasts
            score.right, told[1] = score.right + lasts * is_right, told[1] + lasts * is_right
            was = before.get(face.who)
            score.changes += was is not None and was[1] != answer and was[0] == face.label
            before[face.who] = (face.label, answer)
    score.people = sum(seconds >= STAYS for seconds in stays.values())
    return score


def matched(truth: Iterable[TrueFace], faces: Sequence[FaceResult]) -> Seen:
    """Who was found: the pairs that overlap most come first."""
    true = list(truth)
    if not true or not faces:
        return {}
    overlaps = iou(np.array([t.box for t in true]), np.array([f.detection.box for f in faces]))
    found: Seen = {}
    while overlaps.max() >= SAME:
        i, j = divmod(int(overlaps.argmax()), len(faces))
        found[true[i].who] = faces[j]
        overlaps[i, :] = overlaps[:, j] = 0.0
    return found


def _switches(made: MadeFilm, answer: FilmAnswer) -> int:
    numbers: dict[Who, int | None] = {}
    count = 0
    for glance in answer.sightings:
        for who, face in matched(made.truth(glance.at), glance.faces).items():
            count += numbers.get(who, face.track_id) != face.track_id
            numbers[who] = face.track_id
    return count


def _nearest(ats: Sequence[float], t: float) -> int:
    after = bisect.bisect_left(ats, t)
    around = [i for i in (after - 1, after) if 0 <= i < len(ats)]
    return min(around, key=lambda i: abs(ats[i] - t))


def _percent(part: float, whole: float) -> str:
    return f"{part / whole:.1%}" if whole else "none"


def first_picture(data: bytes) -> Frame:
    """The beginning of a film."""
    film = Film(data)
    try:
        return next(iter(read_frames(film)))[0]
    finally:
        film.close()
