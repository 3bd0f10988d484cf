"""Tiled inference: passes over a picture, at scales and in tiles that make both close and far faces findable.

A one-stage detector knows faces of so many pixels, and no others. So a small picture is enlarged, a large one
is cut in overlapping tiles, and coarse passes find what is larger than a tile. A `Plan` says when. Coarse
comes first: where it shows no sign of a small face, no pass looks for one.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from core.detection.consensus import cross_scale_consensus, height
from core.detection.nms import nms_indices
from core.images import resized, scaled, scaled_size
from core.results import Box, Detection, Frame
from core.scheduling import LIVE_FIRST

MAX_PASSES = 100  # 50 megapixels of a usual shape take some 55, the narrowest that are read 92

_EDGE = 0.5  # pixels: so near to it a box ends there
_LEAST_STEP = 1.5  # a pass that is hardly finer than another tells nothing new
_WHOLE_SCORE, _WHOLE_HEIGHT = 0.5, 2.0  # of a face, in its parts' heights, in which they are its parts

DetectOnce = Callable[[np.ndarray], list[Detection]]
"""Answers for one (H, W, 3) uint8 RGB picture in its own pixels."""

Tile = tuple[int, int, int, int]  # left, top, right, bottom, in pixels of the scaled picture


@dataclass(frozen=True, slots=True)
class Hints:
    """Which faces of coarse passes ask for the detail, and the tiles in which they get it.

    Those of at least `least_score` that would be at most `most_height` pixels high there, and are no part of
    a surer face: an eye is not looked for in detail. Tiles are as those of a `Plan`, but smaller: most of a
    picture asks for none.
    """

    least_score: float
    most_height: float
    tile_side: int
    tile_overlap: int


@dataclass(frozen=True, slots=True)
class Plan:
    """How large a detector sees a picture. Sides are longer sides, in pixels; the defaults are YuNet's.

    A picture is seen in detail at `detail_side`, but enlarged at most `enlarge` times and shrunk at most to
    `shrink`. What is then larger than `tile_side` is cut in tiles that overlap by `tile_overlap`: a face up
    to that size is whole in at least one of them. Beyond `single_pass_side` there are coarse passes as well,
    at `coarse_sides`, and between them and the detail others: the finest is `first_step` times smaller than
    the detail, by default `step` times, and each further one `step` times smaller than the one before, down
    to one that is hardly finer than the coarse ones.
    `face_heights` is the expected face size range, least and most, in pixels of a pass: those passes in which
    a face is of such a size must agree on it. Without a range, a face of any pass counts.
    With `hints` only what coarse passes point at is seen in detail.
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
    first_step: float | None = None
    face_heights: tuple[float, float] | None = None
    hints: Hints | None = None

    def detail(self, longest_side: int) -> float:
        """The scale at which a picture of that size is seen in detail."""
        return min(self.enlarge, max(self.shrink, self.detail_side / longest_side))

    def coarse_scales(self, longest_side: int) -> list[float]:
        """The scales of the coarse passes, none when the detail shows every face as well."""
        detail = self.detail(longest_side)
        if detail * longest_side <= self.single_pass_side:
            return []
        scales = {min(1.0, side / longest_side) for side in self.coarse_sides}
        coarse, between = max(scales), detail / (self.first_step or self.step)
        if between > coarse:
            scales.add(between)
        while (between := between / self.step) > _LEAST_STEP * coarse:
            scales.add(between)
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


def _tile_count(length: int, cut: Plan | Hints) -> int:
    if length <= cut.tile_side:
        return 1
    return -(-(length - cut.tile_overlap) // (cut.tile_side - cut.tile_overlap))


def _along(length: int, cut: Plan | Hints) -> list[tuple[int, int]]:
    """(start, end) of tiles along one side: as few as can be, of one size, the last one ending at the end."""
    count = _tile_count(length, cut)
    if count == 1:
        return [(0, length)]
    side = -(-(length + (count - 1) * cut.tile_overlap) // count)
    starts = [round(i * (length - side) / (count - 1)) for i in range(count)]
    return [(start, start + side) for start in starts]


def _tiles(size: tuple[int, int], cut: Plan | Hints) -> list[Tile]:
    columns, rows = (_along(length, cut) for length in size)
    return [(left, top, right, bottom) for top, bottom in rows for left, right in columns]


def _tiles_with(boxes: np.ndarray, size: tuple[int, int], plan: Plan) -> list[Tile]:
    """The tiles that touch one of (N, 4) boxes: small ones, or the plan's where that is less to look at."""
    x1, y1, x2, y2 = boxes.T
    both = []
    for cut in (plan.hints or plan, plan):
        tiles = _tiles(size, cut)
        both.append([t for t in tiles if ((x1 < t[2]) & (x2 > t[0]) & (y1 < t[3]) & (y2 > t[1])).any()])
    return min(both, key=_area)


def _area(tiles: Sequence[Tile]) -> int:
    return sum((right - left) * (bottom - top) for left, top, right, bottom in tiles)


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


def passes(
    frame: Frame, plan: Plan, found: Mapping[float, Sequence[Detection]] | None = None
) -> Iterator[tuple[np.ndarray, float, int, int]]:
    """(picture, scale, left, top) of each pass, left and top in pixels of the scaled picture.

    The finest first, from which the coarser are made, each from the one before: an image pyramid. With
    `plan.hints` and `found`, faces in the frame by scale, which whoever asks fills meanwhile, the finest is
    last and has but the tiles that these point at. At most `MAX_PASSES`, or as many pixels in small tiles,
    with a `checkpoint` before each.
    """
    *coarse, detail = _scales(frame, plan)
    hints = plan.hints if coarse and found is not None else None
    finer = frame.rgb
    for scale in [*reversed(coarse), detail] if hints else [detail, *reversed(coarse)]:
        size = scaled_size(frame.width, frame.height, scale)
        if hints and found is not None and scale == detail:
            tiles = _tiles_with(_pointed_at(found, hints, scale), size, plan)
            if not tiles:
                return
            finer = frame.rgb
        else:
            tiles = _tiles(size, plan)
        with LIVE_FIRST.step():
            picture = resized(finer, size)
        if scale < 1:
            finer = picture
        for left, top, right, bottom in tiles:
            with LIVE_FIRST.step():
                yield picture[top:bottom, left:right], scale, left, top


def _pointed_at(found: Mapping[float, Sequence[Detection]], hints: Hints, scale: float) -> np.ndarray:
    """(N, 4) boxes in pixels of the detail, whose scale that is."""
    faces = [face for of_scale in found.values() for face in of_scale if face.score >= hints.least_score]
    small = _boxes(face for face in faces if height(face) * scale <= hints.most_height)
    whole = _boxes(face for face in faces if face.score >= _WHOLE_SCORE)
    return np.asarray(small[~_parts(small, whole)] * scale)


def _boxes(faces: Iterable[Detection]) -> np.ndarray:
    return np.array([face.box for face in faces], float).reshape(-1, 4)


def _parts(boxes: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """(N,) which of (N, 4) boxes have their middle in one of (M, 4) that is much higher."""
    x, y = (boxes[:, None, :2] + boxes[:, None, 2:]).T / 2
    left, top, right, bottom = whole.T[:, :, None]
    inside = (x > left) & (x < right) & (y > top) & (y < bottom)
    higher = bottom - top >= _WHOLE_HEIGHT * (boxes[:, 3] - boxes[:, 1])
    return np.asarray((inside & higher).any(axis=0))


def single_pass(frame: Frame, detect: DetectOnce, longest_side: int) -> tuple[Detection, ...]:
    """Faces of one pass over the picture, shrunk to at most `longest_side` pixels; as `tiled_inference`."""
    scale = min(1.0, longest_side / max(frame.width, frame.height))
    found = [fit_inside(face, frame, 1 / scale) for face in detect(scaled(frame.rgb, scale))]
    return nms_faces([face for face in found if face is not None])


def tiled_inference(frame: Frame, detect: DetectOnce, plan: Plan = Plan()) -> tuple[Detection, ...]:
    """Faces of all passes of a plan, one detection a face, best first, boxes inside the frame."""
    found: dict[float, list[Detection]] = {}
    tiles: dict[float, list[Box]] = {}  # in the frame; where it ends they do not
    for picture, scale, left, top in passes(frame, plan, found):
        mine = found.setdefault(scale, [])
        edges = _inner_edges(frame, scale, left, top, picture)
        x1, y1, x2, y2 = edges
        tiles.setdefault(scale, []).append(
            ((left + x1) / scale, (top + y1) / scale, (left + x2) / scale, (top + y2) / scale)
        )
        for face in detect(picture):
            if not _cut_by_tile(face.box, edges):
                kept = fit_inside(face, frame, 1 / scale, left, top)
                if kept is not None:
                    mine.append(kept)
    if plan.face_heights:
        by_scale = {scale: nms_faces(faces) for scale, faces in found.items()}
        return nms_faces(cross_scale_consensus(by_scale, plan.face_heights, tiles))
    return nms_faces([face for faces in found.values() for face in faces])


def _inner_edges(frame: Frame, scale: float, left: int, top: int, tile: np.ndarray) -> Box:
    """Edges of a tile that lie inside the picture, in tile pixels; infinite where the picture itself ends."""
    height, width = tile.shape[:2]
    whole_width, whole_height = round(frame.width * scale), round(frame.height * scale)
    return (
        0.0 if left > 0 else -np.inf,
        0.0 if top > 0 else -np.inf,
        width if left + width < whole_width else np.inf,
        height if top + height < whole_height else np.inf,
    )


def _cut_by_tile(box: Box, edges: Box) -> bool:
    """Whether a face touches a tile's inner edge: the neighbouring tile, or a coarse pass, has it whole."""
    left, top, right, bottom = edges
    return bool(
        box[0] < left + _EDGE or box[1] < top + _EDGE or box[2] > right - _EDGE or box[3] > bottom - _EDGE
    )


def nms_faces(found: list[Detection]) -> tuple[Detection, ...]:
    """The best scored detection of each face, best first; see `core.detection.nms`."""
    if not found:
        return ()
    kept = nms_indices(np.array([face.box for face in found]), np.array([face.score for face in found]))
    return tuple(found[i] for i in kept)
