"""Processes that are killed while they write: is anything torn that they leave behind?

    python -m bench.kills [--kills 200]

A process that does nothing but write is started again and again on the same folder, and killed (SIGKILL) at a
random point; after each kill everything is read that it wrote. Three kinds take turns:

- records: an operating point, an evaluation with its predictions, and a run's record line by line.
- training: a small network learns; the record of its run, its checkpoints, its best epoch.
- export: that network becomes a model, over the one that is there.
"""

from __future__ import annotations

import argparse
import itertools
import random
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import IO, Any, cast

import numpy as np

from core.decision import OperatingPoint
from core.errors import MaskwiseError, RecordError
from core.models import (
    CARD_FILE,
    DEFAULT,
    SHIPPED,
    read_card,
    read_operating_point,
    read_weights,
    save_operating_point,
)
from core.runs import (
    CALIBRATION_FILE,
    METRICS_FILE,
    SHIPPED_RUNS,
    FacePrediction,
    append_epoch,
    drop_half_line,
    read_calibration,
    read_epochs,
    read_evaluation,
    read_predictions,
    write_evaluation,
    write_predictions,
)

READY = "ready"  # what a writer says once it is about to write


# --- writers, each in a process of its own, until it is killed ------------------------------------------


def write_records(folder: Path) -> None:
    model, card = SHIPPED / DEFAULT, read_card(SHIPPED / DEFAULT)
    run = SHIPPED_RUNS / card.trained_by
    evaluation, epochs = read_evaluation(run), read_epochs(run)
    labels = evaluation.labels.names
    sure = (1.0,) + (0.0,) * (len(labels) - 1)
    face = FacePrediction(
        source="here", id="1", label=labels[0], probabilities=sure, face_px=80, sharpness=0.5, brightness=120
    )
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(model / CARD_FILE, folder)
    drop_half_line(folder)
    print(READY, flush=True)
    for n in itertools.count():
        save_operating_point(folder, card, OperatingPoint(0.1 + n % 2 / 10), "2026-01-01T00:00:00+00:00")
        append_epoch(folder, epochs[n % len(epochs)])
        if n % 500 == 499:  # a record has no more than 10,000 lines
            (folder / METRICS_FILE).unlink()
        write_evaluation(folder, evaluation)
        write_predictions(folder, labels, [face] * (200 + n % 2))


def write_training(folder: Path) -> None:
    """Runs one after the other; one that was killed goes on first."""
    from training.fitting import fit_classifier

    for n in itertools.count():
        run = folder / f"run-{n}"
        if not (run / CALIBRATION_FILE).exists():
            model, recipe, dataset = _toy()
            print(READY, flush=True)
            fit_classifier(model, recipe, dataset, run, pretrained=False)


def write_export(folder: Path) -> None:
    from core.models import write_card
    from training.exporting import install

    model, card = _toy()[0], read_card(SHIPPED / DEFAULT)
    print(READY, flush=True)
    while True:
        install(
            model,
            folder / DEFAULT,
            lambda weights: card.model_copy(update={"weights": weights}),
            lambda draft, made: None,
            write_card,
        )


def _toy() -> tuple[Any, Any, Any]:  # names of TensorFlow's, which only a writer imports
    """A network that learns noise in seconds, its recipe, its faces."""
    import keras

    from training.data import Dataset, Faces
    from training.recipes import Phase, load_recipe

    chance = np.random.default_rng(0)

    def faces(n: int) -> Faces:
        crops = chance.integers(0, 255, (n, 40, 40, 3)).astype(np.uint8)
        return Faces(crops, chance.integers(0, 2, n), ("a",) * n, np.zeros(n, bool))

    phases = (Phase("all layers", 4, trains="all"),)
    recipe = replace(load_recipe("cnn_scratch"), size=32, batch=16, phases=phases)
    pictures = keras.Input((32, 32, 3))
    body = keras.Sequential([keras.Input((32, 32, 3)), keras.layers.Conv2D(8, 3, strides=3)], name="body")
    features = keras.layers.Flatten()(body(pictures))
    model = keras.Model(pictures, keras.layers.Dense(2, activation="softmax")(features))
    return model, recipe, Dataset(faces(48), faces(40), frozenset({"a"}), "sha")


# --- what is read after a kill ----------------------------------------------------------------------------


def check_records(folder: Path) -> None:
    card = read_card(folder)
    read_operating_point(folder, card)
    if (folder / METRICS_FILE).exists():
        read_epochs(folder)
    if (folder / "predictions.csv").exists():
        labels = read_evaluation(folder).labels.names
        if (n := len(read_predictions(folder, labels))) not in (200, 201):
            raise RecordError(f"predictions.csv: {n} rows")


def check_training(folder: Path) -> None:
    for run in folder.glob("run-*"):
        epochs = read_epochs(run) if (run / METRICS_FILE).exists() else ()
        if [e.epoch for e in epochs] != list(range(len(epochs))):
            raise RecordError(f"{METRICS_FILE}: an epoch is missing")
        best = run / "checkpoints" / "best.keras"
        if best.exists():
            with zipfile.ZipFile(best) as file:
                if broken := file.testzip():
                    raise RecordError(f"{best.name}: {broken} is broken")
        elif epochs:
            raise RecordError(f"{best.name} is missing")
        if (run / CALIBRATION_FILE).exists():
            read_calibration(run)


def check_export(folder: Path) -> None:
    if (folder / DEFAULT / CARD_FILE).exists():
        card = read_card(folder / DEFAULT)
        read_weights(folder / DEFAULT, card, "keras")
        read_weights(folder / DEFAULT, card, "onnx")


WRITERS = {"records": write_records, "training": write_training, "export": write_export}
CHECKS: Mapping[str, Callable[[Path], None]] = {
    "records": check_records,
    "training": check_training,
    "export": check_export,
}
ORDER = ("records",) * 3 + ("training",) + ("records",) * 3 + ("export",)  # TensorFlow's start slowly
WITHIN_S = {"records": 0.3, "training": 4.0, "export": 4.0}  # after the start of writing


def kill_once(kind: str, folder: Path, chance: random.Random) -> str | None:
    """Start a writer, kill it, read what it leaves. What is torn, if anything. Raises `RuntimeError` when the
    writer ended by itself.
    """
    command = [sys.executable, "-m", "bench.kills", "--write", kind, str(folder)]
    with tempfile.TemporaryFile("w+") as said:
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=said, text=True) as writer:
            lines = cast(IO[str], writer.stdout)
            while (line := lines.readline()) and line.strip() != READY:
                pass
            time.sleep(chance.uniform(0, WITHIN_S[kind]))
            ended = writer.poll()
            writer.kill()
        if ended is not None:
            said.seek(0)
            raise RuntimeError(f"The writer of {kind} failed:\n{said.read()[-2000:]}")
    return torn(kind, folder)


def torn(kind: str, folder: Path) -> str | None:
    """What of a writer's folder cannot be read, if anything."""
    try:
        CHECKS[kind](folder)
    except (MaskwiseError, OSError, zipfile.BadZipFile) as problem:
        return f"{kind}: {type(problem).__name__}: {problem}"
    return None


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--write", nargs=2, metavar=("KIND", "FOLDER"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.write:
        return WRITERS[options.write[0]](Path(options.write[1]))
    chance, left = random.Random(0), list[str]()
    with tempfile.TemporaryDirectory() as temporary:
        for n in range(options.kills):
            kind = ORDER[n % len(ORDER)]
            if found := kill_once(kind, Path(temporary) / kind, chance):
                left.append(found)
                print(f"kill {n + 1}: {found}", flush=True)
    print(f"{options.kills} kills, {len(left)} left something torn")
    sys.exit(bool(left))


if __name__ == "__main__":
    main()
