"""How right a model is on pictures that it was not trained on. The only place that reads a test part.

    python -m training.evaluate MODEL --data MANIFEST_OR_FOLDER [--json] [--record]

Of a manifest with a `split` column the rows of `test` are read, of any other all rows. `--record` writes
evaluation.json and predictions.csv into the model's run and the counts into its card.
"""

from __future__ import annotations

import argparse
import itertools
import json
import logging
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from core.cards import Labels, LabelScore, write_card
from core.classify import Classifier
from core.errors import MaskwiseError, RecordError
from core.metrics import calibration_bins, confusion, expected_calibration_error, rate, wilson
from core.models import SHIPPED, folders, load_classifier
from core.quality import measure_pixels
from core.runs import (
    CalibrationBin,
    Evaluation,
    FacePrediction,
    Slice,
    write_evaluation,
    write_predictions,
)
from training.crops import load_crops
from training.manifest import Example, read_manifest

RUNS = SHIPPED.parent / "runs"
FACE_PX_EDGES = (0.0, 16.0, 24.0, 32.0, 48.0, 64.0, 96.0, float("inf"))


def evaluate(classifier: Classifier, data: Path) -> tuple[Evaluation, list[FacePrediction]]:
    """Evaluate on the test part of `data`. Raises `RecordError` when it has none."""
    card = classifier.card
    manifest = read_manifest(data, card.label_set)
    examples: Sequence[Example] = manifest.of_split("test")
    if not examples and not any(e.split for e in manifest.examples):
        examples = manifest.examples
    if not examples:
        raise RecordError(f"{data}: no row has split=test, so there is nothing to evaluate on.")
    crops, examples, unreadable = load_crops(examples, card.input_size, card.crop_scale)
    probabilities = classifier.predict(list(crops))
    true = np.array([card.label_set.index(e.label) for e in examples])
    predicted = probabilities.argmax(axis=1)
    confidence, correct = probabilities.max(axis=1), predicted == true
    sources = np.array([e.source for e in examples])
    tables = {
        source: confusion(true[sources == source], predicted[sources == source], len(card.label_set))
        for source in sorted(set(sources))
    }
    face_px = np.array([e.face_px for e in examples])
    evaluation = Evaluation(
        schema=1,
        model=card.name,
        weights_sha256=card.weights[classifier.engine.name].sha256,
        manifest_sha256=manifest.sha256,
        labels=Labels(set=card.label_set.name, names=card.label_set.labels),
        n=len(true),
        unreadable=tuple(unreadable),
        confusion={source: tuple(tuple(map(int, row)) for row in t) for source, t in tables.items()},
        scores=tuple(_scores(tables, card.label_set.labels)),
        accuracy=rate(int(correct.sum()), len(true)),
        interval=wilson(int(correct.sum()), len(true)),
        calibration=tuple(CalibrationBin.model_validate(b) for b in calibration_bins(confidence, correct)),
        ece=expected_calibration_error(confidence, correct),
        face_px_slices=tuple(
            Slice(low=low, high=high, n=int(inside.sum()), hits=int(correct[inside].sum()))
            for low, high in itertools.pairwise(FACE_PX_EDGES)
            for inside in ((face_px >= low) & (face_px < high),)
        ),
    )
    return evaluation, [
        FacePrediction(
            source=example.source,
            id=str(number),
            label=example.label,
            probabilities=tuple(map(float, row)),
            face_px=example.face_px,
            **measure_pixels(crop),
        )
        for number, (example, row, crop) in enumerate(zip(examples, probabilities, crops, strict=True))
    ]


def _scores(tables: dict[str, np.ndarray], labels: tuple[str, ...]) -> list[LabelScore]:
    found = []
    for source, table in tables.items():
        for unit, label in enumerate(labels):
            n, hits = int(table[unit].sum()), int(table[unit, unit])
            if n:
                found.append(
                    LabelScore(
                        source=source,
                        label=label,
                        n=n,
                        predicted={other: int(table[unit, k]) for k, other in enumerate(labels)},
                        recall=rate(hits, n),
                        interval=wilson(hits, n),
                    )
                )
    return found


def record(
    classifier: Classifier, evaluation: Evaluation, predictions: list[FacePrediction], runs: Path
) -> None:
    """Write the evaluation into the model's run and the counts into its card."""
    card = classifier.card
    run = runs / card.trained_by
    write_evaluation(run, evaluation)
    write_predictions(run, card.label_set.labels, predictions)
    write_card(folders()[card.name], card.model_copy(update={"test": evaluation.scores}))


def as_text(evaluation: Evaluation) -> str:
    """The table for people."""
    low, high = evaluation.interval
    lines = [
        f"{evaluation.model}: {evaluation.accuracy:.1%} of {evaluation.n} right ({low:.1%} to {high:.1%})"
    ]
    for score in evaluation.scores:
        low, high = score.interval
        named = ", ".join(f"{n} {label}" for label, n in score.predicted.items())
        lines.append(
            f"  {score.source:20} {score.label:15} n={score.n:<5} recall {score.recall:6.1%} "
            f"({low:.1%} to {high:.1%})  named {named}"
        )
    lines.append(f"  calibration error (ECE) {evaluation.ece:.3f}; {len(evaluation.unreadable)} unreadable")
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m training.evaluate", description="Measure a model.")
    parser.add_argument("model")
    parser.add_argument("--data", type=Path, required=True, metavar="MANIFEST_OR_FOLDER")
    parser.add_argument("--json", action="store_true", help="the whole evaluation as JSON")
    parser.add_argument("--record", action="store_true", help="write it into the run and the card")
    parser.add_argument("--runs", type=Path, default=RUNS, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    try:
        classifier = load_classifier(options.model)
        evaluation, predictions = evaluate(classifier, options.data)
        if options.record:
            record(classifier, evaluation, predictions, options.runs)
    except MaskwiseError as problem:
        parser.exit(1, f"error: {problem}\n")
    print(json.dumps(evaluation.as_json()) if options.json else as_text(evaluation))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
