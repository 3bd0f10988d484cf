"""From which size, blur, pose, ... on the model is wrong more often than not: the quality gate's thresholds.

    python -m bench.quality --data DATA [--split train] [--source NAME ...] [--model mask3] [--limit N]
        [--turned 0 90 180 270]

DATA as for bench.detectors; choose sources that neither model learned from, and never test pictures. Faces
are found by the best detector, matched to the labelled boxes, and read. `--turned` shows each picture
clockwise by these degrees too, since in photos few heads lie on their side.

For each quantity of `core.classification.quality`, and the margin, prints how many answers are wrong in bins
from the worst end on, each twice as large as the one before. A threshold is worth it up to the last bin in
a row of which more than half of the answers are wrong, where that is so of all beyond it with 95%
confidence. Ends with the lines for a recipe.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tqdm import tqdm

from bench.detectors import of_sources, read_data
from core.boxes import iou
from core.images import read_image
from core.metrics import format_interval, percent, wilson
from core.models import DEFAULT
from core.pipeline import Pipeline, load_pipeline
from core.results import Box, Frame, Prediction
from training.detection import BoxedImage

FIRST_BIN = 30  # faces: of fewer, an interval says little
QUANTITIES = {
    "min_face_px": "face_px",
    "min_sharpness": "sharpness",
    "min_brightness": "brightness",
    "min_visible": "visible",
    "min_margin": "margin",
    "max_yaw": "yaw",
    "max_roll": "roll",
}
"""What each threshold is of; those of `max_` are of how far it is from 0."""


@dataclass(frozen=True, slots=True)
class TailBin:
    """Faces of which a quantity is between `worst` and `best`, both included."""

    worst: float
    best: float
    n: int
    wrong: int


def tail_bins(values: np.ndarray, right: np.ndarray, *, high_is_bad: bool) -> list[TailBin]:
    """Bins of (N,) values and (N,) bool, from the worst value on. Equal values stay together; NaN is left
    out.
    """
    known = np.isfinite(values)
    order = np.argsort(-values[known] if high_is_bad else values[known], kind="stable")
    ordered, wrong = values[known][order], ~right[known][order]
    bins: list[TailBin] = []
    start, size = 0, FIRST_BIN
    while start < len(ordered):
        end = min(start + size, len(ordered))
        while end < len(ordered) and ordered[end] == ordered[end - 1]:
            end += 1
        bins.append(
            TailBin(float(ordered[start]), float(ordered[end - 1]), end - start, int(wrong[start:end].sum()))
        )
        start, size = end, size * 2
    return bins


def refused_bins(bins: Sequence[TailBin]) -> int:
    """How many bins from the worst on are not worth an answer. Never all."""
    wrong = n = worth = 0
    for index, one in enumerate(bins[:-1], start=1):
        wrong, n = wrong + one.wrong, n + one.n
        if one.wrong * 2 <= one.n:
            break
        if wilson(wrong, n)[0] > 0.5:
            worth = index
    return worth


def recipe_line(threshold: str, bins: Sequence[TailBin]) -> str | None:
    """The threshold as a recipe states it; None where none is needed and a card may be without."""
    refused = refused_bins(bins)
    beyond = bins[: refused or 1]
    wrong, n = sum(b.wrong for b in beyond), sum(b.n for b in beyond)
    told = (
        f"{percent(wrong / n)} were wrong ({format_interval(wilson(wrong, n))})" if n else "nothing is known"
    )
    if refused:
        value, why = bins[refused].worst, f"of the {n} faces beyond it {told}"
    elif threshold.startswith("max_"):
        return None
    else:
        value, why = 0.0, f"no face is refused for it: of the {n} worst measured {told}"
    return f'{threshold}=Threshold(value={value:.3g}, reason="{why}"),'


def turned(frame: Frame, boxes: Iterable[Box], degrees: int) -> tuple[Frame, list[Box]]:
    """A picture and its boxes, clockwise by a multiple of 90 degrees."""
    found = list(boxes)
    for _ in range(degrees // 90 % 4):
        found = [(frame.height - y2, x1, frame.height - y1, x2) for x1, y1, x2, y2 in found]
        frame = Frame(np.ascontiguousarray(np.rot90(frame.rgb, -1)))
    return frame, found


def read_faces(
    pipeline: Pipeline, images: Iterable[BoxedImage], degrees: Sequence[int]
) -> Iterator[tuple[dict[str, float], bool]]:
    """Of each face found and labelled: its quantities, and whether its answer without any gate is right."""
    labels = pipeline.classifier.card.label_set
    for image in images:
        upright = read_image(image.path)
        for angle in degrees:
            frame, boxes = turned(upright, image.boxes, angle)
            detections = pipeline.detector.detect(frame)
            if not detections:
                continue
            overlaps = iou(np.array([d.box for d in detections]), np.array(boxes))
            for measured, overlap in zip(pipeline.classify(frame, detections), overlaps, strict=True):
                if overlap.max() < 0.5 or not pipeline.answer([measured]):  # taken for no face
                    continue
                said = Prediction(labels, measured.probabilities)
                quantities = {
                    threshold: said.margin if name == "margin" else getattr(measured.quality, name)
                    for threshold, name in QUANTITIES.items()
                }
                yield quantities, said.label == image.labels[overlap.argmax()]


def report(faces: Sequence[tuple[dict[str, float], bool]]) -> list[str]:
    """The lines that are printed."""
    right = np.array([is_right for _, is_right in faces], bool)
    lines = [f"{len(faces)} faces found and labelled, {percent(right.mean() if faces else np.nan)} right"]
    recipe: list[str] = []
    refused = np.zeros(len(faces), bool)
    for threshold, name in QUANTITIES.items():
        high = threshold.startswith("max_")
        values = np.array([quantities[threshold] for quantities, _ in faces], float)
        values = abs(values) if high else values
        bins = tail_bins(values, right, high_is_bad=high)
        worth = refused_bins(bins)
        lines.append(f"{name}: {'a threshold' if worth else 'no threshold'}")
        for index, one in enumerate(bins):
            lines.append(
                f"  {'refused ' if index < worth else 'answered'} {one.worst:8.3f} to {one.best:8.3f}: "
                f"{percent(one.wrong / one.n)} wrong of {one.n} ({format_interval(wilson(one.wrong, one.n))})"
            )
        if worth:
            limit = bins[worth].worst
            refused |= (values > limit) if high else (values < limit)
        if line := recipe_line(threshold, bins):
            recipe.append(line)
    for words, which in (("refused", refused), ("answered", ~refused)):
        wrong, n = int((~right & which).sum()), int(which.sum())
        share = percent(wrong / n if n else np.nan)
        lines.append(f"all together: {n} {words}, {share} wrong ({format_interval(wilson(wrong, n))})")
    return [*lines, "For the recipe:", *(f"  {line}" for line in recipe)]


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="From where on the model is wrong more often than not.")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--split", default="train")
    parser.add_argument("--source", nargs="+", help="of these sources only")
    parser.add_argument("--model", default=DEFAULT)
    parser.add_argument("--limit", type=int, help="at most so many pictures of each source")
    parser.add_argument("--turned", type=int, nargs="+", default=[0], choices=(0, 90, 180, 270))
    options = parser.parse_args(arguments)
    pipeline = load_pipeline(options.model)
    of_source = of_sources(read_data(options.data, options.split), None, options.limit)
    images = [i for name, mine in of_source.items() if name in (options.source or of_source) for i in mine]
    progress = tqdm(images, unit=" pictures", disable=None, leave=False)
    print("\n".join(report(list(read_faces(pipeline, progress, options.turned)))))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
