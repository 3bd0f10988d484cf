"""How often the model is right by what a face offers: the evidence for the thresholds of the quality gate.

    python -m bench.quality --data DATA [--split train] [--model mask3] [--bins 10]

DATA as for bench.detectors. Faces are found by the best detector, matched to the labelled boxes, and read.
For each quantity of `core.classification.quality`, prints the share right in bins of equal count.
Choose thresholds on pictures that are neither test pictures nor among those that the model learned from.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from bench.detectors import read_data
from core.boxes import iou
from core.images import read_image
from core.models import DEFAULT
from core.pipeline import load_pipeline
from core.results import Prediction

QUANTITIES = ("face_px", "brightness", "sharpness", "roll", "yaw", "visible")


def main() -> None:
    parser = argparse.ArgumentParser(description="How often the model is right by what a face offers.")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--split", default="train")
    parser.add_argument("--model", default=DEFAULT)
    parser.add_argument("--bins", type=int, default=10)
    options = parser.parse_args()
    pipeline = load_pipeline(options.model)
    rows = []
    for image in read_data(options.data, options.split):
        frame = read_image(image.path)
        detections = pipeline.detector.detect(frame)
        if not detections:
            continue
        overlaps = iou(np.array([d.box for d in detections]), np.array(image.boxes))
        for measured, overlap in zip(pipeline.classify(frame, detections), overlaps, strict=True):
            if overlap.max() >= 0.5:
                said = Prediction(pipeline.classifier.card.label_set, measured.probabilities)
                right = said.label == image.labels[overlap.argmax()]
                rows.append([getattr(measured.quality, q) for q in QUANTITIES] + [said.margin, right])
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
