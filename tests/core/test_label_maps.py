"""A finer model may be scored by coarser labels, never the other way round."""

import numpy as np
import pytest

from core.errors import RecordError
from core.label_maps import scoring
from core.labels import GENDER_WEAR_8, MASK_2, MASK_3, WEAR_4, LabelSet


@pytest.mark.parametrize("labels", [MASK_2, MASK_3, WEAR_4, GENDER_WEAR_8], ids=lambda labels: labels.name)
def test_a_model_is_scored_by_its_own_labels_where_the_data_has_them(labels):
    found = scoring(labels, labels.labels)
    assert found.labels == labels
    assert (found.of_model == np.eye(len(labels))).all()
    assert found.of_data == {label: label for label in labels}


def test_finer_answers_add_up_to_the_label_that_the_data_has():
    found = scoring(GENDER_WEAR_8, ["with_mask", "without_mask"])
    assert found.labels == MASK_3
    sure = np.eye(len(GENDER_WEAR_8))[[GENDER_WEAR_8.index("male_below_mouth")]]
    assert (sure @ found.of_model).tolist() == [[0, 1, 0]]
    assert (found.of_model.sum(axis=1) == 1).all()  # each answer counts once


def test_finer_data_is_read_as_what_the_model_answers():
    found = scoring(MASK_3, [*WEAR_4, "with_mask"])
    assert found.labels == MASK_3
    assert found.of_data["covers_mouth_only"] == found.of_data["below_mouth"] == "incorrect_mask"


def test_a_label_that_the_model_cannot_tell_is_left_out():
    assert scoring(MASK_2, ["with_mask", "incorrect_mask"]).of_data == {"with_mask": "with_mask"}


def test_nothing_in_common_is_said():
    with pytest.raises(RecordError, match=r"cat, dog.*hat"):
        scoring(LabelSet("own", ("cat", "dog")), ["hat"])
