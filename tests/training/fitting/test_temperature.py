"""The temperature by which sure answers are made as sure as they are right."""

import numpy as np
import pytest

from core.classification.classifier import calibrated
from core.labels import MASK_3, ClassSet
from training.fitting.temperature import cross_entropy, fit_temperature

PLAIN = ClassSet(MASK_3, MASK_3.labels)


def test_cross_entropy_by_hand():
    probabilities = np.array([[0.5, 0.5], [0.25, 0.75]])
    assert cross_entropy(probabilities, np.array([0, 1])) == pytest.approx(-(np.log(0.5) + np.log(0.75)) / 2)
    assert np.isfinite(cross_entropy(np.array([[0.0, 1.0]]), np.array([0])))  # a certain mistake


def drawn(sharpness: float) -> tuple[np.ndarray, np.ndarray]:
    """Labels drawn by probabilities whose logits are then multiplied: `sharpness` times too sure."""
    rng = np.random.default_rng(0)
    logits = rng.normal(0, 1.5, (20_000, 3))
    true = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    labels = (true.cumsum(axis=1) > rng.random((len(true), 1))).argmax(axis=1)
    said = np.exp(sharpness * logits)
    return said / said.sum(axis=1, keepdims=True), labels


@pytest.mark.parametrize("sharpness", [0.5, 1.0, 2.0])
def test_the_temperature_is_how_much_too_sure_a_network_is(sharpness):
    probabilities, labels = drawn(sharpness)
    found = fit_temperature(probabilities, labels, PLAIN)
    assert found.temperature == pytest.approx(sharpness, rel=0.05) and found.n == len(labels)
    assert found.ece_after < 0.02
    assert (found.ece_before > 0.05) == (sharpness != 1)


def test_it_stays_within_a_quarter_and_four():
    probabilities, labels = drawn(20.0)
    assert fit_temperature(probabilities, labels, PLAIN).temperature == pytest.approx(4, abs=0.01)


def test_of_finer_classes_the_labels_decide_the_temperature():
    """A network too sure by 2; a third of its worn incorrectly is told apart, and a class is no label."""
    classes = ClassSet(
        MASK_3, ("with_mask", "incorrect_mask", "incorrect_mask/nose_out", "without_mask", "not_a_face")
    )
    honest, labels = drawn(1.0)
    split = np.stack([honest[:, 0], honest[:, 1] * 2 / 3, honest[:, 1] / 3, honest[:, 2]], axis=1)
    finer = np.concatenate([split * 0.7, np.full((len(split), 1), 0.3)], axis=1)
    found = fit_temperature(calibrated(finer, 0.5), labels, classes)
    assert found.temperature == pytest.approx(2, rel=0.05) and found.ece_after < 0.02 < found.ece_before
