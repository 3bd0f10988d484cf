"""What a detector finds in a labelled picture, each way that it is asked, as rows of its record."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence

import numpy as np

from core.detection import FaceDetector
from core.metrics import match
from core.models import WAYS, Way
from core.records import MAX_LONG_TEXT, MAX_TEXT
from core.results import Box, Detection, Frame
from core.runs import LEAST_SCORE, DetectionRow
from core.video import FINE_PASS_SIDE

SIDES: dict[Way, int | None] = {"photo": None, "live": FINE_PASS_SIDE}  # as the pages ask; see `FaceDetector`


def detection_rows(
    detector: FaceDetector,
    frame: Frame,
    boxes: Sequence[Box],
    labels: Sequence[str],
    *,
    source: str,
    picture: str,
    ignored: Sequence[Box] = (),
) -> tuple[list[DetectionRow], dict[Way, float]]:
    """Rows of both ways, and milliseconds by way. `boxes` are the labelled faces, `labels` theirs.

    A detection of no labelled face whose middle lies in an `ignored` box counts neither way. Boxes and scores
    are rounded as a record has them, so that what is counted now is what is read later.
    """
    rows: list[DetectionRow] = []
    ms: dict[Way, float] = {}
    for way in WAYS:
        start = time.perf_counter()
        seen = detector.detect(frame, LEAST_SCORE, longest_side=SIDES[way])
        ms[way] = (time.perf_counter() - start) * 1000
        found = without_ignored(sorted(seen, key=lambda face: -face.score), boxes, ignored)
        matches = match([([face.box for face in found], [face.score for face in found], boxes)])

        def row(label: str, box: Box, score: float, way: Way = way) -> DetectionRow:
            x1, y1, x2, y2 = (round(float(v), 1) for v in box)
            return DetectionRow(
                way, source, picture[-MAX_LONG_TEXT:], label[:MAX_TEXT], (x1, y1, x2, y2), score
            )

        for box, label, score in zip(boxes, labels, matches.found_with, strict=True):
            rows.append(row(label, box, math.nan if math.isinf(score) else round(float(score), 4)))
        for face, hit in zip(found, matches.hits, strict=True):
            if not hit:
                rows.append(row("", face.box, round(face.score, 4)))
    return rows, ms


def without_ignored(
    faces: Sequence[Detection], boxes: Sequence[Box], ignored: Sequence[Box]
) -> Sequence[Detection]:
    """`faces`, given the best first, less those of no labelled face whose middle lies in an `ignored` box."""
    hits = match([([face.box for face in faces], [face.score for face in faces], boxes)]).hits
    return [face for face, hit in zip(faces, hits, strict=True) if hit or not _inside(face.box, ignored)]


def _inside(box: Box, regions: Sequence[Box]) -> bool:
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    there = np.array(regions, float).reshape(-1, 4)
    return bool(((there[:, 0] < x) & (x < there[:, 2]) & (there[:, 1] < y) & (y < there[:, 3])).any())
