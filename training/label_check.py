"""Have I labelled enough, and which labels look wrong? Asked of a run's network and of what it learned from.

    python -m training.label_check RUN --data MANIFEST_OR_FOLDER [--faces FOLDER] [--limit N] [--json]

RUN is a run's folder, with `checkpoints/best.keras`. The test part is never looked at. Every face is answered
by a last layer that did not learn from its group, and those whose label is the least likely are listed first;
what fewer faces teach tells what 500 more would. `RUN/label_check.json` keeps both; the dashboard shows them
under Labels, and gives the corrections as CSV for `--fixes`. `--faces` keeps the listed faces as pictures,
for the dashboard. How it is done, and what it cannot find: `training.evaluation.out_of_fold`.
"""

from __future__ import annotations

import argparse
import json
import logging
import math
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from core import terminal
from core.errors import RecordError
from core.runs import (
    LABEL_CHECK_FILE,
    Gain,
    LabelCheck,
    RunConfig,
    SizeRecall,
    Suspect,
    read_config,
    write_label_check,
)
from training.data import (
    Example,
    add_data_options,
    data_root,
    load_crops,
    may_be_learned,
    one_line_errors,
    place_of,
    read_data,
)
from training.evaluation import claim, out_of_fold, write_suspects

MORE = 500  # faces: an afternoon of labelling
LISTED = 1_000  # faces of the least likely labels
LEAST = 50  # faces, below which folds tell nothing


def label_check(
    run: Path, config: RunConfig, examples: Sequence[Example], root: Path, manifest_sha256: str
) -> tuple[LabelCheck, np.ndarray]:
    """The record, and the crops (M, S, S, 3) uint8 RGB of its suspects. Raises `MaskwiseError`."""
    import keras  # takes seconds, and --help needs none of it

    from training.exporting import best_of
    from training.fitting import FEATURES, predict

    labels = config.labels.names
    model = best_of(run)
    size = int(model.input_shape[1])
    scale = config.settings.get("crop_scale", 1.5)
    crops, examples, _ = load_crops(examples, size, float(scale) if isinstance(scale, int | float) else 1.5)
    true = np.array([labels.index(example.label) for example in examples])
    if len(examples) < LEAST or len(np.unique(true)) < 2:
        raise RecordError(
            f"{len(examples)} faces of {len(np.unique(true))} labels can be learned from: too few to check. "
            f"Give data with {LEAST} faces and two labels or more."
        )
    groups = [f"{example.source}/{example.group}" for example in examples]
    before_answer = keras.Model(model.input, model.get_layer(FEATURES).output)
    features = predict(before_answer, crops)
    found = out_of_fold.answers(features, true, groups, len(labels))
    curve = out_of_fold.learning_curve(features, true, groups, len(labels))
    own, named = found[np.arange(len(true)), true], found.argmax(axis=1)
    order = [int(i) for i in np.argsort(own, kind="stable") if named[i] != true[i]][:LISTED]
    gain = curve.gain(MORE)
    record = LabelCheck(
        schema=1,
        run=config.id,
        manifest_sha256=manifest_sha256,
        checked=datetime.now(UTC).isoformat(timespec="seconds"),
        labels=labels,
        n=len(true),
        folds=out_of_fold.FOLDS,
        disagree=int((named != true).sum()),
        curve=tuple(
            SizeRecall(
                faces=round(float(faces)),
                recall=float(row.mean()),
                low=float(row.min()),
                high=float(row.max()),
            )
            for faces, row in zip(curve.faces, curve.recall, strict=True)
        ),
        gain=None if math.isnan(gain[0]) else Gain(faces=MORE, recall=gain[0], low=gain[1], high=gain[2]),
        suspects=tuple(
            _suspect(number, examples[i], root, labels[named[i]], own[i], found[i].max())
            for number, i in enumerate(order)
        ),
    )
    return record, crops[order]


def _suspect(number: int, example: Example, root: Path, suggested: str, own: float, best: float) -> Suspect:
    path, row, box = place_of(example, root)
    return Suspect(
        id=str(number),
        path=path,
        row=row,
        box=box,
        source=example.source,
        label=example.label,
        suggested=suggested,
        probability=round(float(own), 4),
        suggested_probability=round(float(best), 4),
    )


def as_text(found: LabelCheck) -> str:
    lines = [f"{found.n:,} faces, each answered without having learned from its group."]
    lines += [f"  after {one.faces:6,} faces: mean recall {one.recall:.1%}" for one in found.curve]
    if found.gain:
        points = (100 * value for value in (found.gain.recall, found.gain.low, found.gain.high))
        lines.append("{} more would bring about {:.1f} points ({:.1f} to {:.1f}).".format(MORE, *points))
    lines.append(f"{found.disagree:,} faces are named otherwise than labelled. The least likely labels:")
    for one in found.suspects[:10]:
        lines.append(f"  {one.path}: {one.label} {one.probability:.1%}, rather {one.suggested}")
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m training.label_check",
        description="Have I labelled enough, and which labels look wrong?",
    )
    parser.add_argument("run", type=Path, metavar="RUN", help="a run's folder")
    add_data_options(parser)
    parser.add_argument(
        "--faces", type=Path, metavar="FOLDER", help="keep the listed faces here, a new folder"
    )
    parser.add_argument("--limit", type=int, help="look at no more than that many faces, chosen at random")
    parser.add_argument("--json", action="store_true", help="the whole record as JSON")
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    with one_line_errors(parser):
        config = read_config(options.run)
        if config.task == "detect":
            raise RecordError(
                f"{options.run} is a detector's run, which learned from boxes. Give a classifier's."
            )
        if options.faces:
            claim(options.faces)
        manifest = read_data(options).only(config.labels.as_label_set())
        examples = [example for example in manifest.examples if may_be_learned(example)]
        if options.limit and len(examples) > options.limit:
            chosen = np.random.default_rng(0).choice(len(examples), options.limit, replace=False)
            examples = [examples[i] for i in sorted(chosen)]
        found, crops = label_check(options.run, config, examples, data_root(options), manifest.sha256)
        if options.faces:
            write_suspects(options.faces, found, crops)
        write_label_check(options.run, found)
    if options.json:
        print(json.dumps(found.as_json()))
    else:
        print(as_text(found))
        print(f"Kept in {options.run / LABEL_CHECK_FILE}: see the dashboard, Labels.")
    return 0


if __name__ == "__main__":
    raise SystemExit(terminal.run(main))
