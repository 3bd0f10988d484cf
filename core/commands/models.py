"""`models`: what is installed, with what the cards say."""

from __future__ import annotations

import argparse
import json
from typing import Any

from core.decision import OperatingPoint
from core.detection import face_fpn, offers
from core.errors import MaskwiseError, RecordError
from core.models import (
    USES,
    WAYS,
    DetectorCard,
    ModelCard,
    folders,
    installed_models,
    operating_point_from_card,
    read_operating_point,
    why_not_offered,
)


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="all of it as one line of JSON")


def run(options: argparse.Namespace) -> int:
    if options.json:
        print(json.dumps({"models": _models(), "detectors": _detectors()}))
        return 0
    for name, card in installed_models().items():
        if isinstance(card, MaskwiseError):
            print(f"{name}: cannot be used. {card}")
        else:
            _describe(name, card)
    for offer in offers():
        print(f"detector {offer.name}: {offer.summary}" if offer.unavailable is None else offer.unavailable)
        if offer.name in face_fpn.NAMES and offer.unavailable is None:
            _describe_detector(face_fpn.installed_card(offer.name))
    return 0


def _models() -> list[dict[str, Any]]:
    """The fields of each card and, beside them, what is said of using it; or its `error`."""
    found: list[dict[str, Any]] = []
    for name, card in installed_models().items():
        if isinstance(card, MaskwiseError):
            found.append({"name": name, "error": str(card)})
            continue
        point, note = _operating_point(name, card)
        in_use = {"min_margin": point.min_margin, "alarm_threshold": point.alarm_threshold, "note": note}
        found.append(
            card.as_json()
            | {"name": name, "labels": list(card.label_set), "operating_point": in_use}
            | {"not_offered": why_not_offered(name, card)}
        )
    return found


def _detectors() -> list[dict[str, Any]]:
    found = []
    for offer in offers():
        own = offer.name in face_fpn.NAMES and offer.unavailable is None
        card = face_fpn.installed_card(offer.name).as_json() if own else {}
        found.append(card | {"name": offer.name, "summary": offer.summary, "unavailable": offer.unavailable})
    return found


def _operating_point(name: str, card: ModelCard) -> tuple[OperatingPoint, str]:
    """The one in use, and whose it is; or what is wrong with a user's."""
    own = operating_point_from_card(card)
    try:
        point = read_operating_point(folders()[name], card)
    except RecordError as problem:
        return own, f"{problem} The card's own is used."
    return point, "the card's" if point == own else "a user's, beside the card"


def _describe(name: str, card: ModelCard) -> None:
    print(f"{name}: {card.summary}")
    print(f"  {card.architecture}, {card.parameters:,} parameters, run {card.trained_by}")
    print(f"  labels: {', '.join(card.label_set)}   licence: {card.licence}")
    print(f"  {why_not_offered(name, card) or f'its weights are {USES[card.use]}'}")
    if card.warning:
        print(f"  {card.warning}")
    point, note = _operating_point(name, card)
    print(f"  operating point, {note}: {point}")
    for score in card.test:
        low, high = score.interval
        hits = score.predicted.get(score.label, 0)
        print(
            f"  test {score.source}, {score.label}: {hits} of {score.n} found "
            f"({score.recall:.1%}, 95% interval {low:.1%} to {high:.1%})"
        )


def _describe_detector(card: DetectorCard) -> None:
    print(f"  {card.architecture}, {card.parameters:,} parameters, run {card.trained_by}")
    points = ", ".join(f"{card.min_score[way].value:g} ({way})" for way in WAYS)
    print(f"  a face from a score of {points}   licence: {card.licence}")
    print(f"  its weights are {USES[card.use]}")
    for score in card.test:
        print(
            f"  test {score.source}, {score.way}: {score.found} of {score.n} found, "
            f"{score.false} false in {score.pictures} pictures, AP50 {score.ap50:.3f}"
        )
