"""What was seen in each analysed picture of a film, with its final answers: in columns, some 50 bytes a face.

A film of an hour has 200,000 faces in it. Whoever draws reads them while they are written by the analysis.
"""

from __future__ import annotations

import threading
from array import array
from collections.abc import Iterator
from dataclasses import dataclass

from core.decision import OperatingPoint
from core.labels import LabelSet
from core.reasons import ADVICE
from core.results import Box, CannotTell, Detection, FaceResult, Prediction

MOST_FACES = 4_000_000  # of one film: 200 MB
_REASONS = ("", *ADVICE)


@dataclass(frozen=True, slots=True)
class Glance:
    """One analysed picture: `faces` of people, and `boxes` of all that may be a face, to be blurred.

    `at`: its time; `cut_at`: when its scene began, if after the glance before. Seconds of the film.
    """

    at: float
    faces: tuple[FaceResult, ...]
    boxes: tuple[Box, ...] = ()
    cut_at: float | None = None


class Sightings:
    """Glances in the order of the film. Safe from any thread."""

    def __init__(self, labels: LabelSet, point: OperatingPoint, detector: str) -> None:
        self.labels, self.point, self.detector = labels, point, detector
        self._ats, self._cuts = array("d"), array("d")
        self._firsts, self._first_boxes = array("Q"), array("Q")
        self._ids, self._boxes, self._scores = array("l"), array("f"), array("f")
        self._probabilities, self._reasons = array("f"), array("B")
        self._others = array("f")
        self._changed = threading.Condition()
        self._closed_at: float | None = None
        self.is_stopped = False  # before the film's end

    def add(self, glance: Glance) -> None:
        with self._changed:
            self._ats.append(glance.at)
            self._cuts.append(-1.0 if glance.cut_at is None else glance.cut_at)
            for face in glance.faces:
                if len(self._ids) >= MOST_FACES:
                    break
                self._ids.append(face.track_id or 0)
                self._boxes.extend(face.detection.box)
                self._scores.append(face.detection.score)
                self._probabilities.extend(face.prediction.probabilities)
                self._reasons.append(_REASONS.index(face.cannot_tell.reason) if face.cannot_tell else 0)
            if len(self._others) < 4 * MOST_FACES:
                for box in glance.boxes:
                    self._others.extend(box)
            self._firsts.append(len(self._ids))
            self._first_boxes.append(len(self._others) // 4)
            self._changed.notify_all()

    def close(self, until: float, *, is_stopped: bool = False) -> None:
        """No more will come: the analysis ended, or was stopped, at `until` seconds."""
        with self._changed:
            self._closed_at, self.is_stopped = until, is_stopped
            self._changed.notify_all()

    @property
    def closed_at(self) -> float | None:
        """Up to where the film was analysed, None while that goes on."""
        return self._closed_at

    def __len__(self) -> int:
        return len(self._firsts)

    def __iter__(self) -> Iterator[Glance]:
        for i in range(len(self)):
            yield self[i]

    def __getitem__(self, i: int) -> Glance:
        with self._changed:
            if not 0 <= i < len(self):
                raise IndexError(i)
            faces = range(self._firsts[i - 1] if i else 0, self._firsts[i])
            boxes = range(self._first_boxes[i - 1] if i else 0, self._first_boxes[i])
            cut_at = None if self._cuts[i] < 0 else self._cuts[i]
            return Glance(
                self._ats[i],
                tuple(self._face(k) for k in faces),
                tuple(_box(self._others, k) for k in boxes),
                cut_at,
            )

    def _face(self, k: int) -> FaceResult:
        n = len(self.labels)
        reason = _REASONS[self._reasons[k]]
        return FaceResult(
            Detection(_box(self._boxes, k), self._scores[k], self.detector),
            Prediction(self.labels, tuple(self._probabilities[k * n : (k + 1) * n]), self.point),
            CannotTell(reason, ADVICE[reason]) if reason else None,
            self._ids[k],
        )

    def wait_for(self, i: int, timeout: float) -> bool:
        """Whether glance `i` is there, after a wait for it; at once where no more will come."""
        with self._changed:
            self._changed.wait_for(lambda: i < len(self) or self._closed_at is not None, timeout)
            return i < len(self)


def _box(numbers: array[float], k: int) -> Box:
    x1, y1, x2, y2 = numbers[4 * k : 4 * k + 4]
    return (x1, y1, x2, y2)
