"""Searching a picture at the scales and in the tiles that make both close and far faces findable.

A one-stage detector knows faces of some 10 to 300 pixels. So a picture is searched twice: once small, for the
close faces, and once in detail, enlarged when it is small and cut in overlapping tiles when it is large.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import cv2
import numpy as np

from core.results import Box, Detection, Frame

OVERVIEW_SIDE = 320  # pixels: here a face that fills a picture scores .93; at 640 it scores .6
ENLARGE = 2.0  # enlarging twice raises recall of faces under 16 px from .28 to .55
DETAIL_SIDE = 1280  # never enlarge beyond this longest side: what is large has pixels enough
TILE_SIDE = 1280  # bounds the memory of one pass to some 100 MB
TILE_OVERLAP = 160  # a face up to this size is whole in at least one tile; larger ones show in the overview
SAME_FACE_IOU = 0.4
MAX_CANDIDATES = 3000  # the best ones of all passes: a picture of pure noise must not take minutes


def scaled(rgb: np.ndarray, scale: float) -> np.ndarray:
    """(H, W, 3) enlarged or shrunk; the same array when the scale is 1."""
    if scale == 1:
        return rgb
    height, width = rgb.shape[:2]
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return cv2.resize(rgb, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)


def fit_inside(
    found: Detection, frame: Frame, scale: float, dx: float = 0, dy: float = 0
) -> Detection | None:
    """The detection moved by (dx, dy), scaled to the frame and clipped to it. None when nothing is left."""
    x1, y1, x2, y2 = (np.array(found.box) + (dx, dy, dx, dy)) * scale
    left, right = np.clip((x1, x2), 0, frame.width)
    top, bottom = np.clip((y1, y2), 0, frame.height)
    if not (right - left >= 1 and bottom - top >= 1):  # also when a coordinate is not a number
        return None
    return Detection(
        box=(float(left), float(top), float(right), float(bottom)),
        score=found.score,
        detector=found.detector,
        landmarks=found.landmarks and tuple(((x + dx) * scale, (y + dy) * scale) for x, y in found.landmarks),
        visible=float((right - left) * (bottom - top) / ((x2 - x1) * (y2 - y1))),
    )


def _starts(length: int) -> range | list[int]:
    """Where tiles start along one side, evenly spread, the last one ending at the end."""
    if length <= TILE_SIDE:
        return [0]
    count = -(-(length - TILE_OVERLAP) // (TILE_SIDE - TILE_OVERLAP))
    return [round(i * (length - TILE_SIDE) / (count - 1)) for i in range(count)]


def passes(frame: Frame) -> Iterator[tuple[np.ndarray, float, int, int]]:
    """(picture, scale, left, top) of each pass, left and top in pixels of the scaled picture."""
    longest = max(frame.width, frame.height)
    detail = min(ENLARGE, max(1.0, DETAIL_SIDE / longest))
    overview = min(1.0, OVERVIEW_SIDE / longest)
    if overview < detail:
        yield scaled(frame.rgb, overview), overview, 0, 0
    picture = scaled(frame.rgb, detail)
    height, width = picture.shape[:2]
    for top in _starts(height):
        for left in _starts(width):
            yield picture[top : top + TILE_SIDE, left : left + TILE_SIDE], detail, left, top


def look_once(
    frame: Frame, detect: Callable[[np.ndarray], list[Detection]], longest_side: int
) -> tuple[Detection, ...]:
    """Faces of one pass over the picture, shrunk to at most `longest_side` pixels; else `search_in_tiles`."""
    scale = min(1.0, longest_side / max(frame.width, frame.height))
    found = [fit_inside(face, frame, 1 / scale) for face in detect(scaled(frame.rgb, scale))]
    return one_per_face([face for face in found if face is not None])


def search_in_tiles(frame: Frame, detect: Callable[[np.ndarray], list[Detection]]) -> tuple[Detection, ...]:
    """Faces of all passes, one detection a face, best first, boxes inside the frame.

    `detect` answers for one (H, W, 3) RGB picture in its own pixels.
    """
    found: list[Detection] = []
    for picture, scale, left, top in passes(frame):
        height, width = picture.shape[:2]
        edges = _inner_edges(frame, scale, left, top, width, height)
        for face in detect(picture):
            if not _cut_by_tile(face.box, edges):
                kept = fit_inside(face, frame, 1 / scale, left, top)
                if kept is not None:
                    found.append(kept)
    return one_per_face(found)


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
    """Whether a face touches a tile's inner edge: the neighbouring tile, or the overview, has it whole."""
    return box[0] <= edges[0] or box[1] <= edges[1] or box[2] >= edges[2] or box[3] >= edges[3]


def one_per_face(found: list[Detection]) -> tuple[Detection, ...]:
    """Greedy non-maximum suppression over passes: of boxes that overlap, the best scored stays."""
    if not found:
        return ()
    found = sorted(found, key=lambda d: -d.score)[:MAX_CANDIDATES]
    boxes = np.array([d.box for d in found])
    areas = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    order = np.arange(len(found))
    kept: list[int] = []
    while order.size:
        best, order = order[0], order[1:]
        kept.append(int(best))
        overlap = np.clip(
            np.minimum(boxes[best, 2:], boxes[order, 2:]) - np.maximum(boxes[best, :2], boxes[order, :2]),
            0,
            None,
        ).prod(axis=1)
        union = areas[best] + areas[order] - overlap
        # A part of a face found beside the whole face has a small IoU, yet lies almost wholly inside it.
        inside = overlap / np.minimum(areas[best], areas[order])
        order = order[(overlap / union < SAME_FACE_IOU) & (inside < 0.8)]
    return tuple(found[i] for i in kept)
