"""A picture that lies on its side is found out by how sure the classifier is of its faces, turn by turn."""

from dataclasses import replace

import numpy as np
import pytest

from core.classification import in_the_picture, quarter_turns, sureness, turned_picture
from core.classification.classifier import Classifier
from core.images.encode import to_jpeg
from core.mask_rendering import sample_frame
from core.photos.album import Photo
from core.pipeline import load_pipeline
from core.results import Detection, Frame
from tests.toy_card import toy_card

POINTS = ((20.0, 22.0), (40.0, 22.0), (30.0, 30.0), (22.0, 40.0), (38.0, 40.0))
FACE = Detection((10, 10, 50, 50), 0.9, "toy", POINTS)


class SureOfLightAbove:
    """An engine that is as sure of a mask as a crop is lighter above than below, right and left."""

    name = "onnx"

    def __init__(self, most=0.99):
        self.most = most
        self.asked = 0

    def run(self, batch):
        self.asked += len(batch)
        side = batch.shape[1] // 2
        above = batch[:, :side].mean(axis=(1, 2, 3)) - batch[:, side:].mean(axis=(1, 2, 3))
        sure = np.where(above > 50, self.most, 0.5)
        return np.stack([sure, (1 - sure) / 2, (1 - sure) / 2], axis=1).astype(np.float32)


def classifier(**options):
    return Classifier(toy_card(), SureOfLightAbove(**options))


def picture(turns=0):
    rgb = np.full((60, 60, 3), 20, np.uint8)
    rgb[:30] = 230
    return turned_picture(Frame(rgb), turns)


def turns_of(asked, frame, detections=(FACE,)):
    said = asked.predict([frame.rgb[10:50, 10:50]] * len(detections))
    return quarter_turns(asked, frame, detections, sureness(said.labels, said.not_a_face))


@pytest.mark.parametrize("turns", [0, 1, 2, 3])
def test_a_face_found_in_the_turned_picture_is_where_it_is_in_the_picture(turns):
    rgb = np.zeros((80, 120, 3), np.uint8)
    rgb[12:18, 70:100] = 255
    turned = turned_picture(Frame(rgb), turns)
    y, x = np.nonzero(turned.rgb[..., 0])
    there = Detection(
        (x.min(), y.min(), x.max() + 1, y.max() + 1), 0.9, "toy", ((x.min(), y.min()),) * 5, visible=0.7
    )
    found = in_the_picture(there, turns, turned)
    assert found.box == (70, 12, 100, 18) and (found.score, found.visible) == (0.9, 0.7)
    assert found.landmarks[0] == {0: (70, 12), 1: (100, 12), 2: (100, 18), 3: (70, 18)}[turns]
    assert in_the_picture(Detection((1, 2, 3, 4), 0.9, "toy"), turns, turned).landmarks is None


@pytest.mark.parametrize("turns", [0, 1, 2, 3])
def test_a_picture_is_turned_so_that_its_faces_are_upright(turns):
    assert turns_of(classifier(), picture(turns)) == -turns % 4


def test_a_picture_of_sure_faces_costs_nothing_more():
    asked = classifier()
    assert turns_of(asked, picture()) == 0 and asked.engine.asked == 1


def test_a_network_that_is_never_sure_turns_nothing():
    assert turns_of(classifier(most=0.6), picture(2)) == 0


def test_points_that_tell_how_most_faces_are_turned_are_trusted():
    over = replace(FACE, landmarks=tuple((60 - x, 60 - y) for x, y in POINTS))
    clockwise = replace(FACE, landmarks=tuple((60 - y, x) for x, y in POINTS))
    asked = classifier()
    assert turns_of(asked, picture(), (over,)) == 2 and asked.engine.asked == 1
    assert turns_of(classifier(), picture(), (clockwise, over, clockwise)) == 1
    assert turns_of(classifier(), picture(), (clockwise, FACE)) == 0  # half of them are not most
    assert turns_of(classifier(), picture(2)) == 2  # points say upright: the classifier is asked
    assert turns_of(classifier(), picture(2), (Detection((10, 10, 50, 50), 0.9, "toy"),)) == 0
    assert turns_of(classifier(), picture(2), ()) == 0


@pytest.fixture(scope="module")
def pipeline():
    return load_pipeline(detector="face_fpn")


def answers(result):
    return sorted(face.answer for face in result.faces)


@pytest.fixture(scope="module")
def wanted(pipeline):
    return pipeline.check(sample_frame("group"))


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_a_photo_that_is_turned_is_answered_as_upright(pipeline, wanted, turns):
    upright = sample_frame("group")
    turned = turned_picture(upright, turns)
    found = pipeline.check(turned)
    assert answers(found) == answers(wanted)
    assert (found.width, found.height) == (turned.width, turned.height)
    back = sorted(in_the_picture(face.detection, turns, turned).box for face in found.faces)
    for mine, theirs in zip(back, sorted(face.detection.box for face in wanted.faces), strict=True):
        assert mine == pytest.approx(theirs, abs=4)


def test_a_photo_on_its_side_shows_the_faces_that_were_answered(pipeline, wanted):
    photo = Photo("turned.jpg", to_jpeg(turned_picture(sample_frame("group"), 3).rgb))
    photo.check(pipeline)
    result = photo.result(pipeline, pipeline.classifier.operating_point)
    assert answers(result) == answers(wanted)
    assert len(photo.thumbs(result)) == len(result.faces) == 20


def test_another_model_that_leaves_the_photo_as_it_is_keeps_its_faces(pipeline, wanted):
    """Whichever is asked first."""
    other = replace(pipeline, classifier=classifier(most=0.6), landmarks=None)
    for order in ((other, pipeline), (pipeline, other)):
        photo = Photo("turned.jpg", to_jpeg(turned_picture(sample_frame("group"), 3).rgb))
        for one in order:
            photo.check(one)
        counts = []
        for one in (pipeline, other):
            result = photo.result(one, one.classifier.operating_point)
            assert len(photo.thumbs(result)) == len(result.faces)
            counts.append({face.detection for face in result.faces})
        assert len(counts[0]) == 20 and not counts[0] & counts[1]
