"""Passes over one picture at several scales agree on its faces: what is a face at one alone seldom is one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from core.boxes import iou
from core.detection.nms import SAME_FACE_IOU
from core.results import Box, Detection

_AROUND = 0.25  # of a face's height: so far off may its box be in another pass


def cross_scale_consensus(
    found: Mapping[float, Sequence[Detection]],
    face_heights: tuple[float, float],
    tiles: Mapping[float, Sequence[Box]] | None = None,
) -> list[Detection]:
    """The faces on which passes agree. `found`: the faces of each scale; `tiles`: the parts of the frame that
    were seen, of a scale at which not all was.

    A scale has a say about faces that are `face_heights` pixels high in it and lie in one of its tiles. A
    face is taken from the finest that may see it, and has the mean score of all that have a say: 0 of one
    that does not find it.
    """
    lowest, highest = face_heights
    faces: list[Detection] = []
    scales = sorted(found, reverse=True)
    for number, scale in enumerate(scales):
        mine = list(found[scale])
        if number:
            finer = scales[number - 1]
            seen = (_heights(mine) * finer <= highest) & _inside(mine, tiles, finer)
            mine = [face for face, better in zip(mine, seen, strict=True) if not better]
        total, count = np.array([face.score for face in mine]), np.ones(len(mine))
        heights = _heights(mine)
        for other in found.keys() - {scale}:
            able = (lowest <= heights * other) & (heights * other <= highest) & _inside(mine, tiles, other)
            total += able * best_scores(mine, found[other], SAME_FACE_IOU)
            count += able
        means = (total / count).tolist()
        faces += [replace(face, score=score) for face, score in zip(mine, means, strict=True)]
    return faces


def _heights(faces: Sequence[Detection]) -> np.ndarray:
    return np.array([height(face) for face in faces], float)


def _inside(
    faces: Sequence[Detection], tiles: Mapping[float, Sequence[Box]] | None, scale: float
) -> np.ndarray:
    """(faces,) whether each lies whole in a part that was seen at that scale."""
    if not tiles or scale not in tiles:
        return np.ones(len(faces), bool)
    boxes = np.array([face.box for face in faces], float).reshape(-1, 1, 4)
    around = _AROUND * _heights(faces)[:, None]
    seen = np.array(tiles[scale], float).reshape(1, -1, 4)
    begins = np.all(boxes[..., :2] - around[..., None] >= seen[..., :2], axis=2)
    ends = np.all(boxes[..., 2:] + around[..., None] <= seen[..., 2:], axis=2)
    return np.asarray(np.any(begins & ends, axis=1))


def height(face: Detection) -> float:
    """Of its box, in pixels."""
    return face.box[3] - face.box[1]


def best_scores(faces: Sequence[Detection], others: Sequence[Detection], least_iou: float) -> np.ndarray:
    """(faces,) the best score of those of `others` that show the same face, 0 where none does."""
    if not faces or not others:
        return np.zeros(len(faces))
    boxes, there = (np.array([one.box for one in ones], float) for ones in (faces, others))
    same = iou(boxes, there) >= least_iou  # a part that lies within a face is not the same
    return np.asarray((same * np.array([one.score for one in others])).max(axis=1))
