"""Make a model of a run: weights for each engine, and the card.

    python -m training.export RUN NAME [--models FOLDER]

The card's test scores are empty until `python -m training.evaluate NAME --data ... --record` fills them.
"""

from __future__ import annotations

import argparse
import dataclasses
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

import keras
import numpy as np

from core.cards import ModelCard, Weights, sha256_of, write_card
from core.errors import MaskwiseError, RecordError
from core.models import SHIPPED
from core.runs import RunConfig, read_calibration, read_config
from training.recipe import load_recipe
from training.recorder import BEST, CHECKPOINTS

ONNX_FILE, KERAS_FILE = "model.onnx", "model.keras"


def export(run: Path, name: str, models: Path = SHIPPED) -> Path:
    """Write models/<name>/ from a run's best epoch. Returns the folder. Raises `MaskwiseError`."""
    config = read_config(run)
    best = run / CHECKPOINTS / BEST
    if not best.is_file():
        raise RecordError(f"{best} is missing. Train the run again, or copy its checkpoints here.")
    model = keras.saving.load_model(best, compile=False, safe_mode=True)
    folder = models / name
    folder.mkdir(parents=True, exist_ok=True)
    model.save(folder / KERAS_FILE)
    write_onnx(model, folder / ONNX_FILE)
    write_card(folder, _card(name, run, config, model, folder))
    return folder


def write_onnx(model: keras.Model, path: Path) -> None:
    """The graph for any number of faces: input "faces" (N, S, S, 3) float32, output (N, C) probabilities."""
    model(np.zeros((1, *model.input_shape[1:]), np.float32))  # Keras exports what was called once
    handle, temporary = tempfile.mkstemp(suffix=".onnx", dir=path.parent)
    os.close(handle)
    try:
        model.export(temporary, format="onnx", verbose=False)
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise


def _card(name: str, run: Path, config: RunConfig, model: keras.Model, folder: Path) -> ModelCard:
    settings = config.settings
    about = load_recipe(config.recipe).about
    return ModelCard(
        schema=1,
        name=name,
        architecture=f"MobileNetV2, width {settings['alpha']:g}",
        parameters=model.count_params(),
        labels=config.labels,
        weights={
            "onnx": Weights(file=ONNX_FILE, sha256=sha256_of(folder / ONNX_FILE)),
            "keras": Weights(file=KERAS_FILE, sha256=sha256_of(folder / KERAS_FILE)),
        },
        input_size=settings["size"],
        input_range=(0, 255),
        channel_order="rgb",
        crop_scale=settings["crop_scale"],
        temperature=read_calibration(run).temperature,
        trained_by=run.name,
        test=(),
        **{field.name: getattr(about, field.name) for field in dataclasses.fields(about)},
    )


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m training.export", description="Make a model of a run.")
    parser.add_argument("run", type=Path)
    parser.add_argument("name")
    parser.add_argument("--models", type=Path, default=SHIPPED)
    options = parser.parse_args(arguments)
    try:
        folder = export(options.run, options.name, options.models)
    except MaskwiseError as problem:
        parser.exit(1, f"error: {problem}\n")
    size = sum(file.stat().st_size for file in folder.iterdir()) / 2**20
    print(
        f"{folder}: {size:.1f} MB. Measure it: python -m training.evaluate {options.name} --data ... --record"
    )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
