"""Train the network that finds five points in a face, and install it as models/face_landmarks.

    python -m training.landmarks.train --data IMAGES --taught TAUGHT.csv --backbone-weights WEIGHTS
        [--faces FACES] [--epochs N] [--output FOLDER]

IMAGES has boxes around faces, TAUGHT.csv is what `training.detection.teach` wrote of them with `--facemesh`.
A twelfth of the groups validate. What it learned from is written into its card; so is what that allows.
"""

from __future__ import annotations

import argparse
import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

import keras
import numpy as np

from core import terminal
from core.detection import LANDMARKS
from core.errors import ModelError, RecordError
from core.models import (
    NOT_CLEARED,
    SHIPPED,
    DataSource,
    EngineName,
    KerasEngine,
    LandmarkCard,
    LandmarkScore,
    OnnxEngine,
    Role,
    Weights,
    use_of,
    write_landmark_card,
)
from training.data import one_line_errors, place, read_data
from training.detection import read_pseudo_labels
from training.exporting import install
from training.landmarks.measure import in_words, measure_landmarks
from training.landmarks.network import ALPHA, build_landmark_network, landmark_loss
from training.landmarks.options import add_taught_options
from training.landmarks.samples import TaughtFace, any_turn, read_taught_faces, sample
from training.recipes import COLLECTIONS, NOT_KNOWN, TEACHERS, Claim, backbone_claim

log = logging.getLogger(__name__)

SIZE, CROP_SCALE = 64, 1.3  # pixels of the network's crop; its side in longer sides of the face
EPOCHS, BATCH, LEARNING_RATE, WEIGHT_DECAY, SEED = 80, 128, 2e-3, 1e-2, 0
_VALIDATION_SHARE = 1 / 12  # of the groups
_MAX_APART = 0.01  # sides of the crop by which the engines may differ


class _Batches(keras.utils.PyDataset):  # type: ignore[misc]  # Keras has no types
    """What an epoch learns follows from seed, epoch and place alone."""

    def __init__(self, faces: Sequence[TaughtFace]) -> None:
        super().__init__(workers=1, use_multiprocessing=False)
        self._faces, self._epoch = faces, 0
        self._shuffle()

    def _shuffle(self) -> None:
        self._order = np.random.default_rng((SEED, self._epoch)).permutation(len(self._faces))

    def __len__(self) -> int:
        return -(-len(self._faces) // BATCH)

    def __getitem__(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        rng = np.random.default_rng((SEED, self._epoch, index))
        some = [self._faces[i] for i in self._order[index * BATCH : (index + 1) * BATCH]]
        drawn = [sample(face, any_turn(rng), SIZE, CROP_SCALE, rng) for face in some]
        crops = np.stack([crop for crop, _ in drawn]).astype(np.float32)
        return crops, np.stack([points.ravel() for _, points in drawn]).astype(np.float32)

    def on_epoch_end(self) -> None:
        self._epoch += 1
        self._shuffle()


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m training.landmarks.train", description="Train the network of face points."
    )
    add_taught_options(parser)
    parser.add_argument("--backbone-weights", default="imagenet", help="a file, or imagenet to download")
    parser.add_argument("--epochs", type=int, default=EPOCHS)
    parser.add_argument("--output", type=Path, default=SHIPPED / LANDMARKS, help="the folder to install into")
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    with one_line_errors(parser):
        taught = read_pseudo_labels(options.taught)
        faces = read_taught_faces(read_data(options), taught, options.faces)
        validation = [face for face in faces if place(face.group) < _VALIDATION_SHARE]
        training = [face for face in faces if place(face.group) >= _VALIDATION_SHARE]
        if not training or not validation:
            raise RecordError(
                f"{len(faces)} faces with FaceMesh's points are too few to learn from some and measure by "
                "others. Write TAUGHT.csv by training.detection.teach with --facemesh."
            )
        log.info("%d faces to learn from, %d to validate by", len(training), len(validation))
        model = fit_landmarks(training, options.backbone_weights, options.epochs)
        scores = measure_landmarks(model.predict_on_batch, validation, SIZE, CROP_SCALE)
        teachers = Counter(name for labels in taught.values() for one in labels for name in one.teachers)
        bill = _bill(training, teachers, options.backbone_weights)
        card = partial(_card, model, scores, bill)
        install(model, options.output, card, _check_parity, write_landmark_card, halved=True)
    for score in scores:
        print(in_words(score))
    return 0


def fit_landmarks(faces: Sequence[TaughtFace], backbone_weights: str, epochs: int) -> keras.Model:
    """The trained network, of averaged weights."""
    keras.utils.set_random_seed(SEED)
    model, batches = build_landmark_network(SIZE, backbone_weights), _Batches(faces)
    rate = keras.optimizers.schedules.CosineDecay(
        0.0, epochs * len(batches), warmup_target=LEARNING_RATE, warmup_steps=100
    )
    averaged = {"use_ema": True, "ema_momentum": 0.99, "ema_overwrite_frequency": None}
    model.compile(keras.optimizers.AdamW(rate, weight_decay=WEIGHT_DECAY, **averaged), landmark_loss)
    model.fit(batches, epochs=epochs, verbose=2)
    model.optimizer.finalize_variable_values(model.trainable_variables)
    return keras.Model(model.input, model.output, name=model.name)  # without the optimizer's state


def _card(
    model: keras.Model,
    scores: Sequence[LandmarkScore],
    bill: tuple[DataSource, ...],
    weights: dict[EngineName, Weights],
) -> LandmarkCard:
    use = use_of(bill)
    return LandmarkCard(
        schema=1,
        name=LANDMARKS,
        summary="finds eyes, nose and mouth in a face, however it is turned",
        architecture=f"MobileNetV2, width {ALPHA}, cut at 16 pixels a cell",
        parameters=model.count_params(),
        weights=weights,
        input_size=SIZE,
        crop_scale=CROP_SCALE,
        intended_use="To turn a face upright before it is judged, and to say how a head is turned.",
        limits=(
            "Mouth and nose under a mask are where they may be expected, not where they are seen.",
            "Of faces under 16 pixels, in profile or behind hands, points may be off by half a face.",
        ),
        licence="weights: any use that the licences claimed by the sources allow"
        if use == "any"
        else "weights: research and non-commercial use",
        licence_notes=(NOT_CLEARED,),
        test=tuple(scores),
        use=use,
        data=bill,
    )


def _bill(
    faces: Sequence[TaughtFace], teachers: Mapping[str, int], backbone_weights: str
) -> tuple[DataSource, ...]:
    def row(role: Role, name: str, claim: Claim, n: int | None = None) -> DataSource:
        return DataSource(name=name, role=role, licence=claim.licence, use=claim.use, pictures=n, faces={})

    pictures = Counter(face.source for face in faces)
    started = Path(backbone_weights).name
    return (
        *(row("pictures", name, COLLECTIONS.get(name, NOT_KNOWN), n) for name, n in sorted(pictures.items())),
        *(row("teacher", name, TEACHERS.get(name, NOT_KNOWN), n) for name, n in sorted(teachers.items())),
        row("backbone", started, backbone_claim(started, "mobilenet_v2")),
    )


def _check_parity(folder: Path, card: LandmarkCard) -> None:
    """Raises `ModelError` when the engines differ on the same crops."""
    rng = np.random.default_rng(0)
    crops = rng.uniform(0, 255, (8, card.input_size, card.input_size, 3)).astype(np.float32)
    onnx, by_keras = (engine(folder, card).run(crops) for engine in (OnnxEngine, KerasEngine))
    apart = float(np.abs(onnx - by_keras).max())
    if not apart <= _MAX_APART:  # NaN is not
        raise ModelError(f"ONNX and Keras differ by {apart:.3f} on the same crops, so nothing was kept.")


if __name__ == "__main__":
    raise SystemExit(terminal.run(main))
