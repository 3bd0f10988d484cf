"""Make a detector of a run: what `python -m training.export` does with a detector's run."""

from __future__ import annotations

from pathlib import Path

import cv2
import keras
import numpy as np

from core.detection import BOX, cells
from core.errors import ModelError, RecordError
from core.mask_rendering import sample_frame
from core.models import (
    SHIPPED,
    WAYS,
    DetectorCard,
    EngineName,
    KerasEngine,
    OnnxEngine,
    Threshold,
    Weights,
    read_detector_card,
    write_detector_card,
)
from core.runs import read_config
from training.detection.loss import decoded_boxes
from training.exporting import best_of, bill_of, checked_name, install, network_of
from training.recipes import Recipe, load_any

INTENDED_USE = (
    "To find the faces that are then judged, in photos, videos and webcams, with a person in the loop."
)
UNMEASURED = Threshold(value=0.35, reason="not measured yet: choose it by training.detection.operating_point")
SIZES = ((256, 320), (352, 192))  # height and width at which the engines are asked
MAX_PIXELS, MAX_SCORE = 1.0, 1e-2  # by which the engines may differ
_LEAST_SCORE = 0.05  # what scores less is nowhere shown, so its box may differ


def export_detector(run: Path, name: str, models: Path = SHIPPED, *, full_precision: bool = False) -> Path:
    """Write models/<name>/ from a run's best epoch. Returns the folder. Raises `MaskwiseError`."""
    config = read_config(run)
    recipe = load_any(config.recipe)
    if isinstance(recipe, Recipe):
        raise RecordError(f"{run}: says that it trained a detector by {recipe.name}, a classifier's recipe.")
    about, model = recipe.about, best_of(run)
    bill, use = bill_of(run)

    def card(weights: dict[EngineName, Weights]) -> DetectorCard:
        return DetectorCard(
            schema=1,
            name=name,
            summary=about.summary,
            architecture=config.architecture,
            parameters=model.count_params(),
            weights=weights,
            min_score=dict.fromkeys(WAYS, UNMEASURED),
            intended_use=INTENDED_USE,
            limits=about.limits,
            licence=about.licence,
            licence_notes=about.licence_notes,
            trained_by=run.resolve().name,
            test=(),
            use=use,
            data=bill,
        )

    halved = not full_precision
    return install(model, models / checked_name(name), card, check_parity, write_detector_card, halved=halved)


def export_detector_again(
    folder: Path, name: str, models: Path = SHIPPED, *, full_precision: bool = False
) -> Path:
    """Write models/<name>/ from an installed detector, whose card it keeps but for test scores.

    Returns the folder. Raises `MaskwiseError`.
    """
    before = read_detector_card(folder)

    def card(weights: dict[EngineName, Weights]) -> DetectorCard:
        return before.model_copy(update={"name": name, "weights": weights, "test": ()})

    model, halved = network_of(folder, before), not full_precision
    return install(model, models / checked_name(name), card, check_parity, write_detector_card, halved=halved)


def check_parity(folder: Path, card: DetectorCard) -> None:
    """Raises `ModelError` when the engines differ on the same pictures."""
    engines = [engine(folder, card) for engine in (OnnxEngine, KerasEngine)]
    for height, width in SIZES:
        pictures, grid = _pictures(height, width), cells(height, width)
        onnx, by_keras = (engine.run(pictures) for engine in engines)
        if onnx.shape != by_keras.shape or onnx.shape[:2] != (len(pictures), len(grid)):
            raise ModelError(
                f"To {len(pictures)} pictures of {width} x {height} with {len(grid)} cells ONNX answers "
                f"{onnx.shape} and Keras {by_keras.shape}, so nothing was kept."
            )
        (score, boxes), (other_score, other_boxes) = (_decoded(answers, grid) for answers in (onnx, by_keras))
        shown = np.maximum(score, other_score) >= _LEAST_SCORE
        apart = np.abs(boxes - other_boxes)[shown].max(initial=0)
        by_score = np.abs(score - other_score).max()
        if not (apart <= MAX_PIXELS and by_score <= MAX_SCORE):  # NaN is not
            raise ModelError(
                f"ONNX and Keras differ by {by_score:.3f} in scores and {apart:.1f} pixels in boxes on the "
                "same pictures, so nothing was kept."
            )


def _decoded(answers: np.ndarray, grid: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(N, C) scores and (N, C, 4) boxes of every cell; see `core.detection.face_fpn`."""
    boxes = decoded_boxes(answers[..., BOX], grid[:, :2], grid[:, 2:])
    return 1 / (1 + np.exp(-answers[..., 0])), np.asarray(keras.ops.convert_to_numpy(boxes))


def _pictures(height: int, width: int) -> np.ndarray:
    """(N, height, width, 3) float32, 0 to 255: a face, synthetic masks, soft colours as in photos, noise."""
    rng = np.random.default_rng(0)
    samples = [cv2.resize(sample_frame(name).rgb, (width, height)) for name in ("no_mask", "group")]
    soft = cv2.resize(rng.uniform(0, 255, (5, 5, 3)), (width, height))
    return np.stack([*samples, soft, rng.uniform(0, 255, (height, width, 3))]).astype(np.float32)
