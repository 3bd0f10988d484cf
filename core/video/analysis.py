"""Frame after frame of one viewer -> the people in view, each with an id and a voted answer."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from core.classification import quality_failure
from core.decision import OperatingPoint
from core.labels import DEPICTION, NOT_A_FACE
from core.pipeline import FaceMeasurement, Pipeline
from core.results import FaceResult, Frame
from core.scheduling import LIVE_FIRST
from core.video.looks import look_of
from core.video.passes import COARSE_PASS_FACE, COARSE_PASS_SIDE, FINE_PASS_EVERY, FINE_PASS_SIDE
from core.video.tracking import AWAY, Track, Tracker
from core.video.voting import Answer, Vote

CONTINUE_SHARE = 0.6  # of the detector's operating point: enough to follow a face that is known already
FIRST_MEASUREMENTS = 4  # a person who has just come is classified in every frame until so many are in
RECLASSIFY_AFTER = 0.3  # seconds: half of a vote's half-life, so the answer keeps up
RECLASSIFY_WAVERING_AFTER = 0.08


@dataclass(frozen=True, slots=True)
class Person:
    """A person in view, as of one frame. `settled`: the answer has stood for a while."""

    face: FaceResult
    track: Track
    settled: bool

    def face_at(self, t: float) -> FaceResult:
        """The face where it should be at `t`, on the clock of `LiveAnalysis.analyse`: to be drawn, as it may
        leave the frame, and without landmarks.
        """
        detection = replace(self.face.detection, box=self.track.box_at(t), landmarks=None)
        return replace(self.face, detection=detection)


@dataclass(frozen=True, slots=True)
class Analysis:
    """What one frame told. `at`: its time; `ms`: milliseconds by stage; `classified`: how many faces."""

    at: float
    width: int
    height: int
    people: tuple[Person, ...] = ()
    ms: Mapping[str, float] = field(default_factory=dict)
    classified: int = 0


class LiveAnalysis:
    """One viewer's people. The pipeline may be shared; this may not be used in two threads at once."""

    def __init__(self, pipeline: Pipeline) -> None:
        self.pipeline = pipeline
        self._tracker = Tracker()
        self._present: list[Track] = []
        self._fine_pass_at = -math.inf
        self._width = 0  # of the last frame: video over a network changes its size on the way
        self._votes: dict[int, Vote] = {}
        self._answers: dict[int, Answer] = {}

    def use(self, pipeline: Pipeline) -> None:
        """Answer by another model or detector from now on. People keep their ids and are classified anew."""
        if pipeline != self.pipeline:
            self.pipeline = pipeline
            self._votes.clear()
            self._answers.clear()

    def analyse(self, frame: Frame, t: float, *, point: OperatingPoint | None = None) -> Analysis:
        """Find, follow and judge. `t`: seconds on any steady clock; `point` replaces the classifier's.

        All faces that are due are classified in one call. A face is due while it is new, while its answer
        wavers, and else every `RECLASSIFY_AFTER` seconds.
        """
        with LIVE_FIRST.live():
            return self._analyse(frame, t, point)

    def _analyse(self, frame: Frame, t: float, point: OperatingPoint | None) -> Analysis:
        detector, classifier = self.pipeline.detector, self.pipeline.classifier
        card, point = classifier.card, point or classifier.operating_point
        if self._width and frame.width != self._width:
            self._tracker.rescale(frame.width / self._width)
        self._width = frame.width
        start = time.perf_counter()
        start_score = detector.live_operating_point
        detections = detector.detect(frame, start_score * CONTINUE_SHARE, longest_side=self._side(frame, t))
        found = time.perf_counter()
        tracks = self._tracker.update(detections, t, start_score=start_score, look=partial(look_of, frame))
        lost = self._tracker.lost
        self._forget_all_but([*tracks, *lost])
        missed = [p for p in lost if t - p.last_seen <= AWAY and p.id in self._answers]
        followed = time.perf_counter()
        due = [track for track in tracks if self._is_due(track, t)]
        measurements = self.pipeline.classify(frame, [track.detection for track in due])
        counted = [self._count(*pair, t, point) for pair in zip(due, measurements, strict=True)]
        measured = {id(track) for track in due}
        others = [track for track in (*tracks, *missed) if id(track) not in measured]
        self._present = sorted([*counted, *others], key=lambda track: track.id)
        done = time.perf_counter()
        return Analysis(
            at=t,
            width=frame.width,
            height=frame.height,
            people=tuple(
                self._person(track, t)
                for track in self._present
                if self._votes[track.id].not_a_face < card.refused_from[NOT_A_FACE]
            ),
            ms={
                "detect": (found - start) * 1000,
                "track": (followed - found) * 1000,
                "classify": (done - followed) * 1000,
            },
            classified=len(due),
        )

    def _side(self, frame: Frame, t: float) -> int:
        """How large the detector sees this frame: enough for those in view, now and then for others too."""
        shrunk = COARSE_PASS_SIDE / max(frame.width, frame.height)
        known = [track.detection.side * shrunk for track in self._present]
        if t - self._fine_pass_at < FINE_PASS_EVERY and all(side >= COARSE_PASS_FACE for side in known):
            return COARSE_PASS_SIDE
        self._fine_pass_at = t
        return FINE_PASS_SIDE

    def _count(self, track: Track, measured: FaceMeasurement, t: float, point: OperatingPoint) -> Track:
        """Count a measurement. The track comes back, under a new id if it is rather of somebody else."""
        card = self.pipeline.classifier.card
        depiction = measured.depiction >= card.refused_from[DEPICTION]
        reason = DEPICTION if depiction else quality_failure(measured.quality, card.quality)
        subtypes = dict(zip(card.class_set.subtypes, measured.subtypes, strict=True))

        def add(vote: Vote) -> Answer:
            return vote.add(
                measured.probabilities,
                reason,
                t,
                point=point,
                subtypes=subtypes,
                not_a_face=measured.not_a_face,
            )

        known = self._answers.get(track.id)
        if track.unseen > AWAY and known is not None:
            vote = Vote(card.label_set)
            answer = add(vote)
            if answer.contradicts(known):
                track = self._tracker.renew(track)
                self._votes[track.id], self._answers[track.id] = vote, answer
                return track
        self._answers[track.id] = add(self._votes.setdefault(track.id, Vote(card.label_set)))
        return track

    def _is_due(self, track: Track, t: float) -> bool:
        vote = self._votes.get(track.id)
        if vote is None or vote.measurements < FIRST_MEASUREMENTS or track.unseen > AWAY:
            return True
        return t - vote.last >= (RECLASSIFY_WAVERING_AFTER if vote.wavers else RECLASSIFY_AFTER)

    def _person(self, track: Track, t: float) -> Person:
        answer = self._answers[track.id]
        face = FaceResult(track.detection, answer.prediction, answer.cannot_tell, track.id)
        return Person(face, track, self._votes[track.id].settled(t))

    def _forget_all_but(self, tracks: Sequence[Track]) -> None:
        """Drop the votes of people whom the tracker has forgotten."""
        for gone in self._votes.keys() - {track.id for track in tracks}:
            del self._votes[gone]
            self._answers.pop(gone, None)  # absent when classifying that face failed
