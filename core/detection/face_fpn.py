"""Maskwise's own detector: one stage, anchor-free, a feature pyramid. Trained by the recipe `face_fpn`.

Its network answers cells of three strides, row by row, stride 8 first. A cell answers the logit of a
score, the middle of a box as an offset from its own in cells, the logarithms of the box's sides in cells, and
five points as such offsets.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np

from core.boxes import iou
from core.detection.nms import MAX_CANDIDATES, nms_indices
from core.detection.tiling import Hints, Plan, tiled_inference
from core.errors import DetectorError, ModelError, RecordError
from core.models import (
    DEFAULT_DETECTORS,
    DETECTOR_CARD_FILE,
    DetectorCard,
    Engine,
    folders,
    load_engine,
    read_detector_card,
    read_weights,
    why_not_offered,
)
from core.results import Detection, Frame

NAME = "face_fpn"
NAMES = tuple(DEFAULT_DETECTORS.values())  # of the weights that the registry knows
STRIDES = (8, 16, 32)  # pixels a cell
SCORE, BOX, POINTS = slice(0, 1), slice(1, 5), slice(5, 15)  # of a cell's answers; labels follow
GROUND = 127  # beyond a picture: the middle of the range, which the network sees as nothing
PLAN = Plan(
    detail_side=704,
    enlarge=2.0,
    shrink=0.75,
    tile_side=1024,  # bounds the memory of one pass to some 150 MB
    tile_overlap=160,
    single_pass_side=96,
    coarse_sides=(112,),  # for a face that fills all
    first_step=2.0,  # faces of 8 pixels in detail have mostly left a sign there; at a third none has
    step=3.0,
    face_heights=(14.0, 140.0),
    # By which no face of 519 in validation pictures is lost, nor if these are cut in 16 tiles
    hints=Hints(least_score=0.15, most_height=50.0, tile_side=448, tile_overlap=80),
)
# Its sides are those of each call
LIVE_PLAN = replace(PLAN, enlarge=1.0, shrink=0.0, first_step=None, step=math.inf, hints=None)
_LIVE_COARSE = 4  # so many times smaller is the coarse pass over a frame of a video
# From so many pixels on it pays to look in detail where there is a hint; of 601 faces of validation pictures
# as many are found. The hints are those of a pass so many times smaller.
_LIVE_HINTS_FROM, _LIVE_HINTING = 321, 2.5
_LIVE_HINTS = Hints(least_score=0.15, most_height=50.0, tile_side=320, tile_overlap=64)
_LEAST_SCORE = 0.1  # a pass whose score is less adds little to the mean
_SAME_BOX_IOU = 0.6  # so much alike are the boxes that cells of two strides give one face
_VOTING_IOU = 0.6  # boxes so much alike say together where a face ends
_LARGEST_LOG = 6.0  # of a box's side in cells: a bound, so that no answer is infinite

Network = Callable[[np.ndarray], np.ndarray]
"""(N, H, W, 3) float32 RGB 0 to 255, sides multiples of 32 -> (N, cells, 15 or more) float32, as above."""


@lru_cache(maxsize=16)  # video and tiles ask for the same few sizes again and again
def cells(height: int, width: int) -> np.ndarray:
    """(cells, 3) float32, read only: centre x, centre y and stride of every cell of a picture, in pixels."""
    parts = []
    for stride in STRIDES:
        y, x = np.mgrid[0 : height // stride, 0 : width // stride].reshape(2, -1)
        parts.append(np.stack([(x + 0.5) * stride, (y + 0.5) * stride, np.full(x.size, stride)], axis=1))
    grid = np.concatenate(parts).astype(np.float32)
    grid.setflags(write=False)
    return grid


def padded(rgb: np.ndarray) -> np.ndarray:
    """(H, W, 3) with `GROUND` below and to the right, up to multiples of the largest stride."""
    height, width = rgb.shape[:2]
    below, right = -height % STRIDES[-1], -width % STRIDES[-1]
    return cv2.copyMakeBorder(rgb, 0, below, 0, right, cv2.BORDER_CONSTANT, value=(GROUND,) * 3)


def decode(
    answers: np.ndarray, height: int, width: int, min_score: float, name: str = NAME
) -> list[Detection]:
    """Faces of at least `min_score`, one detection a face, best first, from (cells, 15 or more) answers.

    `height` and `width` are those of the padded picture; boxes are in its pixels and may leave it. `name` is
    the detector's.
    """
    least = np.log(max(min_score, 1e-6) / max(1 - min_score, 1e-6))
    kept = np.flatnonzero(answers[:, 0] >= least)
    kept = kept[np.argsort(-answers[kept, 0], kind="stable")[:MAX_CANDIDATES]]
    grid, mine = cells(height, width)[kept], answers[kept].astype(np.float64)
    centre, stride = grid[:, :2], grid[:, 2:]
    scores = 1 / (1 + np.exp(-mine[:, 0]))
    middle = centre + mine[:, 1:3] * stride
    half = np.exp(np.clip(mine[:, 3:5], -_LARGEST_LOG, _LARGEST_LOG)) * stride / 2
    boxes = np.concatenate([middle - half, middle + half], axis=1)
    best = nms_indices(boxes, scores)
    combined = _of_any_stride(boxes, scores, stride[:, 0], best)
    order = np.argsort(-combined, kind="stable")
    best, combined = best[order], combined[order]
    points = centre[:, None] + mine[:, POINTS].reshape(-1, 5, 2) * stride[:, None]
    votes = _votes(boxes, scores, best)
    voted, five = votes @ boxes, np.tensordot(votes, points, 1)
    return [
        Detection((x1, y1, x2, y2), score, name, tuple((x, y) for x, y in five))
        for (x1, y1, x2, y2), score, five in zip(
            voted.tolist(), combined.tolist(), five.tolist(), strict=True
        )
    ]


def _votes(boxes: np.ndarray, scores: np.ndarray, best: np.ndarray) -> np.ndarray:
    """(best, boxes) how much each box counts for each face: those that are much alike, by their scores.

    Their mean is nearer to the face than the best: "blending" of Bazarevsky et al., "BlazeFace", 2019.
    """
    boxes, scores = boxes.astype(np.float32), scores.astype(np.float32)
    votes = (iou(boxes[best], boxes) >= _VOTING_IOU) * scores
    votes[np.arange(len(best)), best] = scores[best]
    return np.asarray(votes / votes.sum(axis=1, keepdims=True))


def _of_any_stride(
    boxes: np.ndarray, scores: np.ndarray, strides: np.ndarray, best: np.ndarray
) -> np.ndarray:
    """(best,) the chance that cells of at least one stride are right about the face of each of `best`.

    A face of a size that two strides learn is answered for by one or the other, so neither is sure of it.
    """
    boxes, wrong = boxes.astype(np.float32), 1 - scores[best]
    for stride in STRIDES:
        others, mine = strides == stride, strides[best] != stride
        same = iou(boxes[best[mine]], boxes[others]) >= _SAME_BOX_IOU
        wrong[mine] *= 1 - (same * scores[others]).max(axis=1, initial=0.0)
    return np.asarray(1 - wrong)


def find(network: Network, rgb: np.ndarray, min_score: float, name: str = NAME) -> list[Detection]:
    """Faces of one (H, W, 3) uint8 RGB picture, seen as it is; boxes in its pixels."""
    picture = padded(rgb)
    answers = network(picture[None].astype(np.float32))[0]
    return decode(answers, picture.shape[0], picture.shape[1], min_score, name)


def _live_plan(detail_side: int, longest_side: int) -> Plan:
    """That for frames of `longest_side`, seen in at most `detail_side`."""
    seen = min(detail_side, longest_side)
    if seen < _LIVE_HINTS_FROM:
        return replace(LIVE_PLAN, detail_side=detail_side, coarse_sides=(detail_side // _LIVE_COARSE,))
    coarse = seen // _LIVE_COARSE, int(seen / _LIVE_HINTING)
    return replace(LIVE_PLAN, detail_side=detail_side, coarse_sides=coarse, hints=_LIVE_HINTS)


class FaceFpnDetector:
    """See `core.detection.registry.FaceDetector`. Keeps nothing between calls, so needs no lock.

    `name` is that of the folder that its weights are installed in; by `plan` photos are looked at.
    """

    def __init__(
        self, card: DetectorCard, engine: Engine, name: str = NAME, plan: Plan | None = None
    ) -> None:
        self.name = name
        self.card = card
        self.engine = engine
        self.plan = plan or PLAN
        self.operating_point = card.min_score["photo"].value
        self.live_operating_point = card.min_score["live"].value

    def warm_up(self) -> None:
        """Pay for the first call before somebody waits for it. Raises `DetectorError` as `detect`."""
        self.detect(Frame(np.full((480, 640, 3), GROUND, np.uint8)))

    def detect(
        self, frame: Frame, min_score: float | None = None, *, longest_side: int | None = None
    ) -> tuple[Detection, ...]:
        """As the protocol says. Raises `DetectorError` when the network's answer is none."""
        default = self.operating_point if longest_side is None else self.live_operating_point
        least = default if min_score is None else min_score
        low, plan = min(least, _LEAST_SCORE), self.plan
        if longest_side is not None:
            plan = _live_plan(longest_side, max(frame.width, frame.height))
        found = tiled_inference(frame, lambda rgb: find(self._answers, rgb, low, self.name), plan)
        return tuple(face for face in found if face.score >= least)

    def _answers(self, pictures: np.ndarray) -> np.ndarray:
        """See `Network`. An answer that cannot be read must not pass for a picture without faces."""
        answers = self.engine.run(pictures)
        count, height, width, _ = pictures.shape
        if answers.shape[:2] != (count, len(cells(height, width))) or answers.shape[2] < POINTS.stop:
            raise DetectorError(
                f"{self.name} answers {answers.shape} to pictures of {width} x {height}: not a row a cell. "
                "Train or export it again."
            )
        if not np.isfinite(answers).all():
            raise DetectorError(f"{self.name} answers with what is not a number. Train or export it again.")
        return answers


def _installed(name: str) -> tuple[Path, DetectorCard]:
    folder = folders(DETECTOR_CARD_FILE).get(name)
    if folder is None:
        raise DetectorError(
            f"{name} is not offered: models/{name}/{DETECTOR_CARD_FILE} is missing. Restore it from the "
            f"repository, git checkout -- models/{name}, or train it: python -m training.train {name}."
        )
    try:
        card = read_detector_card(folder)
    except RecordError as problem:
        raise DetectorError(f"{name} is not offered: {problem}") from None
    if said := why_not_offered(name, card):
        raise DetectorError(said)
    return folder, card


def installed_card(name: str) -> DetectorCard:
    """The card, after its weights were checked. Raises `DetectorError` that says why it is not offered."""
    folder, card = _installed(name)
    try:
        for engine in card.weights:
            read_weights(folder, card, engine)
    except ModelError as problem:
        raise DetectorError(f"{name} is not offered: {problem}") from None
    return card


def load(name: str) -> FaceFpnDetector:
    """The detector that is installed, warmed up. Raises `DetectorError` that says why it is not offered."""
    folder, card = _installed(name)
    try:
        detector = FaceFpnDetector(card, load_engine(folder, card), name)
    except ModelError as problem:
        raise DetectorError(f"{name} is not offered: {problem}") from None
    detector.warm_up()
    return detector
