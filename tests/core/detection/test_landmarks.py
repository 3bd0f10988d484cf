"""Where points land by a network of known answers; then the one that ships, on heads turned by any angle."""

import hashlib
import json
import shutil

import cv2
import numpy as np
import pytest

from core import settings
from core.classification import roll
from core.detection import LANDMARKS, LandmarkFinder, landmarks, load_detector, load_landmarks
from core.errors import DetectorError, ModelError
from core.mask_rendering import sample_frame
from core.models import LANDMARK_CARD_FILE, LandmarkCard, folders, installed
from core.results import Detection, Frame
from tests.core.models.test_landmark_card import FIELDS

CARD = LandmarkCard.model_validate(FIELDS | {"input_size": 32, "crop_scale": 2.0})
PLACES = np.array([[-0.25, -0.25], [0.25, -0.25], [0, 0], [-0.1, 0.25], [0.1, 0.25]], np.float32)


class Answering:
    """The same points in every crop, except where the crop is white: there all five are its middle."""

    name = "onnx"

    def __init__(self, answer=None):
        self.batches, self.answer = [], answer

    def run(self, batch):
        self.batches.append(batch.shape)
        if self.answer is not None:
            return self.answer
        white = batch.mean(axis=(1, 2, 3)) > 250
        return np.where(white[:, None], 0, PLACES.reshape(1, -1)).astype(np.float32)


def face(*box):
    return Detection(box, 0.9, "d")


def test_points_are_of_the_picture_wherever_the_face_is():
    found = LandmarkFinder(CARD, Answering()).locate(
        Frame(np.zeros((200, 300, 3), np.uint8)), [face(100, 50, 140, 90), face(0, 0, 20, 40)]
    )
    # Crops are twice the longer side, 80 pixels each, around (120, 70) and (10, 20)
    np.testing.assert_allclose(found[0].landmarks, PLACES * 80 + (120, 70), atol=1e-4)
    np.testing.assert_allclose(found[1].landmarks, PLACES * 80 + (10, 20), atol=1e-4)
    assert found[0].box == (100, 50, 140, 90) and found[0].score == 0.9


def test_each_face_has_its_own_points_and_old_ones_go():
    rgb = np.zeros((100, 200, 3), np.uint8)
    rgb[:, 100:] = 255
    before = Detection((140, 40, 160, 60), 0.9, "d", ((0.0, 0.0),) * 5)
    dark, white = LandmarkFinder(CARD, Answering()).locate(Frame(rgb), [face(40, 40, 60, 60), before])
    assert dark.landmarks[0] == (40, 40) and white.landmarks == ((150, 50),) * 5


def test_many_faces_are_asked_for_in_calls_of_a_bounded_size_and_none_in_none(monkeypatch):
    monkeypatch.setattr(landmarks, "_FACES_AT_ONCE", 4)
    engine = Answering()
    finder, frame = LandmarkFinder(CARD, engine), Frame(np.zeros((100, 100, 3), np.uint8))
    assert finder.locate(frame, []) == () and engine.batches == []
    found = finder.locate(frame, [face(i, i, i + 20, i + 20) for i in range(9)])
    assert [shape[0] for shape in engine.batches] == [4, 4, 1]
    assert [one.landmarks[2] for one in found] == [(i + 10, i + 10) for i in range(9)]


@pytest.mark.parametrize("answer", [np.zeros((1, 8)), np.zeros((2, 10)), np.full((1, 10), np.nan)])
def test_an_answer_that_is_none_is_said(answer):
    with pytest.raises(ModelError, match="Train it again"):
        LandmarkFinder(CARD, Answering(answer)).locate(
            Frame(np.zeros((50, 50, 3), np.uint8)), [face(10, 10, 30, 30)]
        )


@pytest.fixture
def shipped(tmp_path, monkeypatch):
    """A copy of the folder that ships, the only one there is."""
    folder = tmp_path / LANDMARKS
    shutil.copytree(folders(LANDMARK_CARD_FILE)[LANDMARKS], folder)
    monkeypatch.setattr(installed, "SHIPPED", tmp_path)
    return folder


def test_without_it_faces_keep_the_points_they_have(shipped):
    assert load_landmarks() is not None
    shutil.rmtree(shipped)
    assert load_landmarks() is None


def test_one_that_was_changed_is_refused(shipped):
    (shipped / "model.onnx").write_bytes(b"not what the card says")
    with pytest.raises(DetectorError, match="sha256 differs"):
        load_landmarks()
    (shipped / LANDMARK_CARD_FILE).write_text("{}")
    with pytest.raises(DetectorError, match=r"cannot be used"):
        load_landmarks()


def test_what_ships_may_be_used_for_anything_and_others_are_not_where_they_may_not(shipped, monkeypatch):
    monkeypatch.setenv(settings.WEIGHTS.name, "open")
    assert load_landmarks() is not None
    card = json.loads((shipped / LANDMARK_CARD_FILE).read_text())
    (shipped / LANDMARK_CARD_FILE).write_text(json.dumps(card | {"use": "research"}))
    assert load_landmarks() is None


def test_the_files_are_small_and_as_the_card_says():
    folder = folders(LANDMARK_CARD_FILE)[LANDMARKS]
    for weights in load_landmarks().card.weights.values():
        content = (folder / weights.file).read_bytes()
        assert hashlib.sha256(content).hexdigest() == weights.sha256 and len(content) < 2**20


@pytest.mark.parametrize(
    ("name", "degrees"),
    [
        *(("no_mask", degrees) for degrees in (0, 30, 45, 90, 135, 180, -30, -60, -90, -135)),
        *((name, degrees) for name in ("worn_right", "nose_out") for degrees in (0, 30, 45, -30, -60)),
    ],
)
def test_points_turn_as_a_head_does(name, degrees):
    """Detectors' own stay upright: see the module."""
    rgb = sample_frame(name).rgb
    height, width = rgb.shape[:2]
    turn = cv2.getRotationMatrix2D((220, 120), -degrees, 1)  # OpenCV's are anticlockwise
    turned = Frame(cv2.warpAffine(rgb, turn, (width, height), borderMode=cv2.BORDER_REPLICATE))
    found = load_detector().detect(turned, 0.3)
    (at,) = load_landmarks().locate(turned, found[:1])
    assert abs((roll(at.landmarks) - degrees + 180) % 360 - 180) < 15


def test_a_network_that_answers_something_else_is_refused_when_it_is_loaded(shipped, monkeypatch):
    monkeypatch.setattr(landmarks, "load_engine", lambda *_: Answering(np.zeros((1, 8))))
    with pytest.raises(DetectorError, match="not five points each"):
        load_landmarks()
