"""`classify`: the picture is the face."""

from __future__ import annotations

import argparse
import json
from typing import Any

from core.classification import load_classifier
from core.commands.options import add_model_options, operating_point
from core.commands.pictures import LONGEST_NAME, UNREADABLE, named_pictures, read_timed
from core.commands.words import answered, refused
from core.errors import ImageError
from core.labels import CANNOT_TELL
from core.reasons import ADVICE, LOW_MARGIN
from core.results import Prediction
from core.text import printable


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("images", nargs="+", metavar="CROP_OR_FOLDER")
    add_model_options(parser)
    parser.add_argument("--json", action="store_true", help="one line of JSON a picture")


def run(options: argparse.Namespace) -> int:
    """As `check.run`."""
    classifier = load_classifier(options.model)
    card, point = classifier.card, operating_point(options, classifier)
    exit_code = 0
    for image in named_pictures(options.images):
        try:
            frame, _ = read_timed(image)
        except ImageError as problem:
            exit_code = UNREADABLE
            fields: dict[str, Any] = {"image": image, "error": str(problem)}
            text = f"error: {problem}"
        else:
            found = classifier.predict([frame.rgb])
            subtypes = dict(zip(card.class_set.subtypes, found.subtypes[0].tolist(), strict=True))
            said = Prediction(card.label_set, tuple(found.labels[0].tolist()), point, subtypes)
            reserved = {name: round(float(getattr(found, name)[0]), 4) for name in card.class_set.reserved}
            fields, text = {"image": image, **said.as_json(), **reserved}, answered(said)
            if said.margin < point.min_margin:
                fields["answer"], text = CANNOT_TELL, refused(ADVICE[LOW_MARGIN])
        print(json.dumps(fields) if options.json else f"{printable(image, LONGEST_NAME)}: {text}", flush=True)
    return exit_code
