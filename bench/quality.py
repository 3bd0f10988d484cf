"""How often the model is right by what a face offers: the evidence for the thresholds of the quality gate.

    python -m bench.quality --data DATA_FOLDER [--split train] [--model mask3] [--bins 10]

DATA_FOLDER holds scenes.csv (see bench.detectors). Faces are found by the best detector, matched to the
labelled boxes, and read. For each quantity of `core.classification.quality`, prints the share right in
bins of equal count.
Choose thresholds on pictures that are neither test pictures nor among those that the model learned from.
"""

from __future__ import annotations

import argparse
import csv
from collections import defaultdict
from pathlib import Path

import numpy as np

from core.boxes import iou
from core.images import read_image
from core.models import DEFAULT
from core.pipeline import load_pipeline

QUANTITIES = ("face_px", "brightness", "sharpness", "turn", "visible")


def labelled(folder: Path, split: str) -> dict[str, list[tuple[tuple[float, ...], str]]]:
    """Picture path -> its boxes with their labels."""
    found = defaultdict(list)
    with (folder / "scenes.csv").open(newline="") as file:
        for row in csv.DictReader(file):
            if row["split"] == split:
                box = tuple(float(row[k]) for k in ("x1", "y1", "x2", "y2"))
                found[row["path"]].append((box, row["label"]))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description="How often the model is right by what a face offers.")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--split", default="train")
    parser.add_argument("--model", default=DEFAULT)
    parser.add_argument("--bins", type=int, default=10)
    options = parser.parse_args()
    pipeline = load_pipeline(options.model)
    rows = []
    for path, truth in labelled(options.data, options.split).items():
        frame = read_image(options.data / path)
        detections = pipeline.detector.detect(frame)
        if not detections:
            continue
        overlaps = iou(np.array([d.box for d in detections]), np.array([box for box, _ in truth]))
        for measured, overlap in zip(pipeline.classify(frame, detections), overlaps, strict=True):
            if overlap.max() >= 0.5:
                labels = pipeline.classifier.card.label_set
                second, best = sorted(measured.probabilities)[-2:]
                right = labels.labels[int(np.argmax(measured.probabilities))] == truth[overlap.argmax()][1]
                rows.append([getattr(measured.quality, q) for q in QUANTITIES] + [best - second, right])
    table = np.array(rows, float)
    print(f"{len(table)} faces found and labelled, {table[:, -1].mean():.1%} right")
    for column, quantity in enumerate((*QUANTITIES, "margin")):
        known = table[np.isfinite(table[:, column])]
        print(quantity)
        for part in np.array_split(known[known[:, column].argsort()], options.bins):
            low, high = part[0, column], part[-1, column]
            print(f"  {low:7.2f} to {high:7.2f}: {part[:, -1].mean():6.1%} right of {len(part)}")


if __name__ == "__main__":
    main()
