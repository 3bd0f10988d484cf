import numpy as np
import pytest

from core.classify import calibrated
from training.calibration import cross_entropy, fit_temperature


def answers(n: int, sharpened: float, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities that keep their word, made `sharpened` times too sure, and the true units."""
    rng = np.random.default_rng(seed)
    honest = rng.dirichlet((1, 1, 1), n)
    true = (honest.cumsum(axis=1) < rng.random((n, 1))).sum(axis=1)
    return calibrated(honest, 1 / sharpened), true


@pytest.mark.parametrize("sharpened", [0.5, 1.0, 2.0, 3.0])
def test_the_temperature_undoes_what_made_the_answers_too_sure(sharpened):
    found = fit_temperature(*answers(20_000, sharpened))
    assert found.temperature == pytest.approx(sharpened, rel=0.05)
    assert found.ece_after < 0.02
    assert found.n == 20_000
    if sharpened != 1:
        assert found.ece_after < found.ece_before / 2


def test_the_temperature_stays_in_bounds_when_every_answer_is_right():
    found = fit_temperature(np.array([[0.9, 0.05, 0.05]] * 20), np.zeros(20, int))
    assert 0.25 <= found.temperature < 0.26


def test_cross_entropy_by_hand_and_for_a_certain_mistake():
    p = np.array([[0.5, 0.5], [0.25, 0.75]])
    assert cross_entropy(p, np.array([0, 1])) == pytest.approx(-(np.log(0.5) + np.log(0.75)) / 2)
    assert np.isfinite(cross_entropy(np.array([[1.0, 0.0]]), np.array([1])))
