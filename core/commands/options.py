"""Options that several commands share."""

from __future__ import annotations

import argparse
from dataclasses import replace

from core.classification import Classifier
from core.decision import OperatingPoint


def share(text: str) -> float:
    """For `argparse`: a number from 0 to 1."""
    try:
        number = float(text)
    except ValueError:
        number = -1
    if not 0 <= number <= 1:  # so is what is not a number
        raise argparse.ArgumentTypeError(f"{text!r}: give a number from 0 to 1")
    return number


def add_model_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--model", metavar="NAME", help="default: see MASKWISE_WEIGHTS")
    parser.add_argument(
        "--margin",
        type=share,
        metavar="M",
        help="how far one side must lead for an answer, 0 to 1; default: the model's operating point",
    )


def operating_point(options: argparse.Namespace, classifier: Classifier) -> OperatingPoint:
    """The classifier's, with the margin that `--margin` gives."""
    point = classifier.operating_point
    return point if options.margin is None else replace(point, min_margin=options.margin)
