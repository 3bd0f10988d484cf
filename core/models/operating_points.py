"""From probabilities to an answer: how sure it must be, and from when a face raises an alarm.

The card holds the model's own operating point. A user's lies beside it and is used in its stead until it is
taken back:

models/<name>/operating_point.json
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from core.errors import RecordError
from core.files.plain import is_there
from core.labels import appearance
from core.models.card import ModelCard, PlainName
from core.records.store import Record, read_record, write_json

OPERATING_POINT_FILE = "operating_point.json"


@dataclass(frozen=True, slots=True)
class OperatingPoint:
    """How probabilities become an answer.

    `min_margin`: a lead below it is `cannot_tell`. `alarm_threshold`: the face is named by one of the labels
    that raise an alarm as soon as these have that share of the probability together, else by one of the
    others; None names the most probable label of all.
    """

    min_margin: float = 0.0
    alarm_threshold: float | None = None

    def __str__(self) -> str:
        alarm = self.alarm_threshold
        rule = "the most probable label" if alarm is None else f"an alarm from {alarm:.0%}"
        return f"{rule}, a lead of {self.min_margin * 100:.0f} points or more"


class SavedOperatingPoint(Record):
    """A user's operating point, for one model's weights only."""

    schema_version: Literal[1] = Field(1, alias="schema")
    model: PlainName
    weights_sha256: str
    min_margin: Annotated[float, Field(ge=0, le=1)]
    alarm_threshold: Annotated[float, Field(gt=0, lt=1)] | None = None
    saved_at: str


def alarm_units(labels: Iterable[str]) -> np.ndarray:
    """(C,) bool: which labels raise an alarm, being a mask worn wrongly or not at all.

    All False where that is not known of every label, or where it is so of none or of all of them.
    """
    worn = [appearance(label).worn for label in labels]
    units = np.array([w in ("wrongly", "not") for w in worn])
    return units if None not in worn and not units.all() else np.zeros(len(worn), bool)


def alarm_share(probabilities: np.ndarray, alarms: np.ndarray) -> np.ndarray:
    """(N,) share of the probability (N, C) that raises an alarm; `alarms` is of `alarm_units`."""
    return np.asarray(np.clip(probabilities[:, alarms].sum(axis=1), 0, 1))


def decide(
    probabilities: np.ndarray, alarms: np.ndarray, point: OperatingPoint
) -> tuple[np.ndarray, np.ndarray]:
    """(N,) unit of the answer and (N,) its lead, of (N, C) probabilities; `alarms` is of `alarm_units`.

    Without a threshold the lead is that of the most probable label over the next. With one it is the lead of
    alarm over no alarm, or the reverse, after both are weighed so that they are even at the threshold.
    """
    threshold = point.alarm_threshold
    if threshold is None or not alarms.any():
        second, best = np.partition(probabilities, -2, axis=1)[:, -2:].T
        return probabilities.argmax(axis=1), best - second
    share = alarm_share(probabilities, alarms)
    alarm = share >= threshold
    unit = np.where(alarm[:, None] == alarms, probabilities, -1).argmax(axis=1)
    weighed, other = share * (1 - threshold), (1 - share) * threshold
    return unit, abs(weighed - other) / (weighed + other)


def of_card(card: ModelCard) -> OperatingPoint:
    return OperatingPoint(card.quality.min_margin.value)


def read_operating_point(folder: Path, card: ModelCard) -> OperatingPoint:
    """The user's for the model in `folder`, else the card's.

    Raises `RecordError` when the user's is broken, or was set for other weights.
    """
    path = folder / OPERATING_POINT_FILE
    if not is_there(path):
        return of_card(card)
    saved = read_record(path, SavedOperatingPoint)
    if saved.weights_sha256 != _identity(card):
        raise RecordError(
            f"{path}: was set for other weights than those of this card, so it is not used. Set it anew, or "
            "remove the file."
        )
    return OperatingPoint(saved.min_margin, saved.alarm_threshold)


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
