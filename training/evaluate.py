"""How right a model is on pictures that it was not trained on. The only place that reads a test part.

    python -m training.evaluate MODEL --data MANIFEST_OR_FOLDER [--json] [--record | --record-as NAME]
        [--faces FOLDER]
    python -m training.evaluate face_fpn --data IMAGES [--json] [--record] [--incomplete SOURCE]

MODEL is a name or a folder, of a classifier or of a detector. Of data with a split the part "test" is read,
of any other all. Data that shares groups with the training is refused, unless `--allow-shared-groups` is
given; the record then says so.

`--record` writes evaluation.json and predictions.csv into the model's run, and the counts into its card.
`--record-as` writes them beside those, under another name, for a second data set; the card stays.
`--faces` keeps the faces as pictures, for the dashboard's Mistakes; it does so without a record too.

Of a detector the record is detection.json and detections.csv. `--incomplete` names a source of which not all
faces are labelled: its precision is then called a lower bound.
"""

from __future__ import annotations

import argparse
import json
import logging
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from core import terminal
from core.reports import detection_text, evaluation_text
from core.runs import SHIPPED_RUNS
from training.data import (
    add_data_options,
    data_root,
    one_line_errors,
    plain_name,
    read_data,
    require_known_names,
)
from training.detection import detector_folder, evaluate_detector, open_detector, record_detector
from training.evaluation import (
    claim,
    evaluate_classifier,
    open_classifier,
    record_classifier,
    write_faces,
)
from training.recipes import refuse


def _classifier_text(options: argparse.Namespace) -> str:
    refuse(options, ("incomplete",), f"{options.model} is a classifier.")
    folder, classifier = open_classifier(options.model)
    if options.faces:
        claim(options.faces)
    manifest = read_data(options)
    require_known_names(manifest, classifier.card.label_set)
    evaluation, predictions = evaluate_classifier(
        classifier,
        manifest,
        options.runs,
        allow_shared_groups=options.allow_shared_groups,
        look_for_near_duplicates=options.audit,
        keep_faces=partial(write_faces, options.faces, data_root(options)) if options.faces else None,
    )
    for name in [""] * options.record + [options.record_as] * bool(options.record_as):
        record_classifier(folder, classifier.card, evaluation, predictions, options.runs, name)
    return json.dumps(evaluation.as_json()) if options.json else evaluation_text(evaluation)


def _detector_text(folder: Path, options: argparse.Namespace) -> str:
    refuse(options, ("record_as", "faces", "audit"), f"{options.model} is a detector.")
    evaluation, rows = evaluate_detector(
        open_detector(folder),
        read_data(options),
        options.runs,
        allow_shared_groups=options.allow_shared_groups,
        incomplete=options.incomplete,
    )
    if options.record:
        record_detector(folder, evaluation, rows, options.runs)
    return json.dumps(evaluation.as_json()) if options.json else detection_text(evaluation, rows)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m training.evaluate", description="Measure a model.")
    parser.add_argument("model", help="a name, or a model's folder")
    add_data_options(parser)
    parser.add_argument("--json", action="store_true", help="the whole evaluation as JSON")
    parser.add_argument("--record", action="store_true", help="write it into the run and the card")
    parser.add_argument(
        "--record-as", type=plain_name, metavar="NAME", help="write it beside, the card stays"
    )
    parser.add_argument("--faces", type=Path, metavar="FOLDER", help="keep the faces here, a new folder")
    parser.add_argument(
        "--allow-shared-groups", action="store_true", help="measure on what training saw; it is recorded"
    )
    parser.add_argument(
        "--audit", action="store_true", help="look for near-duplicates of test faces in the rest of the data"
    )
    parser.add_argument(
        "--incomplete", action="append", default=[], metavar="SOURCE", help="not all its faces are labelled"
    )
    parser.add_argument(
        "--runs", type=Path, default=SHIPPED_RUNS, help="the folder that holds the model's run"
    )
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    with one_line_errors(parser):
        folder = detector_folder(options.model)
        print(_detector_text(folder, options) if folder else _classifier_text(options))
    return 0


if __name__ == "__main__":
    raise SystemExit(terminal.run(main))
