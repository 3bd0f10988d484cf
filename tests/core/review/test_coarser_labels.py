"""Eight classes read as four, three and two, against cases worked by hand and scikit-learn."""

import numpy as np
import pytest
from sklearn import metrics as sk

from core.errors import RecordError
from core.labels import GENDER_WEAR_8, MASK_2, MASK_3, WEAR_4, LabelSet
from core.review.coarser_labels import coarser_label_sets, confusion_as
from core.runs.catalog import SHIPPED_RUNS
from core.runs.predictions import Predictions, read_predictions


def predictions(labels: LabelSet, true: list[str], probabilities: list[list[float]]) -> Predictions:
    n = len(true)
    return Predictions(
        labels=labels.labels,
        source=np.full(n, "toy"),
        id=np.arange(n).astype(str),
        true=np.array([labels.index(label) for label in true]),
        probabilities=np.array(probabilities),
        face_px=np.full(n, 40.0),
        sharpness=np.full(n, 0.2),
        brightness=np.full(n, 100.0),
    )


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        (GENDER_WEAR_8, (GENDER_WEAR_8, WEAR_4, MASK_3, MASK_2)),
        (WEAR_4, (WEAR_4, MASK_3, MASK_2)),
        (MASK_3, (MASK_3, MASK_2)),
        (MASK_2, (MASK_2,)),
        (LabelSet("own", ("cat", "dog", "fox")), (LabelSet("own", ("cat", "dog", "fox")),)),
        (
            LabelSet("mask2", ("without_mask", "with_mask")),
            (LabelSet("mask2", ("without_mask", "with_mask")),),
        ),
    ],
)
def test_a_set_is_read_as_each_smaller_one_that_it_leads_to(labels, expected):
    assert coarser_label_sets(labels) == expected


def test_probabilities_of_what_counts_as_one_are_summed():
    # Nose out is the most probable of four, yet both kinds of wrong together, and so wrong of three
    faces = predictions(
        WEAR_4, ["below_mouth", "covers_nose_and_mouth"], [[0.4, 0.3, 0.3, 0], [0.9, 0, 0, 0.1]]
    )
    assert confusion_as(faces, WEAR_4).tolist() == [[1, 0, 0, 0], [0] * 4, [1, 0, 0, 0], [0] * 4]
    assert confusion_as(faces, MASK_3).tolist() == [[1, 0, 0], [0, 1, 0], [0, 0, 0]]


def test_read_as_two_a_mask_worn_wrongly_and_its_probability_are_left_out():
    faces = predictions(
        MASK_3,
        ["with_mask", "incorrect_mask", "without_mask", "with_mask"],
        [[0.2, 0.7, 0.1], [0.1, 0.8, 0.1], [0.3, 0.5, 0.2], [0, 1, 0]],  # of the last, nothing is left
    )
    assert confusion_as(faces, MASK_2).tolist() == [[1, 0], [1, 0]]


def test_a_set_that_the_labels_do_not_lead_to_is_refused():
    faces = predictions(MASK_2, ["with_mask"], [[1, 0]])
    with pytest.raises(RecordError, match="cannot be read as"):
        confusion_as(faces, MASK_3)


def test_the_shipped_eight_read_as_four_are_those_of_scikit_learn():
    faces = read_predictions(SHIPPED_RUNS / "gender_wear8-v3", GENDER_WEAR_8.labels)
    summed = faces.probabilities[:, :4] + faces.probabilities[:, 4:]  # female and male in the same order
    expected = sk.confusion_matrix(faces.true % 4, summed.argmax(axis=1), labels=range(4))
    np.testing.assert_array_equal(confusion_as(faces, WEAR_4), expected)
    assert confusion_as(faces, MASK_2).sum() == (faces.true % 4 % 3 == 0).sum()
