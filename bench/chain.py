"""The whole chain, detector and classifier: which faces are found and named right, side by side in one run.

    python -m bench.chain --data DATA [--split test] [--source andrewmvd] [--limit N] [--model mask3]
        [--detector NAME ...] [--ultraface ONNX] [--one-stage]

DATA as for bench.detectors. Prints for each detector, as the photo page asks it: AP50 of faces of any label;
of each label, where a face counts for the label that it is given, scored by the detector's score times the
label's probability, and a face given another label is false; the mean of these; the same mean with each face
counted for every label by its probability, as YOLO's validation does; median milliseconds a picture of
detecting and naming. Faces that the quality gate would not judge count with their label.

`--one-stage` adds a row in which face_fpn names the faces itself, by the labels that its cells answer.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from tqdm import tqdm

from bench.detectors import of_sources, print_table, read_data
from bench.rivals import NAMES, PHOTO, WHOLE_CURVE, Rival, rivals
from core.classification import Classifier, load_classifier
from core.decision import decide
from core.detection import face_fpn, passes
from core.errors import DetectorError, MaskwiseError
from core.images import crop_face, read_image
from core.metrics import match
from core.models import DEFAULT, Engine, EngineName, operating_point_from_card
from core.results import Box, Detection, Frame
from training.detection import BoxedImage

_EVERY_TILE = replace(face_fpn.PLAN, hints=None)  # whose passes are known beforehand


@dataclass(frozen=True, slots=True, eq=False)
class Named:
    """Faces of one picture: boxes, scores (N,), probabilities (N, labels), indices of the labels (N,)."""

    boxes: list[Box]
    scores: np.ndarray
    probabilities: np.ndarray
    label: np.ndarray


@dataclass(slots=True)
class Chain:
    """`name` answers a frame's faces of at least some score; `pictures` are its answers beside the truth."""

    title: str
    operating_point: float
    name: Callable[[Frame, float], Named]
    pictures: list[tuple[Named, BoxedImage]] = field(default_factory=list)
    ms: list[float] = field(default_factory=list)

    def ask(self, image: BoxedImage, frame: Frame) -> None:
        start = time.perf_counter()
        self.name(frame, self.operating_point)
        self.ms.append((time.perf_counter() - start) * 1000)
        self.pictures.append((self.name(frame, WHOLE_CURVE), image))


def two_stages(rival: Rival, classifier: Classifier) -> Chain:
    card = classifier.card
    point = operating_point_from_card(card)

    def name(frame: Frame, min_score: float) -> Named:
        found = rival.find(frame, min_score)
        boxes = [d.box for d in found]
        probabilities = classifier.predict([crop_face(frame, b, card.crop_scale) for b in boxes]).labels
        label = decide(probabilities, card.label_set, point).class_index
        return Named(boxes, np.array([d.score for d in found]), probabilities, label)

    return Chain(f"{rival} + {card.name}", rival.operating_point, name)


class LabelEngine:
    """Hands on what a network answers, and keeps what its cells say of the label, pass by pass.

    `passes` has of each the five points of its cells (K, 10), in pixels of the pass, and (K, labels)
    probabilities.
    """

    def __init__(self, engine: Engine, labels: int) -> None:
        self._labels = labels
        self.name: EngineName = engine.name
        self._engine = engine
        self.passes: list[tuple[np.ndarray, np.ndarray]] = []

    def run(self, batch: np.ndarray) -> np.ndarray:
        """Raises `DetectorError` when cells do not answer so many labels."""
        answers = self._engine.run(batch)
        if answers.shape[-1] != face_fpn.POINTS.stop + self._labels:
            raise DetectorError(
                f"{face_fpn.NAME} answers no label, or not {self._labels}: leave out --one-stage."
            )
        cells = answers.reshape(-1, answers.shape[-1]).astype(np.float64)
        kept = cells[:, 0] > np.log(WHOLE_CURVE / 2)
        grid, seen = face_fpn.cells(*batch.shape[1:3])[kept], cells[kept]
        logits = seen[:, face_fpn.POINTS.stop :]
        likely = np.exp(logits - logits.max(axis=1, keepdims=True))
        points = np.tile(grid[:, :2], 5) + seen[:, face_fpn.POINTS] * grid[:, 2:]
        self.passes.append((points, likely / likely.sum(axis=1, keepdims=True)))
        return answers

    def said_of(self, found: Sequence[Detection], frame: Frame) -> np.ndarray:
        """(faces, labels) probabilities of the cells that the detections were decoded from.

        A detection has its cell's five points; its score may be a mean over passes.
        """
        where = passes(frame, _EVERY_TILE)
        points = [
            (at + np.tile((left, top), 5)) / scale
            for (at, _), (_, scale, left, top) in zip(self.passes, where, strict=True)
        ]
        said, there = np.concatenate([likely for _, likely in self.passes]), np.concatenate(points)
        cells = [
            int(np.abs(there - np.asarray(face.landmarks).ravel()).sum(axis=1).argmin()) for face in found
        ]
        return np.asarray(said[cells])


def one_stage(labels: int) -> Chain:
    """Raises `DetectorError` when face_fpn is not at hand."""
    whole = face_fpn.load(face_fpn.NAME)
    engine = LabelEngine(whole.engine, labels)
    detector = face_fpn.FaceFpnDetector(whole.card, engine, plan=_EVERY_TILE)

    def name(frame: Frame, min_score: float) -> Named:
        engine.passes.clear()
        found = detector.detect(frame, min_score)
        probabilities = engine.said_of(found, frame)
        scores = np.array([d.score for d in found])
        return Named([d.box for d in found], scores, probabilities, probabilities.argmax(axis=1))

    return Chain(f"{face_fpn.NAME}, one stage", detector.operating_point, name)


def average_precision(
    pictures: Iterable[tuple[Named, BoxedImage]], class_index: int, label: str, *, every: bool
) -> float:
    """AP50 of one label; `every` counts each face by its probability of it, whatever it is called."""
    rows = []
    for named, image in pictures:
        mine = np.flatnonzero((named.label == class_index) | every)
        scores = named.scores[mine] * named.probabilities[mine, class_index]
        true = [box for box, its in zip(image.boxes, image.labels, strict=True) if its == label]
        rows.append(([named.boxes[i] for i in mine], scores.tolist(), true))
    return match(rows).average_precision()


def row(chain: Chain, source: str, labels: Sequence[str]) -> list[str]:
    found = match([(n.boxes, n.scores.tolist(), image.boxes) for n, image in chain.pictures])
    of_label = [average_precision(chain.pictures, i, label, every=False) for i, label in enumerate(labels)]
    every = [average_precision(chain.pictures, i, label, every=True) for i, label in enumerate(labels)]
    with_faces = np.isfinite(of_label)
    means = [float(np.mean(each, where=with_faces)) for each in (of_label, every)]
    values = [found.average_precision(), *of_label, *means]
    shown = ["none" if np.isnan(value) else f"{value:.3f}" for value in values]
    return [source, chain.title, *shown, f"{statistics.median(chain.ms):.0f}"]


def chains(options: argparse.Namespace, classifier: Classifier) -> list[Chain]:
    asked = rivals(options.detector, ultraface=options.ultraface)
    photo = [rival for rival in asked if rival.way == PHOTO or rival.detector == "ultraface"]
    found = [two_stages(rival, classifier) for rival in photo]
    return [*found, one_stage(len(classifier.card.label_set))] if options.one_stage else found


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m bench.chain",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--split", default="test")
    parser.add_argument("--source", default="andrewmvd")
    parser.add_argument("--limit", type=int, help="pictures")
    parser.add_argument("--model", default=DEFAULT)
    parser.add_argument("--detector", action="append", choices=NAMES)
    parser.add_argument("--ultraface", type=Path, help="ONNX of UltraFace")
    parser.add_argument("--one-stage", action="store_true", help="also face_fpn's own labels")
    options = parser.parse_args(arguments)
    try:
        classifier = load_classifier(options.model)
        labels = classifier.card.label_set.labels
        images = of_sources(read_data(options.data, options.split), options.source, options.limit)
        asked = chains(options, classifier)
        if not asked or not images:
            parser.exit(1, "error: no detector is at hand, or no picture is of that source.\n")
        for image in tqdm(images[options.source], unit=" pictures", disable=None, leave=False):
            frame = read_image(image.path)
            for chain in asked:
                chain.ask(image, frame)
    except MaskwiseError as problem:
        parser.exit(1, f"error: {problem}\n")
    known = [label for image in images[options.source] for label in image.labels]
    counts = [f"{label} (n={known.count(label)})" for label in labels]
    head = ["source", "chain", f"any label (n={len(known)})", *counts, "mAP50", "mAP50, every label", "ms"]
    print_table(head, [row(chain, options.source, labels) for chain in asked])
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
