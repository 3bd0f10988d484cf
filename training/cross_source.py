"""Trained on one source, tested on another: what a model is worth where its pictures do not come from.

    python -m training.cross_source RECIPE --data MANIFEST --source A --source B ... --output runs/ID

A network is trained on each source alone and its best epoch chosen on that source's own validation groups.
Then it names the faces of every source: of its own those groups, of the others all. The test part is not
read. The record is `cross_source.json`, and beside it the run of each source.
"""

from __future__ import annotations

import argparse
import logging
from collections.abc import Sequence
from pathlib import Path

from core import terminal
from core.classification import face_probabilities
from core.errors import RecordError
from core.metrics import rate, wilson
from core.runs import CrossCell, CrossSource, write_cross_source
from training.data import (
    Manifest,
    add_data_options,
    load_dataset,
    load_faces,
    may_be_learned,
    one_line_errors,
    read_data,
    require_known_names,
)
from training.recipes import IMAGENET, Recipe, add_recipe_options, changed

log = logging.getLogger(__name__)


def cross_source(
    recipe: Recipe, manifest: Manifest, sources: Sequence[str], run: Path, *, backbone_weights: str = IMAGENET
) -> CrossSource:
    """Train on each of `sources` and test on all of them. Raises `MaskwiseError`."""
    from training.fitting import predict, train_classifier, with_labels

    recipe = with_labels(recipe, manifest)
    if run.exists():
        raise RecordError(f"{run} exists already, and no record is overwritten. Give another --output.")
    examples = {
        source: [e for e in manifest.only(recipe.labels).examples if e.source == source and may_be_learned(e)]
        for source in sources
    }
    classes = recipe.class_set
    if absent := [source for source, found in examples.items() if not found]:
        raise RecordError(f"The data has nothing to learn of source {', '.join(absent)}.")
    whole = {source: load_faces(recipe, found)[0] for source, found in examples.items()}
    cells: list[CrossCell] = []
    for source in sources:
        log.info("trained on %s alone", source)
        model = train_classifier(
            recipe, manifest, run / source, only_sources=[source], backbone_weights=backbone_weights
        )
        own = load_dataset(recipe, manifest.only(recipe.labels, classes.reserved), only_sources=[source])
        for other in sources:
            faces = own.validation if other == source else whole[other]
            named = face_probabilities(predict(model, faces.crops), classes).labels.argmax(axis=1)
            true = classes.annotation_groups()[faces.class_indices]
            for class_index, label in enumerate(recipe.labels):
                mine = true == class_index
                n, hits = int(mine.sum()), int((named[mine] == class_index).sum())
                cells.append(
                    CrossCell(
                        trained_on=source,
                        tested_on=other,
                        label=label,
                        n=n,
                        hits=hits,
                        recall=rate(hits, n),
                        interval=wilson(hits, n),
                    )
                )
    table = CrossSource(schema=1, id=run.name, recipe=recipe.name, cells=tuple(cells))
    write_cross_source(run, table)
    return table


def as_text(table: CrossSource) -> str:
    """Mean recall of the labels, a row for each source trained on, a column for each tested on."""
    lines = ["mean recall of the labels; down: trained on, across: tested on (number of faces)"]
    lines.append(" " * 18 + "".join(f"{source:>20}" for source in table.sources))
    for trained in table.sources:
        row = f"{trained:18}"
        for tested in table.sources:
            mean, n = table.mean_recall(trained, tested)
            row += f"{f'{mean:.1%} ({n})' if n else 'no examples':>20}"
        lines.append(row)
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m training.cross_source", description="Train on one source, test on another."
    )
    parser.add_argument("--source", action="append", required=True, help="give two or more")
    parser.add_argument("--output", type=Path, required=True, help="a new folder")
    add_recipe_options(parser)
    add_data_options(parser)
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    with one_line_errors(parser):
        recipe, manifest = changed(options), read_data(options)
        require_known_names(manifest, recipe.labels)
        table = cross_source(
            recipe,
            manifest,
            options.source,
            options.output,
            backbone_weights=options.backbone_weights,
        )
    print(as_text(table))
    return 0


if __name__ == "__main__":
    raise SystemExit(terminal.run(main))
