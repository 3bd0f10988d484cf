"""Measure the installed network of face points on sources that it did not learn from.

    python -m training.landmarks.evaluate --data IMAGES --taught TAUGHT.csv [--faces FACES] [--record]

TAUGHT.csv is what `training.detection.teach` wrote of these pictures with `--facemesh`: points on which
teachers agree. `--record` keeps the figures in the card, beside those of other sources.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from core import terminal
from core.detection import LANDMARKS
from core.errors import RecordError
from core.models import (
    LANDMARK_CARD_FILE,
    LandmarkScore,
    folders,
    load_engine,
    read_landmark_card,
    write_landmark_card,
)
from training.data import one_line_errors, read_data
from training.detection import read_pseudo_labels
from training.landmarks.measure import in_words, measure_landmarks
from training.landmarks.options import add_taught_options
from training.landmarks.samples import read_taught_faces


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m training.landmarks.evaluate", description="Measure the network of face points."
    )
    add_taught_options(parser)
    parser.add_argument("--record", action="store_true", help="keep the figures in the card")
    options = parser.parse_args(arguments)
    with one_line_errors(parser):
        folder = folders(LANDMARK_CARD_FILE).get(LANDMARKS)
        if folder is None:
            raise RecordError(f"{LANDMARKS} is not installed. Train it: python -m training.landmarks.train.")
        card = read_landmark_card(folder)
        engine = load_engine(folder, card)
        faces = read_taught_faces(read_data(options), read_pseudo_labels(options.taught), options.faces)
        scores = measure_landmarks(engine.run, faces, card.input_size, card.crop_scale)
        if options.record:
            of_source: dict[str, LandmarkScore] = {score.source: score for score in (*card.test, *scores)}
            test = tuple(of_source[name] for name in sorted(of_source))
            write_landmark_card(folder, card.model_copy(update={"test": test}))
    for score in scores:
        print(in_words(score))
    return 0


if __name__ == "__main__":
    raise SystemExit(terminal.run(main))
