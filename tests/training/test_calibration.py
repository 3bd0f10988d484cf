import numpy as np
import pytest

from core.classification.classifier import calibrated
from core.labels import MASK_3, ClassSet
from core.records.fields import Labels
from core.runs.training import Calibration, read_calibration, write_calibration, write_config
from tests.records import run_config
from training import calibration
from training.fitting.temperature import cross_entropy, fit_temperature

PLAIN = ClassSet(MASK_3, MASK_3.labels)


def answers(n: int, sharpened: float, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities that keep their word, made `sharpened` times too sure, and the true units."""
    rng = np.random.default_rng(seed)
    honest = rng.dirichlet((1, 1, 1), n)
    true = (honest.cumsum(axis=1) < rng.random((n, 1))).sum(axis=1)
    return calibrated(honest, 1 / sharpened), true


@pytest.mark.parametrize("sharpened", [0.5, 1.0, 2.0, 3.0])
def test_the_temperature_undoes_what_made_the_answers_too_sure(sharpened):
    found = fit_temperature(*answers(20_000, sharpened), PLAIN)
    assert found.temperature == pytest.approx(sharpened, rel=0.05)
    assert found.ece_after < 0.02
    assert found.n == 20_000
    if sharpened != 1:
        assert found.ece_after < found.ece_before / 2


def test_the_temperature_stays_in_bounds_when_every_answer_is_right():
    found = fit_temperature(np.array([[0.9, 0.05, 0.05]] * 20), np.zeros(20, int), PLAIN)
    assert 0.25 <= found.temperature < 0.26


def test_cross_entropy_by_hand_and_for_a_certain_mistake():
    p = np.array([[0.5, 0.5], [0.25, 0.75]])
    assert cross_entropy(p, np.array([0, 1])) == pytest.approx(-(np.log(0.5) + np.log(0.75)) / 2)
    assert np.isfinite(cross_entropy(np.array([[1.0, 0.0]]), np.array([1])))


def run_of(folder, temperature: float, **settings):
    """The record of a run whose validation part wanted `temperature`."""
    config = run_config(
        folder.name,
        recipe="mask3",
        settings={"size": 32, "held_out_sources": []} | settings,
        labels=Labels(set=MASK_3.name, names=MASK_3.labels),
    )
    folder.mkdir()
    write_config(folder, config)
    write_calibration(folder, Calibration(temperature=temperature, n=9, ece_before=0.1, ece_after=0.05))
    return folder


def test_a_run_takes_the_temperature_of_one_that_kept_sources_out(tmp_path, capsys):
    run = run_of(tmp_path / "all", 0.7)
    other = run_of(tmp_path / "some", 1.2, held_out_sources=["elsewhere"])
    assert "of some, which kept" not in read_calibration(run).faces
    assert calibration.main([str(run), "--by", str(other)]) == 0
    found = read_calibration(run)
    assert (found.temperature, found.fitted_by, found.n) == (1.2, "some", 9)
    assert "temperature 1.2, fitted on 9 validation faces of some, which kept" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        ({}, "kept no source out"),
        ({"held_out_sources": ["elsewhere"], "size": 64}, "differs from all in size"),
    ],
)
def test_a_temperature_that_says_nothing_about_the_run_is_refused(tmp_path, capsys, settings, why):
    run, other = run_of(tmp_path / "all", 0.7), run_of(tmp_path / "other", 1.2, **settings)
    with pytest.raises(SystemExit):
        calibration.main([str(run), "--by", str(other)])
    assert why in capsys.readouterr().err and read_calibration(run).temperature == 0.7
