"""Train a recipe and keep its record.

    python -m training.train RECIPE --data MANIFEST_OR_FOLDER [--epochs N] [--limit N] [--output runs/ID]
    python -m training.train face_fpn --data IMAGES [--faces FACES] [--taught TAUGHT.csv] [--epochs N] ...

The second trains a detector; see `training.detection`.

The test part of the data (split "test") is never looked at here. The epoch that is best on validation is kept
as `checkpoints/best.keras` in the run's folder; `training.export` makes a model of it. After an interruption
the same command with `--resume` goes on. `KERAS_BACKEND` chooses among the backends that are installed.
`MALLOC_ARENA_MAX=1` before the command saves a fifth of the time on two cores under Linux.
"""

from __future__ import annotations

import argparse
import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from core import terminal
from core.labels import LABEL_SETS
from core.metrics import percent
from core.reports import columns
from training.data import add_data_options, data_root, one_line_errors, read_data, require_several_labels
from training.fitting import refuse_existing
from training.recipes import Recipe, add_recipe_options, changed_any


def _best(run: Path) -> str:
    from training.fitting import epochs_done

    best = min(epochs_done(run), key=lambda epoch: epoch.val_loss)
    lines = [f"  {cell:40} {hits:6} of {n}" for cell, (hits, n) in best.validation.items()]
    lines += [f"  refused of {kind:29} {refused:6} of {n}" for kind, (refused, n) in best.refused.items()]
    return "\n".join(
        [f"Best epoch: {best.epoch + 1}. Right of those kept for validation, by source and label:", *lines]
    )


def _best_of_detector(run: Path) -> str:
    from training.detection import AT, epochs_done

    best = max(epochs_done(run), key=lambda epoch: epoch.score)
    rows = [
        (source, percent(found.ap50), f"{found.found} of {found.n}", f"{found.false}")
        for source, found in best.validation.items()
    ]
    return "\n".join(
        [
            f"Best epoch: {best.epoch + 1}. Of the faces kept for validation, from score {AT:g} on:",
            *columns([("", "AP50", "found", "false"), *rows]),
        ]
    )


@contextmanager
def _ended_by_hand(parser: argparse.ArgumentParser) -> Iterator[None]:
    try:
        yield
    except KeyboardInterrupt:
        parser.exit(130, "Interrupted. Go on by the same command with --output and --resume.\n")


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m training.train", description="Train a recipe.")
    parser.add_argument("--output", type=Path, help="a new folder; default runs/RECIPE-TIME")
    parser.add_argument("--resume", action="store_true", help="go on with the interrupted run in --output")
    parser.add_argument(
        "--start-from", type=Path, metavar="RUN/checkpoints/best.keras", help="weights of a run to go on with"
    )
    parser.add_argument("--limit", type=int, help="use at most that many pictures, for a rehearsal")
    parser.add_argument("--labels", help=f"{', '.join(LABEL_SETS)}, or labels separated by commas")
    parser.add_argument("--yunet", type=Path, help="face detector, whose points say where a mask goes")
    parser.add_argument("--only", action="append", default=[], metavar="SOURCE", help="learn from it alone")
    parser.add_argument(
        "--hold-out", action="append", default=[], metavar="SOURCE", help="only validate on it"
    )
    parser.add_argument("--workers", default="", metavar="HOST:PORT,...", help="machines that train together")
    parser.add_argument("--worker", type=int, default=0, help="which of them this is, from 0")
    parser.add_argument("--tensorboard", action="store_true", help="write logs into the run's folder")
    parser.add_argument(
        "--faces", type=Path, metavar="MANIFEST", help="of a detector: pictures that are a face each"
    )
    parser.add_argument(
        "--taught", type=Path, metavar="CSV", help="of a detector: what training.detection.teach wrote"
    )
    parser.add_argument(
        "--allowed-only",
        action="store_true",
        help="of a recipe for any use: leave out sources that it may not learn from",
    )
    parser.add_argument(
        "--face-free", type=Path, metavar="FOLDER", help="of a detector: photos without a face"
    )
    add_recipe_options(parser)
    add_data_options(parser)
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    with one_line_errors(parser), _ended_by_hand(parser):
        recipe = changed_any(options)
        run = options.output or Path("runs") / f"{recipe.name}-{datetime.now(UTC):%Y%m%d-%H%M%S}"
        refuse_existing(run, resume=options.resume)
        manifest = read_data(options)
        if isinstance(recipe, Recipe) and not recipe.synthetic_share:  # which may draw other labels
            require_several_labels(manifest, data_root(options))
        # Keras takes seconds to load: whatever is asked or given wrongly is answered before
        from training.detection import train_detector
        from training.fitting import join, train_classifier, use_mixed_precision_on_gpu

        workers = join([address for address in options.workers.split(",") if address], options.worker)
        use_mixed_precision_on_gpu()
        of_either: dict[str, Any] = {
            "backbone_weights": options.backbone_weights,
            "limit": options.limit,
            "resume": options.resume,
            "started_from": options.start_from,
            "allowed_only": options.allowed_only,
        }
        if isinstance(recipe, Recipe):
            train_classifier(
                recipe,
                manifest,
                run,
                labels=options.labels,
                yunet=options.yunet,
                only_sources=options.only,
                held_out_sources=options.hold_out,
                tensorboard=options.tensorboard,
                workers=workers,
                **of_either,
            )
        else:
            train_detector(
                recipe,
                manifest,
                run,
                pseudo_labels=options.taught,
                faces=options.faces,
                face_free=options.face_free,
                **of_either,
            )
    print(_best(workers.folder(run)) if isinstance(recipe, Recipe) else _best_of_detector(run))
    print(f"Next: export it: python -m training.export {run} {recipe.name}")
    return 0


if __name__ == "__main__":
    raise SystemExit(terminal.run(main))
