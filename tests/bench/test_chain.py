"""What is found and named, by hand and against scikit-learn; and the labels of face_fpn's own cells."""

import math
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from sklearn.metrics import precision_recall_curve

from bench import chain
from bench.chain import Chain, LabelEngine, Named
from bench.rivals import Rival
from core.classification.classifier import face_probabilities
from core.detection import face_fpn
from core.detection.face_fpn import FaceFpnDetector, cells
from core.labels import ClassSet
from core.models.card import read_card
from core.models.installed import SHIPPED
from core.results import Detection, Frame
from training.detection.boxed_images import BoxedImage

LABELS = ("with_mask", "incorrect_mask", "without_mask")
PLACES = [(10.0 * i, 0.0, 10.0 * i + 8, 8.0) for i in range(40)]


def image(boxes, labels):
    return BoxedImage(Path("a.png"), "crowds", "a", tuple(boxes), tuple(labels))


def named(boxes, scores, probabilities):
    probabilities = np.array(probabilities, float).reshape(-1, 3)
    return Named(list(boxes), np.array(scores, float), probabilities, probabilities.argmax(axis=1))


def test_a_label_is_found_by_the_faces_that_are_called_so():
    truth = image(PLACES[:3], ["with_mask", "with_mask", "without_mask"])
    answer = named(PLACES[:3], [0.9, 0.8, 0.7], [[0.9, 0, 0.1], [0.3, 0, 0.7], [0.2, 0, 0.8]])
    found = [
        chain.average_precision([(answer, truth)], i, label, every=False) for i, label in enumerate(LABELS)
    ]
    # One of two with masks. Without: .8 x .7 and .7 x .8 tie, the wrong one comes first: precision 1/2.
    assert found[0] == pytest.approx(0.5)
    assert math.isnan(found[1])
    assert found[2] == pytest.approx(0.5)


def test_counted_for_every_label_it_is_the_area_that_scikit_learn_has():
    """Where each box is on a face, and found by score times probability, it is plain ranking."""
    rng = np.random.default_rng(3)
    true = rng.integers(0, 3, 40)
    probabilities = rng.dirichlet((0.5, 0.5, 0.5), 40) * 0.6 + 0.4 * np.eye(3)[true]
    scores = rng.uniform(0.1, 1, 40)
    pair = named(PLACES, scores, probabilities), image(PLACES, [LABELS[i] for i in true])
    for unit, label in enumerate(LABELS):
        ours = chain.average_precision([pair], unit, label, every=True)
        precision, recall, _ = precision_recall_curve(true == unit, scores * probabilities[:, unit])
        interpolated = np.maximum.accumulate(precision)  # from the highest recall down
        assert ours == pytest.approx(-np.sum(np.diff(recall) * interpolated[:-1]))


def test_a_row_has_the_means_and_says_where_there_is_no_example():
    truth = image(PLACES[:2], ["with_mask", "without_mask"])
    answer = named(PLACES[:2], [0.9, 0.8], [[0.9, 0, 0.1], [0.6, 0, 0.4]])
    one = Chain("made", 0.5, lambda *_: answer, [(answer, truth)], [3.0, 5.0])
    # With masks 1; without, called so by none: 0. By its .4 of .8 it leads for every label.
    assert chain.row(one, "crowds", LABELS) == [
        *("crowds", "made", "1.000", "1.000", "none", "0.000", "0.500", "1.000", "4")
    ]


def test_two_stages_name_what_the_detector_finds():
    card = read_card(SHIPPED / "mask3")

    def predict(crops):
        light = np.array([crop.mean() > 128 for crop in crops])
        said = np.where(light[:, None], [0.1, 0.1, 0.8], [0.8, 0.1, 0.1]).reshape(-1, 3)
        return face_probabilities(said, ClassSet(card.label_set, card.labels.names))

    rgb = np.zeros((40, 80, 3), np.uint8)
    rgb[:, 40:] = 255
    found = [Detection((5, 5, 25, 25), 0.9, "made"), Detection((50, 5, 70, 25), 0.6, "made")]
    rival = Rival("made", "photo", 0.7, lambda _, least: tuple(d for d in found if d.score >= least))
    two = chain.two_stages(rival, SimpleNamespace(card=card, predict=predict))
    assert two.title == "made, photo + mask3"
    answer = two.name(Frame(rgb), 0.5)
    assert [LABELS[i] for i in answer.label] == ["with_mask", "without_mask"]
    assert answer.boxes == [d.box for d in found] and answer.scores.tolist() == [0.9, 0.6]
    assert len(two.name(Frame(rgb), 0.95).label) == 0


SIZE = 120, 160  # of the picture; a detector enlarges it


class TwoFaces:
    """An engine that sees two faces, each with labels of its own, in an enlarged picture alone."""

    name = "onnx"

    def run(self, pictures):
        height, width = pictures.shape[1:3]
        answers = np.zeros((1, len(cells(height, width)), 18), np.float32)
        answers[..., 0] = -20
        if width <= SIZE[1]:
            return answers
        answers[0, 9, [0, 3, 4]] = 3.0, 1, 1
        answers[0, 9, 15:] = 0, 2, 0
        answers[0, 4 * (width // 8) + 14, [0, 3, 4]] = 1.0, 1, 1
        answers[0, 4 * (width // 8) + 14, 15:] = 0, 0, 3
        return answers


def test_one_stage_names_a_face_by_the_cell_that_found_it(monkeypatch):
    operating_points = {way: SimpleNamespace(value=0.4) for way in ("photo", "live")}
    whole = FaceFpnDetector(SimpleNamespace(min_score=operating_points), TwoFaces())
    monkeypatch.setattr(face_fpn, "load", lambda _: whole)
    one = chain.one_stage(3)
    assert (one.title, one.operating_point) == ("face_fpn, one stage", 0.4)
    for _ in range(2):  # nothing is carried from picture to picture
        answer = one.name(Frame(np.zeros((*SIZE, 3), np.uint8)), 0.05)
        assert [LABELS[i] for i in answer.label] == ["incorrect_mask", "without_mask"]
        assert answer.scores == pytest.approx([1 / (1 + math.exp(-3)), 1 / (1 + math.exp(-1))])
        assert answer.probabilities.sum(axis=1) == pytest.approx([1, 1])
        assert answer.probabilities[1, 2] == pytest.approx(math.exp(3) / (math.exp(3) + 2))


def test_a_network_without_labels_cannot_name():
    class Mute(TwoFaces):
        def run(self, pictures):
            return super().run(pictures)[..., :15]

    with pytest.raises(chain.DetectorError, match="no label"):
        LabelEngine(Mute(), 3).run(np.zeros((1, 64, 64, 3), np.float32))
