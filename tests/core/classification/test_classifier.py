from types import SimpleNamespace

import numpy as np
import pytest

from core.classification.classifier import MAX_BATCH, Classifier, calibrated
from core.errors import ModelError
from core.labels import MASK_3
from tests.counting_engine import CountingEngine


@pytest.fixture
def classifier():
    quality = SimpleNamespace(min_margin=SimpleNamespace(value=0.25))
    card = SimpleNamespace(name="toy", input_size=32, temperature=1.0, label_set=MASK_3, quality=quality)
    return Classifier(card, CountingEngine())


def colour(r, g, b):
    return np.full((20, 20, 3), (r, g, b), np.uint8)


def test_all_faces_of_a_picture_go_in_one_call(classifier):
    answers = classifier.predict([colour(200, 0, 0), colour(0, 200, 0), colour(0, 0, 200)] * 10)
    assert classifier.engine.batches == [(30, 32, 32, 3)]
    assert list(answers[:3].argmax(axis=1)) == [0, 1, 2]


def test_a_crowd_is_cut_so_that_memory_stays_bounded(classifier):
    assert classifier.predict([colour(1, 2, 3)] * (MAX_BATCH + 1)).shape == (MAX_BATCH + 1, 3)
    assert [n for n, *_ in classifier.engine.batches] == [MAX_BATCH, 1]


def test_no_face_is_an_empty_answer_without_a_call(classifier):
    assert classifier.predict([]).shape == (0, 3)
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
