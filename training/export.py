"""Make a model that the app offers: weights for each engine, and the card.

    python -m training.export RUN NAME [--models FOLDER]
    python -m training.export FILE.h5 NAME --labels with_mask,without_mask [--input-range=-1,1]

The first takes a run's best epoch, of a classifier or of a detector. The second takes a Keras file (.h5,
.hdf5 or .keras) that was trained elsewhere: `--labels` in the order of its outputs, `--input-range` as its
pictures were prepared ("caffe" is the `preprocess_input` of ResNet50 and VGG), `--crop-scale` how far around
the face's box they were cut.

Both engines are asked the same pictures before anything is kept, and must agree. The card's test scores are
empty until `python -m training.evaluate NAME --data ... --record` fills them.
"""

from __future__ import annotations

import argparse
import dataclasses
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import cv2
import keras
import numpy as np
from pydantic import ValidationError

from core.errors import ModelError, RecordError
from core.labels import LABEL_SETS, RESERVED, LabelSet
from core.models import SHIPPED, EngineName, KerasEngine, ModelCard, OnnxEngine, Weights, write_card
from core.records import Labels
from core.runs import read_calibration, read_config
from training.data import one_line_errors
from training.detection import export_detector
from training.exporting import (
    about_imported,
    about_run,
    as_ours,
    best_of,
    bill_of,
    checked_name,
    in_float32,
    install,
    load_imported,
)
from training.fitting import INPUT_RANGES, InputRange
from training.recipes import About, load_recipe

PARITY = 1e-2  # probabilities of two engines may differ by that much
ELSEWHERE = "elsewhere"  # stands for the run of a model that has none here


def export(run: Path, name: str, models: Path = SHIPPED) -> Path:
    """Write models/<name>/ from a run's best epoch. Returns the folder. Raises `MaskwiseError`."""
    config = read_config(run)
    if config.task == "detect":
        return export_detector(run, name, models)
    model = best_of(run)
    about = about_run(load_recipe(config.recipe), config.labels.names, config.settings.get("sources", ()))
    bill, use = bill_of(run)
    card = partial(
        _card,
        name,
        model,
        about,
        use=use,
        data=bill,
        architecture=config.architecture,
        labels=config.labels,
        crop_scale=config.settings["crop_scale"],
        temperature=read_calibration(run).temperature,
        trained_by=run.resolve().name,
        classes=config.settings.get("classes") or None,
    )
    return install(model, models / checked_name(name), card, check_parity, write_card)


def export_imported(
    path: Path,
    name: str,
    labels: Sequence[str],
    models: Path = SHIPPED,
    *,
    input_range: InputRange = "-1,1",
    size: int | None = None,
    crop_scale: float = 1.0,
) -> Path:
    """Write models/<name>/, a new folder, from a Keras file trained elsewhere. Raises `MaskwiseError`."""
    folder = models / checked_name(name)
    if folder.exists():
        raise RecordError(f"{folder} exists already. Give another name, so that no model is overwritten.")
    if not all(labels):
        raise RecordError(f"--labels {','.join(labels)}: a label is empty. Give FIRST,SECOND.")
    known = {label_set.labels: label_set for label_set in LABEL_SETS.values()}
    label_set = known.get(tuple(labels)) or LabelSet("own", tuple(labels))
    model = as_ours(in_float32(load_imported(path)), len(label_set), input_range, size)
    card = partial(
        _card,
        name,
        model,
        about_imported(label_set),
        architecture=f"Keras network of {path.name}",
        labels=Labels(set=label_set.name, names=label_set.labels),
        crop_scale=crop_scale,
        temperature=1.0,
        trained_by=ELSEWHERE,
    )
    return install(model, folder, card, check_parity, write_card)


def check_parity(folder: Path, card: ModelCard) -> None:
    """Raises `ModelError` when the engines differ on the same pictures, or answer no probabilities."""
    pictures = _parity_pictures(card.input_size)
    onnx, by_keras = (engine(folder, card).run(pictures) for engine in (OnnxEngine, KerasEngine))
    for answers in (onnx, by_keras):
        if not (answers >= 0).all() or np.abs(answers.sum(axis=1) - 1).max() > PARITY:
            raise ModelError(
                "The network does not answer probabilities that add up to 1. End it with a softmax, or with "
                "one sigmoid unit for two labels."
            )
    worst = float(np.abs(onnx - by_keras).max())
    if worst > PARITY or (_decided(by_keras) & (onnx.argmax(axis=1) != by_keras.argmax(axis=1))).any():
        raise ModelError(f"ONNX and Keras differ by {worst:.3f} on the same pictures, so nothing was kept.")


def _decided(probabilities: np.ndarray) -> np.ndarray:
    """(N,) whether the best label leads by more than rounding: a tie may fall to either side."""
    second, best = np.sort(probabilities, axis=1)[:, -2:].T
    return np.asarray(best - second > 1e-4)


def _parity_pictures(size: int) -> np.ndarray:
    """(N, size, size, 3) float32, 0 to 255: noise, soft colours as in photos, and flat ones."""
    rng = np.random.default_rng(0)
    noise = rng.uniform(0, 255, (8, size, size, 3))
    soft = [cv2.resize(rng.uniform(0, 255, (5, 5, 3)), (size, size)) for _ in range(16)]
    flat = [np.full((size, size, 3), level) for level in (0, 128, 255)]
    return np.concatenate([noise, soft, flat]).astype(np.float32)


def _card(
    name: str,
    model: keras.Model,
    about: About,
    weights: dict[EngineName, Weights],
    classes: Sequence[str] | None = None,
    **facts: object,
) -> ModelCard:
    words = {
        field.name: getattr(about, field.name)
        for field in dataclasses.fields(about)
        if field.name in ModelCard.model_fields
    }
    for reserved in RESERVED:  # an older run of the recipe may not have learned what the recipe speaks of
        words[f"{reserved}_threshold"] = (
            words[f"{reserved}_threshold"] if reserved in (classes or ()) else None
        )
    fields = {
        "schema": 1,
        "name": name,
        "parameters": model.count_params(),
        "weights": weights,
        "input_size": model.input_shape[1],
        "input_range": (0, 255),
        "channel_order": "rgb",
        "test": (),
        "classes": classes,
    }
    try:
        return ModelCard.model_validate(fields | words | facts)
    except ValidationError as problem:
        first = problem.errors()[0]
        raise RecordError(f"{'.'.join(map(str, first['loc']))}: {first['msg']}. Correct it.") from None


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m training.export", description="Make a model for the app."
    )
    parser.add_argument("source", type=Path, metavar="RUN_OR_FILE", help="a run's folder, or a Keras file")
    parser.add_argument("name")
    parser.add_argument("--models", type=Path, default=SHIPPED)
    parser.add_argument("--labels", help="of a Keras file: by commas, in the order of its outputs")
    parser.add_argument(
        "--input-range",
        choices=INPUT_RANGES,
        default="-1,1",
        help="of a Keras file; default --input-range=-1,1",
    )
    parser.add_argument("--size", type=int, help="of a Keras file that takes any size: pixels")
    parser.add_argument("--crop-scale", type=float, default=1.0, help="of a Keras file: 1 is the face's box")
    options = parser.parse_args(arguments)
    with one_line_errors(parser):
        if options.labels:
            labels = [label.strip() for label in options.labels.split(",")]
            folder = export_imported(
                options.source,
                options.name,
                labels,
                options.models,
                input_range=options.input_range,
                size=options.size,
                crop_scale=options.crop_scale,
            )
        elif options.source.is_file():
            raise RecordError(f"{options.source}: say what its outputs mean: --labels FIRST,SECOND.")
        else:
            folder = export(options.source, options.name, options.models)
    size = sum(file.stat().st_size for file in folder.iterdir()) / 2**20
    print(
        f"{folder}: {size:.1f} MB. Measure it: python -m training.evaluate {options.name} --data ... --record"
    )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
