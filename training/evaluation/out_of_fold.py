"""Answers about faces by a last layer that did not learn from them, and what it learns from fewer.

A network's features are kept as they are; its last layer, a multinomial logistic regression, is fitted anew
for each fold. A label that is unlikely out of fold is rather wrong than others (confident learning, Northcutt
et al. 2021, arXiv:1911.00068). The body did learn from all of the labels: what it learned by heart is not
found.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

FOLDS = 5
SHARES = (0.1, 0.2, 0.35, 0.5, 0.7, 1.0)  # of the faces that a fold may learn from
_KEPT = 128  # principal components: as right as all, and several times as fast
_DECAY = 1e-3  # of the weights, by mean loss
_STEPS = 100
_DRAWS = 500  # of folds, for the interval of what more faces would bring


@dataclass(frozen=True, slots=True, eq=False)
class LearningCurve:
    """`faces` (S,) and `recall` (S, FOLDS): mean recall of the labels in a fold, after so many faces."""

    faces: np.ndarray
    recall: np.ndarray

    def gain(self, more: int, *, seed: int = 0) -> tuple[float, float, float]:
        """What `more` faces would add to the recall, and its 95% interval; NaN where nothing can be fitted.

        The error is taken to fall as a power of the number of faces, as it does in practice (Hestness et al.
        2017, arXiv:1712.00409); the interval is a bootstrap's over the folds.
        """
        error = 1 - self.recall
        if len(self.faces) < 3 or not (error > 0).all():
            return (np.nan, np.nan, np.nan)
        rng = np.random.default_rng(seed)
        draws = [_gain(self.faces, error.mean(axis=1), more)]
        for _ in range(_DRAWS):
            drawn = error[:, rng.integers(0, error.shape[1], error.shape[1])].mean(axis=1)
            draws.append(_gain(self.faces, drawn, more))
        low, high = np.quantile(draws, (0.025, 0.975))
        return float(draws[0]), float(low), float(high)


def _gain(faces: np.ndarray, error: np.ndarray, more: int) -> float:
    slope, level = np.polyfit(np.log(faces), np.log(error), 1, w=np.sqrt(faces))
    now, then = (np.exp(level + slope * np.log(n)) for n in (faces[-1], faces[-1] + more))
    return float(now - then)


def folds_of(groups: Sequence[str], *, seed: int = 0) -> np.ndarray:
    """(N,) the fold of each face; a group is in one."""
    names, of_name = np.unique(np.asarray(groups, object).astype(str), return_inverse=True)
    order = np.random.default_rng(seed).permutation(len(names))
    return np.asarray((order % FOLDS)[of_name])


def answers(features: np.ndarray, labels: np.ndarray, groups: Sequence[str], classes: int) -> np.ndarray:
    """(N, classes) probabilities of each face by a layer that did not learn from its group.

    `features` (N, D), `labels` (N,) int.
    """
    from scipy.special import softmax  # takes a second to load, which commands need not

    reduced, folds = principal(features), folds_of(groups)
    found = np.full((len(labels), classes), 1 / classes)
    for fold in np.unique(folds):
        inside = folds == fold
        if not inside.all():
            weights = fit(reduced[~inside], labels[~inside], classes)
            found[inside] = softmax(_scores(reduced[inside], weights), axis=1)
    return found


def learning_curve(
    features: np.ndarray, labels: np.ndarray, groups: Sequence[str], classes: int, *, seed: int = 0
) -> LearningCurve:
    """Whole groups are learned from, more and more of them; measured on the groups of the fold."""
    reduced, folds, rng = principal(features), folds_of(groups), np.random.default_rng(seed)
    names = np.asarray(groups, object).astype(str)
    faces, recalls = np.zeros((len(SHARES), FOLDS)), np.full((len(SHARES), FOLDS), np.nan)
    for fold in range(FOLDS):
        inside = folds == fold
        known = rng.permutation(np.unique(names[~inside]))
        for row, share in enumerate(SHARES):
            wanted = np.isin(names, known[: max(1, round(share * len(known)))]) & ~inside
            faces[row, fold] = wanted.sum()
            if wanted.any() and inside.any():
                weights = fit(reduced[wanted], labels[wanted], classes)
                named = _scores(reduced[inside], weights).argmax(axis=1)
                recalls[row, fold] = _mean_recall(labels[inside], named)
    usable = ~np.isnan(recalls).any(axis=1)
    return LearningCurve(faces.mean(axis=1)[usable], recalls[usable])


def principal(features: np.ndarray) -> np.ndarray:
    """(N, at most 128) the features' principal components, each of variance 1."""
    centred = features.astype(np.float64) - features.mean(axis=0)
    values, vectors = np.linalg.eigh(centred.T @ centred / max(1, len(centred)))
    kept = np.argsort(-values)[:_KEPT]
    return np.asarray(centred @ vectors[:, kept] / np.sqrt(np.maximum(values[kept], 1e-9)))


def fit(features: np.ndarray, labels: np.ndarray, classes: int) -> np.ndarray:
    """(D + 1, classes) weights, the last row the bias: the least mean cross entropy, labels counted alike."""
    from scipy.optimize import minimize
    from scipy.special import log_softmax

    inputs = np.column_stack([features, np.ones(len(features))])
    wanted = np.eye(classes)[labels]
    counts = np.maximum(wanted.sum(axis=0), 1)
    share = (1 / counts)[labels]
    share /= share.sum()

    def loss(flat: np.ndarray) -> tuple[float, np.ndarray]:
        weights = flat.reshape(-1, classes)
        logs = log_softmax(inputs @ weights, axis=1)
        slope = inputs.T @ ((np.exp(logs) - wanted) * share[:, None])
        slope[:-1] += 2 * _DECAY * weights[:-1]
        value = -(share[:, None] * wanted * logs).sum() + _DECAY * (weights[:-1] ** 2).sum()
        return float(value), slope.ravel()

    start = np.zeros((features.shape[1] + 1) * classes)
    found = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": _STEPS})
    return np.asarray(found.x.reshape(-1, classes))


def _scores(features: np.ndarray, weights: np.ndarray) -> np.ndarray:
    return np.asarray(features @ weights[:-1] + weights[-1])


def _mean_recall(true: np.ndarray, named: np.ndarray) -> float:
    return float(np.mean([(named[true == label] == label).mean() for label in np.unique(true)]))
