"""Where the faces are in each picture of a film, between the pictures that were analysed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from core.boxes import areas, intersections
from core.results import Box, FaceResult
from core.video.films.following import between
from core.video.films.sightings import Glance, Sightings

SHOWN_FOR = 0.3  # seconds that a box stays beyond where its face was seen; further, it would be a guess
BLURRED_FOR = 0.5  # seconds before and after a face was seen in which it is hidden: it may have been there
NEAR = 0.7  # share of a box inside another from which both are hidden as one


class FaceTimeline:
    """Asked for one picture after another, in the order of the film.

    Where the analysis has not come so far, `wait` is called again and again; what it raises ends the wait.
    """

    def __init__(self, sightings: Sightings, wait: Callable[[], object] = lambda: None) -> None:
        self._sightings, self._wait = sightings, wait
        self._next = 0  # the glance after those that lie before the last picture
        self._before: Glance | None = None
        self._after: Glance | None = None
        self.is_waiting = False  # for the analysis

    def is_cut_off(self, t: float) -> bool:
        """Whether the film was stopped before `t` seconds. What only lies beyond its last picture is not."""
        return self._sightings.is_stopped and self.is_over(t)

    def is_over(self, t: float) -> bool:
        """Whether the film was not analysed as far as `t` seconds, as far as is known: it was stopped."""
        closed_at = self._sightings.closed_at
        return closed_at is not None and t > closed_at

    def faces_at(self, t: float) -> tuple[FaceResult, ...]:
        """Everybody in the picture of `t` seconds."""
        self._advance(t)
        before, after = self._sides(t)
        if before is None or after is None:
            glance = before or after
            near = glance is not None and abs(glance.at - t) <= SHOWN_FOR
            return glance.faces if glance and near else ()
        then = {face.track_id: face for face in after.faces}
        share = (t - before.at) / (after.at - before.at) if after.at > before.at else 0.0
        shown = []
        for face in before.faces:
            if (other := then.pop(face.track_id, None)) is not None:
                nearer = face if share < 0.5 else other
                shown.append(replace(nearer, detection=between(face.detection, other.detection, share)))
            elif share < 0.5 and t - before.at <= SHOWN_FOR:
                shown.append(face)
        if share >= 0.5 and after.at - t <= SHOWN_FOR:
            shown += then.values()
        return tuple(sorted(shown, key=lambda face: face.track_id or 0))

    def hidden_at(self, t: float) -> list[Box]:
        """All that may be a face in the picture of `t` seconds, to be blurred: rather more than less."""
        boxes = [face.detection.box for face in self.faces_at(t)]
        for glance in self._sides(t):
            if glance is not None and abs(glance.at - t) <= BLURRED_FOR:
                boxes += [*glance.boxes, *(face.detection.box for face in glance.faces)]
        return _together(boxes)

    def _sides(self, t: float) -> tuple[Glance | None, Glance | None]:
        """The glances before and after, of the scene that is on at `t`."""
        before, after = self._before, self._after
        if after is not None and after.cut_at is not None:
            if t < after.cut_at:
                after = None
            else:
                before = None
        return before, after

    def _advance(self, t: float) -> None:
        while self._after is None or self._after.at <= t:
            while not self._sightings.wait_for(self._next, 0.1):
                if self._sightings.closed_at is not None:
                    if self._after is not None:
                        self._before, self._after = self._after, None
                    return
                self.is_waiting = True
                self._wait()
            self.is_waiting = False
            self._before, self._after = self._after, self._sightings[self._next]
            self._next += 1


def _together(boxes: Sequence[Box]) -> list[Box]:
    """Boxes of about the same place as the one that encloses them: blurred once, not five times."""
    left = np.array(boxes, float).reshape(-1, 4)
    found: list[Box] = []
    while len(left):
        shared, smaller = intersections(left, left[:1])[:, 0], np.minimum(areas(left), areas(left[:1]))
        near = shared > NEAR * smaller
        near[0] = True
        (x1, y1), (x2, y2) = left[near, :2].min(axis=0), left[near, 2:].max(axis=0)
        found.append((float(x1), float(y1), float(x2), float(y2)))
        left = left[~near]
    return found
