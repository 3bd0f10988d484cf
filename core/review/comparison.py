"""The same test faces as two models read them, from the records of both."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from core.errors import RecordError
from core.label_maps import scoring
from core.labels import LabelSet
from core.metrics import PairedCounts
from core.runs import Evaluation, Predictions


@dataclass(frozen=True, slots=True)
class CommonLabels:
    """The labels that two label sets, A's and B's, can both be read as, and what each label counts as."""

    labels: tuple[str, ...]
    of_a: Mapping[str, str]
    of_b: Mapping[str, str]


@lru_cache(maxsize=1024)
def common_labels(a: tuple[str, ...], b: tuple[str, ...]) -> CommonLabels | None:
    """The finest labels that all of `a` and all of `b` can be read as; None where there are none."""
    if len(a) < len(b):  # the larger set holds the smaller, or is the finer one
        swapped = common_labels(b, a)
        return swapped and CommonLabels(swapped.labels, swapped.of_b, swapped.of_a)
    try:
        way = scoring(LabelSet("a", a), b)
    except RecordError:
        return None
    if set(way.of_data) != set(b):
        return None
    labels = way.labels.labels
    class_indices = way.of_model.argmax(axis=1)
    return CommonLabels(
        labels,
        {label: labels[class_index] for label, class_index in zip(a, class_indices, strict=True)},
        way.of_data,
    )


def why_not_comparable(a: Evaluation, b: Evaluation) -> str | None:
    """Why two evaluations say nothing about one another; None when they do."""
    # The part for training may differ: an older model learned from less, or from labels corrected since
    same_part = a.tested_sha256 is not None and a.tested_sha256 == b.tested_sha256
    if not same_part and a.manifest_sha256 != b.manifest_sha256:
        return "measured on other data"
    if not common_labels(a.labels.names, b.labels.names):
        return "tells other labels apart"
    return None


@dataclass(frozen=True, slots=True, eq=False)
class MatchedFaces:
    """N faces that both models, A and B, were tested on.

    `true` is (N,) indices into `labels`; `a` and `b` are (N, C) probabilities. `source` is (N,) texts, and so
    are `id_a` and `id_b`, the face's number in either record; `face_px` is (N,), NaN when not known.
    """

    labels: tuple[str, ...]
    true: np.ndarray
    a: np.ndarray
    b: np.ndarray
    source: np.ndarray
    id_a: np.ndarray
    id_b: np.ndarray
    face_px: np.ndarray

    def __len__(self) -> int:
        return len(self.true)

    @property
    def said_a(self) -> np.ndarray:
        """(N,) index of A's answer."""
        return np.asarray(self.a.argmax(axis=1))

    @property
    def said_b(self) -> np.ndarray:
        """(N,) index of B's answer."""
        return np.asarray(self.b.argmax(axis=1))

    def paired_counts(self) -> PairedCounts:
        return _paired(*np.bincount(self._outcome, minlength=4))

    def by_label(self) -> dict[str, PairedCounts]:
        """By true label, all of them: the proportions right are recalls."""
        return self._by(self.true, self.labels)

    def by_source(self) -> dict[str, PairedCounts]:
        names, place = np.unique(self.source, return_inverse=True)
        return self._by(place, tuple(map(str, names)))

    def disagreements(self) -> np.ndarray:
        """Rows of the faces that get different answers, the one with the surest wrong answer first."""
        sure_a, sure_b = self.a.max(axis=1), self.b.max(axis=1)
        wrong = np.maximum(
            np.where(self.said_a == self.true, 0, sure_a), np.where(self.said_b == self.true, 0, sure_b)
        )
        rows = np.flatnonzero(self.said_a != self.said_b)
        return np.asarray(rows[np.argsort(-wrong[rows], kind="stable")])

    @property
    def _outcome(self) -> np.ndarray:
        """(N,) 0 neither is right, 1 only B, 2 only A, 3 both."""
        return np.asarray(2 * (self.said_a == self.true) + (self.said_b == self.true))

    def _by(self, place: np.ndarray, names: tuple[str, ...]) -> dict[str, PairedCounts]:
        tables = np.bincount(4 * place + self._outcome, minlength=4 * len(names)).reshape(-1, 4)
        return {name: _paired(*table) for name, table in zip(names, tables, strict=True)}


def _paired(neither: int, only_b: int, only_a: int, both: int) -> PairedCounts:
    return PairedCounts(both=int(both), only_a=int(only_a), only_b=int(only_b), neither=int(neither))


def macro_recalls(by_label: Mapping[str, PairedCounts]) -> tuple[float, float]:
    """Mean recall of A and of B over the labels that have faces; NaN where none has."""
    found = [counts for counts in by_label.values() if counts.n]
    if not found:
        return math.nan, math.nan
    a, b = (
        sum(hits) / len(found)
        for hits in zip(*((c.hits_a / c.n, c.hits_b / c.n) for c in found), strict=True)
    )
    return a, b


def match(a: Evaluation, faces_a: Predictions, b: Evaluation, faces_b: Predictions) -> MatchedFaces:
    """The faces that both scored, by the labels that both can be read as.

    A record lists the faces of the data in their order and numbers those that it could score, so the same
    face has another number where a model knows fewer labels. Faces of a label that one of the models does
    not know are left out; the others line up, which is checked by their source, label and size.

    Raises `RecordError` where they do not, and for evaluations that cannot be compared.
    """
    common = common_labels(a.labels.names, b.labels.names)
    if common is None or why_not_comparable(a, b):
        raise RecordError(f"{a.model} and {b.model} were not measured on the same data by labels in common.")
    both_know = set(common.of_a.values()) & set(common.of_b.values())
    rows_a, true_a, shares_a = _read_as(faces_a, common.of_a, common.labels, both_know)
    rows_b, true_b, shares_b = _read_as(faces_b, common.of_b, common.labels, both_know)
    if not (
        np.array_equal(true_a, true_b)
        and np.array_equal(faces_a.source[rows_a], faces_b.source[rows_b])
        and np.array_equal(faces_a.face_px[rows_a], faces_b.face_px[rows_b], equal_nan=True)
    ):
        raise RecordError(
            f"The predictions of {a.model} and {b.model} do not list the same faces, though measured "
            "on the same data. Measure again: python -m training.evaluate MODEL --data DATA --record-as NAME."
        )
    if not len(true_a):
        raise RecordError(f"{a.model} and {b.model} have no face in common.")
    return MatchedFaces(
        labels=common.labels,
        true=true_a,
        a=shares_a,
        b=shares_b,
        source=faces_a.source[rows_a],
        id_a=faces_a.id[rows_a],
        id_b=faces_b.id[rows_b],
        face_px=faces_a.face_px[rows_a],
    )


def _read_as(
    faces: Predictions, as_: Mapping[str, str], labels: tuple[str, ...], known: set[str]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Rows of the faces whose label is `known`, their true labels, and their probabilities by `labels`."""
    class_index = np.array([labels.index(as_[label]) for label in faces.labels])
    true = class_index[faces.true]
    rows = np.flatnonzero(np.isin(true, [labels.index(label) for label in known]))
    sums = np.eye(len(labels))[class_index]
    return rows, true[rows], faces.probabilities[rows] @ sums
