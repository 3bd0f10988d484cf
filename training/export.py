"""Make a model that the app offers: weights for each engine, and the card.

    python -m training.export RUN NAME [--models FOLDER]
    python -m training.export FILE NAME --labels with_mask,without_mask [--input-range=-1,1]

The first takes a run's best epoch, of a classifier or of a detector. The second takes a network that was
trained elsewhere: a Keras file (HDF5 or .keras, whatever its suffix), an ONNX or TFLite file, or a zip of
Teachable Machine. `--labels` in the order of its outputs, `--input-range` as its pictures were prepared
("caffe" is the `preprocess_input` of ResNet50 and VGG, "torch" that of DenseNet and of PyTorch's networks),
`--channel-order bgr` where OpenCV read them and nobody turned them to RGB, `--activation` what its answers
were trained with where it does not end with that itself, `--crop-scale` how far around the face's box they
were cut.

Both engines are asked the same pictures before anything is kept, and must agree. The card's test scores are
empty until `python -m training.evaluate NAME --data ... --record` fills them.
"""

from __future__ import annotations

import argparse
import dataclasses
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from pydantic import ValidationError

from core import terminal
from core.errors import ModelError, RecordError
from core.labels import LABEL_SETS, RESERVED, LabelSet
from core.models import SHIPPED, EngineName, KerasEngine, ModelCard, OnnxEngine, Weights, write_card
from core.records import Labels
from core.runs import CONFIG_FILE, read_calibration, read_config
from training.data import label_of, one_line_errors
from training.exporting import (
    ACTIVATIONS,
    CHANNEL_ORDERS,
    Activation,
    ChannelOrder,
    Conventions,
    checked_name,
    open_network,
)
from training.fitting import INPUT_RANGES, InputRange
from training.recipes import About, load_recipe

PARITY = 1e-2  # probabilities of two engines may differ by that much
ELSEWHERE = "elsewhere"  # stands for the run of a model that has none here


def export(run: Path, name: str, models: Path = SHIPPED) -> Path:
    """Write models/<name>/ from a run's best epoch. Returns the folder. Raises `MaskwiseError`."""
    from training.detection import export_detector
    from training.exporting import about_run, best_of, bill_of, install

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
    labels: Sequence[str] = (),
    models: Path = SHIPPED,
    *,
    input_range: InputRange = "-1,1",
    channel_order: ChannelOrder = "rgb",
    activation: Activation | None = None,
    size: int | None = None,
    crop_scale: float = 1.0,
) -> Path:
    """Write models/<name>/, a new folder, from a network's file. Raises `MaskwiseError`.

    Without `labels` those that come with a zip of Teachable Machine. What looks wrong by the answers to two
    sample faces is printed.
    """
    folder = models / checked_name(name)
    if folder.exists():
        raise RecordError(f"{folder} exists already. Give another name, so that no model is overwritten.")
    file = open_network(path)
    if not labels:
        labels = tuple(label_of(file.labels).get(label) or label for label in file.labels)
    if not labels:
        raise RecordError(f"{path}: say what its outputs mean: --labels FIRST,SECOND.")
    if not all(labels):
        raise RecordError(f"--labels {','.join(labels)}: a label is empty. Give FIRST,SECOND.")
    known = {label_set.labels: label_set for label_set in LABEL_SETS.values()}
    label_set = known.get(tuple(labels)) or LabelSet("own", tuple(labels))
    how = Conventions(input_range, channel_order, activation, size)
    from training.exporting import about_imported, as_ours, in_float32, install, load_network, warning_of

    model = as_ours(
        in_float32(load_network(file)),
        len(label_set),
        input_range,
        size,
        channel_order=channel_order,
        activation=activation,
    )
    card = partial(
        _card,
        name,
        model,
        about_imported(label_set),
        architecture=file.architecture,
        labels=Labels(set=label_set.name, names=label_set.labels),
        crop_scale=crop_scale,
        temperature=1.0,
        trained_by=ELSEWHERE,
    )
    warnings: list[str | None] = []

    def check(draft: Path, made: ModelCard) -> None:
        check_parity(draft, made)
        warnings.append(warning_of(OnnxEngine(draft, made), made, how))

    installed = install(model, folder, card, check, write_card)
    for warning in filter(None, warnings):
        sys.stderr.write(f"warning: {warning}\n")
    return installed


def check_parity(folder: Path, card: ModelCard) -> None:
    """Raises `ModelError` when the engines differ on the same pictures, or answer no probabilities.

    A network with one engine alone is asked about them one by one, too.
    """
    pictures = _parity_pictures(card.input_size)
    onnx = OnnxEngine(folder, card).run(pictures)
    if "keras" in card.weights:
        other, who = KerasEngine(folder, card).run(pictures), "ONNX and Keras differ"
    else:
        engine = OnnxEngine(folder, card)
        other, who = (
            np.concatenate([engine.run(one[None]) for one in pictures]),
            "Its answers one by one differ",
        )
    for answers in (onnx, other):
        if answers.shape != (len(pictures), len(card.class_set)):
            raise ModelError(
                f"The network answers {answers.shape} to {len(pictures)} pictures. Write it again so that it "
                "takes any number of them (in PyTorch: dynamic_axes={'input': {0: 'batch'}}), and see that "
                "--labels has a label for each output."
            )
        if not (answers >= 0).all() or not np.abs(answers.sum(axis=1) - 1).max() <= PARITY:
            raise ModelError(
                "The network does not answer probabilities that add up to 1. End it with a softmax, or with "
                "one sigmoid unit for two labels, or say by --activation which one it was trained with."
            )
    worst = float(np.abs(onnx - other).max())
    if worst > PARITY or (_decided(other) & (onnx.argmax(axis=1) != other.argmax(axis=1))).any():
        raise ModelError(f"{who} by {worst:.3f} on the same pictures, so nothing was kept.")


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
    model: Any,  # a network of Keras's or ONNX's
    about: About,
    weights: dict[EngineName, Weights],
    classes: Sequence[str] | None = None,
    **facts: object,
) -> ModelCard:
    from training.exporting import parameters_of, side_taken

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
        "parameters": parameters_of(model),
        "weights": weights,
        "input_size": side_taken(model),
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


def _is_network(folder: Path) -> bool:
    """Whether it is a network that is kept as a folder, of which `export_imported` says what to do."""
    return any((folder / name).exists() for name in ("saved_model.pb", "model.json"))


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m training.export", description="Make a model for the app."
    )
    parser.add_argument(
        "source", type=Path, metavar="RUN_OR_FILE", help="a run's folder, or a network's file"
    )
    parser.add_argument("name")
    parser.add_argument("--models", type=Path, default=SHIPPED)
    of_file = parser.add_argument_group("of a network trained elsewhere")
    of_file.add_argument("--labels", help="by commas, in the order of its outputs")
    of_file.add_argument(
        "--input-range",
        choices=INPUT_RANGES,
        default="-1,1",
        help="of the values that it was given; default --input-range=-1,1",
    )
    of_file.add_argument(
        "--channel-order", choices=CHANNEL_ORDERS, default="rgb", help="of its pictures; default rgb"
    )
    of_file.add_argument(
        "--activation", choices=ACTIVATIONS, help="its answers were trained with, if it does not end with it"
    )
    of_file.add_argument("--size", type=int, help="pixels, of a network that takes any size")
    of_file.add_argument("--crop-scale", type=float, default=1.0, help="1, the default, is the face's box")
    options = parser.parse_args(arguments)
    with one_line_errors(parser):
        if options.source.is_dir() and (options.source / CONFIG_FILE).is_file():
            folder = export(options.source, options.name, options.models)
        elif options.labels or options.source.is_file() or _is_network(options.source):
            folder = export_imported(
                options.source,
                options.name,
                [label.strip() for label in (options.labels or "").split(",")] if options.labels else (),
                options.models,
                input_range=options.input_range,
                channel_order=options.channel_order,
                activation=options.activation,
                size=options.size,
                crop_scale=options.crop_scale,
            )
        else:
            folder = export(options.source, options.name, options.models)
    size = sum(file.stat().st_size for file in folder.iterdir()) / 2**20
    print(
        f"{folder}: {size:.1f} MB. Measure it: python -m training.evaluate {options.name} --data ... --record"
    )
    return 0


if __name__ == "__main__":
    raise SystemExit(terminal.run(main))
