"""The card of the network that finds five points in a face: what it is, how well they follow a head.

models/<name>/landmarks.json      beside the weights it names
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field

from core.models.network_card import NetworkCard
from core.records import MAX_ROWS, NonNegativeInt, Record, Text, read_record, write_json

LANDMARK_CARD_FILE = "landmarks.json"  # not card.json, which makes a folder a classifier's
Degrees = Annotated[float, Field(ge=0, le=180)]


def _correlation_or_nan(value: float) -> float:
    if not (math.isnan(value) or -1 <= value <= 1):
        raise ValueError("give a correlation from -1 to 1, or NaN where all faces are turned alike")
    return value


Correlation = Annotated[float, AfterValidator(_correlation_or_nan)]


class LandmarkScore(Record):
    """How far points of `n` faces of one source were from a teacher's, each face seen at several turns.

    `roll_error` and `roll_error_of_nine_in_ten` are degrees: the median, and what nine in ten do not exceed.
    `yaw_correlation` is that of the yaw that follows from the points with the teacher's.
    """

    source: Text
    n: NonNegativeInt
    roll_error: Degrees
    roll_error_of_nine_in_ten: Degrees
    yaw_correlation: Correlation


class LandmarkCard(NetworkCard):
    """See the module. The network sees a square of `crop_scale` times a face's longer side, of `input_size`
    pixels.
    """

    input_size: Annotated[int, Field(ge=16, le=512)]
    crop_scale: Annotated[float, Field(ge=1, le=3)]
    test: Annotated[tuple[LandmarkScore, ...], Field(max_length=MAX_ROWS)]


def read_landmark_card(folder: Path) -> LandmarkCard:
    """The card in the network's folder. Raises `RecordError` when it is absent or broken."""
    return read_record(folder / LANDMARK_CARD_FILE, LandmarkCard)


def write_landmark_card(folder: Path, card: LandmarkCard) -> None:
    """Write it into the network's folder, which is made where it is not there. Raises `OSError`."""
    write_json(folder / LANDMARK_CARD_FILE, card)
