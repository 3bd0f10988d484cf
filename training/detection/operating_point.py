"""From which score a detection counts as a face, chosen on the pictures that training chose its epoch by.

    python -m training.detection.operating_point face_fpn --data IMAGES [--taught CSV] [--face-free FOLDER]
        [--precision .94]

The lowest score at which the precision asked for is reached, for photos and for live video apart. It is
written into the detector's card with its reason. The test part is not read; the card's test counts are
dropped, as they were of other scores.
"""

from __future__ import annotations

import argparse
import dataclasses
import logging
from collections.abc import Collection, Sequence
from pathlib import Path

import numpy as np
from tqdm import tqdm

from core import terminal
from core.detection import FaceDetector
from core.errors import RecordError
from core.metrics import percent
from core.models import WAYS, Threshold, Way, write_detector_card
from core.results import Frame
from core.review import at_score
from core.runs import LEAST_SCORE, SHIPPED_RUNS, DetectionRow, Detections, RunConfig, read_config
from training.data import Manifest, add_data_options, one_line_errors, read_data
from training.detection.dataset import load_detection_data
from training.detection.evaluate import detector_folder, open_detector
from training.detection.labelled_detections import detection_rows
from training.detection.rows import FACE, IGNORED, AnnotatedImage
from training.recipes import Recipe, load_any

PRECISION = 0.94
STEPS = np.arange(round(100 * LEAST_SCORE), 100) / 100


def validation_images(
    config: RunConfig,
    manifest: Manifest,
    pseudo_labels: Path | None = None,
    face_free: Path | None = None,
) -> Sequence[AnnotatedImage]:
    """The pictures that a run of a detector was chosen by, also those of `face_free` that do not train.

    Raises `RecordError`.
    """
    recipe = load_any(config.recipe)
    if isinstance(recipe, Recipe):
        raise RecordError(f"{config.id} did not train a detector.")
    recipe = dataclasses.replace(recipe, validation_share=config.settings["validation_share"])
    return load_detection_data(
        recipe,
        manifest,
        pseudo_labels=pseudo_labels,
        face_free=face_free,
        limit=config.settings.get("limit"),
    ).validation


def choose(
    detector: FaceDetector, images: Sequence[AnnotatedImage], precision: float
) -> dict[Way, Threshold]:
    """The lowest score by way that reaches the precision, and why. Raises `RecordError` where none does."""
    rows: list[DetectionRow] = []
    for number, image in enumerate(tqdm(images, unit=" pictures", disable=None)):
        faces, ignored = (image.boxes_of(kind) for kind in (FACE, IGNORED))
        labels = ["face"] * len(faces)
        rows += detection_rows(
            detector,
            Frame(image.rgb),
            faces,
            labels,
            source=image.source,
            picture=str(number),
            ignored=ignored,
        )[0]
    found = Detections.from_rows(rows)
    return {way: _lowest(found.of(way), precision, way, len(images)) for way in WAYS}


def _lowest(rows: Detections, precision: float, way: Way, pictures: int) -> Threshold:
    for score in STEPS:
        counts = at_score(rows, score)
        if counts.precision.value >= precision:  # NaN is not
            return Threshold(
                value=float(score),
                reason=f"lowest score with a precision of at least {precision:.0%} on {pictures} validation "
                f"pictures: {counts.found} of {counts.n} faces found ({percent(counts.recall.value)}), "
                f"{counts.false} false detections",
            )
    raise RecordError(f"No score reaches a precision of {precision:.0%} on {way} looks. Ask for less.")


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m training.detection.operating_point", description="Choose a detector's scores."
    )
    parser.add_argument("detector", help="a name, or a detector's folder")
    parser.add_argument(
        "--precision", type=float, default=PRECISION, help="share of detections that are faces"
    )
    parser.add_argument("--taught", type=Path, metavar="CSV", help="what training.detection.teach wrote")
    parser.add_argument("--face-free", type=Path, metavar="FOLDER", help="photos without a face")
    parser.add_argument(
        "--incomplete",
        action="append",
        default=[],
        metavar="SOURCE",
        help="not all its faces are labelled: leave it out",
    )
    parser.add_argument("--runs", type=Path, default=SHIPPED_RUNS, help=argparse.SUPPRESS)
    add_data_options(parser)
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    with one_line_errors(parser):
        folder = detector_folder(options.detector)
        if folder is None:
            raise RecordError(f"No detector named {options.detector!r}. Make one: python -m training.export.")
        detector = open_detector(folder)
        config = read_config(options.runs / detector.card.trained_by)
        images = _complete(
            validation_images(config, read_data(options), options.taught, options.face_free),
            options.incomplete,
        )
        chosen = choose(detector, images, options.precision)
    write_detector_card(folder, detector.card.model_copy(update={"min_score": chosen, "test": ()}))
    for way, threshold in chosen.items():
        print(f"{way}: {threshold.value:g}, {threshold.reason}")
    print(f"Measure it: python -m training.evaluate {options.detector} --data ... --record")
    return 0


def _complete(images: Sequence[AnnotatedImage], incomplete: Collection[str]) -> Sequence[AnnotatedImage]:
    if kept := [image for image in images if image.source not in incomplete]:
        return kept
    raise RecordError("No validation picture is left of sources whose faces are all labelled.")


if __name__ == "__main__":
    raise SystemExit(terminal.run(main))
