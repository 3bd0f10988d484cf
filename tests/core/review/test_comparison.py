import math
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from sklearn.metrics import recall_score

from core.errors import RecordError
from core.labels import GENDER_WEAR_8, MASK_2, MASK_3, WEAR_4
from core.metrics.paired import PairedCounts
from core.review.comparison import common_labels, macro_recalls, match, why_not_comparable
from core.runs.catalog import SHIPPED_RUNS
from core.runs.evaluation import read_evaluation
from core.runs.predictions import Predictions, read_predictions


def evaluation(labels, manifest="m", tested=None):
    """What of an evaluation says which faces it is of."""
    names = SimpleNamespace(names=tuple(labels))
    return SimpleNamespace(model="toy", manifest_sha256=manifest, tested_sha256=tested, labels=names)


def predictions(labels, true, probabilities, source=None, face_px=None):
    n = len(true)
    return Predictions(
        labels=tuple(labels),
        source=np.array(source or ["toy"] * n),
        id=np.array([str(i) for i in range(n)]),
        true=np.array([tuple(labels).index(label) for label in true]),
        probabilities=np.array(probabilities, float),
        face_px=np.array(face_px if face_px is not None else range(20, 20 + n), float),
        sharpness=np.full(n, 0.1),
        brightness=np.full(n, 90.0),
    )


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        (MASK_3, MASK_3, MASK_3.labels),
        (MASK_2, MASK_3, MASK_3.labels),
        (GENDER_WEAR_8, MASK_3, MASK_3.labels),
        (GENDER_WEAR_8, WEAR_4, WEAR_4.labels),
        (MASK_2, WEAR_4, MASK_3.labels),
        (("x", "y"), ("y", "x"), ("x", "y")),
        (("x", "y"), ("x", "y", "z"), ("x", "y", "z")),
        (("x", "y"), ("x", "z"), None),
        (MASK_3, ("x", "y"), None),
        (("x", "x", "y"), ("x", "y"), None),
    ],
)
def test_labels_in_common_are_the_finest_that_both_can_be_read_as(a, b, expected):
    found = common_labels(tuple(a), tuple(b))
    assert (found and found.labels) == expected
    turned = common_labels(tuple(b), tuple(a))
    if expected is not None:
        assert set(turned.labels) == set(expected)
        assert (dict(turned.of_b), dict(turned.of_a)) == (dict(found.of_a), dict(found.of_b))


def test_each_label_counts_as_its_coarser_one():
    of_a = common_labels(GENDER_WEAR_8.labels, MASK_2.labels).of_a
    assert of_a["female_below_mouth"] == of_a["male_covers_mouth_only"] == "incorrect_mask"
    assert of_a["male_no_mask"] == "without_mask"


def test_only_the_same_data_and_labels_in_common_are_comparable():
    a = evaluation(MASK_3)
    assert why_not_comparable(a, evaluation(MASK_2)) is None
    assert why_not_comparable(a, evaluation(MASK_3, "other")) == "measured on other data"
    tested = evaluation(MASK_3, "m", "t")
    assert why_not_comparable(tested, evaluation(MASK_3, "other", "t")) is None  # trained on other faces
    assert why_not_comparable(tested, evaluation(MASK_3, "other", "u")) == "measured on other data"
    assert why_not_comparable(tested, a) is None  # a record from before
    assert why_not_comparable(a, evaluation(["x", "y"])) == "tells other labels apart"


def test_a_face_keeps_its_partner_where_fewer_labels_are_numbered_anew():
    """The second record has no row for what it cannot score, so its numbers are those of other faces."""
    three = predictions(
        MASK_3,
        ["with_mask", "incorrect_mask", "without_mask", "with_mask"],
        [[0.9, 0.1, 0], [0.2, 0.7, 0.1], [0.1, 0.5, 0.4], [0.8, 0.1, 0.1]],
        face_px=[10, 20, 30, 40],
    )
    two = predictions(
        MASK_2,
        ["with_mask", "without_mask", "with_mask"],
        [[0.4, 0.6], [0.3, 0.7], [1, 0]],
        face_px=[10, 30, 40],
    )
    faces = match(evaluation(MASK_3), three, evaluation(MASK_2), two)
    assert faces.labels == MASK_3.labels and faces.true.tolist() == [0, 2, 0]
    assert faces.id_a.tolist() == ["0", "2", "3"] and faces.id_b.tolist() == ["0", "1", "2"]
    np.testing.assert_allclose(faces.b, [[0.4, 0, 0.6], [0.3, 0, 0.7], [1, 0, 0]])
    assert faces.paired_counts() == PairedCounts(both=1, only_a=1, only_b=1, neither=0)
    turned = match(evaluation(MASK_2), two, evaluation(MASK_3), three)
    assert turned.paired_counts() == PairedCounts(both=1, only_a=1, only_b=1, neither=0)
    assert turned.id_a.tolist() == ["0", "1", "2"]


def test_probabilities_of_finer_labels_are_summed():
    eight = predictions(GENDER_WEAR_8, ["male_no_mask"], [[0.2, 0, 0, 0.15, 0.1, 0.1, 0.1, 0.35]])
    three = predictions(MASK_3, ["without_mask"], [[0.1, 0.8, 0.1]])
    faces = match(evaluation(GENDER_WEAR_8), eight, evaluation(MASK_3), three)
    np.testing.assert_allclose(faces.a, [[0.3, 0.2, 0.5]])
    assert faces.paired_counts() == PairedCounts(both=0, only_a=1, only_b=0, neither=0)


def test_records_that_list_other_faces_are_refused():
    labels = ["with_mask", "without_mask"]
    probabilities = [[0.9, 0.1], [0.2, 0.8]]
    good = predictions(MASK_2, labels, probabilities)
    for other in (
        predictions(MASK_2, labels, probabilities, face_px=[20, 22]),
        predictions(MASK_2, labels, probabilities, source=["toy", "other"]),
        predictions(MASK_2, labels[::-1], probabilities),
        predictions(MASK_2, labels[:1], probabilities[:1]),
    ):
        with pytest.raises(RecordError, match="same faces"):
            match(evaluation(MASK_2), good, evaluation(MASK_2), other)
    unknown = replace(good, face_px=np.full(2, np.nan))
    assert len(match(evaluation(MASK_2), unknown, evaluation(MASK_2), unknown)) == 2
    with pytest.raises(RecordError, match="in common"):
        match(evaluation(MASK_2), good, evaluation(MASK_2, "other"), good)


def test_without_a_face_that_both_could_score_there_is_nothing_to_compare():
    wrongly = WEAR_4.labels[1:3]
    a = predictions(wrongly, wrongly, [[0.9, 0.1], [0.2, 0.8]])
    b = predictions(MASK_2, MASK_2.labels, [[0.9, 0.1], [0.2, 0.8]])
    with pytest.raises(RecordError, match="no face in common"):
        match(evaluation(wrongly), a, evaluation(MASK_2), b)


@pytest.fixture
def drawn():
    """400 faces of three labels and two sources, as two models of no great skill read them."""
    rng = np.random.default_rng(0)
    true = rng.choice(MASK_3.labels, 400, p=[0.5, 0.1, 0.4])
    source = rng.choice(["north", "south"], 400).tolist()
    a, b = (predictions(MASK_3, true, rng.dirichlet([1, 1, 1], 400), source) for _ in "ab")
    return match(evaluation(MASK_3), a, evaluation(MASK_3), b)


def test_counts_by_label_and_source_are_those_of_the_faces_one_by_one(drawn):
    right_a, right_b = drawn.said_a == drawn.true, drawn.said_b == drawn.true
    for place, names, found in (
        (np.array(drawn.labels)[drawn.true], drawn.labels, drawn.by_label()),
        (drawn.source, ("north", "south"), drawn.by_source()),
    ):
        assert tuple(found) == tuple(names)
        for name in names:
            a, b = right_a[place == name], right_b[place == name]
            expected = (a & b).sum(), (a & ~b).sum(), (~a & b).sum(), (~a & ~b).sum()
            assert found[name] == PairedCounts(*map(int, expected))
    assert sum(counts.n for counts in drawn.by_label().values()) == drawn.paired_counts().n == 400


def test_macro_recall_is_that_of_scikit_learn(drawn):
    expected = [recall_score(drawn.true, said, average="macro") for said in (drawn.said_a, drawn.said_b)]
    assert macro_recalls(drawn.by_label()) == pytest.approx(expected)


def test_macro_recall_leaves_out_labels_without_faces():
    parts = {"x": PairedCounts(2, 1, 0, 1), "y": PairedCounts(0, 0, 0, 0)}
    assert macro_recalls(parts) == (0.75, 0.5)
    assert all(map(math.isnan, macro_recalls({"y": PairedCounts(0, 0, 0, 0)})))


def test_disagreements_start_with_the_surest_wrong_answer():
    true = ["with_mask"] * 4
    a = predictions(MASK_2, true, [[0.9, 0.1], [0.3, 0.7], [0.99, 0.01], [0.2, 0.8]])
    b = predictions(MASK_2, true, [[0.4, 0.6], [0.8, 0.2], [0.05, 0.95], [0.1, 0.9]])
    faces = match(evaluation(MASK_2), a, evaluation(MASK_2), b)
    assert faces.disagreements().tolist() == [2, 1, 0]  # sure by .95, .7 and .6; on the last they agree


def shipped(run, name=""):
    found = read_evaluation(SHIPPED_RUNS / run, name)
    return found, read_predictions(SHIPPED_RUNS / run, found.labels.names, name)


def test_shipped_runs_of_three_and_of_two_labels_share_the_faces_that_both_can_score():
    (three, faces_3), (two, faces_2) = shipped("mask3-v1"), shipped("mobilenet_mask2-v1")
    faces = match(three, faces_3, two, faces_2)
    assert len(faces) == two.n == three.n - two.left_out["incorrect_mask"]
    table = sum(np.array(t) for t in two.confusion.values())
    assert faces.paired_counts().hits_b == table.trace()
    assert (faces.id_a != faces.id_b).any()


def test_a_shipped_model_is_compared_with_the_one_before_it():
    """Though they learned from other labels and another list of faces."""
    (a, faces_a), (b, faces_b) = shipped("mask3-v3"), shipped("mask3-v4")
    assert a.manifest_sha256 != b.manifest_sha256
    assert len(match(a, faces_a, b, faces_b)) == a.n == b.n


def test_shipped_runs_of_the_same_labels_agree_with_their_own_records():
    (a, faces_a), (b, faces_b) = shipped("mask3-v1"), shipped("gender_wear8-v3", "mask3")
    counts = match(a, faces_a, b, faces_b).paired_counts()
    assert (counts.hits_a, counts.hits_b, counts.n) == (
        round(a.accuracy * a.n),
        round(b.accuracy * b.n),
        a.n,
    )
