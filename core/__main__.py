"""The command line. Names and output fields are stable; see the README.

python -m core check PATH_OR_URL... [--model NAME] [--detector NAME] [--min-score S] [--json]
python -m core classify CROP... [--model NAME] [--json]
python -m core models
"""

from __future__ import annotations

import argparse
import io
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

from core import settings
from core.classification import load_classifier
from core.detection import DETECTOR_NAMES, face_fpn, offers
from core.errors import ImageError, MaskwiseError, RecordError
from core.images import fetch_image, read_image, shown_url
from core.labels import CANNOT_TELL, appearance, either
from core.models import (
    USES,
    WAYS,
    DetectorCard,
    ModelCard,
    folders,
    installed_models,
    operating_point_from_card,
    read_operating_point,
    require_default_weights,
    why_not_offered,
)
from core.pipeline import load_pipeline
from core.results import Frame, Prediction, Result
from core.text import printable

UNREADABLE = 2
INTERRUPTED = 130  # as shells number SIGINT


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m core", description="Who wears a mask properly?")
    commands = parser.add_subparsers(dest="command", required=True)
    check = commands.add_parser("check", help="find the faces of pictures and say who wears a mask properly")
    check.add_argument("images", nargs="+", metavar="PATH_OR_URL")
    check.add_argument("--detector", choices=DETECTOR_NAMES, help="default: the best at hand")
    check.add_argument("--min-score", type=float, metavar="S", help="default: the detector's operating point")
    classify = commands.add_parser("classify", help="the picture is the face: no detector, no quality gate")
    classify.add_argument("images", nargs="+", metavar="CROP")
    for command in (check, classify):
        command.add_argument("--model", metavar="NAME", help="default: see MASKWISE_WEIGHTS")
        command.add_argument("--json", action="store_true", help="one line of JSON a picture")
    commands.add_parser("models", help="what is installed, with card facts")
    return parser


def _read_timed(image: str) -> tuple[Frame, float]:
    """The picture and the milliseconds spent decoding it."""
    is_url = image.lower().startswith(("http://", "https://"))
    source: bytes | Path = fetch_image(image) if is_url else Path(image)
    start = time.perf_counter()
    frame = read_image(source, shown_url(image) if is_url else None)
    return frame, (time.perf_counter() - start) * 1000


def _describe(result: Result) -> str:
    dropped = f"\n  left out: {result.dropped} that looked like faces at first" if result.dropped else ""
    if not result.faces:
        return f"no face found{dropped}"
    lines = []
    for number, face in enumerate(result.faces, 1):
        look = appearance(CANNOT_TELL)
        refused = face.cannot_tell and f"{look.icon} {look.short} {face.cannot_tell.advice}"
        box = ", ".join(f"{v:.0f}" for v in face.detection.box)
        lines.append(f"  {number}. {refused or _answered(face.prediction)}  [{box}]")
    return f"{len(result.faces)} face(s)\n" + "\n".join(lines) + dropped


def _answered(said: Prediction) -> str:
    look, ways = appearance(said.answer), said.unclear_between
    how = either(ways) if ways else (said.subtype or "").replace("_", " ")
    return f"{look.icon} {look.short} {said.confidence:.0%}" + (f" ({how})" if how else "")


def _check(options: argparse.Namespace) -> int:
    pipeline = load_pipeline(options.model, options.detector)

    def answer(image: str) -> tuple[dict[str, Any], str]:
        frame, decode_ms = _read_timed(image)
        result = pipeline.check(frame, min_score=options.min_score, decode_ms=decode_ms)
        return result.as_json(image), _describe(result)

    return _each(options, answer)


def _classify(options: argparse.Namespace) -> int:
    classifier = load_classifier(options.model)

    def answer(image: str) -> tuple[dict[str, Any], str]:
        frame, _ = _read_timed(image)
        card, found = classifier.card, classifier.predict([frame.rgb])
        subtypes = dict(zip(card.class_set.subtypes, found.subtypes[0].tolist(), strict=True))
        said = Prediction(
            card.label_set, tuple(found.labels[0].tolist()), classifier.operating_point, subtypes
        )
        reserved = {name: round(float(getattr(found, name)[0]), 4) for name in card.class_set.reserved}
        return {"image": image, **said.as_json(), **reserved}, _answered(said)

    return _each(options, answer)


def _each(options: argparse.Namespace, answer: Any) -> int:
    """Print an answer a picture; one that cannot be read prints its error and the others still come."""
    exit_code = 0
    for image in options.images:
        try:
            fields, text = answer(image)
        except ImageError as problem:
            exit_code = UNREADABLE
            fields, text = {"image": image, "error": str(problem)}, f"error: {problem}"
        print(json.dumps(fields) if options.json else f"{printable(image, 4_096)}: {text}", flush=True)
    return exit_code


def _operating_point(name: str, card: ModelCard) -> str:
    try:
        point = read_operating_point(folders()[name], card)
    except RecordError as problem:
        return f"{problem} The card's own is used."
    whose = "the card's" if point == operating_point_from_card(card) else "a user's, beside the card"
    return f"operating point, {whose}: {point}"


def _models(_: argparse.Namespace) -> int:
    for name, card in installed_models().items():
        if isinstance(card, MaskwiseError):
            print(f"{name}: cannot be used. {card}")
            continue
        print(f"{name}: {card.summary}")
        print(f"  {card.architecture}, {card.parameters:,} parameters, run {card.trained_by}")
        print(f"  labels: {', '.join(card.label_set)}   licence: {card.licence}")
        print(f"  {why_not_offered(name, card) or f'its weights are {USES[card.use]}'}")
        if card.warning:
            print(f"  {card.warning}")
        print(f"  {_operating_point(name, card)}")
        for score in card.test:
            low, high = score.interval
            hits = score.predicted.get(score.label, 0)
            print(
                f"  test {score.source}, {score.label}: {hits} of {score.n} found "
                f"({score.recall:.1%}, 95 % interval {low:.1%} to {high:.1%})"
            )
    for offer in offers():
        print(f"detector {offer.name}: {offer.summary}" if offer.unavailable is None else offer.unavailable)
        if offer.name in face_fpn.NAMES and offer.unavailable is None:
            _describe_detector(face_fpn.installed_card(offer.name))
    return 0


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


def main(arguments: list[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # where a terminal lacks our signs
    command = {"check": _check, "classify": _classify, "models": _models}[options.command]
    try:
        settings.check()
        require_default_weights()
        code = command(options)
        print(end="", flush=True)
        return code
    except BrokenPipeError:  # whoever reads has seen enough, as `| head` has
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except MaskwiseError as problem:
        print(f"error: {problem}", file=sys.stderr)
        return 1
    except MemoryError:
        print("error: there is too little memory free. Close other programs and try again.", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return INTERRUPTED


if __name__ == "__main__":
    sys.exit(main())
