"""From probabilities to an answer: how sure it must be, and from when a face raises an alarm.

The card holds the model's own operating point. A user's lies beside it and is used in its stead until it is
taken back:

models/<name>/operating_point.json
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from core.decision import OperatingPoint
from core.errors import RecordError
from core.files import is_there
from core.models.card import ModelCard
from core.records import PlainName, Record, read_record, write_json

OPERATING_POINT_FILE = "operating_point.json"


class SavedOperatingPoint(Record):
    """A user's operating point, for one model's weights only."""

    schema_version: Literal[1] = Field(1, alias="schema")
    model: PlainName
    weights_sha256: str
    min_margin: Annotated[float, Field(ge=0, le=1)]
    alarm_threshold: Annotated[float, Field(gt=0, lt=1)] | None = None
    saved_at: str


def operating_point_from_card(card: ModelCard) -> OperatingPoint:
    """The model's own: the card's least margin, and no threshold of an alarm."""
    return OperatingPoint(card.quality.min_margin.value)


def read_operating_point(folder: Path, card: ModelCard) -> OperatingPoint:
    """The user's for the model in `folder`, else the card's.

    Raises `RecordError` when the user's is broken, or was set for other weights.
    """
    path = folder / OPERATING_POINT_FILE
    if not is_there(path):
        return operating_point_from_card(card)
    saved = read_record(path, SavedOperatingPoint)
    if saved.weights_sha256 != _identity(card):
        raise RecordError(
            f"{path}: was set for other weights than those of this card, so it is not used. Set it anew, or "
            "remove the file."
        )
    return OperatingPoint(saved.min_margin, saved.alarm_threshold)


def saved_at(folder: Path) -> str:
    """When the user's was saved. Raises `RecordError`, also where there is none."""
    return read_record(folder / OPERATING_POINT_FILE, SavedOperatingPoint).saved_at


def save_operating_point(folder: Path, card: ModelCard, point: OperatingPoint, saved_at: str) -> None:
    """Use `point` for the model in `folder` from now on; the card stays. Raises `RecordError`."""
    saved = SavedOperatingPoint(
        schema=1,
        model=card.name,
        weights_sha256=_identity(card),
        min_margin=point.min_margin,
        alarm_threshold=point.alarm_threshold,
        saved_at=saved_at,
    )
    try:
        write_json(folder / OPERATING_POINT_FILE, saved)
    except OSError as problem:
        raise RecordError(
            f"{folder / OPERATING_POINT_FILE} cannot be written ({problem.strerror}), so nothing changed. "
            "Let the app write to this folder, or put the model into a folder of yours: MASKWISE_MODELS."
        ) from None


def take_back_operating_point(folder: Path) -> None:
    """Use the card's own again. Raises `RecordError`."""
    path = folder / OPERATING_POINT_FILE
    try:
        path.unlink(missing_ok=True)
    except OSError as problem:
        raise RecordError(f"{path} cannot be removed ({problem.strerror}). Remove it by hand.") from None


def _identity(card: ModelCard) -> str:
    for engine in ("onnx", "keras"):
        if engine in card.weights:
            return card.weights[engine].sha256
    raise RecordError(f"Model {card.name!r} has no weights. Export it: python -m training.export.")
