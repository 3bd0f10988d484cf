"""`check`: find the faces of pictures and say who wears a mask properly."""

from __future__ import annotations

import argparse
from pathlib import Path

from core.bulk import require_answers
from core.commands import bulk_options
from core.commands.drawn import DrawnPictures
from core.commands.options import add_model_options, operating_point, share
from core.commands.pictures import UNREADABLE, named_pictures, read_timed
from core.commands.printers import AsCsv, AsJson, AsText, Printer
from core.detection import DETECTOR_NAMES
from core.errors import ImageError
from core.pipeline import load_pipeline


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("images", nargs="+", metavar="PATH_OR_URL_OR_FOLDER")
    add_model_options(parser)
    parser.add_argument("--detector", choices=DETECTOR_NAMES, help="default: the best at hand")
    parser.add_argument(
        "--min-score",
        type=share,
        metavar="S",
        help="from which score a detection is a face, 0 to 1; default: the detector's operating point",
    )
    parser.add_argument(
        "--output",
        type=Path,
        metavar="DIR_OR_FILE",
        help="write the pictures, drawn on, into a folder; or a table of many pictures, see below",
    )
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="one line of JSON a picture")
    form.add_argument("--csv", action="store_true", help="one row a face, columns as the app downloads them")
    bulk_options.add_options(parser)


def run(options: argparse.Namespace) -> int:
    """Print an answer a picture; one that cannot be read prints its error and the others still come."""
    if bulk_options.is_job(options):
        from core.commands import bulk

        return bulk.run(options)
    drawn = DrawnPictures(options.output) if options.output else None
    pipeline = load_pipeline(options.model, options.detector)
    point, card = operating_point(options, pipeline.classifier), pipeline.classifier.card
    require_answers(options.fail_on, card.label_set, card.name)
    printer = _printer(options, tuple(card.label_set))
    exit_code, is_named = 0, False
    for image in named_pictures(options.images):
        try:
            frame, decode_ms = read_timed(image)
            result = pipeline.check(frame, min_score=options.min_score, point=point, decode_ms=decode_ms)
        except ImageError as problem:
            exit_code = UNREADABLE
            printer.failed(image, problem)
            continue
        if drawn:
            drawn.write(image, frame, result)
        printer.answered(image, result)
        is_named |= any(bulk_options.is_named(face, options.fail_on) for face in result.faces)
    return bulk_options.FAILED_ON if is_named else exit_code


def _printer(options: argparse.Namespace, labels: tuple[str, ...]) -> Printer:
    if options.csv:
        return AsCsv(labels)
    return AsJson() if options.json else AsText()
