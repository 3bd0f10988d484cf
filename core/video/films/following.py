"""Analysed pictures of a film, one after another -> who was seen in each, with answers from hindsight."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from core.classification import quality_failure
from core.decision import OperatingPoint
from core.labels import DEPICTION, NOT_A_FACE
from core.pipeline import FaceMeasurement, Pipeline
from core.results import Box, Detection, FaceResult, Frame
from core.video.analysis import CONTINUE_SHARE, FIRST_MEASUREMENTS, RECLASSIFY_AFTER
from core.video.films.best_faces import BestFaces
from core.video.films.hindsight import LOOK_AHEAD, HindsightVote, Measurement
from core.video.films.sightings import Glance
from core.video.looks import look_of
from core.video.passes import COARSE_PASS_FACE, COARSE_PASS_SIDE, FINE_PASS_EVERY, FINE_PASS_SIDE
from core.video.tracking import UNCONFIRMED, Track, Tracker

FILLED = 0.5  # seconds unseen within which a person was there all the same: detectors miss a picture or two
FORGET_AFTER = 2.0  # seconds unseen after which somebody who comes is new
MS = ("detect", "track", "classify")


@dataclass(slots=True)
class _Pending:
    """A glance whose answers are not final. `seen` holds the detection of each person, by id."""

    at: float
    cut_at: float | None
    seen: dict[int, Detection]
    found: Sequence[Detection] = field(default_factory=tuple)


class Follower:
    """The people of one film. Not for two threads at once.

    `every`: seconds from one picture to the next, 0 for all.
    """

    def __init__(self, pipeline: Pipeline, point: OperatingPoint, *, every: float = 0.0) -> None:
        self._pipeline, self._point = pipeline, point
        self._tracker = Tracker(
            forget_after=max(FORGET_AFTER, 2.1 * every), confirm_within=max(UNCONFIRMED, 1.1 * every)
        )
        self._votes: dict[int, HindsightVote] = {}
        self._last_seen: dict[int, float] = {}
        self._pending: deque[_Pending] = deque()
        self._fine_pass_at = float("-inf")
        self._sides: list[float] = []  # of the faces followed, pixels
        self.best = BestFaces()
        self.ms = dict.fromkeys(MS, 0.0)

    def add(self, frame: Frame, at: float, *, cut_at: float | None = None) -> list[Glance]:
        """Analyse a picture of `at` seconds. The glances whose answers are final now, in order."""
        if cut_at is not None:
            self._tracker.end_all()
            self._fine_pass_at = float("-inf")
        self._follow(frame, at, cut_at)
        final = []
        while self._pending and at - self._pending[0].at > LOOK_AHEAD:
            final.append(self._final(self._pending.popleft()))
        self._forget(at)
        return final

    def finish(self) -> list[Glance]:
        """The glances that are left, as the film ends."""
        final = [self._final(pending) for pending in self._pending]
        self._pending.clear()
        return final

    def look_again(self, frame: Frame, at: float) -> None:
        """Take a film's only picture for two, as nobody is a person who was seen once."""
        self._pending.clear()
        self._follow(frame, at, None)

    def _follow(self, frame: Frame, at: float, cut_at: float | None) -> None:
        detector = self._pipeline.detector
        start_score = detector.live_operating_point
        start = time.perf_counter()
        found = detector.detect(frame, start_score * CONTINUE_SHARE, longest_side=self._side(frame, at))
        detected = time.perf_counter()
        tracks = self._tracker.update(found, at, start_score=start_score, look=partial(look_of, frame))
        pending = _Pending(at, cut_at, {track.id: track.detection for track in tracks}, found)
        self._sides = [track.detection.side for track in tracks]
        for track in tracks:
            self._fill(track, at)
            self._last_seen[track.id] = at
        self._pending.append(pending)
        followed = time.perf_counter()
        due = [track for track in tracks if self._is_due(track.id, at)]
        measured = self._pipeline.classify(frame, [track.detection for track in due])
        for track, measurement in zip(due, measured, strict=True):
            self._count(frame, at, track, measurement)
        done = time.perf_counter()
        for stage, seconds in zip(MS, (detected - start, followed - detected, done - followed), strict=True):
            self.ms[stage] += seconds * 1000

    def _side(self, frame: Frame, at: float) -> int:
        """As in `core.video.analysis`: enough for those who are followed, now and then for others too."""
        shrunk = COARSE_PASS_SIDE / max(frame.width, frame.height)
        large = all(side * shrunk >= COARSE_PASS_FACE for side in self._sides)
        if at - self._fine_pass_at < FINE_PASS_EVERY and large:
            return COARSE_PASS_SIDE
        self._fine_pass_at = at
        return FINE_PASS_SIDE

    def _is_due(self, track_id: int, at: float) -> bool:
        vote = self._votes.get(track_id)
        if vote is None or vote.last is None or vote.count < FIRST_MEASUREMENTS or vote.wavers:
            return True
        return at - vote.last.t >= RECLASSIFY_AFTER

    def _count(self, frame: Frame, at: float, track: Track, measured: FaceMeasurement) -> None:
        card = self._pipeline.classifier.card
        is_depiction = measured.depiction >= card.refused_from[DEPICTION]
        reason = DEPICTION if is_depiction else quality_failure(measured.quality, card.quality)
        subtypes = dict(zip(card.class_set.subtypes, measured.subtypes, strict=True))
        vote = self._votes.setdefault(track.id, HindsightVote(card.label_set, self._point))
        vote.add(Measurement(at, measured.probabilities, reason, subtypes, measured.not_a_face))
        (face,) = self._pipeline.answer([replace(measured, not_a_face=0.0)], self._point)
        self.best.look(frame, at, replace(face, track_id=track.id), measured.quality.sharpness)

    def _fill(self, track: Track, at: float) -> None:
        """Put a person into the glances in which they were missed, or not known yet for one."""
        last = self._last_seen.get(track.id)
        if last is None:
            for pending in self._pending:
                if pending.at == track.first_seen and pending.found:
                    pending.seen[track.id] = _nearest(_back(track, at - pending.at), pending.found)
            return
        if at - last > FILLED:
            return
        missed = [pending for pending in self._pending if last < pending.at < at]
        before = next((p.seen[track.id] for p in self._pending if p.at == last and track.id in p.seen), None)
        if before is None:
            return
        for pending in missed:
            pending.seen[track.id] = between(before, track.detection, (pending.at - last) / (at - last))

    def _final(self, pending: _Pending) -> Glance:
        from_ = self._pipeline.classifier.card.refused_from[NOT_A_FACE]
        faces = []
        for track_id, detection in sorted(pending.seen.items()):
            answer, not_a_face = self._votes[track_id].at(pending.at)
            if not_a_face < from_:
                faces.append(FaceResult(detection, answer.prediction, answer.cannot_tell, track_id))
        boxes: tuple[Box, ...] = tuple(detection.box for detection in pending.found)
        return Glance(pending.at, tuple(faces), boxes, pending.cut_at)

    def _forget(self, at: float) -> None:
        """Drop the votes of people who will not come back and of whom no glance is left."""
        oldest = self._pending[0].at if self._pending else at
        kept = {track_id for pending in self._pending for track_id in pending.seen}
        for track_id, last in list(self._last_seen.items()):
            if track_id not in kept and oldest - last > 2 * FORGET_AFTER:
                del self._last_seen[track_id]
                self._votes.pop(track_id, None)


def between(a: Detection, b: Detection, share: float) -> Detection:
    """`share` of the way from one detection of a face to the next."""
    x1, y1, x2, y2 = (p + (q - p) * share for p, q in zip(a.box, b.box, strict=True))
    return replace(a, box=(x1, y1, x2, y2), score=min(a.score, b.score), landmarks=None)


def _back(track: Track, seconds: float) -> Box:
    """Where a track that was just confirmed began."""
    dx, dy = (speed * seconds for speed in track.velocity)
    x1, y1, x2, y2 = track.detection.box
    return (x1 - dx, y1 - dy, x2 - dx, y2 - dy)


def _nearest(box: Box, found: Sequence[Detection]) -> Detection:
    x, y = box[0] + box[2], box[1] + box[3]
    return min(found, key=lambda d: abs(d.box[0] + d.box[2] - x) + abs(d.box[1] + d.box[3] - y))
