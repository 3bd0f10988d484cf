"""Faces to make films of: the astronaut with drawn masks, or test pictures of a data folder."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from bench.film_scenes import FaceTile
from core.detection import FaceDetector
from core.images import read_image
from core.mask_rendering import (
    ASTRONAUT_LANDMARKS,
    BELOW_MOUTH,
    COVERED,
    LABEL_OF,
    NOSE_OUT,
    UNDER_CHIN,
    draw_mask,
    random_style,
    sample_frame,
)
from core.results import Frame, Landmarks
from training.data import Example, read_manifest

_HEAD = np.s_[37:237, 122:322]  # of the astronaut's picture
_FACE = (0.27, 0.19, 0.74, 0.68)  # of that, in parts
_WAYS = (COVERED, None, NOSE_OUT, COVERED, BELOW_MOUTH, None, COVERED, UNDER_CHIN, None, COVERED)
_CROP_FACE = (1 / 6, 1 / 6, 5 / 6, 5 / 6)  # crops are 1.5 times as large as the face's box
_LEAST = 110  # pixels of a crop: smaller ones are a blur in a film
_LABELS = ("with_mask", "without_mask", "incorrect_mask", "with_mask", "without_mask")  # of five people
BARE = "without_mask"


def drawn_people(count: int = 10) -> list[FaceTile]:
    """The astronaut, with masks in several ways and bare, in several lights and facing either way."""
    rng = np.random.default_rng(3)
    return [_in_light(_astronaut(_WAYS[i % len(_WAYS)], rng), rng) for i in range(count)]


def drawn_pairs(count: int = 3) -> list[tuple[FaceTile, FaceTile]]:
    """The astronaut with a mask, and bare."""
    rng = np.random.default_rng(4)
    return [(_astronaut(COVERED, rng), _astronaut(None, rng)) for _ in range(count)]


def test_people(data: Path, count: int, seed: int) -> list[FaceTile]:
    """Of the test sources in turn, none of which a near-copy was trained on. Raises `RecordError`."""
    chosen = _drawn_by_lot(data, seed)
    return [_portrait(next(chosen[_LABELS[i % len(_LABELS)]])) for i in range(count)]


def test_pairs(data: Path, count: int, seed: int, detector: FaceDetector) -> list[tuple[FaceTile, FaceTile]]:
    """Bare test faces with a mask drawn on, and as they are."""
    rng, found = np.random.default_rng(seed), []
    for example in _drawn_by_lot(data, seed + 1000)[BARE]:
        bare = _portrait(example)
        points = _landmarks(bare, detector)
        if points is None:  # a mask cannot be drawn on it
            continue
        worn = draw_mask(bare.rgb, points, COVERED, random_style(rng), rng)
        found.append((replace(bare, rgb=worn, label=LABEL_OF[COVERED]), bare))
        if len(found) == count:
            break
    return found


def _astronaut(wearing: str | None, rng: np.random.Generator) -> FaceTile:
    rgb = sample_frame("no_mask").rgb
    if wearing:
        rgb = draw_mask(rgb, ASTRONAUT_LANDMARKS, wearing, random_style(rng), rng)
    return FaceTile(rgb[_HEAD], LABEL_OF[wearing] if wearing else BARE, _FACE)


def _in_light(portrait: FaceTile, rng: np.random.Generator) -> FaceTile:
    rgb = np.clip(portrait.rgb * rng.uniform(0.75, 1.1) * rng.uniform(0.95, 1.05, 3), 0, 255).astype(np.uint8)
    if rng.random() < 0.5:
        return replace(portrait, rgb=rgb)
    x1, y1, x2, y2 = portrait.face
    return replace(portrait, rgb=rgb[:, ::-1], face=(1 - x2, y1, 1 - x1, y2))


def _drawn_by_lot(data: Path, seed: int) -> dict[str, Iterator[Example]]:
    """Test crops by label, sources by turns."""
    known = data / "recrops.csv"
    near_copies = set()
    if known.exists():
        with known.open(newline="") as file:
            near_copies = {data / row["test"] for row in csv.DictReader(file)}
    rng = np.random.default_rng(seed)
    by_label: dict[str, dict[str, list[Example]]] = {}
    examples = read_manifest(data / "crops.csv").of_split("test")
    for i in rng.permutation(len(examples)):
        example = examples[i]
        if example.path not in near_copies:
            by_label.setdefault(example.label, {}).setdefault(example.source, []).append(example)
    return {label: _by_turns(sources) for label, sources in by_label.items()}


def _by_turns(sources: dict[str, list[Example]]) -> Iterator[Example]:
    for place in range(max(map(len, sources.values()))):
        for examples in sources.values():
            if place < len(examples) and min(read_image(examples[place].path).rgb.shape[:2]) >= _LEAST:
                yield examples[place]


def _portrait(example: Example) -> FaceTile:
    rgb = read_image(example.path).rgb
    side = min(rgb.shape[:2])
    top, left = (rgb.shape[0] - side) // 2, (rgb.shape[1] - side) // 2
    return FaceTile(rgb[top : top + side, left : left + side], example.label, _CROP_FACE)


def _landmarks(portrait: FaceTile, detector: FaceDetector) -> Landmarks | None:
    found = detector.detect(Frame(np.ascontiguousarray(portrait.rgb)))
    return found[0].landmarks if found else None
