"""The pictures of examples: read, cropped and brought to one size."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from core.crops import crop_face, to_input
from core.errors import ImageError
from core.images import read_image
from training.manifest import Example

log = logging.getLogger(__name__)


def load_crop(example: Example, crop_scale: float) -> np.ndarray:
    """The face's crop (H, W, 3) uint8 RGB. Raises `ImageError`."""
    frame = read_image(example.path)
    if example.box is None:
        return frame.rgb
    x1, y1, x2, y2 = example.box
    if max(x2 - x1, y2 - y1) > max(frame.width, frame.height):  # else a slip in a digit fills the memory
        raise ImageError(
            f"{example.path.name}: box {example.box} is larger than the picture. Correct its row."
        )
    try:
        return crop_face(frame, example.box, crop_scale)
    except ValueError as problem:
        raise ImageError(f"{example.path.name}: {problem}. Correct its row in the manifest.") from None


def load_crops(
    examples: Sequence[Example], size: int, crop_scale: float
) -> tuple[np.ndarray, list[Example], list[str]]:
    """(N, size, size, 3) uint8 RGB, the examples they show, and what could not be read."""

    def load(example: Example) -> np.ndarray | str:
        try:
            return to_input(load_crop(example, crop_scale), size)
        except ImageError as problem:
            return str(problem)

    with ThreadPoolExecutor() as pool:
        loaded = list(pool.map(load, examples))
    unreadable = [found for found in loaded if isinstance(found, str)]
    for message in unreadable:
        log.warning(message)
    kept = [(e, c) for e, c in zip(examples, loaded, strict=True) if not isinstance(c, str)]
    crops = np.stack([c for _, c in kept]) if kept else np.empty((0, size, size, 3), np.uint8)
    return crops, [e for e, _ in kept], unreadable
