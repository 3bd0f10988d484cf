"""Decoding, by hand; then the detector on drawn squares, seen by a network that writes cells as it should."""

import hashlib
import math

import cv2
import numpy as np
import pytest

from core import settings
from core.detection import face_fpn
from core.detection.face_fpn import GROUND, FaceFpnDetector, cells, decode, find, padded
from core.detection.registry import load_detector, offers
from core.errors import DetectorError, ModelError
from core.models import installed, weights
from core.models.detector_card import DetectorCard, write_detector_card
from core.results import Frame

SMALLEST = 8  # pixels of a face that a network knows
WEIGHTS = b"weights of a pretend network"
CARD = DetectorCard.model_validate(
    {
        "schema": 1,
        "name": face_fpn.NAME,
        "summary": "",
        "architecture": "",
        "parameters": 0,
        "weights": {"onnx": {"file": "model.onnx", "sha256": hashlib.sha256(WEIGHTS).hexdigest()}},
        "min_score": {"photo": {"value": 0.3, "reason": ""}, "live": {"value": 0.6, "reason": ""}},
        "intended_use": "",
        "limits": [],
        "licence": "",
        "licence_notes": [],
        "trained_by": "nobody",
        "test": [],
    }
)


def logit(score):
    return math.log(score / (1 - score))


class Oracle:
    """An engine to whose network each bright square is a face. Red of 255 scores .9, of 200 scores .45."""

    name = "onnx"

    def __init__(self):
        self.passes = []

    def run(self, pictures):
        return np.stack([self._answer(picture) for picture in pictures])

    def _answer(self, picture):
        height, width = picture.shape[:2]
        self.passes.append((width, height))
        answers = np.zeros((len(cells(height, width)), 18), np.float32)
        answers[:, 0] = -20
        _, _, stats, _ = cv2.connectedComponentsWithStats((picture[..., 0] > 170).astype(np.uint8))
        for x, y, w, h, _ in (row for row in stats[1:].tolist() if row[2] >= SMALLEST):
            middle = np.array((x + w / 2, y + h / 2))
            column, row = (middle // 8).astype(int)
            cell = answers[row * (width // 8) + column]
            cell[0] = logit(0.9 if picture[int(middle[1]), int(middle[0]), 0] > 230 else 0.45)
            cell[1:3] = (middle - (column * 8 + 4, row * 8 + 4)) / 8
            cell[3:5] = math.log(w / 8), math.log(h / 8)
            cell[5:15] = np.tile(cell[1:3], 5)
        return answers


@pytest.fixture
def detector():
    return FaceFpnDetector(CARD, Oracle())


def picture(width, height, *squares):
    rgb = np.zeros((height, width, 3), np.uint8)
    for x, y, side, *red in squares:
        rgb[y : y + side, x : x + side] = (red or [255])[0]
    return Frame(rgb)


# --- cells ------------------------------------------------------------------------------------


def test_cells_come_row_by_row_the_smallest_stride_first():
    grid = cells(32, 64)
    assert len(grid) == 4 * 8 + 2 * 4 + 1 * 2
    assert grid[[0, 1, 8, 32, 36, 40, 41]].tolist() == [
        [4, 4, 8],
        [12, 4, 8],
        [4, 12, 8],
        [8, 8, 16],
        [8, 24, 16],
        [16, 16, 32],
        [48, 16, 32],
    ]


@pytest.mark.parametrize("size", [(1, 1), (31, 33), (32, 64), (300, 400)])
def test_padding_is_grey_and_keeps_the_picture(size):
    rgb = np.random.default_rng(0).integers(0, 256, (*size, 3), np.uint8)
    whole = padded(rgb)
    assert all(
        side % 32 == 0 and 0 <= side - own < 32 for side, own in zip(whole.shape[:2], size, strict=True)
    )
    assert (whole[: size[0], : size[1]] == rgb).all()
    assert (whole[size[0] :] == GROUND).all() and (whole[:, size[1] :] == GROUND).all()


# --- decoding ---------------------------------------------------------------------------------


def answers_of(height, width, rows):
    """Answers of a picture without faces, but for `rows` by cell."""
    answers = np.zeros((len(cells(height, width)), 15), np.float32)
    answers[:, 0] = -20
    for cell, row in rows.items():
        answers[cell] = row
    return answers


def test_a_cell_by_hand():
    # Cell 40 of 64 x 32 pixels is at (16, 16), of stride 32. Sides: 2 x 32 wide, 32 / 2 high.
    row = [logit(0.75), 0.5, -0.25, math.log(2), -math.log(2), *(0, 0, 1, 0, 0, 1, -1, 0, 0.5, 0.5)]
    (face,) = decode(answers_of(32, 64, {40: row}), 32, 64, 0.5)
    assert face.box == pytest.approx((32 - 32, 8 - 8, 32 + 32, 8 + 8), abs=1e-4)
    assert face.score == pytest.approx(0.75) and face.detector == "face_fpn"
    points = [(16, 16), (48, 16), (16, 48), (-16, 16), (32, 32)]
    np.testing.assert_allclose(face.landmarks, points, atol=1e-4)


@pytest.mark.parametrize(("min_score", "found"), [(0.05, 3), (0.3, 2), (0.6, 1), (0.95, 0), (0, 3), (1, 0)])
def test_from_the_score_asked_for_the_best_first(min_score, found):
    rows = {cell: [logit(score), *[0] * 14] for cell, score in ((0, 0.1), (3, 0.9), (6, 0.5))}
    faces = decode(answers_of(64, 64, rows), 64, 64, min_score)
    assert [face.score for face in faces if face.score > 0.01] == pytest.approx([0.9, 0.5, 0.1][:found])


def test_cells_that_agree_are_one_face_and_it_may_leave_the_picture():
    rows = {0: [1.0, 0, 0, 1, 1], 1: [2.0, -1, 0.1, 1, 1], 64: [0.0, -0.5, -0.5, 1 - math.log(2), 1]}
    rows = {cell: [*row, *[0] * 10] for cell, row in rows.items()}
    (face,) = decode(answers_of(64, 64, rows), 64, 64, 0.3)
    assert face.box[0] == pytest.approx(4 - 4 * math.e) and face.box[0] < 0


@pytest.mark.parametrize(
    ("cell", "centre", "score"),
    [
        (64, (0.0, 0.0), 0.9),  # of stride 16, with the same box: wrong only if both are, 1 - 0.2 * 0.5
        (64, (0.4, 0.4), 0.8),  # its box lies beside, more than cells of a stride differ
        (1, (-0.5, 0.5), 0.8),  # of the same stride: it answers for the same cells' reasons
    ],
    ids=["another stride", "another place", "same stride"],
)
def test_two_strides_that_see_a_face_are_surer_than_one(cell, centre, score):
    # Boxes of 32 pixels around (8, 8), as cells at (4, 4), (12, 4) and (8, 8) tell them.
    side = math.log(32 / (16 if cell == 64 else 8))
    rows = {0: [logit(0.8), 0.5, 0.5, *[math.log(4)] * 2], cell: [logit(0.5), *centre, side, side]}
    (face,) = decode(answers_of(64, 64, {c: [*row, *[0] * 10] for c, row in rows.items()}), 64, 64, 0.3)
    assert face.box == pytest.approx((-8, -8, 24, 24), abs=1e-4)  # of the best one
    assert face.score == pytest.approx(score)


def test_faces_are_sorted_by_what_all_strides_say():
    rows = {0: [logit(0.8), 0, 0, 0, 0], 7: [logit(0.7), 0, 0, 1, 1], 64 + 3: [logit(0.7), 0.25, -0.25, 1, 1]}
    rows[67][3:] = [1 - math.log(2)] * 2
    faces = decode(answers_of(64, 64, {c: [*row, *[0] * 10] for c, row in rows.items()}), 64, 64, 0.3)
    assert [face.score for face in faces] == pytest.approx([0.91, 0.8])
    assert faces[0].landmarks[0] == pytest.approx((58, 6))  # midway between (60, 4) and (56, 8)


def test_cells_that_agree_on_a_face_say_together_where_it_ends():
    """Two boxes of 40 pixels, 4 apart, IoU 36 / 44: the surer counts for more. A third is elsewhere."""
    size = [math.log(5)] * 2
    rows = {
        0: [logit(0.8), 2, 2, *size, 1, 1],
        1: [logit(0.4), 1.5, 2, *size, 0, 1],
        2: [logit(0.4), 4, 2, *size],
    }
    rows = {cell: [*row, *[0] * (15 - len(row))] for cell, row in rows.items()}
    first, *others = decode(answers_of(96, 96, rows), 96, 96, 0.3)
    assert first.box == pytest.approx((0 + 4 / 3, 0, 40 + 4 / 3, 40), abs=1e-3)
    assert first.landmarks[0] == pytest.approx((12, 12))  # both cells say so
    assert first.score == pytest.approx(0.8)
    assert [other.box for other in others] == [pytest.approx((32, 0, 72, 40), abs=1e-3)]


def test_no_answer_makes_a_box_endless():
    (face,) = decode(answers_of(32, 32, {0: [50, 0, 0, 1e9, -1e9, *[0] * 10]}), 32, 32, 0.5)
    assert face.score == 1 and np.isfinite(face.box).all()


def test_a_picture_of_any_size_is_seen_whole():
    shapes = []

    def network(pictures):
        shapes.append((pictures.shape, pictures.dtype))
        return np.full((1, len(cells(*pictures.shape[1:3])), 15), -20, np.float32)

    assert find(network, np.zeros((50, 33, 3), np.uint8), 0.5) == []
    assert shapes == [((1, 64, 64, 3), np.float32)]


# --- the detector -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("size", "squares"),
    [
        ((40, 30), [(10, 5, 12)]),
        ((400, 300), [(20, 40, 10), (200, 100, 150)]),
        ((1280, 720), [(20, 40, 22), (850, 300, 400)]),
        ((720, 1280), [(20, 40, 22), (300, 850, 400)]),
        ((4000, 3000), [(32, 40, 24), (1420, 800, 24), (1500, 1700, 1200)]),
    ],
)
def test_faces_of_any_picture_are_found_once_where_they_are(detector, size, squares):
    found = detector.detect(picture(*size, *squares))
    assert len(found) == len(squares)
    for x, y, side in squares:
        off = 6 + side / 24  # an edge in the coarse pass is off by a pixel, 36 of the largest picture
        near = [face for face in found if np.allclose(face.box, (x, y, x + side, y + side), atol=off)]
        assert near, (x, y, side)
        np.testing.assert_allclose(near[0].landmarks, [(x + side / 2, y + side / 2)] * 5, atol=off)
    assert all(side % 32 == 0 for one in detector.engine.passes for side in one)


@pytest.mark.parametrize(
    ("squares", "in_detail"),
    [
        ([], 0),  # no sign of a face: the coarse passes only
        ([(1500, 1000, 900)], 0),  # a face that is too large for the detail
        ([(100, 100, 60)], 1),  # of 48 tiles the one with the face
        ([(100, 100, 60), (3800, 2800, 40)], 2),
    ],
)
def test_only_tiles_with_a_sign_of_a_small_face_are_seen_in_detail(detector, squares, in_detail):
    found = detector.detect(picture(4000, 3000, *squares), 0.05)
    tile = (448, 448)
    assert [size for size in detector.engine.passes if size == tile] == [tile] * in_detail
    assert len(found) == len(squares)


def test_a_photo_has_one_operating_point_and_video_another(detector):
    frame = picture(320, 320, (32, 32, 64), (200, 200, 64, 200))
    assert [round(face.score, 2) for face in detector.detect(frame)] == [0.9, 0.45]
    assert [round(face.score, 2) for face in detector.detect(frame, longest_side=320)] == [0.9]
    assert len(detector.detect(frame, 0.05, longest_side=320)) == 2
    assert detector.detect(frame, 0.95) == ()
    assert (detector.operating_point, detector.live_operating_point) == (0.3, 0.6)


@pytest.mark.parametrize(
    ("size", "squares", "passes"),
    [
        ((1280, 720), [], [(256, 160), (160, 96)]),  # no sign of a small face: coarse passes only
        ((1280, 720), [(300, 100, 500)], [(256, 160), (160, 96)]),
        ((1280, 720), [(100, 100, 60)], [(256, 160), (160, 96), (256, 224)]),  # the tile that shows it
        ((4000, 3000), [(200, 200, 250)], [(256, 192), (160, 128), (256, 288)]),
        ((400, 300), [(100, 100, 40)], [(160, 128), (128, 96), (256, 320)]),  # in its own pixels, no larger
        ((320, 240), [], [(320, 256), (160, 128)]),  # so little that it is always seen in detail
        ((1, 1), [], [(32, 32)]),
    ],
)
def test_video_is_seen_in_detail_where_a_coarse_pass_has_a_sign(detector, size, squares, passes):
    found = detector.detect(picture(*size, *squares), 0.05, longest_side=640)
    assert detector.engine.passes == passes
    assert len(found) == len(squares)


def test_a_face_at_the_edge_is_cut_and_says_so(detector):
    engine = detector.engine
    engine.run = lambda pictures: _beyond_the_edge(pictures)
    (face,) = detector.detect(picture(128, 128), longest_side=640)
    assert face.box == pytest.approx((0, 32, 32, 96)) and face.visible == pytest.approx(0.5)


def _beyond_the_edge(pictures):
    """A face of 64 pixels around (0, 64), answered by the cell at (16, 48) of stride 32."""
    grid = cells(*pictures.shape[1:3])
    (cell,) = np.flatnonzero((grid == (16, 48, 32)).all(axis=1))
    row = [3, -0.5, 0.5, math.log(2), math.log(2), *[0] * 10]
    return answers_of(*pictures.shape[1:3], {cell: row})[None]


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_what_is_not_a_number_is_not_no_face(detector, value):
    answer = detector.engine.run
    detector.engine.run = lambda pictures: np.where(answer(pictures) == -20, value, 0).astype(np.float32)
    with pytest.raises(DetectorError, match="not a number"):
        detector.detect(picture(64, 64))


@pytest.mark.parametrize("shape", [(1, 3, 15), (2, 84, 15), (1, 84, 14)])
def test_an_answer_of_another_shape_is_refused_before_anybody_waits(detector, shape):
    detector.engine.run = lambda _: np.zeros(shape, np.float32)
    with pytest.raises(DetectorError, match="a row a cell"):
        detector.warm_up()


# --- installing -------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Where the detector is installed, by itself."""
    folder = tmp_path / "models" / face_fpn.NAME
    write_detector_card(folder, CARD)
    (folder / "model.onnx").write_bytes(WEIGHTS)
    monkeypatch.setattr(installed, "SHIPPED", tmp_path / "models")
    monkeypatch.delenv(settings.MODELS.name, raising=False)
    return folder


def test_installed_it_is_the_first_choice_and_warm(folder, monkeypatch):
    engine = Oracle()
    monkeypatch.setattr(face_fpn, "load_engine", lambda *_: engine)
    assert offers()[0].name == face_fpn.NAME and engine.passes == []
    detector = load_detector()
    assert detector.name == face_fpn.NAME and engine.passes
    assert detector.card == CARD


def test_a_detector_of_ones_own_comes_before_the_shipped_one(folder, tmp_path, monkeypatch):
    mine = tmp_path / "mine"
    write_detector_card(mine / face_fpn.NAME, CARD.model_copy(update={"trained_by": "me"}))
    (mine / face_fpn.NAME / "model.onnx").write_bytes(WEIGHTS)
    monkeypatch.setenv(settings.MODELS.name, str(mine))
    assert face_fpn.installed_card(face_fpn.NAME).trained_by == "me"


def break_card(folder, _):
    (folder / "detector.json").write_text("{}")


def take_card(folder, _):
    (folder / "detector.json").unlink()


def take_weights(folder, _):
    (folder / "model.onnx").unlink()


def change_weights(folder, _):
    (folder / "model.onnx").write_bytes(WEIGHTS + b"!")


def bound_weights(_, monkeypatch):
    monkeypatch.setattr(weights, "MAX_WEIGHTS_BYTES", 10)


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (break_card, "detector.json"),
        (take_card, "git checkout"),
        (take_weights, "model.onnx is missing"),
        (change_weights, "sha256 differs"),
        (bound_weights, "more than the 10 bytes allowed"),
    ],
)
def test_what_keeps_it_from_being_offered_is_said_and_the_next_one_answers(folder, monkeypatch, fault, said):
    fault(folder, monkeypatch)
    monkeypatch.setenv("MASKWISE_OFFLINE", "1")
    reason = next(offer.unavailable for offer in offers() if offer.name == face_fpn.NAME)
    assert reason.startswith("face_fpn is not offered: ") and said in reason
    with pytest.raises(DetectorError, match="face_fpn is not offered"):
        load_detector(face_fpn.NAME)
    assert load_detector().name != face_fpn.NAME


def test_weights_that_are_no_graph_are_a_detector_error(folder, monkeypatch):
    monkeypatch.delenv("MASKWISE_ENGINE", raising=False)
    monkeypatch.setattr("core.models.engines.has_gpu", lambda: False)
    with pytest.raises(DetectorError, match=r"face_fpn is not offered: .*cannot be loaded"):
        load_detector(face_fpn.NAME)
    assert load_detector().name != face_fpn.NAME  # though its files are as its card says


def test_an_engine_that_is_not_there_is_a_detector_error(folder, monkeypatch):
    def refuse(*_):
        raise ModelError("Unknown engine 'abacus'.")

    monkeypatch.setattr(face_fpn, "load_engine", refuse)
    with pytest.raises(DetectorError, match="abacus"):
        face_fpn.load(face_fpn.NAME)
