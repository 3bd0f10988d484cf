"""Whether both engines answer the same, which a classifier must before it is kept."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from core.errors import ModelError
from core.models import KerasEngine, ModelCard, OnnxEngine

PARITY = 1e-2  # probabilities of two engines may differ by that much
TIE, HALVED_TIE = 1e-4, 5e-3  # leads that may turn; of rounded weights each engine has rounded its own


def check_parity(folder: Path, card: ModelCard, *, halved: bool = False) -> None:
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
    decided = _lead(other) > (HALVED_TIE if halved else TIE)
    if worst > PARITY or (decided & (onnx.argmax(axis=1) != other.argmax(axis=1))).any():
        raise ModelError(f"{who} by {worst:.3f} on the same pictures, so nothing was kept.")


def _lead(probabilities: np.ndarray) -> np.ndarray:
    """(N,) by how much the best label leads: a tie may fall to either side."""
    second, best = np.sort(probabilities, axis=1)[:, -2:].T
    return np.asarray(best - second)


def _parity_pictures(size: int) -> np.ndarray:
    """(N, size, size, 3) float32, 0 to 255: noise, soft colours as in photos, and flat ones."""
    rng = np.random.default_rng(0)
    noise = rng.uniform(0, 255, (8, size, size, 3))
    soft = [cv2.resize(rng.uniform(0, 255, (5, 5, 3)), (size, size)) for _ in range(16)]
    flat = [np.full((size, size, 3), level) for level in (0, 128, 255)]
    return np.concatenate([noise, soft, flat]).astype(np.float32)
