"""What answers cost, and which cells answer for which face: worked by hand on small grids."""

import os

import numpy as np
import pytest

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from core import boxes
from core.detection.face_fpn import BOX, POINTS, STRIDES, cells, decode
from training.detection.loss import SIDES, DetectionLoss, decoded_boxes, giou, iou
from training.detection.rows import FACE, IGNORED, ROW, row

# TensorFlow's arrays use what NumPy is about to drop: theirs to mend
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

SIZE = 64
GRID = cells(SIZE, SIZE)
ANY_SIDE = dict.fromkeys(STRIDES, (0.0, float("inf")))
LOSS = DetectionLoss(SIZE, ANY_SIDE)
NEVER, SURE = -12.0, 12.0  # logits
FIVE = ((0.3, 0.3), (0.7, 0.3), (0.5, 0.5), (0.35, 0.7), (0.65, 0.7))


def face(box, label=1):
    x1, y1, x2, y2 = box
    return row(box, FACE, label, [(x1 + sx * (x2 - x1), y1 + sy * (y2 - y1)) for sx, sy in FIVE])


def cell_of(box, stride=8):
    """The cell of a stride that is nearest to the middle of a box."""
    middle = np.array([(box[0] + box[2]) / 2, (box[1] + box[3]) / 2])
    away = np.abs(GRID[:, :2] - middle).max(axis=1)
    return int(np.where(GRID[:, 2] == stride, away, np.inf).argmin())


def nothing():
    """Answers of a network that sees no face anywhere."""
    answers = np.zeros((len(GRID), 18), np.float32)
    answers[:, 0] = NEVER
    return answers


def perfect(rows, strides=8):
    """Answers that say each of the faces, by one cell of a stride."""
    answers = nothing()
    for known, stride in zip(rows, np.broadcast_to(strides, len(rows)), strict=True):
        n = cell_of(known[:4], stride)
        x, y = GRID[n, :2]
        answers[n, 0] = SURE
        answers[n, BOX] = (
            ((known[0] + known[2]) / 2 - x) / stride,
            ((known[1] + known[3]) / 2 - y) / stride,
            np.log((known[2] - known[0]) / stride),
            np.log((known[3] - known[1]) / stride),
        )
        answers[n, POINTS] = (known[6:16] - np.tile((x, y), 5)) / stride
        answers[n, 15 + int(max(known[5], 0))] = 20.0
    return answers


def cost(answers, rows):
    return float(LOSS(np.asarray(rows, np.float32)[None], answers[None]))


FACES = [face((10, 8, 22, 24)), face((40, 30, 58, 54), label=2)]


@pytest.mark.parametrize("strides", [8, 16, (32, 8)])
def test_a_perfect_answer_costs_next_to_nothing(strides):
    assert cost(perfect(FACES, strides), FACES) < 0.01


def test_a_perfect_answer_is_read_as_the_faces():
    """Boxes and points are to the loss what they are to `core.detection.face_fpn.decode`."""
    found = sorted(decode(perfect(FACES), SIZE, SIZE, 0.5), key=lambda d: d.box)
    for detection, known in zip(found, FACES, strict=True):
        np.testing.assert_allclose(detection.box, known[:4], atol=1e-4)
        np.testing.assert_allclose(np.ravel(detection.landmarks), known[6:16], atol=1e-4)


def test_decoded_boxes_are_those_of_the_detector():
    rng = np.random.default_rng(0)
    answers = np.zeros((len(GRID), 15), np.float32)
    answers[:, 0] = NEVER
    apart = [cell_of((x, y, x, y)) for x in (4, 28, 52) for y in (4, 28, 52)]
    answers[apart, 0] = rng.normal(2, 0.5, len(apart))
    answers[:, BOX] = rng.normal(0, 0.3, (len(GRID), 4))
    found = decode(answers, SIZE, SIZE, 0.1)
    order = sorted(apart, key=lambda n: -answers[n, 0])
    mine = np.array(decoded_boxes(answers[:, BOX], GRID[:, :2], GRID[:, 2:]))[order]
    assert len(found) == len(apart)
    np.testing.assert_allclose([d.box for d in found], mine, atol=1e-4)


def test_the_farther_off_a_box_is_the_more_it_costs():
    costs = []
    for shift in (0, 1, 3, 6):
        answers = perfect(FACES)
        answers[cell_of(FACES[0][:4]), 1] += shift / 8
        costs.append(cost(answers, FACES))
    assert costs == sorted(costs) and costs[1] > costs[0] + 0.05


def test_every_cell_that_sees_a_face_where_none_is_costs():
    answers, costs = perfect(FACES), []
    for x in (4, 20, 36):
        costs.append(cost(answers, FACES))
        answers[cell_of((x, 60, x, 60)), 0] = 2.0
    assert costs[2] - costs[1] == pytest.approx(costs[1] - costs[0], rel=1e-3) and costs[1] > costs[0] + 0.5


def test_a_missed_face_costs():
    assert cost(perfect(FACES[:1]), FACES) > cost(perfect(FACES), FACES) + 1


def test_a_face_that_teachers_doubt_is_to_have_their_score():
    box = (10, 8, 22, 24)
    taught = row(box, FACE, -1, None, 0.6)
    costs = {}
    for score in (0.3, 0.6, 0.95):
        answers = perfect([face(box)])
        answers[cell_of(box), 0] = np.log(score / (1 - score))
        costs[score] = cost(answers, [taught])
    assert min(costs, key=costs.get) == 0.6


def test_what_is_not_known_of_a_face_costs_nothing():
    bare = [row(FACES[0][:4]), FACES[1]]
    answers = perfect(FACES)
    known, unknown = cost(answers, FACES), cost(answers, bare)
    answers[cell_of(FACES[0][:4]), POINTS.start :] += 1.0
    answers[cell_of(FACES[0][:4]), 15] = 40.0  # another label
    assert cost(answers, bare) == unknown
    assert cost(answers, FACES) > known + 1


@pytest.mark.parametrize("part", [POINTS, slice(15, 16)], ids=["points", "label"])
def test_what_is_known_of_a_face_costs_where_it_is_wrong(part):
    answers = perfect(FACES)
    answers[cell_of(FACES[0][:4]), part] += 40.0 if part.start == 15 else 0.5
    assert cost(answers, FACES) > cost(perfect(FACES), FACES) + 0.2


def test_an_ignored_region_costs_nothing_whatever_is_seen_there():
    region = row((0, 40, 30, 64), IGNORED)
    answers = perfect(FACES)
    before = cost(answers, [*FACES, region])
    for x, y in ((4, 44), (12, 52), (28, 60)):
        answers[cell_of((x, y, x, y)), 0] = 4.0
    assert cost(answers, [*FACES, region]) == before
    assert cost(answers, FACES) > before + 1
    answers[cell_of((44, 12, 44, 12)), 0] = 4.0  # outside of it
    assert cost(answers, [*FACES, region]) > before + 0.5


def test_a_face_in_an_ignored_region_is_a_face():
    region = row((0, 0, 30, 30), IGNORED)
    assert cost(nothing(), [FACES[0], region]) > cost(perfect(FACES[:1]), [FACES[0], region]) + 1


def test_empty_rows_cost_nothing():
    empty = [np.zeros(ROW, np.float32)] * 5
    for answers in (perfect(FACES), nothing()):
        assert cost(answers, [*FACES, *empty]) == cost(answers, FACES)
    assert cost(nothing(), empty) < 1e-6


def test_a_picture_twice_costs_what_it_does_once():
    answers, rows = perfect(FACES[:1]), np.stack(FACES)
    both = float(LOSS(np.stack([rows, rows]), np.stack([answers, answers])))
    assert both == pytest.approx(cost(answers, FACES), rel=1e-5)


def assigned(rows, size, answers=None, sides=ANY_SIDE):
    """(C,) scores that cells should have, owners, and whether ignored; by default as a network starts."""
    grid, loss = cells(size, size), DetectionLoss(size, sides)
    answers = np.zeros((len(grid), 5), np.float32) if answers is None else answers
    boxes = np.array(decoded_boxes(answers[:, BOX], grid[:, :2], grid[:, 2:]))
    score = np.full((1, len(grid)), 0.01, np.float32)
    found = loss.assign(np.asarray(rows, np.float32)[None], boxes[None], score)
    return [np.array(part)[0] for part in found]


def test_assignment_by_hand():
    """A 32-pixel picture, boxes as large as their cells: 16 of stride 8, 4 of stride 16, one of stride 32.

    The face is the second cell of the second row, whose IoU is 1. Of stride 16 the first covers it, IoU 1/4;
    the one of stride 32 has 1/16; the others touch it at most. Alignment is in the fourth power, so that is
    what is left of the best cell's score.
    """
    target, owner, ignored = assigned([row((0, 0, 0, 0), 0), row((8, 8, 16, 16))], 32)
    by_hand = np.zeros(21)
    by_hand[5], by_hand[16], by_hand[20] = 1.0, 0.25**4, 0.0625**4
    np.testing.assert_allclose(target, by_hand, atol=2e-8)
    assert (owner[[5, 16, 20]] == 1).all()
    assert not ignored.any()


def test_ignored_are_the_cells_in_the_region_that_answer_for_no_face():
    target, _, ignored = assigned([row((0, 0, 16, 16), IGNORED), row((8, 8, 16, 16))], 32)
    # The middles (4, 4), (12, 4) and (4, 12) lie in it and so does that of stride 16 at (8, 8); but each is
    # so near to the face that it may answer for it.
    assert not ignored.any() and (target[[0, 1, 4]] > 0).all()
    _, _, ignored = assigned([row((0, 0, 16, 16), IGNORED)], 32)
    assert np.flatnonzero(ignored).tolist() == [0, 1, 4, 5, 16]


@pytest.mark.parametrize("side", [6, 9, 20, 60])
def test_every_face_has_a_cell_and_no_cell_two(side):
    """Also where faces are smaller than a cell, and where half of each is behind the next."""
    starts = np.arange(3, 128 - side, max(side / 2, 9))
    rows = [row((x, y, x + side, y + side)) for x in starts for y in (5, 60)]
    target, owner, _ = assigned(rows, 128)
    for n in range(len(rows)):
        assert target[owner == n].max() == pytest.approx(1, rel=1e-3)


def test_iou_is_that_of_the_measures():
    rng = np.random.default_rng(0)
    corners = rng.uniform(0, 50, (2, 200, 2))
    a, b = (np.concatenate([c, c + rng.uniform(1, 40, (200, 2))], axis=1).astype(np.float32) for c in corners)
    np.testing.assert_allclose(iou(a, b), np.diag(boxes.iou(a, b)), atol=1e-6)
    assert (np.array(giou(a, b)) <= np.array(iou(a, b)) + 1e-6).all()


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        ((0, 0, 2, 2), 1.0),
        ((1, 1, 3, 3), 1 / 7 - 2 / 9),  # 1 of 7 is shared; 2 of the hull's 9 are of neither
        ((0, 0, 1, 2), 1 / 2),  # inside: the hull is the union
        ((4, 0, 6, 2), -4 / 12),
        ((98, 0, 100, 2), -192 / 200),
    ],
)
def test_giou_by_hand(other, expected):
    box = np.array([[0, 0, 2, 2]], np.float32)
    assert float(giou(box, np.array([other], np.float32))[0]) == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize(
    ("side", "strides"), [(20, {8}), (40, {8, 16}), (70, {16}), (100, {16, 32}), (200, {32})]
)
def test_a_face_is_left_to_the_strides_of_its_size(side, strides):
    target, _, _ = assigned([row((8, 8, 8 + side, 8 + side))], 224, sides=SIDES)
    answering = set(cells(224, 224)[target > 0, 2])
    assert answering and answering <= strides
