"""Make a model that the app offers: weights for each engine, and the card.

    python -m training.export RUN NAME [--models FOLDER]
    python -m training.export FILE NAME --labels with_mask,without_mask [--input-range=-1,1]
    python -m training.export MODEL NAME [--models FOLDER]

The first takes a run's best epoch, of a classifier or of a detector. The second takes a network that was
trained elsewhere: a Keras file (HDF5 or .keras, whatever its suffix), an ONNX or TFLite file, or a zip of
Teachable Machine. `--labels` in the order of its outputs, `--input-range` as its pictures were prepared
("caffe" is the `preprocess_input` of ResNet50 and VGG, "torch" that of DenseNet and of PyTorch's networks),
`--channel-order bgr` where OpenCV read them and nobody turned them to RGB, `--activation` what its answers
were trained with where it does not end with that itself, `--crop-scale` how far around the face's box they
were cut. The third takes a model's folder, whose run may be gone, and writes its weights anew.

Weights of a run or a model are rounded to float16, in which both files take half the room; networks compute
in float32 all the same. `--full-precision` keeps them as they are, as those from elsewhere always are.

Both engines are asked the same pictures before anything is kept, and must agree. The card's test scores are
empty until `python -m training.evaluate NAME --data ... --record` fills them.
"""

from __future__ import annotations

import argparse
import dataclasses
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from core import terminal
from core.errors import RecordError
from core.labels import LABEL_SETS, RESERVED, LabelSet
from core.models import (
    CARD_FILE,
    DETECTOR_CARD_FILE,
    SHIPPED,
    EngineName,
    ModelCard,
    OnnxEngine,
    Weights,
    read_card,
    write_card,
)
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

ELSEWHERE = "elsewhere"  # stands for the run of a model that has none here


def export(run: Path, name: str, models: Path = SHIPPED, *, full_precision: bool = False) -> Path:
    """Write models/<name>/ from a run's best epoch. Returns the folder. Raises `MaskwiseError`."""
    from training.detection import export_detector
    from training.exporting import about_run, best_of, bill_of

    config = read_config(run)
    if config.task == "detect":
        return export_detector(run, name, models, full_precision=full_precision)
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
    return _install(model, models / checked_name(name), card, halved=not full_precision)


def export_again(folder: Path, name: str, models: Path = SHIPPED, *, full_precision: bool = False) -> Path:
    """Write models/<name>/ from an installed model, whose card it keeps but for the scores of its test.

    Returns the folder. Raises `MaskwiseError`.
    """
    from training.detection import export_detector_again
    from training.exporting import network_of

    if (folder / DETECTOR_CARD_FILE).is_file():
        return export_detector_again(folder, name, models, full_precision=full_precision)
    card = read_card(folder)

    def renewed(weights: dict[EngineName, Weights]) -> ModelCard:
        return card.model_copy(update={"name": name, "weights": weights, "test": ()})

    model = network_of(folder, card)
    return _install(model, models / checked_name(name), renewed, halved=not full_precision)


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
    from training.exporting import (
        about_imported,
        as_ours,
        check_parity,
        in_float32,
        install,
        load_network,
        warning_of,
    )

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


def _install(
    model: Any, folder: Path, card_of: Callable[[dict[EngineName, Weights]], ModelCard], *, halved: bool
) -> Path:
    from training.exporting import check_parity, install

    check = partial(check_parity, halved=halved)
    return install(model, folder, card_of, check, write_card, halved=halved)


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


def _is_model(folder: Path) -> bool:
    return any((folder / name).is_file() for name in (CARD_FILE, DETECTOR_CARD_FILE))


def _is_network(folder: Path) -> bool:
    """Whether it is a network that is kept as a folder, of which `export_imported` says what to do."""
    return any((folder / name).exists() for name in ("saved_model.pb", "model.json"))


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m training.export", description="Make a model for the app."
    )
    parser.add_argument(
        "source", type=Path, metavar="RUN_OR_FILE", help="a folder of a run or a model, or a network's file"
    )
    parser.add_argument("name")
    parser.add_argument("--models", type=Path, default=SHIPPED)
    parser.add_argument(
        "--full-precision",
        action="store_true",
        help="keep weights as trained: by default they are rounded to float16, and the files half as large",
    )
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
    source, name, models, whole = options.source, options.name, options.models, options.full_precision
    with one_line_errors(parser):
        if source.is_dir() and (source / CONFIG_FILE).is_file():
            folder = export(source, name, models, full_precision=whole)
        elif _is_model(source):
            folder = export_again(source, name, models, full_precision=whole)
        elif options.labels or source.is_file() or _is_network(source):
            folder = export_imported(
                source,
                name,
                [label.strip() for label in (options.labels or "").split(",")] if options.labels else (),
                models,
                input_range=options.input_range,
                channel_order=options.channel_order,
                activation=options.activation,
                size=options.size,
                crop_scale=options.crop_scale,
            )
        else:
            folder = export(source, name, models)
    size = sum(file.stat().st_size for file in folder.iterdir()) / 2**20
    print(f"{folder}: {size:.1f} MB. Measure it: python -m training.evaluate {name} --data ... --record")
    return 0


if __name__ == "__main__":
    raise SystemExit(terminal.run(main))
