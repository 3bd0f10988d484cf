import numpy as np
import pytest

from core.classification.classifier import (
    MAX_BATCH,
    Classifier,
    FaceProbabilities,
    calibrated,
    face_probabilities,
)
from core.errors import ModelError
from core.labels import DEPICTION, MASK_3, NOT_A_FACE, ClassSet
from tests.counting_engine import CountingEngine
from tests.toy_card import toy_card


@pytest.fixture
def classifier():
    return Classifier(toy_card(), CountingEngine())


def colour(r, g, b):
    return np.full((20, 20, 3), (r, g, b), np.uint8)


def test_all_faces_of_a_picture_go_in_one_call(classifier):
    answers = classifier.predict([colour(200, 0, 0), colour(0, 200, 0), colour(0, 0, 200)] * 10).labels
    assert classifier.engine.batches == [(30, 32, 32, 3)]
    assert list(answers[:3].argmax(axis=1)) == [0, 1, 2]


def test_a_crowd_is_cut_so_that_memory_stays_bounded(classifier):
    assert classifier.predict([colour(1, 2, 3)] * (MAX_BATCH + 1)).labels.shape == (MAX_BATCH + 1, 3)
    assert [n for n, *_ in classifier.engine.batches] == [MAX_BATCH, 1]


def test_no_face_is_an_empty_answer_without_a_call(classifier):
    assert classifier.predict([]).labels.shape == (0, 3)
    assert classifier.engine.batches == []


def test_temperature_moves_confidence_and_never_order():
    raw = np.array([[0.7, 0.2, 0.1], [0.0, 1.0, 0.0]], np.float32)
    np.testing.assert_allclose(calibrated(raw, 1.0), raw, atol=1e-6)
    softer, sharper = calibrated(raw, 2.0), calibrated(raw, 0.5)
    assert softer[0, 0] < 0.7 < sharper[0, 0]
    # By hand: sqrt(.7), sqrt(.2), sqrt(.1) over their sum.
    np.testing.assert_allclose(softer[0], np.sqrt(raw[0]) / np.sqrt(raw[0]).sum(), rtol=1e-5)
    for answer in (softer, sharper):
        np.testing.assert_allclose(answer.sum(axis=1), 1, rtol=1e-5)
        assert (answer.argsort() == raw.argsort())[0].all() and np.isfinite(answer).all()


def test_what_is_not_a_number_is_no_answer(classifier):
    class Broken:
        name = "onnx"

        def run(self, batch):
            return np.full((len(batch), 3), np.nan, np.float32)

    with pytest.raises(ModelError, match="not a number"):
        Classifier(classifier.card, Broken()).predict([np.zeros((8, 8, 3), np.uint8)])


FINER = ClassSet(
    MASK_3,
    *[
        (
            "incorrect_mask/under_chin",
            "with_mask",
            NOT_A_FACE,
            "incorrect_mask/nose_out",
            "without_mask",
            DEPICTION,
        )
    ],
)


def test_finer_classes_are_summed_up_after_the_temperature():
    raw = np.array([[0.09, 0.25, 0.16, 0.04, 0.36, 0.1]], np.float32)
    found = face_probabilities(raw, FINER, 2.0)  # of which every probability counts by its root
    chin, on, nothing, nose, off, drawn = np.sqrt(raw[0]).tolist()
    faces = chin + on + nose + off
    np.testing.assert_allclose(found.labels, [[on / faces, (chin + nose) / faces, off / faces]], rtol=1e-5)
    np.testing.assert_allclose(found.not_a_face, [nothing / (faces + nothing + drawn)], rtol=1e-5)
    np.testing.assert_allclose(found.depiction, [drawn / (faces + nothing + drawn)], rtol=1e-5)
    np.testing.assert_allclose(found.subtypes, [[nose / (nose + chin), chin / (nose + chin)]], rtol=1e-5)


def test_what_is_surely_no_face_still_has_probabilities_of_labels():
    raw = np.array([[0.0, 0.0, 1.0, 0.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0, 0.0, 0.0]], np.float32)
    found = face_probabilities(raw, FINER, 0.01)
    for part in (found.labels, found.subtypes):
        np.testing.assert_allclose(part.sum(axis=1), 1, rtol=1e-6)
    assert found.not_a_face.tolist() == [1, 0] and found.labels[1].tolist() == [1, 0, 0]


def test_without_finer_classes_there_is_nothing_but_labels():
    found = face_probabilities(np.array([[0.7, 0.2, 0.1]], np.float32), ClassSet(MASK_3, MASK_3.labels))
    np.testing.assert_allclose(found.labels, [[0.7, 0.2, 0.1]], rtol=1e-6)
    assert found.not_a_face.tolist() == found.depiction.tolist() == [0] and found.subtypes.shape == (1, 0)


def test_a_network_of_another_size_than_its_card_says_is_refused():
    card = toy_card(classes=(*MASK_3.labels, NOT_A_FACE))
    with pytest.raises(ModelError, match="4 classes"):
        Classifier(card, CountingEngine()).predict([colour(1, 2, 3)])


def test_of_two_crops_of_a_face_the_surer_one_counts():
    labels = np.array([[0.6, 0.2, 0.2], [0.9, 0.05, 0.05], [0.1, 0.1, 0.8], [0.1, 0.8, 0.1]])
    no_face = np.array([0.0, 0.0, 0.0, 0.9])
    said = FaceProbabilities(labels, no_face, np.array([0.1, 0.2, 0.3, 0.4]), np.zeros((4, 0)))
    once = said.surer([0, 1])  # rows 2 and 3 are of faces 0 and 1 again
    assert once.labels.tolist() == [labels[2].tolist(), labels[1].tolist()]
    assert once.depiction.tolist() == [0.3, 0.2] and once.subtypes.shape == (2, 0)
    assert said.surer([]).labels.tolist() == labels.tolist()
