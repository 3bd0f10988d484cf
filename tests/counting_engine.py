"""An engine that counts what it is asked, and answers so that a test can foretell it."""

import numpy as np


class CountingEngine:
    """Answers with the mean of each channel, as if it were a probability; remembers its batches."""

    name = "onnx"

    def __init__(self) -> None:
        self.batches: list[tuple[int, ...]] = []

    def run(self, batch: np.ndarray) -> np.ndarray:
        self.batches.append(batch.shape)
        means = batch.mean(axis=(1, 2)) + 1
        return np.asarray(means / means.sum(axis=1, keepdims=True))
