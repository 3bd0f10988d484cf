"""Tiled inference: passes over a picture, at scales and in tiles that make both close and far faces findable.

A one-stage detector knows faces of so many pixels, and no others. So a small picture is enlarged, a large one
is cut in overlapping tiles, and coarse passes find what is larger than a tile. A `Plan` says when.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from core.boxes import iou
from core.detection.nms import SAME_FACE_IOU, nms_indices
from core.images import resized, scaled, scaled_size
from core.results import Box, Detection, Frame
from core.scheduling import LIVE_FIRST

MAX_PASSES = 100  # 50 megapixels of a usual shape take some 55, the narrowest that are read 75

DetectOnce = Callable[[np.ndarray], list[Detection]]
"""Answers for one (H, W, 3) uint8 RGB picture in its own pixels."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How large a detector sees a picture. Sides are longer sides, in pixels; the defaults are YuNet's.

    A picture is seen in detail at `detail_side`, but enlarged at most `enlarge` times and shrunk at most to
    `shrink`. What is then larger than `tile_side` is cut in tiles that overlap by `tile_overlap`: a face up
    to that size is whole in at least one of them. Beyond `single_pass_side` there are coarse passes as well,
    at `coarse_sides`, and between them and the detail others, each `step` times smaller than the one before.
    `face_heights` is the expected face size range, least and most, in pixels of a pass: those passes in which
    a face is of such a size must agree on it. Without a range, a face of any pass counts.
    """

    detail_side: int = 1280  # what is so large has pixels enough
    enlarge: float = 2.0  # enlarging twice raises recall of faces under 16 px from .28 to .55
    shrink: float = 1.0
    tile_side: int = 1280  # bounds the memory of one pass to some 100 MB
    tile_overlap: int = 160
    single_pass_side: int = 0
    # At 320 a face that fills the picture scores .93; at 640 it scores .6
    coarse_sides: tuple[int, ...] = (320,)
    step: float = math.inf
    face_heights: tuple[float, float] | None = None

    def detail(self, longest_side: int) -> float:
        """The scale at which a picture of that size is seen in detail."""
        return min(self.enlarge, max(self.shrink, self.detail_side / longest_side))

    def coarse_scales(self, longest_side: int) -> list[float]:
        """The scales of the coarse passes, none when the detail shows every face as well."""
        detail = self.detail(longest_side)
        if detail * longest_side <= self.single_pass_side:
            return []
        scales = {min(1.0, side / longest_side) for side in self.coarse_sides}
        coarse, between = max(scales), detail / self.step
        while between > coarse:
            scales.add(between)
            between /= self.step
        return sorted(scale for scale in scales if scale < detail)


def fit_inside(
    found: Detection, frame: Frame, scale: float, dx: float = 0, dy: float = 0
) -> Detection | None:
    """The detection moved by (dx, dy), scaled to the frame and clipped to it. None when nothing is left."""
    moved = found.moved(scale, dx, dy)
    x1, y1, x2, y2 = moved.box
    # In this order a coordinate that is not a number stays one, and nothing is left.
    left, right = (min(max(x, 0.0), float(frame.width)) for x in (x1, x2))
    top, bottom = (min(max(y, 0.0), float(frame.height)) for y in (y1, y2))
    if not (right - left >= 1 and bottom - top >= 1):
        return None
    visible = (right - left) * (bottom - top) / ((x2 - x1) * (y2 - y1))
    return replace(moved, box=(left, top, right, bottom), visible=visible)


def _tile_count(length: int, plan: Plan) -> int:
    if length <= plan.tile_side:
        return 1
    return -(-(length - plan.tile_overlap) // (plan.tile_side - plan.tile_overlap))


def _tiles(length: int, plan: Plan) -> list[tuple[int, int]]:
    """(start, end) of tiles along one side: as few as can be, of one size, the last one ending at the end."""
    count = _tile_count(length, plan)
    if count == 1:
        return [(0, length)]
    side = -(-(length + (count - 1) * plan.tile_overlap) // count)
    starts = [round(i * (length - side) / (count - 1)) for i in range(count)]
    return [(start, start + side) for start in starts]


def _scales(frame: Frame, plan: Plan) -> list[float]:
    """Those of the plan; where that takes more than `MAX_PASSES`, a picture is seen in less detail."""
    longest = max(frame.width, frame.height)
    while True:
        scales = [*plan.coarse_scales(longest), plan.detail(longest)]
        if sum(_count(frame, scale, plan) for scale in scales) <= MAX_PASSES:
            return scales
        plan = replace(plan, shrink=0.0, detail_side=int(0.9 * longest * plan.detail(longest)))


def _count(frame: Frame, scale: float, plan: Plan) -> int:
    width, height = scaled_size(frame.width, frame.height, scale)
    return _tile_count(height, plan) * _tile_count(width, plan)


def passes(frame: Frame, plan: Plan) -> Iterator[tuple[np.ndarray, float, int, int]]:
    """(picture, scale, left, top) of each pass, left and top in pixels of the scaled picture.

    The finest first, from which the coarser are made, each from the one before: an image pyramid. At most
    `MAX_PASSES`, with a `checkpoint` before each.
    """
    finer = frame.rgb
    for scale in reversed(_scales(frame, plan)):
        with LIVE_FIRST.step():
            picture = resized(finer, scaled_size(frame.width, frame.height, scale))
        if scale < 1:
            finer = picture
        height, width = picture.shape[:2]
        for top, bottom in _tiles(height, plan):
            for left, right in _tiles(width, plan):
                with LIVE_FIRST.step():
                    yield picture[top:bottom, left:right], scale, left, top


def single_pass(frame: Frame, detect: DetectOnce, longest_side: int) -> tuple[Detection, ...]:
    """Faces of one pass over the picture, shrunk to at most `longest_side` pixels; as `tiled_inference`."""
    scale = min(1.0, longest_side / max(frame.width, frame.height))
    found = [fit_inside(face, frame, 1 / scale) for face in detect(scaled(frame.rgb, scale))]
    return nms_faces([face for face in found if face is not None])


def tiled_inference(frame: Frame, detect: DetectOnce, plan: Plan = Plan()) -> tuple[Detection, ...]:
    """Faces of all passes of a plan, one detection a face, best first, boxes inside the frame."""
    found: dict[float, list[Detection]] = {}
    for picture, scale, left, top in passes(frame, plan):
        height, width = picture.shape[:2]
        mine = found.setdefault(scale, [])
        edges = _inner_edges(frame, scale, left, top, width, height)
        for face in detect(picture):
            if not _cut_by_tile(face.box, edges):
                kept = fit_inside(face, frame, 1 / scale, left, top)
                if kept is not None:
                    mine.append(kept)
    if plan.face_heights:
        by_scale = {scale: nms_faces(faces) for scale, faces in found.items()}
        return nms_faces(cross_scale_consensus(by_scale, plan.face_heights))
    return nms_faces([face for faces in found.values() for face in faces])


def cross_scale_consensus(
    found: Mapping[float, Sequence[Detection]], face_heights: tuple[float, float]
) -> list[Detection]:
    """The faces on which passes at several scales agree. `found`: the faces of each, by its scale.

    A pass has a say about faces that are `face_heights` pixels high in it. A face is taken from the finest
    pass in which it is no larger, and has the mean score of all that have a say: 0 of one that does not see
    it. What seems to be a face at one scale alone seldom is one.
    """
    lowest, highest = face_heights
    faces: list[Detection] = []
    scales = sorted(found, reverse=True)
    for scale, finer in zip(scales, [math.inf, *scales], strict=False):
        mine = [face for face in found[scale] if _height(face) * finer > highest]
        total, count = np.array([face.score for face in mine]), np.ones(len(mine))
        for other in found.keys() - {scale}:
            heights = np.array([_height(face) * other for face in mine])
            able = (lowest <= heights) & (heights <= highest)
            total += able * best_scores(mine, found[other], SAME_FACE_IOU)
            count += able
        means = (total / count).tolist()
        faces += [replace(face, score=score) for face, score in zip(mine, means, strict=True)]
    return faces


def _height(face: Detection) -> float:
    return face.box[3] - face.box[1]


def best_scores(faces: Sequence[Detection], others: Sequence[Detection], least_iou: float) -> np.ndarray:
    """(faces,) the best score of those of `others` that show the same face, 0 where none does."""
    if not faces or not others:
        return np.zeros(len(faces))
    boxes, there = (np.array([one.box for one in ones], float) for ones in (faces, others))
    same = iou(boxes, there) >= least_iou  # a part that lies within a face is not the same
    return np.asarray((same * np.array([one.score for one in others])).max(axis=1))


def _inner_edges(frame: Frame, scale: float, left: int, top: int, width: int, height: int) -> Box:
    """Edges of a tile that lie inside the picture, in tile pixels; infinite where the picture itself ends."""
    whole_width, whole_height = round(frame.width * scale), round(frame.height * scale)
    return (
        0 if left > 0 else -np.inf,
        0 if top > 0 else -np.inf,
        width if left + width < whole_width else np.inf,
        height if top + height < whole_height else np.inf,
    )


def _cut_by_tile(box: Box, edges: Box) -> bool:
    """Whether a face touches a tile's inner edge: the neighbouring tile, or a coarse pass, has it whole."""
    return box[0] <= edges[0] or box[1] <= edges[1] or box[2] >= edges[2] or box[3] >= edges[3]


def nms_faces(found: list[Detection]) -> tuple[Detection, ...]:
    """The best scored detection of each face, best first; see `core.detection.nms`."""
    if not found:
        return ()
    kept = nms_indices(np.array([face.box for face in found]), np.array([face.score for face in found]))
    return tuple(found[i] for i in kept)
