"""Wrong labels are found by who did not learn from them, and what more faces bring, by drawn features."""

import numpy as np
import pytest

from training.evaluation import out_of_fold


def blobs(n: int, spread: float = 1.0, seed: int = 0) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Features of `n` faces of two labels, two faces a group."""
    rng = np.random.default_rng(seed)
    labels = np.arange(n) % 2
    features = rng.normal(0, spread, (n, 6)).astype(np.float32)
    features[:, 0] += 4.0 * labels
    return features, labels, [f"g{i // 2}" for i in range(n)]


def test_flipped_labels_are_the_least_likely():
    features, labels, groups = blobs(300, 0.7)
    flipped = np.arange(10, 300, 30)
    said = labels.copy()
    said[flipped] = 1 - said[flipped]
    found = out_of_fold.answers(features, said, groups, 2)
    assert found.sum(axis=1) == pytest.approx(1)
    least = np.argsort(found[np.arange(300), said])[: len(flipped)]
    assert set(least) == set(flipped)


def test_a_group_is_in_one_fold_and_folds_are_alike():
    folds = out_of_fold.folds_of([f"g{i // 3}" for i in range(300)])
    assert set(folds) == set(range(out_of_fold.FOLDS))
    assert (folds.reshape(-1, 3) == folds.reshape(-1, 3)[:, :1]).all()
    assert np.bincount(folds).tolist() == [60] * 5


def test_the_fit_is_scikit_learns():
    from sklearn.linear_model import LogisticRegression

    features, labels, _ = blobs(200, 2.0)
    weights = out_of_fold.fit(features.astype(float), labels, 2)
    # ours: mean loss + decay * w^2 over two columns; theirs: C * sum of losses + w^2 / 2 over one difference
    theirs = LogisticRegression(C=1 / (200 * out_of_fold._DECAY), max_iter=1000).fit(features, labels)
    ours = weights[:-1, 1] - weights[:-1, 0]
    assert ours == pytest.approx(theirs.coef_[0], rel=0.05, abs=0.02)


def test_recall_grows_with_the_faces_and_so_does_what_is_foreseen():
    features, labels, groups = blobs(600, 2.5)
    curve = out_of_fold.learning_curve(features, labels, groups, 2)
    assert (np.diff(curve.faces) > 0).all() and curve.faces[-1] == pytest.approx(480, abs=10)
    assert curve.recall.mean(axis=1)[-1] >= curve.recall.mean(axis=1)[0]
    gain, low, high = curve.gain(500)
    assert low <= gain <= high and -0.05 < gain < 0.2


def test_a_known_power_law_is_continued():
    faces = np.array([50.0, 100, 200, 400])
    error = 0.8 * faces**-0.3
    curve = out_of_fold.LearningCurve(faces, np.repeat(1 - error[:, None], 5, axis=1))
    gain, low, high = curve.gain(500)
    assert gain == pytest.approx(0.8 * 400**-0.3 - 0.8 * 900**-0.3, rel=1e-6)
    assert low == pytest.approx(gain) == pytest.approx(high)


def test_without_errors_nothing_is_foreseen():
    curve = out_of_fold.LearningCurve(np.array([10.0, 20, 40]), np.ones((3, 5)))
    assert np.isnan(curve.gain(500)).all()
