import numpy as np
import pytest
from sklearn.metrics import confusion_matrix

from core.review.confusion import faces_of, most_frequent_error, table
from core.runs.catalog import SHIPPED_RUNS
from core.runs.evaluation import read_evaluation
from core.runs.predictions import Predictions, read_predictions


@pytest.mark.parametrize("name", ["mask3-v1", "mask3-v5", "gender_wear8-v3"])
def test_the_stored_counts_are_those_of_sklearn_and_of_the_faces_behind_each_cell(name):
    evaluation = read_evaluation(SHIPPED_RUNS / name)
    found = read_predictions(SHIPPED_RUNS / name, evaluation.labels.names, two_steps=evaluation.two_steps)
    units = range(len(evaluation.labels.names))
    for source in (None, *evaluation.confusion):
        rows = slice(None) if source is None else found.source == source
        counts = table(evaluation, source)
        assert (counts == confusion_matrix(found.true[rows], found.predicted[rows], labels=units)).all()
        for cell in np.ndindex(counts.shape):
            assert len(faces_of(found, cell, source)) == counts[cell]


def test_the_commonest_mistake_is_off_the_diagonal():
    assert most_frequent_error(np.array([[90, 2, 0], [7, 5, 1], [0, 0, 99]])) == (1, 0)
    assert most_frequent_error(np.diag([3, 0, 5])) is None


def test_mistakes_come_the_surest_first_and_right_answers_the_least_sure_first():
    proportions = np.array([[0.9, 0.1], [0.6, 0.4], [0.7, 0.3], [0.8, 0.2], [0.55, 0.45]])
    n = len(proportions)
    found = Predictions(
        labels=("a", "b"),
        source=np.array(["s", "s", "t", "s", "s"]),
        id=np.arange(n).astype(str),
        true=np.array([0, 0, 1, 1, 1]),
        probabilities=proportions,
        **{name: np.zeros(n) for name in ("face_px", "sharpness", "brightness")},
    )
    assert faces_of(found, (0, 0)).tolist() == [1, 0]
    assert faces_of(found, (1, 0)).tolist() == [3, 2, 4]
    assert faces_of(found, (1, 0), "s").tolist() == [3, 4]
    assert faces_of(found, (0, 1)).tolist() == []
